//===- Run.cpp - Budget and failure of one rendering ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Makes values and charges for them.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Run.h"

#include "runtime/chat/Lexer.h"

namespace sinter::chat {

// Deeper than any message; shallow enough for every recursive walk.
constexpr uint32_t maxNesting = 200;
constexpr uint64_t maxWeight = uint64_t(1) << 22;
constexpr size_t maxString = size_t(1) << 26;

Value Run::fail(const std::string &message) {
  if (!failure)
    failure = failureAt(at, message);
  return {};
}

bool Run::charge(uint64_t units) {
  if (units > budget) {
    budget = 0;
    fail("the template takes too many steps or makes too much text");
    return false;
  }
  budget -= units;
  return true;
}

bool Run::admit(const Extent &extent) {
  if (extent.depth > maxNesting || extent.weight > maxWeight) {
    fail("a value nests too deep or grows too large");
    return false;
  }
  return true;
}

bool Run::charge(const MarkedText &text) {
  return charge((text.size() + text.marks.size() * sizeof(text::Mark)) / 16);
}

Value Run::string(MarkedText text) {
  if (text.size() > maxString)
    return fail("a string grows over 64 MiB");
  if (!charge(1) || !charge(text))
    return {};
  auto made = std::make_shared<Text>();
  made->text = std::move(text);
  Value v;
  v.kind = Kind::String;
  v.object = std::move(made);
  return v;
}

Value Run::markup(MarkedText text) {
  Value v = string(std::move(text));
  if (v.is(Kind::String))
    v.kind = Kind::Markup;
  return v;
}

Value Run::list(Values items, Kind kind) {
  if (!charge(1 + items.size()))
    return {};
  auto sequence = std::make_shared<Sequence>();
  for (const Value &item : items)
    sequence->extent.include(item);
  if (!admit(sequence->extent))
    return {};
  sequence->items = std::move(items);
  Value v;
  v.kind = kind;
  v.object = std::move(sequence);
  return v;
}

Value Run::view(const char *name, Values items) {
  Value v = list(std::move(items), Kind::View);
  if (!failed())
    v.as<Sequence>().view = name;
  return v;
}

Value Run::dict(Entries entries) {
  if (!charge(1 + entries.size()))
    return {};
  auto made = std::make_shared<Dictionary>();
  for (auto &[key, value] : entries) {
    if (!isHashable(key))
      return fail(std::string("a dict's key cannot be a ") + typeName(key));
    if (!charge(1 + made->entries.size() / 16))
      return {};
    if (const Value *old = made->find(key)) {
      const_cast<Value &>(*old) = std::move(value);
      continue;
    }
    made->entries.emplace_back(std::move(key), std::move(value));
  }
  for (const auto &[key, value] : made->entries) {
    made->extent.include(key);
    made->extent.include(value);
  }
  if (!admit(made->extent))
    return {};
  Value v;
  v.kind = Kind::Dict;
  v.object = std::move(made);
  return v;
}

Value Run::iterator(Values items) {
  Value source = list(std::move(items));
  if (failed())
    return {};
  auto cursor = std::make_shared<Cursor>();
  cursor->items = std::move(source.as<Sequence>().items);
  cursor->extent = source.as<Sequence>().extent;
  Value v;
  v.kind = Kind::Iterator;
  v.object = std::move(cursor);
  return v;
}

} // namespace sinter::chat
