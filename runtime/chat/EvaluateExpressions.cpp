//===- EvaluateExpressions.cpp - Rendering: expressions ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One function per form of expression.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/PythonText.h"

namespace sinter::chat {

Value Evaluator::eval(const Expr &expr, const ScopePtr &scope) {
  if (failed() || !charge(1))
    return {};
  at = expr.at;
  if (depth >= maxDepth)
    return fail("the template calls itself too deep");
  ++depth;
  Value value = evalNode(expr, scope);
  --depth;
  return failed() ? Value() : value;
}

Value Evaluator::evalNode(const Expr &expr, const ScopePtr &scope) {
  switch (expr.op) {
  case Op::Literal:
    return expr.literal;
  case Op::Name:
    return evalName(expr, scope);
  case Op::List:
  case Op::Tuple:
    return evalItems(expr, scope);
  case Op::Dict:
    return evalDict(expr, scope);
  case Op::Attribute: {
    Value object = eval(*expr.children[0], scope);
    at = expr.at;
    if (failed())
      return {};
    // The parser lets `loop` stand only before a dot, so no loop escapes.
    return object.is(Kind::Loop) ? object.as<LoopObject>().attribute(expr.text)
                                 : getAttribute(*this, object, expr.text);
  }
  case Op::Item: {
    Value object = eval(*expr.children[0], scope);
    Value key = eval(*expr.children[1], scope);
    at = expr.at;
    return failed() ? Value() : getItem(*this, object, key);
  }
  case Op::Slice:
    return evalSlice(expr, scope);
  case Op::Call:
    return evalCall(expr, scope);
  case Op::Filter:
  case Op::Test:
    return evalApplied(expr, nullptr, scope);
  case Op::Not:
    return Value::boolean(!isTrue(eval(*expr.children[0], scope)));
  case Op::Negate:
  case Op::Plus: {
    Value value = eval(*expr.children[0], scope);
    at = expr.at;
    if (failed())
      return {};
    Value zero = Value::integral(0);
    return (expr.op == Op::Negate ? negate(*this, value)
                                  : subtract(*this, value, zero))
        .withOutside(value.outside);
  }
  case Op::And:
  case Op::Or: {
    Value left = eval(*expr.children[0], scope);
    bool decided = isTrue(left) == (expr.op == Op::Or);
    return decided || failed() ? left : eval(*expr.children[1], scope);
  }
  case Op::Conditional: {
    bool holds = isTrue(eval(*expr.children[0], scope));
    const ExprPtr &chosen = expr.children[holds ? 1 : 2];
    return chosen && !failed() ? eval(*chosen, scope) : Value();
  }
  case Op::Concat:
    return evalConcat(expr, scope);
  case Op::Compare:
    return evalCompare(expr, scope);
  default:
    return evalBinary(expr, scope);
  }
}

Value Evaluator::evalName(const Expr &expr, const ScopePtr &scope) {
  const std::string &name = expr.text;
  for (Scope *s = scope.get(); s; s = s->parent.get()) {
    if (!charge(1))
      return {};
    if (Value *value = s->find(name))
      return *value;
  }
  if (const Value *value = globals.as<Dictionary>().find(name))
    return *value;
  if (!findFunction(name))
    return Value::undefined(name);
  Value function = plain(name);
  if (!failed())
    function.kind = Kind::Function;
  return function;
}

Value Evaluator::evalItems(const Expr &expr, const ScopePtr &scope) {
  Values items;
  for (const ExprPtr &child : expr.children)
    items.push_back(eval(*child, scope));
  return failed() ? Value()
                  : list(std::move(items),
                         expr.op == Op::List ? Kind::List : Kind::Tuple);
}

Value Evaluator::evalDict(const Expr &expr, const ScopePtr &scope) {
  Entries entries;
  for (size_t i = 0; i + 1 < expr.children.size(); i += 2) {
    Value key = eval(*expr.children[i], scope);
    entries.emplace_back(std::move(key), eval(*expr.children[i + 1], scope));
  }
  at = expr.at;
  return failed() ? Value() : dict(std::move(entries));
}

Value Evaluator::evalSlice(const Expr &expr, const ScopePtr &scope) {
  Value object = eval(*expr.children[0], scope);
  std::optional<Value> bounds[3];
  for (int i = 0; i < 3; ++i)
    if (const ExprPtr &bound = expr.children[i + 1])
      bounds[i] = eval(*bound, scope);
  at = expr.at;
  if (failed())
    return {};
  auto pointer = [](std::optional<Value> &v) { return v ? &*v : nullptr; };
  return slice(*this, object, pointer(bounds[0]), pointer(bounds[1]),
               pointer(bounds[2]));
}

bool Evaluator::evalArguments(const Expr &expr, const ScopePtr &scope,
                              Arguments &args) {
  for (size_t i = 1; i < expr.children.size(); ++i)
    args.positional.push_back(eval(*expr.children[i], scope));
  for (const auto &[name, value] : expr.keywords)
    args.keywords.emplace_back(name, eval(*value, scope));
  at = expr.at;
  return !failed();
}

Value Evaluator::evalCall(const Expr &expr, const ScopePtr &scope) {
  const Expr &callee = *expr.children[0];
  Value loop;
  if (callee.op == Op::Attribute && callee.children[0]->text == "loop")
    loop = eval(*callee.children[0], scope);
  Value called = loop.is(Kind::Loop) ? loop : eval(callee, scope);
  Arguments args;
  if (!evalArguments(expr, scope, args))
    return {};
  return loop.is(Kind::Loop) ? loop.as<LoopObject>().call(callee.text, args)
                             : call(called, args);
}

/// A filter or test; `input` replaces its first operand if given.
Value Evaluator::evalApplied(const Expr &expr, const Value *input,
                             const ScopePtr &scope) {
  Value first = input ? *input : eval(*expr.children[0], scope);
  Arguments args;
  if (failed() || !evalArguments(expr, scope, args))
    return {};
  return expr.builtin->call(*this, first, args);
}

/// Runs a chain of filters whose innermost has no operand on `input`.
Value Evaluator::applyFilters(const Expr *chain, Value input,
                              const ScopePtr &scope) {
  if (!chain || failed())
    return input;
  const Expr *inner = chain->children[0].get();
  Value value = applyFilters(inner, std::move(input), scope);
  return failed() ? Value() : evalApplied(*chain, &value, scope);
}

bool Evaluator::holds(Compare compare, const Value &a, const Value &b) {
  switch (compare) {
  case Compare::Eq:
  case Compare::Ne:
    charge(std::min(extentOf(a).weight, extentOf(b).weight));
    return equals(a, b) == (compare == Compare::Eq);
  case Compare::In:
  case Compare::NotIn:
    return contains(*this, b, a) == (compare == Compare::In);
  default:
    break;
  }
  int result = order(*this, a, b);
  switch (compare) {
  case Compare::Lt:
    return result == -1;
  case Compare::Le:
    return result == -1 || result == 0;
  case Compare::Gt:
    return result == 1;
  default:
    return result == 1 || result == 0;
  }
}

Value Evaluator::evalCompare(const Expr &expr, const ScopePtr &scope) {
  Value left = eval(*expr.children[0], scope);
  for (size_t i = 0; i < expr.compares.size(); ++i) {
    Value right = eval(*expr.children[i + 1], scope);
    at = expr.at;
    if (failed() || !holds(expr.compares[i], left, right))
      return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Evaluator::evalConcat(const Expr &expr, const ScopePtr &scope) {
  MarkedText text;
  for (const ExprPtr &child : expr.children) {
    Value value = eval(*child, scope);
    at = expr.at;
    if (!failed())
      emit(text, toString(*this, value));
  }
  return failed() ? Value() : string(std::move(text));
}

static Value calculate(Run &run, Op op, const Value &a, const Value &b) {
  switch (op) {
  case Op::Add:
    return add(run, a, b);
  case Op::Subtract:
    return subtract(run, a, b);
  case Op::Multiply:
    return multiply(run, a, b);
  case Op::Divide:
    return divide(run, a, b);
  case Op::FloorDivide:
    return floorDivide(run, a, b);
  case Op::Modulo:
    return modulo(run, a, b);
  default:
    return power(run, a, b);
  }
}

Value Evaluator::evalBinary(const Expr &expr, const ScopePtr &scope) {
  Value a = eval(*expr.children[0], scope);
  Value b = eval(*expr.children[1], scope);
  at = expr.at;
  if (failed())
    return {};
  return calculate(*this, expr.op, a, b).withOutside(a.outside || b.outside);
}

} // namespace sinter::chat
