//===- Builtins.h - Filters, tests, functions and methods -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Everything a template can name that it did not define itself. The parser
// asks these tables so that a template naming more is refused when compiling.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_BUILTINS_H
#define SINTER_RUNTIME_CHAT_BUILTINS_H

#include "runtime/chat/Value.h"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace sinter::chat {

class Evaluator;
class Run;

/// The arguments of one call.
struct Arguments {
  Values positional;
  std::vector<std::pair<std::string, Value>> keywords;

  /// Sorts the arguments under the parameters' names; fails the run for too
  /// many, unknown, doubled, and for the first `required` not given.
  bool bind(Run &run, std::string_view callee,
            std::initializer_list<const char *> names, size_t required = 0);
  /// After bind: the i-th parameter, or null where it was not given.
  const Value *get(size_t i) const {
    return i < bound.size() && bound[i] ? &*bound[i] : nullptr;
  }
  const Value &operator[](size_t i) const { return *bound[i]; }
  /// After bind: the i-th parameter's truth, `otherwise` where not given.
  bool flag(size_t i, bool otherwise = false) const;
  /// After bind: the i-th parameter as an integer; fails for another type.
  int64_t integer(Run &run, size_t i, int64_t otherwise) const;

private:
  std::vector<std::optional<Value>> bound;
};

struct Builtin {
  const char *name;
  Value (*call)(Evaluator &run, const Value &input, Arguments &args);
};

/// The filter, test or function of that name, or null if there is none.
const Builtin *findFilter(std::string_view name);
const Builtin *findTest(std::string_view name);
const Builtin *findFunction(std::string_view name);

/// Whether some type has a method of that name that can be called.
bool isMethodName(std::string_view name);

/// Whether Python's type of `self` has an attribute `name`, callable here or
/// not: it hides a dict's key of the same name.
bool hasPythonAttribute(const Value &self, std::string_view name);

/// Calls self.name(args).
Value callMethod(Evaluator &run, const Value &self, const std::string &name,
                 Arguments &args);

/// String methods, those of callMethod for Kind::String.
Value callStringMethod(Evaluator &run, const MarkedText &self,
                       std::string_view name, Arguments &args);

/// Python's str.lower() and the like; fail for letters outside ASCII.
enum class Case { Lower, Upper, Title, Capital, Swap };
Value changeCase(Run &run, MarkedText text, Case how);

/// A copy with occurrences of `from` replaced; all of them if count < 0.
Value replaceText(Run &run, const MarkedText &text, const std::string &from,
                  const MarkedText &to, int64_t count);

/// a op b for the arithmetic of Ast.h.
Value add(Run &run, const Value &a, const Value &b);
Value subtract(Run &run, const Value &a, const Value &b);
Value multiply(Run &run, const Value &a, const Value &b);
Value divide(Run &run, const Value &a, const Value &b);
Value floorDivide(Run &run, const Value &a, const Value &b);
Value modulo(Run &run, const Value &a, const Value &b);
Value power(Run &run, const Value &a, const Value &b);
Value negate(Run &run, const Value &a);

/// Python's ordering: -1, 0, 1, or 2 for NaN; fails where there is none.
int order(Run &run, const Value &a, const Value &b);

/// Python's `item in container`.
bool contains(Run &run, const Value &container, const Value &item);

/// container[key] as Jinja does it: undefined where there is none.
Value getItem(Run &run, const Value &container, const Value &key);

/// object.name as Jinja does it.
Value getAttribute(Run &run, const Value &object, const std::string &name);

/// container[start:stop:step]; null bounds are absent.
Value slice(Run &run, const Value &container, const Value *start,
            const Value *stop, const Value *step);

/// The items of an iterable, in order; an iterator is used up.
std::optional<Values> iterate(Run &run, const Value &value);

/// Python's len(value); none where it has none.
std::optional<int64_t> lengthOf(const Value &value);

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_BUILTINS_H
