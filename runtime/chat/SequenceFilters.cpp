//===- SequenceFilters.cpp - Filters over sequences -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Those that Jinja writes as generators give iterators here too, which are
// true even when empty and can be read once.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Filters.h"
#include "runtime/chat/PythonText.h"

#include <algorithm>
#include <charconv>

namespace sinter::chat {

namespace {

/// item["a.b"] as filters read it: dots separate, digits are indices.
Value attributeOf(Evaluator &run, Value item, const Value &path,
                  const Value *otherwise = nullptr) {
  std::vector<Value> parts;
  if (path.is(Kind::String)) {
    std::string_view rest = path.text();
    for (bool more = true; more;) {
      size_t dot = rest.find('.');
      more = dot != rest.npos;
      std::string_view part = rest.substr(0, dot);
      rest = more ? rest.substr(dot + 1) : rest;
      int64_t index = 0;
      auto [end, error] =
          std::from_chars(part.data(), part.data() + part.size(), index);
      bool isIndex = !part.empty() && part[0] != '-' && error == std::errc() &&
                     end == part.data() + part.size();
      parts.push_back(isIndex ? Value::integral(index)
                              : run.plain(std::string(part)));
    }
  } else {
    parts.push_back(path);
  }
  for (const Value &part : parts) {
    if (run.failed())
      return {};
    // A generator would read a namespace later, when it may have changed.
    if (item.is(Kind::Namespace))
      return run.fail("filtering by a namespace's attribute is not supported");
    item = getItem(run, item, part);
    if (otherwise && !otherwise->is(Kind::None) && item.is(Kind::Undefined))
      item = *otherwise;
  }
  return item;
}

bool given(const Arguments &args, size_t i) {
  return args.get(i) && !args[i].is(Kind::None);
}

/// What sort, min, max and unique compare: the attribute, without case.
std::optional<Value> sortKey(Evaluator &run, const Value &item,
                             const Value *path, bool caseSensitive) {
  Value key = path ? attributeOf(run, item, *path) : item;
  if (!run.failed() && !caseSensitive && key.is(Kind::String))
    key = changeCase(run, key.marked(), Case::Lower);
  return run.failed() ? std::nullopt : std::optional<Value>(key);
}

/// Sorts items by their keys, stably; equal ones stay in order both ways.
Value sortBy(Evaluator &run, const Values &items, const Values &keys,
             bool reverse) {
  auto all = [&](auto holds) {
    return std::all_of(keys.begin(), keys.end(), holds);
  };
  bool ordered = all([](const Value &v) { return v.is(Kind::String); }) ||
                 all([](const Value &v) {
                   return v.isNumber() && compareNumbers(v, v) == 0;
                 });
  if (!ordered && items.size() > 1)
    return run.fail("sorting needs keys that are all strings or all numbers");
  std::vector<size_t> places(items.size());
  for (size_t i = 0; i < places.size(); ++i)
    places[i] = i;
  std::stable_sort(places.begin(), places.end(), [&](size_t a, size_t b) {
    return order(run, keys[a], keys[b]) == (reverse ? 1 : -1);
  });
  Values sorted;
  for (size_t place : places)
    sorted.push_back(items[place]);
  return run.failed() ? Value() : run.list(std::move(sorted));
}

Value sort(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "sort", {"reverse", "case_sensitive", "attribute"}))
    return {};
  std::optional<Values> items = iterate(run, v);
  const Value *path = given(args, 2) ? &args[2] : nullptr;
  if (path && path->is(Kind::String) &&
      path->text().find(',') != std::string::npos)
    return run.fail("sorting by several attributes is not supported");
  Values keys;
  for (size_t i = 0; items && i < items->size(); ++i) {
    auto key = sortKey(run, (*items)[i], path, args.flag(1));
    if (!key)
      return {};
    keys.push_back(*key);
  }
  return items ? sortBy(run, *items, keys, args.flag(0)) : Value();
}

