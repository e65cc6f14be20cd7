//===- Json.cpp - JSON from untrusted files -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Json.h"

#include "formats/MappedFile.h"
#include "formats/Text.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sinter {

namespace {

using nlohmann::json;

/// Infinity, -Infinity and NaN, which are no JSON: each becomes a string of the
/// same length, and the parse asks whether a string that it read is one.
class PythonNumbers {
public:
  /// Of `text`, or of a copy that this keeps.
  std::string_view replaceIn(std::string_view text);

  std::optional<double> endingAt(const char *end) const {
    if (values.empty())
      return std::nullopt;
    auto it = values.find(size_t(end - copy.data()));
    return it == values.end() ? std::nullopt : std::optional(it->second);
  }

private:
  std::string copy;
  std::unordered_map<size_t, double> values; ///< by where they end
};

std::string_view PythonNumbers::replaceIn(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr std::pair<std::string_view, double> words[] = {
      {"Infinity", infinity},
      {"-Infinity", -infinity},
      {"NaN", std::numeric_limits<double>::quiet_NaN()}};
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    if (quoted || at >= text.size())
      continue;
    for (const auto &[word, value] : words) {
      if (!text.substr(at).starts_with(word))
        continue;
      if (copy.empty())
        copy = text;
      copy.replace(at, word.size(), word.size(), '"');
      copy.replace(at + 1, word.size() - 2, word.size() - 2, 'x');
      at += word.size();
      values[at--] = value;
      break;
    }
  }
  return copy.empty() ? text : copy;
}

/// Builds the tree from the parser's events; false ends the parse. The parser
/// itself keeps a stack of bits, so depth costs no call stack.
template <typename Json> class TreeBuilder : public nlohmann::json_sax<Json> {
public:
  TreeBuilder(const JsonLimits &limits, const PythonNumbers &numbers,
              const char *const &farthest)
      : limits(limits), numbers(numbers), farthest(farthest) {}

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
    if (std::optional<double> number = numbers.endingAt(farthest))
      return add(Json(*number));
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
  const PythonNumbers &numbers;
  const char *const &farthest; ///< behind what was parsed so far
  /// The containers around the current place. An array's last element is the
  /// only one with open children, so growing it moves no open container.
  std::vector<Json *> stack;
  Json *slot = nullptr; ///< of the object key just read
  uint64_t values = 0;
};

/// The place of a byte.
TextPlace placeOf(std::string_view text, size_t position) {
  std::string_view before = text.substr(0, std::min(position, text.size()));
  size_t line = 1 + size_t(std::count(before.begin(), before.end(), '\n'));
  size_t lineStart = before.rfind('\n');
  size_t column = lineStart == std::string_view::npos
                      ? before.size()
                      : before.size() - lineStart - 1;
  return {uint32_t(line), uint32_t(std::max<size_t>(column, 1))};
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

/// Looks for the key at a path.
class KeyFinder : public nlohmann::json_sax<json> {
public:
  KeyFinder(std::string_view path, const char *const &farthest)
      : path(path), farthest(farthest) {}

  const char *found = nullptr; ///< behind the key's quote

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(int64_t) override { return true; }
  bool number_unsigned(uint64_t) override { return true; }
  bool number_float(double, const std::string &) override { return true; }
  bool string(std::string &) override { return true; }
  bool binary(json::binary_t &) override { return true; }
  bool start_object(size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(size_t, const std::string &,
                   const json::exception &) override {
    return false;
  }
  bool key(std::string &name) override {
    here.resize(starts.back());
    here += (here.empty() ? "" : ".") + name;
    if (here == path)
      found = farthest;
    return !found;
  }

private:
  bool open() {
    starts.push_back(here.size());
    return starts.size() < JsonLimits().maxDepth;
  }
  bool close() {
    here.resize(starts.back());
    starts.pop_back();
    return true;
  }

  std::string_view path;
  const char *const &farthest;
  std::string here;           ///< the path of the key just read
  std::vector<size_t> starts; ///< how much of it is of each open container
};

/// Feeds `text` to a handler of events, `farthest` going with it.
template <typename Json>
bool feed(std::string_view text, const char *&farthest,
          nlohmann::json_sax<Json> &handler) {
  farthest = text.data();
  return Json::sax_parse(CountingIterator(text.data(), &farthest),
                         CountingIterator(text.data() + text.size(), &farthest),
                         &handler);
}

template <typename Json>
Result<Json> parse(std::string_view text, const std::string &file,
                   const JsonLimits &limits) {
  if (text.size() > limits.maxBytes)
    return Failure(file + ": error: expected at most " +
                   std::to_string(limits.maxBytes) + " bytes of JSON, found " +
                   std::to_string(text.size()));
  PythonNumbers numbers;
  if (limits.nonFinite)
    text = numbers.replaceIn(text);
  const char *farthest;
  TreeBuilder<Json> builder(limits, numbers, farthest);
  if (feed<Json>(text, farthest, builder))
    return std::move(builder.tree);
  size_t position = builder.position == std::string::npos
                        ? size_t(farthest - text.data())
                        : builder.position;
  TextPlace place = placeOf(text, position);
  return Failure(file + ":" + std::to_string(place.line) + ":" +
                 std::to_string(place.column) +
                 ": error: invalid JSON: " + builder.problem);
}

} // namespace

TextPlace placeOfKey(std::string_view text, std::string_view path) {
  PythonNumbers numbers;
  text = numbers.replaceIn(text);
  const char *farthest;
  KeyFinder finder(path, farthest);
  feed<json>(text, farthest, finder);
  if (!finder.found)
    return {};
  size_t end = size_t(finder.found - text.data());
  size_t begin = end < 2 ? end : text.rfind('"', end - 2);
  return placeOf(text, begin == std::string_view::npos ? end : begin + 1);
}

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
