//===- Methods.cpp - Methods of Python's built-in types ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Which attributes each type has, since they hide a dict's keys, and those
// that templates can call. The sandbox that templates are written for refuses
// the methods that change lists and dicts, and so do we.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"

#include <algorithm>

namespace sinter::chat {

namespace {

// Sorted. All attributes of the type but those that begin with two
// underscores.
constexpr std::string_view strNames[] = {
    "capitalize",   "casefold",     "center",    "count",     "encode",
    "endswith",     "expandtabs",   "find",      "format",    "format_map",
    "index",        "isalnum",      "isalpha",   "isascii",   "isdecimal",
    "isdigit",      "isidentifier", "islower",   "isnumeric", "isprintable",
    "isspace",      "istitle",      "isupper",   "join",      "ljust",
    "lower",        "lstrip",       "maketrans", "partition", "removeprefix",
    "removesuffix", "replace",      "rfind",     "rindex",    "rjust",
    "rpartition",   "rsplit",       "rstrip",    "split",     "splitlines",
    "startswith",   "strip",        "swapcase",  "title",     "translate",
    "upper",        "zfill"};
constexpr std::string_view dictNames[] = {
    "clear", "copy",    "fromkeys",   "get",    "items", "keys",
    "pop",   "popitem", "setdefault", "update", "values"};
constexpr std::string_view listNames[] = {
    "append", "clear", "copy",   "count",   "extend", "index",
    "insert", "pop",   "remove", "reverse", "sort"};
constexpr std::string_view tupleNames[] = {"count", "index"};
constexpr std::string_view rangeNames[] = {"count", "index", "start", "step",
                                           "stop"};
constexpr std::string_view viewNames[] = {"isdisjoint", "mapping"};
constexpr std::string_view iteratorNames[] = {
    "close",        "gi_code",      "gi_frame", "gi_running",
    "gi_suspended", "gi_yieldfrom", "send",     "throw"};
constexpr std::string_view intNames[] = {
    "as_integer_ratio", "bit_count",  "bit_length", "conjugate",
    "denominator",      "from_bytes", "imag",       "is_integer",
    "numerator",        "real",       "to_bytes"};
constexpr std::string_view floatNames[] = {
    "as_integer_ratio", "conjugate", "fromhex", "hex", "imag",
    "is_integer",       "real"};

// Sorted. What callStringMethod knows.
constexpr std::string_view strCalls[] = {
    "capitalize", "count",    "endswith",  "find",         "index",
    "isalnum",    "isalpha",  "isdecimal", "isdigit",      "islower",
    "isnumeric",  "isspace",  "isupper",   "join",         "ljust",
    "lower",      "lstrip",   "partition", "removeprefix", "removesuffix",
    "replace",    "rfind",    "rindex",    "rjust",        "rpartition",
    "rsplit",     "rstrip",   "split",     "splitlines",   "startswith",
    "strip",      "swapcase", "title",     "upper",        "zfill"};
constexpr std::string_view otherCalls[] = {"changed", "copy", "count",
                                           "cycle",   "get",  "index",
                                           "items",   "keys", "values"};

template <size_t n>
bool among(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

Value callDictMethod(Evaluator &run, const Value &self, std::string_view name,
                     Arguments &args) {
  const Entries &entries = self.as<Dictionary>().entries;
  if (!args.keywords.empty())
    return run.fail("a dict's methods take no named arguments");
  if (name == "get") {
    if (!args.bind(run, "get", {"key", "default"}, 1))
      return {};
    if (!isHashable(args[0]))
      return run.fail(std::string("a ") + typeName(args[0]) +
                      " cannot be a dict's key");
    run.charge(entries.size() / 16);
    const Value *found = self.as<Dictionary>().find(args[0]);
    return found ? *found : args.get(1) ? args[1] : Value::none();
  }
  if (!args.bind(run, name, {}))
    return {};
  if (name == "copy")
    return self;
  Values items;
  for (const auto &[key, value] : entries)
    items.push_back(name == "keys"     ? key
                    : name == "values" ? value
                                       : run.list({key, value}, Kind::Tuple));
  const char *view = name == "keys"     ? "dict_keys"
                     : name == "values" ? "dict_values"
                                        : "dict_items";
  return run.failed() ? Value() : run.view(view, std::move(items));
}

Value callListMethod(Evaluator &run, const Value &self, std::string_view name,
                     Arguments &args) {
  if (name == "copy")
    return args.bind(run, name, {}) ? self : Value();
  if (!args.bind(run, name, {"value"}, 1))
    return {};
  int64_t count = 0, at = 0;
  for (const Value &item : self.as<Sequence>().items) {
    if (!run.charge(std::min(extentOf(item).weight, extentOf(args[0]).weight)))
      return {};
    bool same = equals(item, args[0]);
    if (same && name == "index")
      return Value::integral(at);
    count += same;
    ++at;
  }
  return name == "count" ? Value::integral(count)
                         : run.fail("the value is not in the list");
}

} // namespace

bool isMethodName(std::string_view name) {
  return among(strCalls, name) || among(otherCalls, name);
}

bool hasPythonAttribute(const Value &self, std::string_view name) {
  switch (self.kind) {
  case Kind::String:
    return among(strNames, name);
  case Kind::Dict:
    return among(dictNames, name);
  case Kind::List:
    return among(listNames, name);
  case Kind::Tuple:
    return among(tupleNames, name);
  case Kind::Range:
    return among(rangeNames, name);
  case Kind::View:
    return among(viewNames, name);
  case Kind::Iterator:
    return among(iteratorNames, name);
  case Kind::Bool:
  case Kind::Int:
    return among(intNames, name);
  case Kind::Float:
    return among(floatNames, name);
  default:
    return false;
  }
}

Value callMethod(Evaluator &run, const Value &self, const std::string &name,
                 Arguments &args) {
  if (self.is(Kind::String) && among(strCalls, name))
    return callStringMethod(run, self.marked(), name, args);
  bool known = name == "copy" || name == "get" || name == "items" ||
               name == "keys" || name == "values";
  if (self.is(Kind::Dict) && known)
    return callDictMethod(run, self, name, args);
  bool ordered = self.is(Kind::List) || self.is(Kind::Tuple);
  if (ordered && (name == "copy" || name == "count" || name == "index"))
    return callListMethod(run, self, name, args);
  return run.fail(std::string("the method '") + name + "' of a " +
                  typeName(self) + " is not supported");
}

} // namespace sinter::chat