Value dictSort(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "dictsort", {"case_sensitive", "by", "reverse"}))
    return {};
  std::string by = args.get(1) ? toString(run, args[1]).bytes : "key";
  if (!v.is(Kind::Dict) || (by != "key" && by != "value"))
    return run.fail("dictsort needs a dict, and 'key' or 'value' to sort by");
  Values items, keys;
  for (const auto &[key, value] : v.as<Dictionary>().entries) {
    auto found = sortKey(run, by == "key" ? key : value, nullptr, args.flag(0));
    if (!found)
      return {};
    keys.push_back(*found);
    items.push_back(run.list({key, value}, Kind::Tuple));
  }
  return run.failed() ? Value() : sortBy(run, items, keys, args.flag(2));
}

template <int wanted>
Value extreme(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "the filter", {"case_sensitive", "attribute"}))
    return {};
  std::optional<Values> items = iterate(run, v);
  if (!items || items->empty())
    return {};
  const Value *path = given(args, 1) ? &args[1] : nullptr;
  Value best = (*items)[0];
  auto bestKey = sortKey(run, best, path, args.flag(0));
  for (size_t i = 1; bestKey && i < items->size(); ++i) {
    auto key = sortKey(run, (*items)[i], path, args.flag(0));
    if (!key)
      return {};
    if (order(run, *key, *bestKey) == wanted) {
      best = (*items)[i];
      bestKey = key;
    }
  }
  return run.failed() ? Value() : best;
}

Value unique(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "unique", {"case_sensitive", "attribute"}))
    return {};
  std::optional<Values> items = iterate(run, v);
  const Value *path = given(args, 1) ? &args[1] : nullptr;
  Values chosen, seen;
  for (size_t i = 0; items && i < items->size(); ++i) {
    auto key = sortKey(run, (*items)[i], path, args.flag(0));
    if (!key)
      return {};
    if (!isHashable(*key))
      return run.fail(std::string("unique cannot compare a ") + typeName(*key));
    if (!run.charge(seen.size()))
      return {};
    if (std::any_of(seen.begin(), seen.end(),
                    [&](const Value &old) { return equals(old, *key); }))
      continue;
    seen.push_back(*key);
    chosen.push_back((*items)[i]);
  }
  return run.failed() ? Value() : run.iterator(std::move(chosen));
}

Value join(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "join", {"d", "attribute"}))
    return {};
  MarkedText text;
  MarkedText between = args.get(0) ? toString(run, args[0]) : MarkedText();
  std::optional<Values> items = iterate(run, v);
  for (size_t i = 0; items && i < items->size(); ++i) {
    Value item = (*items)[i];
    if (given(args, 1))
      item = attributeOf(run, item, args[1]);
    if (run.failed() || !run.charge(1) || !run.charge(between))
      return {};
    if (i)
      text.append(between);
    text.append(toString(run, item));
  }
  return run.failed() ? Value() : run.string(std::move(text));
}

Value first(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "first", {}))
    return {};
  if (v.is(Kind::Iterator)) {
    auto &cursor = v.as<Cursor>();
    return cursor.next < cursor.items.size() ? cursor.items[cursor.next++]
                                             : Value();
  }
  std::optional<Values> items = iterate(run, v);
  return items && !items->empty() ? items->front() : Value();
}

Value last(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "last", {}))
    return {};
  if (v.is(Kind::Iterator))
    return run.fail("last does not apply to an iterator");
  std::optional<Values> items = iterate(run, v);
  return items && !items->empty() ? items->back() : Value();
}

Value length(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "length", {}))
    return {};
  if (v.is(Kind::String))
    run.charge(v.text().size() / 16);
  std::optional<int64_t> count = lengthOf(v);
  return count ? Value::integral(*count)
               : run.fail(std::string("a ") + typeName(v) + " has no length");
}

Value toList(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "list", {}))
    return {};
  std::optional<Values> items = iterate(run, v);
  return items ? run.list(std::move(*items)) : Value();
}

Value items(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "items", {}))
    return {};
  Values pairs;
  if (v.is(Kind::Dict))
    for (const auto &[key, value] : v.as<Dictionary>().entries)
      pairs.push_back(run.list({key, value}, Kind::Tuple));
  else if (!v.is(Kind::Undefined))
    return run.fail(std::string("items does not apply to ") + typeName(v));
  return run.failed() ? Value() : run.iterator(std::move(pairs));
}

