//===- Json.cpp - JSON from untrusted files -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Json.h"

#include "formats/MappedFile.h"
#include "formats/Text.h"

#include <algorithm>
#include <vector>

namespace sinter {

namespace {

using nlohmann::json;

/// Builds the tree from the parser's events; false ends the parse. The parser
/// itself keeps a stack of bits, so depth costs no call stack.
template <typename Json> class TreeBuilder : public nlohmann::json_sax<Json> {
public:
  explicit TreeBuilder(const JsonLimits &limits) : limits(limits) {}

  Json tree;
  /// Why the parse ended, and for syntax errors after which byte.
  std::string problem;
  size_t position = std::string::npos;

  bool null() override { return add(Json(nullptr)); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(int64_t value) override { return add(Json(value)); }
  bool number_unsigned(uint64_t value) override { return add(Json(value)); }
  bool number_float(double value, const std::string &) override {
    return add(Json(value));
  }
  bool string(std::string &value) override {
    return add(Json(std::move(value)));
  }
  bool binary(typename Json::binary_t &) override { return false; }
  bool start_object(size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(std::string &name) override {
    auto [place, isNew] = stack.back()->emplace(std::move(name), nullptr);
    if (!isNew)
      return fail("key " + quote(place.key()) + " appears twice in an object");
    slot = &*place;
    return true;
  }

  bool parse_error(size_t at, const std::string &,
                   const nlohmann::json::exception &why) override {
    position = at;
    // Of "[json.exception.parse_error.101] parse error at line 1, column 2:
    // text" only the text is news.
    std::string_view message = why.what();
    message.remove_prefix(std::min(message.find("] ") + 2, message.size()));
    if (message.starts_with("parse error"))
      message.remove_prefix(std::min(message.find(": ") + 2, message.size()));
    problem = replaceBadUtf8(message);
    return false;
  }

private:
  bool fail(std::string message) {
    problem = std::move(message);
    return false;
  }

  /// Puts a value where the next one belongs, and returns its place.
  Json *place(Json value) {
    if (++values > limits.maxValues) {
      fail("more than " + std::to_string(limits.maxValues) + " values");
      return nullptr;
    }
    if (stack.empty()) {
      tree = std::move(value);
      return &tree;
    }
    if (stack.back()->is_array()) {
      stack.back()->push_back(std::move(value));
      return &stack.back()->back();
    }
    *slot = std::move(value);
    return slot;
  }

  bool add(Json value) { return place(std::move(value)) != nullptr; }

  bool open(Json container) {
    if (stack.size() >= limits.maxDepth)
      return fail("nested deeper than " + std::to_string(limits.maxDepth) +
                  " levels");
    Json *opened = place(std::move(container));
    if (!opened)
      return false;
    stack.push_back(opened);
    return true;
  }

  bool close() {
    stack.pop_back();
    return true;
  }

  const JsonLimits &limits;
  /// The containers around the current place. An array's last element is the
  /// only one with open children, so growing it moves no open container.
  std::vector<Json *> stack;
  Json *slot = nullptr; ///< of the object key just read
  uint64_t values = 0;
};

/// "line:column" of a byte.
std::string placeOf(std::string_view text, size_t position) {
  std::string_view before = text.substr(0, std::min(position, text.size()));
  size_t line = 1 + size_t(std::count(before.begin(), before.end(), '\n'));
  size_t lineStart = before.rfind('\n');
  size_t column = lineStart == std::string_view::npos
                      ? before.size()
                      : before.size() - lineStart - 1;
  return std::to_string(line) + ":" +
         std::to_string(std::max<size_t>(column, 1));
}

/// Counts the characters that the builder consumed, for places of errors that
/// are not the syntax's.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator(const char *at, const char **farthest)
      : at(at), farthest(farthest) {}
  const char &operator*() const { return *at; }
  CountingIterator &operator++() {
    *farthest = ++at;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator &other) const {
    return at == other.at;
  }

private:
  const char *at;
  const char **farthest;
};

template <typename Json>
Result<Json> parse(std::string_view text, const std::string &file,
                   const JsonLimits &limits) {
  if (text.size() > limits.maxBytes)
    return Failure(file + ": error: expected at most " +
                   std::to_string(limits.maxBytes) + " bytes of JSON, found " +
                   std::to_string(text.size()));
  const char *begin = text.data(), *end = begin + text.size();
  const char *farthest = begin;
  TreeBuilder<Json> builder(limits);
  bool parsed = Json::sax_parse(CountingIterator(begin, &farthest),
                                CountingIterator(end, &farthest), &builder);
  if (parsed)
    return std::move(builder.tree);
  size_t position = builder.position == std::string::npos
                        ? size_t(farthest - begin)
                        : builder.position;
  return Failure(file + ":" + placeOf(text, position) +
                 ": error: invalid JSON: " + builder.problem);
}

} // namespace

Result<json> parseJson(std::string_view text, const std::string &file,
                       const JsonLimits &limits) {
  return parse<json>(text, file, limits);
}

Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text,
                                                const std::string &file,
                                                const JsonLimits &limits) {
  return parse<nlohmann::ordered_json>(text, file, limits);
}

Result<json> readJson(const std::string &path, const JsonLimits &limits) {
  Result<std::string> text = readFile(path, limits.maxBytes);
  if (!text)
    return text.failure();
  return parseJson(*text, path, limits);
}

} // namespace sinter
