//===- Evaluator.cpp - Rendering: statements --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Tags, scopes, macros and loops.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"

#include "runtime/chat/PythonText.h"

namespace sinter::chat {

namespace {

struct MacroObject : Object {
  const Stmt *definition = nullptr;
  // Weak: the scope holds the macro.
  std::weak_ptr<Scope> scope;
};

} // namespace

Value *Scope::find(const std::string &name) {
  for (auto &[known, value] : names)
    if (known == name)
      return &value;
  return nullptr;
}

void Scope::set(const std::string &name, Value value) {
  if (Value *old = find(name))
    *old = std::move(value);
  else
    names.emplace_back(name, std::move(value));
}

Evaluator::Evaluator(Value globals, std::time_t now)
    : now(now), globals(std::move(globals)) {}

Evaluator::~Evaluator() {
  for (auto &object : namespaces)
    static_cast<NamespaceObject *>(object.get())->attributes.clear();
}

Value Evaluator::makeNamespace(Entries attributes) {
  auto object = std::make_shared<NamespaceObject>();
  object->attributes = std::move(attributes);
  namespaces.push_back(object);
  Value v;
  v.kind = Kind::Namespace;
  v.object = std::move(object);
  return v;
}

MarkedText Evaluator::render(const std::vector<Stmt> &body) {
  MarkedText out;
  run(body, std::make_shared<Scope>(), out);
  return out;
}

void Evaluator::emit(MarkedText &out, const MarkedText &text) {
  if (charge(text))
    out.append(text);
}

Evaluator::Flow Evaluator::run(const std::vector<Stmt> &body,
                               const ScopePtr &scope, MarkedText &out) {
  if (++depth > maxDepth)
    fail("the template calls itself too deep");
  Flow flow = Flow::Next;
  for (const Stmt &stmt : body) {
    at = stmt.at;
    if (failed() || !charge(1))
      break;
    flow = runOne(stmt, scope, out);
    if (flow != Flow::Next)
      break;
  }
  --depth;
  return flow;
}

Evaluator::Flow Evaluator::runOne(const Stmt &stmt, const ScopePtr &scope,
                                  MarkedText &out) {
  switch (stmt.action) {
  case Action::Data:
    if (charge(stmt.text.size() / 16))
      out.append(stmt.text, /*isMarked=*/false);
    break;
  case Action::Print: {
    Value value = eval(*stmt.value, scope);
    if (!failed())
      emit(out, toString(*this, value));
    break;
  }
  case Action::If: {
    bool holds = isTrue(eval(*stmt.value, scope));
    return failed() ? Flow::Next
                    : run(holds ? stmt.body : stmt.otherwise, scope, out);
  }
  case Action::For:
    return runFor(stmt, scope, out);
  case Action::Set:
    assign(*stmt.target, eval(*stmt.value, scope), scope);
    break;
  case Action::SetBlock:
    assign(*stmt.target, runBuffered(stmt, scope), scope);
    break;
  case Action::Macro: {
    auto macro = std::make_shared<MacroObject>();
    macro->definition = &stmt;
    macro->scope = scope;
    Value value;
    value.kind = Kind::Macro;
    value.object = std::move(macro);
    scope->set(stmt.text, std::move(value));
    break;
  }
  case Action::Filter: {
    Value value = runBuffered(stmt, scope);
    if (!failed())
      emit(out, toString(*this, value));
    break;
  }
  case Action::With:
    runWith(stmt, scope, out);
    break;
  case Action::Scope: {
    Value value = runBuffered(stmt, scope);
    if (!failed())
      emit(out, value.marked());
    break;
  }
  case Action::Break:
    return Flow::Break;
  case Action::Continue:
    return Flow::Continue;
  }
  return Flow::Next;
}

/// The text of the statement's body, through its filters if it has some.
Value Evaluator::runBuffered(const Stmt &stmt, const ScopePtr &scope) {
  auto inner = std::make_shared<Scope>();
  inner->parent = scope;
  MarkedText text;
  run(stmt.body, inner, text);
  if (failed())
    return {};
  Value value = string(std::move(text));
  return applyFilters(stmt.value.get(), std::move(value), inner);
}

void Evaluator::runWith(const Stmt &stmt, const ScopePtr &scope,
                        MarkedText &out) {
  auto inner = std::make_shared<Scope>();
  inner->parent = scope;
  for (const auto &[name, value] : stmt.parameters)
    inner->names.emplace_back(name, eval(*value, scope));
  if (!failed())
    run(stmt.body, inner, out);
}

void Evaluator::assignTuple(const Expr &target, const Value &value,
                            const ScopePtr &scope) {
  std::optional<Values> items = iterate(*this, value);
  if (!items || failed())
    return;
  if (items->size() != target.children.size()) {
    fail("cannot unpack " + std::to_string(items->size()) + " values into " +
         std::to_string(target.children.size()) + " names");
    return;
  }
  for (size_t i = 0; i < items->size(); ++i)
    assign(*target.children[i], std::move((*items)[i]), scope);
}

void Evaluator::assign(const Expr &target, Value value, const ScopePtr &scope) {
  if (failed())
    return;
  at = target.at;
  if (target.op == Op::Name)
    return scope->set(target.text, std::move(value));
  if (target.op == Op::Tuple)
    return assignTuple(target, value, scope);
  Value object = evalName(*target.children[0], scope);
  if (!object.is(Kind::Namespace)) {
    fail("'" + target.children[0]->text +
         "' is no namespace: its attributes cannot be set");
    return;
  }
  Entries &attributes = object.as<NamespaceObject>().attributes;
  for (auto &[key, old] : attributes) {
    if (key.text() != target.text)
      continue;
    old = std::move(value);
    return;
  }
  attributes.emplace_back(plain(target.text), std::move(value));
}

Value Evaluator::callMacro(const Value &macro, Arguments &args) {
  const Stmt &definition = *macro.as<MacroObject>().definition;
  ScopePtr outer = macro.as<MacroObject>().scope.lock();
  if (!outer)
    return fail("the macro '" + definition.text + "' is out of its scope");
  size_t count = definition.parameters.size();
  if (args.positional.size() > count)
    return fail("the macro '" + definition.text + "' takes at most " +
                std::to_string(count) + " arguments");
  auto inner = std::make_shared<Scope>();
  inner->parent = outer;
  // All that is given is bound before the first default is evaluated.
  size_t used = 0;
  std::vector<bool> bound(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string &name = definition.parameters[i].first;
    const Value *given =
        i < args.positional.size() ? &args.positional[i] : nullptr;
    for (const auto &[key, value] : args.keywords)
      if (!given && key == name) {
        given = &value;
        ++used;
      }
    bound[i] = given;
    inner->set(name, given ? *given : Value::undefined(name));
  }
  if (used < args.keywords.size())
    return fail("the macro '" + definition.text +
                "' is given an argument it does not take");
  for (size_t i = 0; i < count && !failed(); ++i)
    if (const auto &[name, initial] = definition.parameters[i];
        initial && !bound[i])
      inner->set(name, eval(*initial, inner));
  MarkedText out;
  run(definition.body, inner, out);
  return failed() ? Value() : string(std::move(out));
}

Value Evaluator::call(const Value &callee, Arguments &args) {
  switch (callee.kind) {
  case Kind::Macro: {
    Position where = at;
    Value result = callMacro(callee, args);
    at = where;
    return result;
  }
  case Kind::Method: {
    const auto &method = callee.as<BoundMethod>();
    return callMethod(*this, method.self, method.name, args);
  }
  case Kind::Function:
    return findFunction(callee.text())->call(*this, callee, args);
  case Kind::Undefined:
    return fail("'" + callee.text() + "' is undefined");
  default:
    return fail(std::string("a ") + typeName(callee) + " cannot be called");
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// The next item that passes the filter.
std::optional<Value> LoopObject::pull() {
  auto &cursor = source.as<Cursor>();
  while (cursor.next < cursor.items.size() && evaluator->charge(1)) {
    Value item = cursor.items[cursor.next++];
    if (!stmt->test || filtered)
      return item;
    auto inner = std::make_shared<Scope>();
    inner->parent = scope;
    evaluator->assign(*stmt->target, item, inner);
    bool passes = isTrue(evaluator->eval(*stmt->test, inner));
    if (evaluator->failed())
      return std::nullopt;
    if (passes)
      return item;
  }
  return std::nullopt;
}

bool LoopObject::advance() {
  std::optional<Value> item =
      after ? std::exchange(after, std::nullopt) : pull();
  if (!item || evaluator->failed())
    return false;
  ++index0;
  before = std::move(current);
  current = std::move(item);
  return true;
}

const Value *LoopObject::peek() {
  if (!after)
    after = pull();
  return after ? &*after : nullptr;
}

int64_t LoopObject::count() {
  if (length)
    return *length;
  Values rest;
  while (std::optional<Value> item = pull())
    rest.push_back(std::move(*item));
  length = int64_t(rest.size()) + index0 + 1 + after.has_value();
  // Reading on must not filter again, nor use up the template's own iterator.
  source = evaluator->iterator(std::move(rest));
  filtered = true;
  return *length;
}

Value LoopObject::attribute(const std::string &name) {
  if (name == "index0")
    return Value::integral(index0);
  if (name == "index")
    return Value::integral(index0 + 1);
  if (name == "first")
    return Value::boolean(index0 == 0);
  if (name == "last")
    return Value::boolean(!peek());
  if (name == "length")
    return Value::integral(count());
  if (name == "revindex")
    return Value::integral(count() - index0);
  if (name == "revindex0")
    return Value::integral(count() - index0 - 1);
  if (name == "depth")
    return Value::integral(1);
  if (name == "depth0")
    return Value::integral(0);
  if (name == "previtem")
    return before && index0 > 0 ? *before : Value::undefined(name);
  if (name == "nextitem") {
    const Value *next = peek();
    return next ? *next : Value::undefined(name);
  }
  return evaluator->fail("loop." + name + " is not supported");
}

Value LoopObject::call(const std::string &name, Arguments &args) {
  if (!args.keywords.empty() || (name != "cycle" && name != "changed"))
    return evaluator->fail("this call of loop." + name + " is not supported");
  if (name == "cycle" && args.positional.empty())
    return evaluator->fail("loop.cycle needs an argument");
  if (name == "cycle")
    return args.positional[index0 % args.positional.size()];
  Value given = evaluator->list(std::move(args.positional), Kind::Tuple);
  bool differs = !changed || !equals(*changed, given);
  changed = std::move(given);
  return Value::boolean(differs);
}

Evaluator::Flow Evaluator::runFor(const Stmt &stmt, const ScopePtr &scope,
                                  MarkedText &out) {
  Value iterable = eval(*stmt.value, scope);
  at = stmt.at;
  if (failed())
    return Flow::Next;
  auto loop = std::make_shared<LoopObject>();
  loop->evaluator = this;
  loop->stmt = &stmt;
  loop->scope = scope;
  loop->source = iterable;
  if (!iterable.is(Kind::Iterator)) {
    std::optional<Values> items = iterate(*this, iterable);
    if (!items || failed())
      return Flow::Next;
    if (!stmt.test)
      loop->length = items->size();
    loop->source = iterator(std::move(*items));
  }
  Value self;
  self.kind = Kind::Loop;
  self.object = loop;
  // As in Jinja, an iteration that breaks or continues does not count.
  bool any = false;
  while (!failed() && loop->advance() && charge(1)) {
    auto inner = std::make_shared<Scope>();
    inner->parent = scope;
    inner->set("loop", self);
    assign(*stmt.target, *loop->current, inner);
    Flow flow = failed() ? Flow::Next : run(stmt.body, inner, out);
    any |= flow == Flow::Next;
    at = stmt.at;
    if (flow == Flow::Break)
      break;
  }
  if (any || failed())
    return Flow::Next;
  auto inner = std::make_shared<Scope>();
  inner->parent = scope;
  return run(stmt.otherwise, inner, out);
}

} // namespace sinter::chat
