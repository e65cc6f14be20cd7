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

void appendStringRepr(std::string &out, std::string_view text) {
  bool single = text.find('\'') != text.npos;
  char quote = single && text.find('"') == text.npos ? '"' : '\'';
  out += quote;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    char32_t c = nextCodePoint(text, at);
    if (c == char32_t(quote) || c == '\\') {
      out += '\\';
      out += char(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (isPrintable(c)) {
      out += text.substr(begin, at - begin);
    } else {
      out += c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U";
      appendHex(out, c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
    }
  }
  out += quote;
}

class Printer {
public:
  explicit Printer(Run &run) : run(run) {}
  void repr(const Value &value);
  std::string out;

private:
  void items(const Values &items, const char *open, const char *close);
  Run &run;
};

void Printer::items(const Values &items, const char *open, const char *close) {
  out += open;
  for (size_t i = 0; i < items.size(); ++i) {
    out += i ? ", " : "";
    repr(items[i]);
  }
  out += close;
}

void Printer::repr(const Value &value) {
  if (!run.charge(1 + extentOf(value).weight / 16) || run.failed())
    return;
  switch (value.kind) {
  case Kind::Undefined:
    out += "Undefined";
    return;
  case Kind::None:
    out += "None";
    return;
  case Kind::Bool:
    out += value.integer ? "True" : "False";
    return;
  case Kind::Int:
    out += std::to_string(value.integer);
    return;
  case Kind::Float:
    out += floatRepr(value.real);
    return;
  case Kind::String:
    return appendStringRepr(out, value.text());
  case Kind::List:
    return items(value.as<Sequence>().items, "[", "]");
  case Kind::Tuple: {
    const Values &values = value.as<Sequence>().items;
    return items(values, "(", values.size() == 1 ? ",)" : ")");
  }
  case Kind::View:
    out += value.as<Sequence>().view;
    return items(value.as<Sequence>().items, "([", "])");
  case Kind::Dict: {
    const char *before = "{";
    for (const auto &[key, inner] : value.as<Dictionary>().entries) {
      out += before;
      repr(key);
      out += ": ";
      repr(inner);
      before = ", ";
    }
    out += value.as<Dictionary>().entries.empty() ? "{}" : "}";
    return;
  }
  case Kind::Range: {
    auto &range = value.as<Interval>();
    out += "range(" + std::to_string(range.start) + ", " +
           std::to_string(range.stop);
    out += range.step == 1 ? ")" : ", " + std::to_string(range.step) + ")";
    return;
  }
  default:
    run.fail(std::string("printing a ") + typeName(value) +
             " is not supported");
  }
}

class JsonPrinter {
public:
  JsonPrinter(Run &run, const JsonStyle &style) : run(run), style(style) {}
  void print(const Value &value, size_t depth);
  std::string out;

private:
  void quoted(std::string_view text);
  void number(double d);
  void sequence(const Values &items, size_t depth);
  void dict(const Dictionary &dict, size_t depth);
  void key(const Value &key);
  void newLine(size_t depth);
  bool sorted(std::vector<const std::pair<Value, Value> *> &entries);

  Run &run;
  const JsonStyle &style;
};

void JsonPrinter::quoted(std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    char32_t c = nextCodePoint(text, at);
    static constexpr std::string_view from = "\"\\\n\r\t\f\b";
    static constexpr std::string_view to = "\"\\nrtfb";
    size_t named = c < 0x80 ? from.find(char(c)) : from.npos;
    if (named != from.npos) {
      out += '\\';
      out += to[named];
    } else if (c >= 0x20 && (!style.ensureAscii || c < 0x7F)) {
      out += text.substr(begin, at - begin);
    } else {
      if (c >= 0x10000) {
        out += "\\u";
        appendHex(out, 0xD800 + ((c - 0x10000) >> 10), 4);
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
      }
      out += "\\u";
      appendHex(out, c, 4);
    }
  }
  out += '"';
}

void JsonPrinter::number(double d) {
  if (std::isnan(d))
    out += "NaN";
  else if (std::isinf(d))
    out += d < 0 ? "-Infinity" : "Infinity";
  else
    out += floatRepr(d);
}

void JsonPrinter::newLine(size_t depth) {
  if (!style.indent || !run.charge(1 + depth * style.indent->size() / 16))
    return;
  out += '\n';
  for (size_t i = 0; i < depth; ++i)
    out += *style.indent;
}

void JsonPrinter::sequence(const Values &items, size_t depth) {
  if (items.empty()) {
    out += "[]";
    return;
  }
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i)
      out += style.itemSeparator;
    newLine(depth + 1);
    print(items[i], depth + 1);
  }
  newLine(depth);
  out += ']';
}

void JsonPrinter::key(const Value &key) {
  if (key.is(Kind::String))
    return quoted(key.text());
  if (!key.isNumber() && !key.is(Kind::None)) {
    run.fail(std::string("a JSON key cannot be a ") + typeName(key));
    return;
  }
  out += '"';
  print(key, 0);
  out += '"';
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

void JsonPrinter::dict(const Dictionary &dict, size_t depth) {
  if (dict.entries.empty()) {
    out += "{}";
    return;
  }
  std::vector<const std::pair<Value, Value> *> entries;
  for (const auto &entry : dict.entries)
    entries.push_back(&entry);
  if (style.sortKeys && !sorted(entries)) {
    run.fail("tojson cannot sort keys of different types");
    return;
  }
  out += '{';
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i)
      out += style.itemSeparator;
    newLine(depth + 1);
    key(entries[i]->first);
    out += style.keySeparator;
    print(entries[i]->second, depth + 1);
  }
  newLine(depth);
  out += '}';
}

void JsonPrinter::print(const Value &value, size_t depth) {
  if (run.failed() || !run.charge(1 + extentOf(value).weight / 16))
    return;
  switch (value.kind) {
  case Kind::None:
    out += "null";
    return;
  case Kind::Bool:
    out += value.integer ? "true" : "false";
    return;
  case Kind::Int:
    out += std::to_string(value.integer);
    return;
  case Kind::Float:
    return number(value.real);
  case Kind::String:
  case Kind::Markup:
    return quoted(value.text());
  case Kind::List:
  case Kind::Tuple:
    return sequence(value.as<Sequence>().items, depth);
  case Kind::Dict:
    return dict(value.as<Dictionary>(), depth);
  default:
    run.fail(std::string("tojson: a ") + typeName(value) +
             " cannot be written as JSON");
  }
}

} // namespace

std::string toString(Run &run, const Value &value) {
  if (value.is(Kind::String) || value.is(Kind::Markup) ||
      value.is(Kind::Undefined))
    return value.is(Kind::Undefined) ? std::string() : value.text();
  return toRepr(run, value);
}

std::string toRepr(Run &run, const Value &value) {
  Printer printer(run);
  printer.repr(value);
  return std::move(printer.out);
}

std::string toJson(Run &run, const Value &value, const JsonStyle &style) {
  JsonPrinter printer(run, style);
  printer.print(value, 0);
  return std::move(printer.out);
}

} // namespace sinter::chat