Value reverse(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "reverse", {}))
    return {};
  std::optional<Values> items = iterate(run, v);
  if (!items || run.failed())
    return {};
  std::reverse(items->begin(), items->end());
  if (v.is(Kind::String)) {
    MarkedText text;
    for (const Value &point : *items)
      text.append(point.marked());
    return run.string(std::move(text));
  }
  return v.is(Kind::Iterator) ? run.list(std::move(*items))
                              : run.iterator(std::move(*items));
}

Value sum(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "sum", {"attribute", "start"}))
    return {};
  std::optional<Values> items = iterate(run, v);
  Value total = args.get(1) ? args[1] : Value::integral(0);
  if (total.is(Kind::String))
    return run.fail("sum does not apply to strings");
  for (size_t i = 0; items && i < items->size() && !run.failed(); ++i) {
    Value item = (*items)[i];
    if (given(args, 0))
      item = attributeOf(run, item, args[0]);
    // Pythons differ in the last bits of sums of floats.
    if (item.is(Kind::Float))
      return run.fail("the sum of floats is not supported");
    if (!run.failed())
      total = add(run, total, item).withOutside(total.outside || item.outside);
  }
  return run.failed() ? Value() : total;
}

Value map(Evaluator &run, const Value &v, Arguments &args) {
  if (!isTrue(v))
    return run.iterator({});
  const Builtin *filter = nullptr;
  Arguments inner;
  if (args.positional.empty()) {
    if (!args.bind(run, "map", {"attribute", "default"}, 1))
      return {};
  } else {
    filter = findFilter(args.positional[0].text());
    inner.positional.assign(args.positional.begin() + 1, args.positional.end());
    inner.keywords = args.keywords;
  }
  std::optional<Values> items = iterate(run, v);
  Values mapped;
  for (size_t i = 0; items && i < items->size(); ++i) {
    if (run.failed() || !run.charge(1))
      return {};
    Arguments copy = inner;
    mapped.push_back(filter
                         ? filter->call(run, (*items)[i], copy)
                         : attributeOf(run, (*items)[i], args[0], args.get(1)));
  }
  return run.failed() ? Value() : run.iterator(std::move(mapped));
}

/// select, reject, selectattr and rejectattr.
template <bool keeps, bool byAttribute>
Value choose(Evaluator &run, const Value &v, Arguments &args) {
  if (!isTrue(v))
    return run.iterator({});
  constexpr size_t name = byAttribute ? 1 : 0;
  if (args.positional.size() < name)
    return run.fail("selecting by attribute needs its name");
  const Builtin *test = nullptr;
  Arguments inner;
  if (args.positional.size() > name) {
    test = findTest(args.positional[name].text());
    inner.positional.assign(args.positional.begin() + name + 1,
                            args.positional.end());
    inner.keywords = args.keywords;
  }
  std::optional<Values> items = iterate(run, v);
  Values chosen;
  for (size_t i = 0; items && i < items->size(); ++i) {
    Value item = (*items)[i];
    if (byAttribute)
      item = attributeOf(run, item, args.positional[0]);
    if (run.failed() || !run.charge(1))
      return {};
    Arguments copy = inner;
    if (isTrue(test ? test->call(run, item, copy) : item) == keeps)
      chosen.push_back((*items)[i]);
  }
  return run.failed() ? Value() : run.iterator(std::move(chosen));
}

constexpr Builtin filters[] = {
    {"count", length},
    {"dictsort", dictSort},
    {"first", first},
    {"items", items},
    {"join", join},
    {"last", last},
    {"length", length},
    {"list", toList},
    {"map", map},
    {"max", extreme<1>},
    {"min", extreme<-1>},
    {"reject", choose<false, false>},
    {"rejectattr", choose<false, true>},
    {"reverse", reverse},
    {"select", choose<true, false>},
    {"selectattr", choose<true, true>},
    {"sort", sort},
    {"sum", sum},
    {"unique", unique},
};

} // namespace

const Builtin *findSequenceFilter(std::string_view name) {
  for (const Builtin &filter : filters)
    if (filter.name == name)
      return &filter;
  return nullptr;
}

} // namespace sinter::chat
