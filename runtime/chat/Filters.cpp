//===- Filters.cpp - Filters of chat templates ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What may stand behind `|`, for single values; those over sequences are in
// SequenceFilters.cpp.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Filters.h"

#include "runtime/chat/PythonText.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sinter::chat {

namespace {

/// `result`, a value that was computed of `from`.
Value fromMessageIf(const Value &from, Value result) {
  bool came = from.fromMessage() || result.outside;
  return std::move(result).withOutside(came);
}

/// str(value) for the filters that turn their operand into text first.
MarkedText textOf(Evaluator &run, const Value &v) {
  if (v.is(Kind::Markup))
    run.fail("filtering what 'safe' gave is not supported");
  return run.failed() ? MarkedText() : toString(run, v);
}

template <Case how>
Value recase(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "the filter", {}))
    return {};
  MarkedText text = textOf(run, v);
  return run.failed() ? Value() : changeCase(run, std::move(text), how);
}

Value title(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "title", {}))
    return {};
  MarkedText text = textOf(run, v);
  Value lower =
      run.failed() ? Value() : changeCase(run, std::move(text), Case::Lower);
  if (run.failed())
    return {};
  // Unlike the method: words begin after spaces, hyphens and brackets only.
  MarkedText out = lower.marked();
  bool inWord = false;
  for (char &c : out.bytes) {
    if (!inWord && c >= 'a' && c <= 'z')
      c -= 32;
    inWord = !isSpace(c) &&
             std::string_view("-({[<").find(c) == std::string_view::npos;
  }
  return run.string(std::move(out));
}

Value parseInt(Evaluator &run, const Value &v, Arguments &args) {
  if (args.integer(run, 1, 10) != 10)
    return run.fail("int with a base but 10 is not supported");
  Value otherwise = args.get(0) ? args[0] : Value::integral(0);
  if (v.is(Kind::Undefined))
    return run.fail("'" + v.text() + "' is undefined");
  if (v.isInteger())
    return Value::integral(v.integer);
  double d = 0;
  if (v.is(Kind::Float)) {
    d = v.real;
    if (std::isinf(d))
      return run.fail("infinity cannot be made an integer");
  } else if (v.is(Kind::String)) {
    if (!isAscii(v.text()))
      return run.fail("int of text outside ASCII is not supported");
    std::string digits(strip(v.text(), true, true));
    std::optional<double> parsed = parseFloat(digits);
    if (!parsed || std::isinf(*parsed))
      return otherwise;
    d = *parsed;
    std::erase(digits, '_');
    const char *begin = digits.data() + (digits[0] == '+');
    int64_t exact;
    auto [end, error] =
        std::from_chars(begin, digits.data() + digits.size(), exact);
    if (error == std::errc() && end == digits.data() + digits.size())
      return Value::integral(exact);
  } else {
    return otherwise;
  }
  if (std::isnan(d))
    return otherwise;
  if (std::fabs(d) >= 0x1p63)
    return run.fail("the integer does not fit in 64 bits");
  return Value::integral(int64_t(d));
}

Value toInt(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "int", {"default", "base"}))
    return {};
  return fromMessageIf(v, parseInt(run, v, args));
}

Value readFloat(Evaluator &run, const Value &v, Arguments &args) {
  Value otherwise = args.get(0) ? args[0] : Value::floating(0);
  if (v.is(Kind::Undefined))
    return run.fail("'" + v.text() + "' is undefined");
  if (v.isNumber())
    return Value::floating(v.toDouble());
  if (!v.is(Kind::String))
    return otherwise;
  if (!isAscii(v.text()))
    return run.fail("float of text outside ASCII is not supported");
  std::optional<double> parsed = parseFloat(v.text());
  return parsed ? Value::floating(*parsed) : otherwise;
}

Value toFloat(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "float", {"default"}))
    return {};
  return fromMessageIf(v, readFloat(run, v, args));
}

Value absolute(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "abs", {}))
    return {};
  if (v.is(Kind::Float))
    return Value::floating(std::fabs(v.real)).withOutside(v.outside);
  if (!v.isInteger())
    return run.fail(std::string("abs does not apply to ") + typeName(v));
  Value result = v.integer < 0 ? negate(run, v) : Value::integral(v.integer);
  return std::move(result).withOutside(v.outside);
}

/// To the nearest, ties to even, as the exact decimal expansion says.
double roundDecimal(double d, int64_t digits) {
  char buffer[512];
  auto made = std::to_chars(buffer, buffer + sizeof buffer, d,
                            std::chars_format::fixed, int(digits));
  double result = d;
  std::from_chars(buffer, made.ptr, result);
  return result;
}

