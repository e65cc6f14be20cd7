//===- Printing.cpp - str, repr and JSON of values --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What Python prints, to the byte.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/PythonText.h"
#include "runtime/chat/Run.h"

#include <algorithm>
#include <cmath>

namespace sinter::chat {

namespace {

/// First and last of each range that Python's repr escapes, from 0x7F on.
constexpr char32_t unprintable[][2] = {
#include "runtime/chat/Unprintable.inc"
};

bool isPrintable(char32_t c) {
  if (c < 0x7F)
    return c >= 0x20;
  auto *range = std::lower_bound(
      std::begin(unprintable), std::end(unprintable), c,
      [](const char32_t (&r)[2], char32_t c) { return r[1] < c; });
  return range == std::end(unprintable) || c < (*range)[0];
}

void appendHex(std::string &out, uint32_t code, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[code >> shift & 15];
}

/// How Python's repr writes one character within quotes.
std::string charRepr(char32_t c, std::string_view bytes, char quote) {
  std::string out;
  if (c == char32_t(quote) || c == '\\')
    return {'\\', char(c)};
  if (c == '\n' || c == '\r' || c == '\t')
    return c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
  if (isPrintable(c))
    return std::string(bytes);
  out += c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U";
  appendHex(out, c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
  return out;
}

/// How json.dumps writes one character within quotes.
std::string charJson(char32_t c, std::string_view bytes, bool ensureAscii) {
  static constexpr std::string_view from = "\"\\\n\r\t\f\b";
  static constexpr std::string_view to = "\"\\nrtfb";
  size_t named = c < 0x80 ? from.find(char(c)) : from.npos;
  if (named != from.npos)
    return {'\\', to[named]};
  if (c >= 0x20 && (!ensureAscii || c < 0x7F))
    return std::string(bytes);
  std::string out;
  if (c >= 0x10000) {
    out += "\\u";
    appendHex(out, 0xD800 + ((c - 0x10000) >> 10), 4);
    c = 0xDC00 + ((c - 0x10000) & 0x3FF);
  }
  out += "\\u";
  appendHex(out, c, 4);
  return out;
}

/// Text in the making. What stands between values that came from a message is
/// marked as they are.
class Writer {
public:
  explicit Writer(Run &run) : run(run) {}
  MarkedText out;

protected:
  void put(std::string_view text, const Value &of) {
    out.append(text, of.fromMessage());
  }
  /// The text in quotes, each character written by `how`(code, bytes).
  template <typename How> void quoted(const Value &value, char quote, How how) {
    const MarkedText &text = value.marked();
    put({&quote, 1}, value);
    for (size_t at = 0; at < text.size();) {
      size_t begin = at;
      char32_t c = nextCodePoint(text.bytes, at);
      out.append(how(c, std::string_view(text.bytes).substr(begin, at - begin)),
                 text.isMarked(begin, at));
    }
    put({&quote, 1}, value);
  }

  Run &run;
};

class Printer : public Writer {
public:
  using Writer::Writer;
  void repr(const Value &value);

private:
  void string(const Value &value);
  void items(const Value &value, const char *open, const char *close);
};

void Printer::string(const Value &value) {
  const std::string &text = value.text();
  bool single = text.find('\'') != text.npos;
  char quote = single && text.find('"') == text.npos ? '"' : '\'';
  quoted(value, quote, [=](char32_t c, std::string_view bytes) {
    return charRepr(c, bytes, quote);
  });
}

void Printer::items(const Value &value, const char *open, const char *close) {
  put(open, value);
  const Values &items = value.as<Sequence>().items;
  for (size_t i = 0; i < items.size(); ++i) {
    put(i ? ", " : "", value);
    repr(items[i]);
  }
  put(close, value);
}

void Printer::repr(const Value &value) {
  if (!run.charge(1 + extentOf(value).weight / 16) || run.failed())
    return;
  switch (value.kind) {
  case Kind::Undefined:
    return put("Undefined", value);
  case Kind::None:
    return put("None", value);
  case Kind::Bool:
    return put(value.integer ? "True" : "False", value);
  case Kind::Int:
    return put(std::to_string(value.integer), value);
  case Kind::Float:
    return put(floatRepr(value.real), value);
  case Kind::String:
    return string(value);
  case Kind::List:
    return items(value, "[", "]");
  case Kind::Tuple:
    return items(value, "(",
                 value.as<Sequence>().items.size() == 1 ? ",)" : ")");
  case Kind::View:
    put(value.as<Sequence>().view, value);
    return items(value, "([", "])");
  case Kind::Dict: {
    const char *before = "{";
    for (const auto &[key, inner] : value.as<Dictionary>().entries) {
      put(before, value);
      repr(key);
      put(": ", value);
      repr(inner);
      before = ", ";
    }
    return put(value.as<Dictionary>().entries.empty() ? "{}" : "}", value);
  }
  case Kind::Range: {
    auto &range = value.as<Interval>();
    put("range(" + std::to_string(range.start) + ", " +
            std::to_string(range.stop),
        value);
    return put(range.step == 1 ? ")" : ", " + std::to_string(range.step) + ")",
               value);
  }
  default:
    run.fail(std::string("printing a ") + typeName(value) +
             " is not supported");
  }
}

class JsonPrinter : public Writer {
public:
  JsonPrinter(Run &run, const JsonStyle &style) : Writer(run), style(style) {}
  void print(const Value &value, size_t depth);

private:
  void string(const Value &value);
  void sequence(const Value &value, size_t depth);
  void dict(const Value &value, size_t depth);
  void key(const Value &key);
  void separate(const MarkedText &separator, const Value &in);
  void newLine(size_t depth, const Value &in);
  bool sorted(std::vector<const std::pair<Value, Value> *> &entries);

  const JsonStyle &style;
};

std::string numberJson(double d) {
  return std::isnan(d)   ? "NaN"
         : std::isinf(d) ? (d < 0 ? "-Infinity" : "Infinity")
                         : floatRepr(d);
}

void JsonPrinter::string(const Value &value) {
  quoted(value, '"', [this](char32_t c, std::string_view bytes) {
    return charJson(c, bytes, style.ensureAscii);
  });
}

void JsonPrinter::separate(const MarkedText &separator, const Value &in) {
  if (!run.charge(separator))
    return;
  if (in.fromMessage())
    put(separator.bytes, in);
  else
    out.append(separator);
}

void JsonPrinter::newLine(size_t depth, const Value &in) {
  if (!style.indent || !run.charge(1))
    return;
  put("\n", in);
  for (size_t i = 0; i < depth; ++i)
    separate(*style.indent, in);
}

void JsonPrinter::sequence(const Value &value, size_t depth) {
  const Values &items = value.as<Sequence>().items;
  if (items.empty())
    return put("[]", value);
  put("[", value);
  for (size_t i = 0; i < items.size() && !run.failed(); ++i) {
    if (i)
      separate(style.itemSeparator, value);
    newLine(depth + 1, value);
    print(items[i], depth + 1);
  }
  newLine(depth, value);
  put("]", value);
}

void JsonPrinter::key(const Value &key) {
  if (key.is(Kind::String))
    return string(key);
  if (!key.isNumber() && !key.is(Kind::None)) {
    run.fail(std::string("a JSON key cannot be a ") + typeName(key));
    return;
  }
  put("\"", key);
  print(key, 0);
  put("\"", key);
}

/// Orders entries by key; Python can do it for all strings or all numbers.
bool JsonPrinter::sorted(
    std::vector<const std::pair<Value, Value> *> &entries) {
  bool strings = true, numbers = true;
  for (auto *entry : entries) {
    strings &= entry->first.is(Kind::String);
    numbers &= entry->first.isNumber() &&
               compareNumbers(entry->first, entry->first) == 0;
  }
  if (entries.size() > 1 && !strings && !numbers)
    return false;
  std::stable_sort(entries.begin(), entries.end(), [&](auto *a, auto *b) {
    return strings ? a->first.text() < b->first.text()
                   : compareNumbers(a->first, b->first) < 0;
  });
  return true;
}

void JsonPrinter::dict(const Value &value, size_t depth) {
  const auto &dict = value.as<Dictionary>();
  if (dict.entries.empty())
    return put("{}", value);
  std::vector<const std::pair<Value, Value> *> entries;
  for (const auto &entry : dict.entries)
    entries.push_back(&entry);
  if (style.sortKeys && !sorted(entries)) {
    run.fail("tojson cannot sort keys of different types");
    return;
  }
  put("{", value);
  for (size_t i = 0; i < entries.size() && !run.failed(); ++i) {
    if (i)
      separate(style.itemSeparator, value);
    newLine(depth + 1, value);
    key(entries[i]->first);
    separate(style.keySeparator, value);
    print(entries[i]->second, depth + 1);
  }
  newLine(depth, value);
  put("}", value);
}

void JsonPrinter::print(const Value &value, size_t depth) {
  if (run.failed() || !run.charge(1 + extentOf(value).weight / 16))
    return;
  switch (value.kind) {
  case Kind::None:
    return put("null", value);
  case Kind::Bool:
    return put(value.integer ? "true" : "false", value);
  case Kind::Int:
    return put(std::to_string(value.integer), value);
  case Kind::Float:
    return put(numberJson(value.real), value);
  case Kind::String:
  case Kind::Markup:
    return string(value);
  case Kind::List:
  case Kind::Tuple:
    return sequence(value, depth);
  case Kind::Dict:
    return dict(value, depth);
  default:
    run.fail(std::string("tojson: a ") + typeName(value) +
             " cannot be written as JSON");
  }
}

} // namespace

MarkedText toString(Run &run, const Value &value) {
  if (value.is(Kind::Undefined))
    return {};
  if (value.is(Kind::String) || value.is(Kind::Markup))
    return value.marked();
  return toRepr(run, value);
}

MarkedText toRepr(Run &run, const Value &value) {
  Printer printer(run);
  printer.repr(value);
  return std::move(printer.out);
}

MarkedText toJson(Run &run, const Value &value, const JsonStyle &style) {
  JsonPrinter printer(run, style);
  printer.print(value, 0);
  return std::move(printer.out);
}

} // namespace sinter::chat
