//===- Evaluator.h - Rendering a parsed chat template -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Walks the tree once. Names are looked up in the scopes around at the moment
// of use, which gives what Jinja's compiled lookups give.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_EVALUATOR_H
#define SINTER_RUNTIME_CHAT_EVALUATOR_H

#include "runtime/chat/Builtins.h"
#include "runtime/chat/Run.h"

#include <ctime>

namespace sinter::chat {

/// Names set in one body; `parent` is the body around it, or where a macro
/// was defined.
struct Scope {
  std::vector<std::pair<std::string, Value>> names;
  std::shared_ptr<Scope> parent;
  Value *find(const std::string &name);
  void set(const std::string &name, Value value);
};
using ScopePtr = std::shared_ptr<Scope>;

class Evaluator : public Run {
public:
  /// `globals` are the template's variables, `now` the time it is told.
  Evaluator(Value globals, std::time_t now);
  ~Evaluator();

  /// Renders `body`; nothing of use when failed().
  MarkedText render(const std::vector<Stmt> &body);

  /// Calls a macro, method or function with arguments.
  Value call(const Value &callee, Arguments &args);

  /// namespace(...), kept until the end so that cycles are freed.
  Value makeNamespace(Entries attributes);

  const std::time_t now;

private:
  enum class Flow : uint8_t { Next, Break, Continue };

  Flow run(const std::vector<Stmt> &body, const ScopePtr &scope,
           MarkedText &out);
  Flow runOne(const Stmt &stmt, const ScopePtr &scope, MarkedText &out);
  Flow runFor(const Stmt &stmt, const ScopePtr &scope, MarkedText &out);
  void runWith(const Stmt &stmt, const ScopePtr &scope, MarkedText &out);
  void emit(MarkedText &out, const MarkedText &text);
  Value runBuffered(const Stmt &stmt, const ScopePtr &scope);
  void assign(const Expr &target, Value value, const ScopePtr &scope);
  void assignTuple(const Expr &target, const Value &value,
                   const ScopePtr &scope);
  Value callMacro(const Value &macro, Arguments &args);

  Value eval(const Expr &expr, const ScopePtr &scope);
  Value evalNode(const Expr &expr, const ScopePtr &scope);
  Value evalName(const Expr &expr, const ScopePtr &scope);
  Value evalItems(const Expr &expr, const ScopePtr &scope);
  Value evalDict(const Expr &expr, const ScopePtr &scope);
  Value evalSlice(const Expr &expr, const ScopePtr &scope);
  Value evalCall(const Expr &expr, const ScopePtr &scope);
  Value evalApplied(const Expr &expr, const Value *input,
                    const ScopePtr &scope);
  Value applyFilters(const Expr *chain, Value input, const ScopePtr &scope);
  Value evalCompare(const Expr &expr, const ScopePtr &scope);
  bool holds(Compare compare, const Value &a, const Value &b);
  Value evalConcat(const Expr &expr, const ScopePtr &scope);
  Value evalBinary(const Expr &expr, const ScopePtr &scope);
  bool evalArguments(const Expr &expr, const ScopePtr &scope, Arguments &args);

  // Values within values and calls within calls; a level takes about 1 KiB.
  static constexpr uint32_t maxDepth = 1000;

  friend struct LoopObject;
  Value globals;
  uint32_t depth = 0;
  std::vector<std::shared_ptr<Object>> namespaces;
};

/// What `loop` names inside a for: the items still to come, those around the
/// current one, and the counts. The filter runs as late as Jinja's does.
struct LoopObject : Object {
  Evaluator *evaluator = nullptr;
  const Stmt *stmt = nullptr;
  ScopePtr scope; // around the loop
  Value source;   // the iterator that is being used up
  std::optional<int64_t> length;
  std::optional<Value> after, current, before;
  int64_t index0 = -1;
  bool filtered = false; // what `source` still holds has passed the filter
  std::optional<Value> changed; // last arguments of loop.changed()

  /// Moves on; false at the end or on failure.
  bool advance();
  /// The item after this one, read early; null at the end.
  const Value *peek();
  int64_t count();
  Value attribute(const std::string &name);
  /// loop.cycle(...) and loop.changed(...).
  Value call(const std::string &name, Arguments &args);

private:
  std::optional<Value> pull();
};

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_EVALUATOR_H