Value roundTo(Evaluator &run, const Value &v, Arguments &args) {
  int64_t digits = args.integer(run, 0, 0);
  std::string method = args.get(1) ? toString(run, args[1]).bytes : "common";
  if (method != "common" && method != "ceil" && method != "floor")
    return run.fail("round's method must be common, ceil or floor");
  if (!v.isNumber())
    return run.fail(std::string("round does not apply to ") + typeName(v));
  if (digits < 0 || digits > 15)
    return run.fail("round to that precision is not supported");
  if (method == "common")
    return v.isInteger() ? Value::integral(v.integer)
           : std::isfinite(v.real)
               ? Value::floating(roundDecimal(v.real, digits))
               : v;
  Value scale = power(run, Value::integral(10), Value::integral(digits));
  double scaled = multiply(run, v, scale).toDouble();
  scaled = method == "ceil" ? std::ceil(scaled) : std::floor(scaled);
  if (!(std::fabs(scaled) < 0x1p53))
    return run.fail("the number is too large to round");
  // Python rounds to an integer here, which knows no negative zero.
  return divide(run, Value::integral(int64_t(scaled)), scale);
}

Value roundNumber(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "round", {"precision", "method"}))
    return {};
  return fromMessageIf(v, roundTo(run, v, args));
}

Value trim(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "trim", {"chars"}))
    return {};
  MarkedText text = textOf(run, v);
  bool plain = !args.get(0) || args[0].is(Kind::None);
  if (run.failed() || (!plain && !args[0].is(Kind::String)))
    return run.fail("trim needs a string of characters");
  const std::string *chars = plain ? nullptr : &args[0].text();
  return run.string(text.part(strip(text.bytes, true, true, chars)));
}

Value replaceFilter(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "replace", {"old", "new", "count"}, 2))
    return {};
  bool all = !args.get(2) || args[2].is(Kind::None);
  int64_t count = all ? -1 : args.integer(run, 2, -1);
  MarkedText text = textOf(run, v), from = textOf(run, args[0]);
  MarkedText to = textOf(run, args[1]);
  return run.failed() ? Value() : replaceText(run, text, from.bytes, to, count);
}

Value indent(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "indent", {"width", "first", "blank"}))
    return {};
  if (!v.is(Kind::String))
    return run.fail(std::string("indent does not apply to ") + typeName(v));
  MarkedText indention;
  if (args.get(0) && args[0].is(Kind::String))
    indention = args[0].marked();
  else
    indention.bytes.assign(
        std::clamp<int64_t>(args.integer(run, 0, 4), 0, 1000), ' ');
  MarkedText text = v.marked(), out = args.flag(1) ? indention : MarkedText();
  text.append("\n", /*isMarked=*/false);
  bool blank = args.flag(2), begun = false;
  for (std::string_view line : splitLines(text.bytes, false)) {
    if (!run.charge(1) || !run.charge(indention))
      return {};
    out.append(begun ? "\n" : "", v.fromMessage());
    if (begun && (blank || !line.empty()))
      out.append(indention);
    out.append(text, line);
    begun = true;
  }
  return run.string(std::move(out));
}

Value defaultTo(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "default", {"default_value", "boolean"}))
    return {};
  if (!v.is(Kind::Undefined) && (isTrue(v) || !args.flag(1)))
    return v;
  return args.get(0) ? args[0] : run.plain("");
}

Value toStringFilter(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "string", {}))
    return {};
  return v.is(Kind::Markup) ? v : run.string(toString(run, v));
}

Value safe(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "safe", {}))
    return {};
  return run.markup(toString(run, v));
}

/// The style that the arguments of tojson ask for.
JsonStyle jsonStyle(Evaluator &run, Arguments &args) {
  JsonStyle style;
  style.ensureAscii = args.flag(0);
  style.sortKeys = args.flag(3);
  if (args.get(1) && args[1].is(Kind::String))
    style.indent = args[1].marked();
  else if (args.get(1) && !args[1].is(Kind::None))
    style.indent = MarkedText::plain(std::string(
        std::clamp<int64_t>(args.integer(run, 1, 0), 0, 1000), ' '));
  if (style.indent)
    style.itemSeparator = MarkedText::plain(",");
  if (!args.get(2) || args[2].is(Kind::None))
    return style;
  std::optional<Values> parts = iterate(run, args[2]);
  if (!parts || parts->size() != 2 || !(*parts)[0].is(Kind::String) ||
      !(*parts)[1].is(Kind::String)) {
    run.fail("tojson's separators must be two strings");
    return style;
  }
  style.itemSeparator = (*parts)[0].marked();
  style.keySeparator = (*parts)[1].marked();
  return style;
}

Value toJsonFilter(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "tojson",
                 {"ensure_ascii", "indent", "separators", "sort_keys"}))
    return {};
  JsonStyle style = jsonStyle(run, args);
  return run.failed() ? Value() : run.string(toJson(run, v, style));
}

constexpr Builtin filters[] = {
    {"abs", absolute},
    {"capitalize", recase<Case::Capital>},
    {"d", defaultTo},
    {"default", defaultTo},
    {"float", toFloat},
    {"indent", indent},
    {"int", toInt},
    {"lower", recase<Case::Lower>},
    {"replace", replaceFilter},
    {"round", roundNumber},
    {"safe", safe},
    {"string", toStringFilter},
    {"title", title},
    {"tojson", toJsonFilter},
    {"trim", trim},
    {"upper", recase<Case::Upper>},
};

} // namespace

const Builtin *findFilter(std::string_view name) {
  for (const Builtin &filter : filters)
    if (filter.name == name)
      return &filter;
  return findSequenceFilter(name);
}

} // namespace sinter::chat
