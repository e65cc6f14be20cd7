//===- Operators.cpp - Arithmetic and order of chat values ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Python's operators. Integers that outgrow 64 bits fail: they never wrap and
// never turn into floats.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Builtins.h"
#include "runtime/chat/PythonText.h"
#include "runtime/chat/Run.h"

#include <cmath>
#include <string.h>

namespace sinter::chat {

static Value noOperator(Run &run, const char *op, const Value &a,
                        const Value &b) {
  for (const Value *v : {&a, &b})
    if (v->is(Kind::Undefined))
      return run.fail("'" + v->text() + "' is undefined");
  return run.fail(std::string("'") + op + "' does not apply to " + typeName(a) +
                  " and " + typeName(b));
}

static Value tooLarge(Run &run) {
  return run.fail("the integer result does not fit in 64 bits");
}

static Value joined(Run &run, const Value &a, const Value &b) {
  Values items = a.as<Sequence>().items;
  const Values &more = b.as<Sequence>().items;
  items.insert(items.end(), more.begin(), more.end());
  return run.list(std::move(items), a.kind);
}

static Value joinedTexts(Run &run, const Value &a, const Value &b) {
  MarkedText text = a.marked();
  text.append(b.marked());
  return run.string(std::move(text));
}

Value add(Run &run, const Value &a, const Value &b) {
  if (a.is(Kind::String) && b.is(Kind::String))
    return joinedTexts(run, a, b);
  if (a.kind == b.kind && (a.is(Kind::List) || a.is(Kind::Tuple)))
    return joined(run, a, b);
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, "+", a, b);
  if (!a.isInteger() || !b.isInteger())
    return Value::floating(a.toDouble() + b.toDouble());
  int64_t sum;
  return __builtin_add_overflow(a.integer, b.integer, &sum)
             ? tooLarge(run)
             : Value::integral(sum);
}

Value subtract(Run &run, const Value &a, const Value &b) {
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, "-", a, b);
  if (!a.isInteger() || !b.isInteger())
    return Value::floating(a.toDouble() - b.toDouble());
  int64_t difference;
  return __builtin_sub_overflow(a.integer, b.integer, &difference)
             ? tooLarge(run)
             : Value::integral(difference);
}

static Value repeated(Run &run, const Value &what, int64_t times) {
  times = std::max<int64_t>(times, 0);
  bool isText = what.is(Kind::String);
  uint64_t size = isText ? what.text().size() +
                               what.marked().marks.size() * sizeof(text::Mark)
                         : what.as<Sequence>().items.size();
  uint64_t total;
  if (__builtin_mul_overflow(size, uint64_t(times), &total) ||
      !run.charge(isText ? total / 16 : total))
    return run.fail("the repetition is too long");
  if (size == 0)
    return what;
  if (isText) {
    MarkedText text;
    for (int64_t i = 0; i < times; ++i)
      text.append(what.marked());
    return run.string(std::move(text));
  }
  Values items;
  for (int64_t i = 0; i < times; ++i)
    for (const Value &item : what.as<Sequence>().items)
      items.push_back(item);
  return run.list(std::move(items), what.kind);
}

Value multiply(Run &run, const Value &a, const Value &b) {
  auto repeats = [](const Value &v) {
    return v.is(Kind::String) || v.is(Kind::List) || v.is(Kind::Tuple);
  };
  if (repeats(a) && b.isInteger())
    return repeated(run, a, b.integer);
  if (repeats(b) && a.isInteger())
    return repeated(run, b, a.integer);
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, "*", a, b);
  if (!a.isInteger() || !b.isInteger())
    return Value::floating(a.toDouble() * b.toDouble());
  int64_t product;
  return __builtin_mul_overflow(a.integer, b.integer, &product)
             ? tooLarge(run)
             : Value::integral(product);
}

Value divide(Run &run, const Value &a, const Value &b) {
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, "/", a, b);
  if (b.toDouble() == 0)
    return run.fail("division by zero");
  // Beyond 2^53 the quotient of the rounded operands could round otherwise.
  constexpr int64_t exact = int64_t(1) << 53;
  for (const Value *v : {&a, &b})
    if (v->isInteger() && (v->integer > exact || v->integer < -exact))
      return run.fail("dividing integers beyond 2^53 is not supported");
  return Value::floating(a.toDouble() / b.toDouble());
}

/// Python's float floor division and modulo, which agree with each other.
static void divideFloats(double a, double b, double &quotient, double &rest) {
  rest = std::fmod(a, b);
  quotient = (a - rest) / b;
  if (rest != 0) {
    if ((b < 0) != (rest < 0)) {
      rest += b;
      quotient -= 1;
    }
  } else {
    rest = std::copysign(0.0, b);
  }
  if (quotient != 0) {
    double down = std::floor(quotient);
    quotient = quotient - down > 0.5 ? down + 1 : down;
  } else {
    quotient = std::copysign(0.0, a / b);
  }
}

