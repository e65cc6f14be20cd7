//===- Value.cpp - Values of the chat template language ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Truth, equality and extent of values.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"

#include <algorithm>
#include <cmath>

namespace sinter::chat {

const MarkedText &Value::marked() const {
  static const MarkedText empty;
  bool isText = kind == Kind::String || kind == Kind::Markup ||
                kind == Kind::Undefined || kind == Kind::Function;
  return object && isText ? as<Text>().text : empty;
}

Value Value::none() {
  Value v;
  v.kind = Kind::None;
  return v;
}

Value Value::boolean(bool b) {
  Value v;
  v.kind = Kind::Bool;
  v.integer = b;
  return v;
}

Value Value::integral(int64_t i) {
  Value v;
  v.kind = Kind::Int;
  v.integer = i;
  return v;
}

Value Value::floating(double d) {
  Value v;
  v.kind = Kind::Float;
  v.real = d;
  return v;
}

Value Value::undefined(std::string name) {
  Value v;
  if (name.empty())
    return v;
  auto text = std::make_shared<Text>();
  text->text.bytes = std::move(name);
  v.object = std::move(text);
  return v;
}

Extent extentOf(const Value &value) {
  switch (value.kind) {
  case Kind::List:
  case Kind::Tuple:
  case Kind::View:
  case Kind::Dict:
  case Kind::Iterator:
  case Kind::Method:
    return value.as<Holder>().extent;
  case Kind::String:
    return {0, 1 + value.text().size() / 16};
  default:
    return {0, 1};
  }
}

void Extent::include(const Value &inner) {
  Extent other = extentOf(inner);
  depth = std::max(depth, other.depth + 1);
  weight += other.weight;
}

const Value *Dictionary::find(const Value &key) const {
  for (const auto &[name, value] : entries)
    if (equals(name, key))
      return &value;
  return nullptr;
}

const Value *Dictionary::find(const std::string &key) const {
  for (const auto &[name, value] : entries)
    if (name.is(Kind::String) && name.text() == key)
      return &value;
  return nullptr;
}

bool isTrue(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
  case Kind::None:
    return false;
  case Kind::Bool:
  case Kind::Int:
    return value.integer != 0;
  case Kind::Float:
    return value.real != 0;
  case Kind::String:
  case Kind::Markup:
    return !value.text().empty();
  case Kind::List:
  case Kind::Tuple:
  case Kind::View:
    return !value.as<Sequence>().items.empty();
  case Kind::Dict:
    return !value.as<Dictionary>().entries.empty();
  case Kind::Range:
    return value.as<Interval>().count > 0;
  default:
    return true;
  }
}

int compareNumbers(const Value &a, const Value &b) {
  // Where long double has 64 bits of mantissa or more, both convert exactly.
  static_assert(sizeof(long double) > sizeof(double));
  long double x = a.is(Kind::Float) ? a.real : (long double)a.integer;
  long double y = b.is(Kind::Float) ? b.real : (long double)b.integer;
  if (std::isnan(x) || std::isnan(y))
    return 2;
  return x < y ? -1 : x > y ? 1 : 0;
}

static bool equalItems(const Values &a, const Values &b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), equals);
}

static bool equalDicts(const Dictionary &a, const Dictionary &b) {
  if (a.entries.size() != b.entries.size())
    return false;
  return std::all_of(a.entries.begin(), a.entries.end(), [&](auto &entry) {
    const Value *other = b.find(entry.first);
    return other && equals(entry.second, *other);
  });
}

bool equals(const Value &a, const Value &b) {
  if (a.isNumber() && b.isNumber())
    return compareNumbers(a, b) == 0;
  auto isText = [](const Value &v) {
    return v.is(Kind::String) || v.is(Kind::Markup);
  };
  if (isText(a) && isText(b))
    return a.text() == b.text();
  if (a.kind != b.kind)
    return false;
  switch (a.kind) {
  case Kind::Undefined:
  case Kind::None:
    return true;
  case Kind::List:
  case Kind::Tuple:
    return equalItems(a.as<Sequence>().items, b.as<Sequence>().items);
  case Kind::Dict:
    return equalDicts(a.as<Dictionary>(), b.as<Dictionary>());
  case Kind::Range: {
    auto &x = a.as<Interval>(), &y = b.as<Interval>();
    return x.count == y.count && (x.count == 0 || x.start == y.start) &&
           (x.count < 2 || x.step == y.step);
  }
  case Kind::Method: {
    auto &x = a.as<BoundMethod>(), &y = b.as<BoundMethod>();
    return x.name == y.name && x.self.object == y.self.object;
  }
  case Kind::Function:
    return a.text() == b.text();
  default:
    return a.object == b.object;
  }
}

bool isHashable(const Value &value) {
  if (value.is(Kind::List) || value.is(Kind::Dict) || value.is(Kind::View))
    return false;
  if (!value.is(Kind::Tuple))
    return true;
  const Values &items = value.as<Sequence>().items;
  return std::all_of(items.begin(), items.end(), isHashable);
}

const char *typeName(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
    return "undefined";
  case Kind::None:
    return "None";
  case Kind::Bool:
    return "bool";
  case Kind::Int:
    return "int";
  case Kind::Float:
    return "float";
  case Kind::String:
    return "str";
  case Kind::Markup:
    return "markup";
  case Kind::List:
    return "list";
  case Kind::Tuple:
    return "tuple";
  case Kind::View:
    return value.as<Sequence>().view;
  case Kind::Dict:
    return "dict";
  case Kind::Range:
    return "range";
  case Kind::Iterator:
    return "iterator";
  case Kind::Namespace:
    return "namespace";
  case Kind::Macro:
    return "macro";
  case Kind::Method:
    return "method";
  case Kind::Function:
    return "function";
  case Kind::Loop:
    return "loop";
  }
  return "value";
}

} // namespace sinter::chat
