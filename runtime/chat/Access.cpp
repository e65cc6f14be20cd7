//===- Access.cpp - Items, attributes and slices ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Jinja's `.` tries the attribute of the Python type, then the item; `[]`
// tries them the other way round. What neither finds is undefined.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Builtins.h"
#include "runtime/chat/PythonText.h"
#include "runtime/chat/Run.h"

#include <algorithm>

namespace sinter::chat {

static Value method(const Value &self, const std::string &name) {
  auto bound = std::make_shared<BoundMethod>();
  bound->self = self;
  bound->name = name;
  bound->extent.include(self);
  Value v;
  v.kind = Kind::Method;
  v.object = std::move(bound);
  return v;
}

static const Value *findAttribute(const Value &object,
                                  const std::string &name) {
  for (const auto &[key, value] : object.as<NamespaceObject>().attributes)
    if (key.text() == name)
      return &value;
  return nullptr;
}

/// The item at `index` of something ordered; none beyond its ends.
static std::optional<Value> itemAt(Run &run, const Value &container,
                                   int64_t index) {
  int64_t length = lengthOf(container).value_or(0);
  if (index < 0)
    index += length;
  if (index < 0 || index >= length)
    return std::nullopt;
  if (container.is(Kind::Range))
    return Value::integral(container.as<Interval>().at(index));
  if (!container.is(Kind::String))
    return container.as<Sequence>().items[index];
  run.charge(container.text().size() / 16);
  size_t begin = offsetOf(container.text(), index), end = begin;
  nextCodePoint(container.text(), end);
  return run.string(container.marked().part(begin, end));
}

static std::optional<Value> findItem(Run &run, const Value &container,
                                     const Value &key) {
  switch (container.kind) {
  case Kind::Dict: {
    if (!isHashable(key))
      return std::nullopt;
    const auto &dict = container.as<Dictionary>();
    run.charge(dict.entries.size() / 16);
    const Value *found = dict.find(key);
    return found ? std::optional<Value>(*found) : std::nullopt;
  }
  case Kind::List:
  case Kind::Tuple:
  case Kind::Range:
  case Kind::String:
    return key.isInteger() ? itemAt(run, container, key.integer) : std::nullopt;
  default:
    return std::nullopt;
  }
}

static std::string nameOf(const Value &key) {
  return key.is(Kind::String) ? key.text()
         : key.is(Kind::Int)  ? std::to_string(key.integer)
                              : std::string(typeName(key));
}

static bool refused(Run &run, const Value &object, const std::string &name) {
  if (object.is(Kind::Undefined))
    run.fail("'" + object.text() + "' is undefined, so it has no '" + name +
             "'");
  else if (object.is(Kind::Markup) || object.is(Kind::Macro) ||
           object.is(Kind::Method) || object.is(Kind::Function))
    run.fail(std::string("the attributes of a ") + typeName(object) +
             " are not supported");
  return run.failed();
}

Value getAttribute(Run &run, const Value &object, const std::string &name) {
  if (refused(run, object, name))
    return {};
  if (object.is(Kind::Namespace)) {
    const Value *found = findAttribute(object, name);
    return found ? *found : Value::undefined(name);
  }
  if (hasPythonAttribute(object, name))
    return object.isNumber()
               ? run.fail("the attribute '" + name + "' is not supported")
               : method(object, name);
  if (object.is(Kind::Dict))
    run.charge(object.as<Dictionary>().entries.size() / 16);
  const Value *found =
      object.is(Kind::Dict) ? object.as<Dictionary>().find(name) : nullptr;
  return found ? *found : Value::undefined(name);
}

Value getItem(Run &run, const Value &container, const Value &key) {
  if (refused(run, container, nameOf(key)))
    return {};
  if (std::optional<Value> found = findItem(run, container, key))
    return *found;
  if (!key.is(Kind::String))
    return Value::undefined(nameOf(key));
  // As an attribute of the type; dunders exist but are refused everywhere.
  const std::string &name = key.text();
  if (name.rfind("__", 0) == 0)
    return run.fail("the attribute '" + name + "' is not supported");
  return getAttribute(run, container, name);
}

std::optional<int64_t> lengthOf(const Value &value) {
  switch (value.kind) {
  case Kind::Undefined:
    return 0;
  case Kind::String:
    return int64_t(countCodePoints(value.text()));
  case Kind::List:
  case Kind::Tuple:
  case Kind::View:
    return int64_t(value.as<Sequence>().items.size());
  case Kind::Dict:
    return int64_t(value.as<Dictionary>().entries.size());
  case Kind::Range:
    return value.as<Interval>().count;
  default:
    return std::nullopt;
  }
}

std::optional<Values> iterate(Run &run, const Value &value) {
  Values items;
  if (!run.charge(1 + extentOf(value).weight / 16))
    return std::nullopt;
  switch (value.kind) {
  case Kind::Undefined:
    return items;
  case Kind::String:
    // A value for each, which is about ten units large.
    if (!run.charge(value.text().size() * 8))
      return std::nullopt;
    for (std::string_view point : codePoints(value.text()))
      items.push_back(run.string(value.marked().part(point)));
    return items;
  case Kind::List:
  case Kind::Tuple:
  case Kind::View:
    run.charge(value.as<Sequence>().items.size());
    return value.as<Sequence>().items;
  case Kind::Dict:
    for (const auto &[key, inner] : value.as<Dictionary>().entries)
      items.push_back(key);
    return items;
  case Kind::Range: {
    auto &range = value.as<Interval>();
    if (!run.charge(range.count))
      return std::nullopt;
    for (int64_t i = 0; i < range.count; ++i)
      items.push_back(Value::integral(range.at(i)));
    return items;
  }
  case Kind::Iterator: {
    auto &cursor = value.as<Cursor>();
    items.assign(cursor.items.begin() + cursor.next, cursor.items.end());
    cursor.next = cursor.items.size();
    return items;
  }
  default:
    run.fail(std::string("a ") + typeName(value) + " cannot be iterated over");
    return std::nullopt;
  }
}

/// A bound of a slice: none for null and None; fails for other than integers.
static std::optional<int64_t> bound(Run &run, const Value *value) {
  if (!value || value->is(Kind::None))
    return std::nullopt;
  if (!value->isInteger())
    run.fail(std::string("a slice's bounds must be integers, not ") +
             typeName(*value));
  return value->integer;
}

/// Where [start:stop:step] begins and ends in a sequence of `length`.
static std::pair<int64_t, int64_t> sliceEnds(std::optional<int64_t> start,
                                             std::optional<int64_t> stop,
                                             int64_t step, int64_t length) {
  auto clamp = [&](std::optional<int64_t> b, int64_t absent) {
    if (!b)
      return absent;
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? length - 1 : length;
    int64_t at = *b < 0 ? std::max(*b, -length - 1) + length : *b;
    return std::clamp(at, low, std::max(low, high));
  };
  return {clamp(start, step < 0 ? length - 1 : 0),
          clamp(stop, step < 0 ? -1 : length)};
}

/// The indices of [start:stop:step] in a sequence of `length`.
static std::vector<int64_t> sliceIndices(std::optional<int64_t> start,
                                         std::optional<int64_t> stop,
                                         int64_t step, int64_t length) {
  auto [from, to] = sliceEnds(start, stop, step, length);
  step = std::clamp(step, -length - 1, length + 1);
  std::vector<int64_t> indices;
  for (int64_t i = from; step < 0 ? i > to : i < to; i += step)
    indices.push_back(i);
  return indices;
}

static Value sliceText(Run &run, const MarkedText &text,
                       std::optional<int64_t> from, std::optional<int64_t> to,
                       int64_t by) {
  std::string_view bytes = text.bytes;
  int64_t length = int64_t(countCodePoints(bytes));
  if (by == 1) {
    auto [first, last] = sliceEnds(from, to, by, length);
    size_t begin = offsetOf(bytes, first);
    size_t size =
        offsetOf(bytes.substr(begin), std::max(last - first, int64_t(0)));
    return run.string(text.part(begin, begin + size));
  }
  if (!run.charge(bytes.size()))
    return {};
  std::vector<std::string_view> points = codePoints(bytes);
  MarkedText chosen;
  for (int64_t i : sliceIndices(from, to, by, length))
    chosen.append(text, points[i]);
  return run.string(std::move(chosen));
}

Value slice(Run &run, const Value &container, const Value *start,
            const Value *stop, const Value *step) {
  if (!container.is(Kind::String) && !container.is(Kind::List) &&
      !container.is(Kind::Tuple))
    return run.fail(std::string("slicing a ") + typeName(container) +
                    (container.is(Kind::Undefined) ? " value" : "") +
                    " is not supported");
  std::optional<int64_t> from = bound(run, start), to = bound(run, stop);
  int64_t by = bound(run, step).value_or(1);
  if (run.failed())
    return {};
  if (by == 0)
    return run.fail("a slice's step must not be 0");
  if (!run.charge(extentOf(container).weight / 16))
    return {};
  if (container.is(Kind::String))
    return sliceText(run, container.marked(), from, to, by);
  const Values &items = container.as<Sequence>().items;
  Values chosen;
  for (int64_t i : sliceIndices(from, to, by, items.size()))
    chosen.push_back(items[i]);
  return run.list(std::move(chosen), container.kind);
}

} // namespace sinter::chat