static Value divideWhole(Run &run, const char *op, const Value &a,
                         const Value &b, bool wantsRest) {
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, op, a, b);
  if (b.toDouble() == 0)
    return run.fail("division by zero");
  if (!a.isInteger() || !b.isInteger()) {
    double quotient, rest;
    divideFloats(a.toDouble(), b.toDouble(), quotient, rest);
    return Value::floating(wantsRest ? rest : quotient);
  }
  if (b.integer == -1)
    return wantsRest ? Value::integral(0) : negate(run, a);
  int64_t quotient = a.integer / b.integer, rest = a.integer % b.integer;
  if (rest != 0 && (rest < 0) != (b.integer < 0)) {
    rest += b.integer;
    --quotient;
  }
  return Value::integral(wantsRest ? rest : quotient);
}

Value floorDivide(Run &run, const Value &a, const Value &b) {
  return divideWhole(run, "//", a, b, false);
}

Value modulo(Run &run, const Value &a, const Value &b) {
  if (a.is(Kind::String))
    return run.fail("formatting strings with '%' is not supported");
  return divideWhole(run, "%", a, b, true);
}

Value power(Run &run, const Value &a, const Value &b) {
  if (!a.isNumber() || !b.isNumber())
    return noOperator(run, "**", a, b);
  if (!a.isInteger() || !b.isInteger() || b.integer < 0) {
    double x = a.toDouble(), y = b.toDouble();
    if ((x == 0 && y < 0) || (x < 0 && std::floor(y) != y))
      return run.fail("'**' has no real result here");
    double result = std::pow(x, y);
    if (std::isinf(result) && std::isfinite(x) && std::isfinite(y))
      return run.fail("the result of '**' is too large");
    return Value::floating(result);
  }
  int64_t result = 1, base = a.integer;
  if (b.integer > 64 && base != 0 && base != 1 && base != -1)
    return tooLarge(run);
  if (base == -1)
    return Value::integral(b.integer % 2 ? -1 : 1);
  for (int64_t i = 0; i < std::min<int64_t>(b.integer, 64); ++i)
    if (__builtin_mul_overflow(result, base, &result))
      return tooLarge(run);
  return Value::integral(result);
}

Value negate(Run &run, const Value &a) {
  if (a.is(Kind::Float))
    return Value::floating(-a.real);
  return a.isInteger() ? subtract(run, Value::integral(0), a)
                       : noOperator(run, "-", a, Value::integral(0));
}

int order(Run &run, const Value &a, const Value &b) {
  if (a.isNumber() && b.isNumber())
    return compareNumbers(a, b);
  if (a.is(Kind::String) && b.is(Kind::String)) {
    run.charge(std::min(a.text().size(), b.text().size()) / 16);
    // UTF-8 orders by bytes as it does by code points.
    int result = a.text().compare(b.text());
    return result < 0 ? -1 : result > 0;
  }
  if (a.kind == b.kind && (a.is(Kind::List) || a.is(Kind::Tuple))) {
    const Values &x = a.as<Sequence>().items, &y = b.as<Sequence>().items;
    run.charge(std::min(extentOf(a).weight, extentOf(b).weight));
    for (size_t i = 0; i < std::min(x.size(), y.size()); ++i)
      if (!equals(x[i], y[i]))
        return order(run, x[i], y[i]);
    return x.size() < y.size() ? -1 : x.size() > y.size();
  }
  noOperator(run, "<", a, b);
  return 2;
}

static bool holdsItem(Run &run, const Values &items, const Value &item) {
  for (const Value &other : items) {
    if (!run.charge(std::min(extentOf(other).weight, extentOf(item).weight)))
      return false;
    if (equals(other, item))
      return true;
  }
  return false;
}

bool contains(Run &run, const Value &container, const Value &item) {
  switch (container.kind) {
  case Kind::Undefined:
    return false;
  case Kind::String: {
    if (!item.is(Kind::String)) {
      run.fail(std::string("'in' a string needs a string, not ") +
               typeName(item));
      return false;
    }
    const std::string &text = container.text(), &part = item.text();
    run.charge(text.size() / 16);
    // memmem is linear; std::string's search is not.
    return memmem(text.data(), text.size(), part.data(), part.size());
  }
  case Kind::List:
  case Kind::Tuple:
  case Kind::View:
    return holdsItem(run, container.as<Sequence>().items, item);
  case Kind::Dict:
    if (!isHashable(item)) {
      run.fail(std::string("a ") + typeName(item) + " cannot be a dict's key");
      return false;
    }
    run.charge(container.as<Dictionary>().entries.size() / 16);
    return container.as<Dictionary>().find(item);
  case Kind::Range:
  case Kind::Iterator: {
    std::optional<Values> items = iterate(run, container);
    return items && holdsItem(run, *items, item);
  }
  default:
    run.fail(std::string("'in' does not apply to ") + typeName(container));
    return false;
  }
}

} // namespace sinter::chat
