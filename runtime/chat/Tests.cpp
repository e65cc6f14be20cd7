//===- Tests.cpp - Tests of chat templates ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What may stand behind `is`.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/PythonText.h"

namespace sinter::chat {

namespace {

bool isText(const Value &v) { return v.is(Kind::String) || v.is(Kind::Markup); }

bool isSequence(const Value &v) {
  return isText(v) || v.is(Kind::List) || v.is(Kind::Tuple) ||
         v.is(Kind::Dict) || v.is(Kind::Range) || v.is(Kind::Undefined);
}

bool isIterable(const Value &v) {
  return isSequence(v) || v.is(Kind::View) || v.is(Kind::Iterator);
}

bool isCallable(const Value &v) {
  return v.is(Kind::Macro) || v.is(Kind::Method) || v.is(Kind::Function) ||
         v.is(Kind::Undefined);
}

/// A test that only looks at its operand.
template <bool (*holds)(const Value &)>
Value plain(Evaluator &run, const Value &v, Arguments &args) {
  args.bind(run, "the test", {});
  return Value::boolean(holds(v));
}

template <Kind kind> bool hasKind(const Value &v) { return v.is(kind); }
bool isDefined(const Value &v) { return !v.is(Kind::Undefined); }
bool isNumberTest(const Value &v) { return v.isNumber(); }
bool isLiterallyTrue(const Value &v) { return v.is(Kind::Bool) && v.integer; }
bool isLiterallyFalse(const Value &v) { return v.is(Kind::Bool) && !v.integer; }

template <int want>
Value hasRest(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "the test", {}))
    return {};
  Value rest = modulo(run, v, Value::integral(2));
  return Value::boolean(equals(rest, Value::integral(want)));
}

Value divides(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "divisibleby", {"num"}, 1))
    return {};
  return Value::boolean(equals(modulo(run, v, args[0]), Value::integral(0)));
}

template <Compare compare>
Value compares(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "the test", {"b"}, 1))
    return {};
  if (compare == Compare::In)
    return Value::boolean(contains(run, args[0], v));
  if (compare == Compare::Eq || compare == Compare::Ne) {
    run.charge(std::min(extentOf(v).weight, extentOf(args[0]).weight));
    return Value::boolean(equals(v, args[0]) == (compare == Compare::Eq));
  }
  int result = order(run, v, args[0]);
  bool equal = result == 0;
  return Value::boolean(compare == Compare::Lt   ? result == -1
                        : compare == Compare::Le ? result == -1 || equal
                        : compare == Compare::Gt ? result == 1
                                                 : result == 1 || equal);
}

/// str(value).islower() or isupper(): some letter, none of the other case.
template <char first, char otherFirst>
Value isCased(Evaluator &run, const Value &v, Arguments &args) {
  if (!args.bind(run, "the test", {}))
    return {};
  std::string text = toString(run, v).bytes;
  if (!isAscii(text))
    return run.fail("the case of text outside ASCII is not supported");
  bool any = false;
  for (char c : text) {
    if (c >= otherFirst && c <= otherFirst + 25)
      return Value::boolean(false);
    any |= c >= first && c <= first + 25;
  }
  return Value::boolean(any);
}

constexpr Builtin tests[] = {
    {"!=", compares<Compare::Ne>},
    {"<", compares<Compare::Lt>},
    {"<=", compares<Compare::Le>},
    {"==", compares<Compare::Eq>},
    {">", compares<Compare::Gt>},
    {">=", compares<Compare::Ge>},
    {"boolean", plain<hasKind<Kind::Bool>>},
    {"callable", plain<isCallable>},
    {"defined", plain<isDefined>},
    {"divisibleby", divides},
    {"eq", compares<Compare::Eq>},
    {"equalto", compares<Compare::Eq>},
    {"even", hasRest<0>},
    {"false", plain<isLiterallyFalse>},
    {"float", plain<hasKind<Kind::Float>>},
    {"ge", compares<Compare::Ge>},
    {"greaterthan", compares<Compare::Gt>},
    {"gt", compares<Compare::Gt>},
    {"in", compares<Compare::In>},
    {"integer", plain<hasKind<Kind::Int>>},
    {"iterable", plain<isIterable>},
    {"le", compares<Compare::Le>},
    {"lessthan", compares<Compare::Lt>},
    {"lower", isCased<'a', 'A'>},
    {"lt", compares<Compare::Lt>},
    {"mapping", plain<hasKind<Kind::Dict>>},
    {"ne", compares<Compare::Ne>},
    {"none", plain<hasKind<Kind::None>>},
    {"number", plain<isNumberTest>},
    {"odd", hasRest<1>},
    {"sequence", plain<isSequence>},
    {"string", plain<isText>},
    {"true", plain<isLiterallyTrue>},
    {"undefined", plain<hasKind<Kind::Undefined>>},
    {"upper", isCased<'A', 'a'>},
};

} // namespace

const Builtin *findTest(std::string_view name) {
  for (const Builtin &test : tests)
    if (test.name == name)
      return &test;
  return nullptr;
}

} // namespace sinter::chat
