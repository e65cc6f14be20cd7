//===- Expr.cpp - Evaluates expressions -----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Expr.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace sinter;

namespace {

class Evaluator {
public:
  Evaluator(Scope &scope, Diagnostics &diagnostics)
      : scope(scope), diagnostics(diagnostics) {}

  std::optional<SpecValue> run(const Expr &expr);

private:
  std::nullopt_t fail(const Expr &at, const llvm::Twine &message);
  std::optional<SpecValue> name(const Expr &expr);
  std::optional<SpecValue> call(const Expr &expr);
  std::optional<SpecValue> index(const Expr &expr);
  std::optional<SpecValue> binary(const Expr &expr);
  std::optional<SpecValue> compare(const Expr &expr, const SpecValue &a,
                                   const SpecValue &b);
  std::optional<SpecValue> integers(const Expr &expr, int64_t a, int64_t b);
  std::optional<SpecValue> reals(const Expr &expr, double a, double b);
  std::optional<SpecValue> builtin(const Expr &expr,
                                   llvm::ArrayRef<SpecValue> args);
  std::optional<SpecValue> fold(const Expr &expr,
                                llvm::ArrayRef<SpecValue> args);
  std::optional<SpecValue> round(const Expr &expr, double x);
  std::optional<bool> truth(const Expr &expr);
  std::optional<SpecValue> finite(const Expr &expr, double x) {
    if (!std::isfinite(x))
      return fail(expr, "the result of \"" + expr.name + "\" is not a number");
    return SpecValue(x);
  }

  Scope &scope;
  Diagnostics &diagnostics;
};

constexpr llvm::StringLiteral functionNames[] = {
    "sqrt", "exp", "log", "log2", "floor", "ceil",  "round", "abs",
    "min",  "max", "sum", "len",  "at",    "float", "last"};

} // namespace

void sinter::reportValue(const Scope &scope, SpecLoc loc,
                         llvm::ArrayRef<llvm::StringRef> names,
                         const llvm::Twine &message, Diagnostics &diagnostics) {
  // A list for a hundred layers would hide what is wrong.
  constexpr size_t most = 60;
  std::vector<Scope::Source> keys;
  for (llvm::StringRef name : names)
    scope.sources(name, keys);
  std::string values;
  std::vector<std::string> blamed;
  for (const Scope::Source &source : keys) {
    blamed.push_back(source.key);
    llvm::StringRef value = source.value;
    values += (values.empty() ? "\"" : ", \"") + source.key + "\" is " +
              value.take_front(most).str() + (value.size() > most ? "..." : "");
  }
  if (!diagnostics.blame(blamed))
    return;
  if (keys.empty()) {
    diagnostics.error(loc, message);
  } else {
    diagnostics.error(keys[0].loc, values + ": " + message);
    diagnostics.note(loc, "the spec has it here");
  }
  for (llvm::StringRef name : names)
    scope.explain(name, diagnostics);
}

std::nullopt_t Evaluator::fail(const Expr &at, const llvm::Twine &message) {
  std::vector<llvm::StringRef> names;
  at.listNames(names);
  reportValue(scope, at.loc, names, message, diagnostics);
  return std::nullopt;
}

std::optional<bool> Evaluator::truth(const Expr &expr) {
  std::optional<SpecValue> value = run(expr);
  if (!value)
    return std::nullopt;
  if (const bool *b = value->asBool())
    return *b;
  return fail(expr, "expected true or false, found " + value->print() + " (" +
                        value->typeName() + ")");
}

std::optional<SpecValue> Evaluator::run(const Expr &expr) {
  switch (expr.kind) {
  case Expr::Kind::Constant:
    return expr.constant;
  case Expr::Kind::Name:
    return name(expr);
  case Expr::Kind::Call:
    return call(expr);
  case Expr::Kind::Index:
    return index(expr);
  case Expr::Kind::Binary:
    return binary(expr);
  case Expr::Kind::List: {
    SpecValue::List list;
    for (const Expr &child : expr.children) {
      std::optional<SpecValue> item = run(child);
      if (!item)
        return std::nullopt;
      list.push_back(std::move(*item));
    }
    return SpecValue(std::move(list));
  }
  case Expr::Kind::Negate: {
    std::optional<SpecValue> value = run(expr.children[0]);
    if (!value)
      return std::nullopt;
    if (const int64_t *i = value->asInt())
      return integers(expr, 0, *i);
    if (const double *d = value->asFloat())
      return SpecValue(-*d);
    return fail(expr, "\"-\" needs a number, not " + value->print());
  }
  case Expr::Kind::Not: {
    std::optional<bool> value = truth(expr.children[0]);
    return value ? std::optional<SpecValue>(!*value) : std::nullopt;
  }
  case Expr::Kind::And:
  case Expr::Kind::Or: {
    std::optional<bool> left = truth(expr.children[0]);
    if (!left || *left == (expr.kind == Expr::Kind::Or))
      return left ? std::optional<SpecValue>(*left) : std::nullopt;
    std::optional<bool> right = truth(expr.children[1]);
    return right ? std::optional<SpecValue>(*right) : std::nullopt;
  }
  case Expr::Kind::Else: {
    std::optional<SpecValue> left = run(expr.children[0]);
    return left && left->isNone() ? run(expr.children[1]) : left;
  }
  case Expr::Kind::If: {
    std::optional<bool> condition = truth(expr.children[0]);
    if (!condition)
      return std::nullopt;
    return run(expr.children[*condition ? 1 : 2]);
  }
  }
  return std::nullopt;
}

std::optional<SpecValue> Evaluator::name(const Expr &expr) {
  SpecValue value;
  switch (scope.lookup(expr.name, expr.loc, value)) {
  case Scope::Found::Yes:
    return value;
  case Scope::Found::Failed:
    return std::nullopt;
  case Scope::Found::No:
    break;
  }
  std::vector<llvm::StringRef> names;
  scope.listNames(names);
  std::string near = didYouMean(expr.name, names);
  std::vector<llvm::StringRef> words;
  scope.listWords(words);
  if (near.empty() && !words.empty())
    near = "; the words here are " + listed(words);
  diagnostics.error(expr.loc, "nothing is called \"" + expr.name + "\"" + near);
  return std::nullopt;
}

std::optional<SpecValue> Evaluator::index(const Expr &expr) {
  std::optional<SpecValue> base = run(expr.children[0]);
  std::optional<SpecValue> index =
      base ? run(expr.children[1]) : std::optional<SpecValue>();
  if (!index)
    return std::nullopt;
  const SpecValue::List *list = base->asList();
  if (!list)
    return fail(expr, "only a list has elements, not " + base->print() + " (" +
                          base->typeName() + ")");
  const int64_t *i = index->asInt();
  if (!i)
    return fail(expr, "an index is an int, not " + index->print());
  if (*i < 0 || *i >= int64_t(list->size()))
    return fail(expr, "element " + llvm::Twine(*i) + " of a list of " +
                          llvm::Twine(list->size()));
  return (*list)[*i];
}

std::optional<SpecValue>
Evaluator::compare(const Expr &expr, const SpecValue &a, const SpecValue &b) {
  llvm::StringRef op = expr.name;
  if (op == "==" || op == "!=")
    return SpecValue((a == b) == (op == "=="));
  if (op == "in") {
    if (const SpecValue::List *list = b.asList())
      return SpecValue(llvm::is_contained(*list, a));
    if (a.asString() && b.asString())
      return SpecValue(llvm::StringRef(*b.asString()).contains(*a.asString()));
    return fail(expr, "\"in\" looks into a list, or for a string in a string, "
                      "not into " +
                          b.print() + " (" + b.typeName() + ")");
  }
  std::optional<double> x = a.asNumber(), y = b.asNumber();
  if (!x || !y)
    return fail(expr, "\"" + op + "\" compares numbers, not " + a.print() +
                          " (" + a.typeName() + ") with " + b.print() + " (" +
                          b.typeName() + ")");
  bool both = a.asInt() && b.asInt();
  bool less = both ? *a.asInt() < *b.asInt() : *x < *y;
  bool equal = both ? *a.asInt() == *b.asInt() : *x == *y;
  return SpecValue(op == "<"    ? less
                   : op == "<=" ? less || equal
                   : op == ">"  ? !less && !equal
                                : !less);
}

std::optional<SpecValue> Evaluator::binary(const Expr &expr) {
  std::optional<SpecValue> a = run(expr.children[0]);
  std::optional<SpecValue> b =
      a ? run(expr.children[1]) : std::optional<SpecValue>();
  if (!b)
    return std::nullopt;
  llvm::StringRef op = expr.name;
  if (op == "in" || op.contains('=') || op.contains('<') || op.contains('>'))
    return compare(expr, *a, *b);
  if (a->asInt() && b->asInt())
    return integers(expr, *a->asInt(), *b->asInt());
  if (a->asNumber() && b->asNumber())
    return reals(expr, *a->asNumber(), *b->asNumber());
  if (op == "+" && a->asString() && b->asString())
    return SpecValue(*a->asString() + *b->asString());
  return fail(expr, "\"" + op + "\" needs numbers, not " + a->print() + " (" +
                        a->typeName() + ") and " + b->print() + " (" +
                        b->typeName() + ")");
}

std::optional<SpecValue> Evaluator::integers(const Expr &expr, int64_t a,
                                             int64_t b) {
  llvm::StringRef op = expr.name;
  int64_t result = 0;
  bool overflow = false;
  if (op == "+") {
    overflow = llvm::AddOverflow(a, b, result);
  } else if (op == "-") {
    overflow = llvm::SubOverflow(a, b, result);
  } else if (op == "*") {
    overflow = llvm::MulOverflow(a, b, result);
  } else if (op == "**") {
    return reals(expr, double(a), double(b));
  } else {
    if (b == 0)
      return fail(expr, "division by zero");
    if (a == INT64_MIN && b == -1)
      return fail(expr, "the result of \"" + op + "\" does not fit 64 bits");
    if (op == "/" && a % b)
      return SpecValue(double(a) / double(b));
    int64_t remainder = a % b;
    // Floors, so that a == b * (a // b) + a % b and the remainder has b's sign.
    bool adjust = remainder && (remainder < 0) != (b < 0);
    result = op == "%" ? remainder + (adjust ? b : 0) : a / b - adjust;
  }
  if (overflow)
    return fail(expr, "the result of \"" + op + "\" does not fit 64 bits");
  return SpecValue(result);
}

std::optional<SpecValue> Evaluator::reals(const Expr &expr, double a,
                                          double b) {
  llvm::StringRef op = expr.name;
  if ((op == "/" || op == "//" || op == "%") && b == 0)
    return fail(expr, "division by zero");
  if (op == "+")
    return finite(expr, a + b);
  if (op == "-")
    return finite(expr, a - b);
  if (op == "*")
    return finite(expr, a * b);
  if (op == "/")
    return finite(expr, a / b);
  if (op == "//")
    return finite(expr, std::floor(a / b));
  if (op == "%")
    return finite(expr, a - b * std::floor(a / b));
  return finite(expr, std::pow(a, b));
}

std::optional<SpecValue> Evaluator::call(const Expr &expr) {
  std::vector<SpecValue> args;
  for (const Expr &child : expr.children) {
    std::optional<SpecValue> value = run(child);
    if (!value)
      return std::nullopt;
    args.push_back(std::move(*value));
  }
  if (llvm::is_contained(functionNames, llvm::StringRef(expr.name)))
    return builtin(expr, args);
  SpecValue value;
  switch (scope.call(expr.name, args, expr.loc, value)) {
  case Scope::Found::Yes:
    return value;
  case Scope::Found::Failed:
    return std::nullopt;
  case Scope::Found::No:
    break;
  }
  std::vector<llvm::StringRef> names(std::begin(functionNames),
                                     std::end(functionNames));
  diagnostics.error(expr.loc, "no function is called \"" + expr.name + "\"" +
                                  didYouMean(expr.name, names));
  return std::nullopt;
}

/// min, max and sum over the arguments, or over one list.
std::optional<SpecValue> Evaluator::fold(const Expr &expr,
                                         llvm::ArrayRef<SpecValue> args) {
  llvm::StringRef function = expr.name;
  if (args.size() == 1 && args[0].asList())
    args = *args[0].asList();
  if (args.empty() && function != "sum")
    return fail(expr, "\"" + function + "\" of nothing");
  bool integral =
      llvm::all_of(args, [](const SpecValue &v) { return v.asInt(); });
  double best = 0;
  int64_t total = 0;
  for (auto [at, value] : llvm::enumerate(args)) {
    std::optional<double> x = value.asNumber();
    if (!x)
      return fail(expr,
                  "\"" + function + "\" needs numbers, not " + value.print());
    if (function == "sum") {
      best += *x;
      if (integral && llvm::AddOverflow(total, *value.asInt(), total))
        return fail(expr, "the sum does not fit 64 bits");
    } else if (at == 0 || (function == "min" ? *x < best : *x > best)) {
      best = *x;
      total = integral ? *value.asInt() : 0;
    }
  }
  return integral ? SpecValue(total) : SpecValue(best);
}

std::optional<SpecValue> Evaluator::round(const Expr &expr, double x) {
  double r = expr.name == "floor"  ? std::floor(x)
             : expr.name == "ceil" ? std::ceil(x)
                                   : std::nearbyint(x);
  if (std::fabs(r) >= 9.2e18)
    return fail(expr,
                "the result of \"" + expr.name + "\" does not fit 64 bits");
  return SpecValue(int64_t(r));
}

std::optional<SpecValue> Evaluator::builtin(const Expr &expr,
                                            llvm::ArrayRef<SpecValue> args) {
  llvm::StringRef function = expr.name;
  if (function == "min" || function == "max" || function == "sum")
    return fold(expr, args);
  size_t wanted = function == "last" ? 3 : function == "at" ? 2 : 1;
  if (args.size() != wanted)
    return fail(expr, "\"" + function + "\" takes " + llvm::Twine(wanted) +
                          (wanted == 1 ? " value" : " values") + ", not " +
                          llvm::Twine(args.size()));
  if (function == "len") {
    if (!args[0].asList())
      return fail(expr, "\"len\" needs a list, not " + args[0].print());
    return SpecValue(int64_t(args[0].asList()->size()));
  }
  if (function == "last") {
    const SpecValue::List *list = args[0].asList();
    const int64_t *end = args[2].asInt();
    if (!list || !end || *end < 0 || *end > int64_t(list->size()))
      return fail(expr, "\"last\" looks for a value among the first elements "
                        "of a list, not among " +
                            args[2].print() + " of " + args[0].print());
    for (int64_t i = *end; i-- > 0;)
      if ((*list)[i] == args[1])
        return SpecValue(i);
    return SpecValue();
  }
  if (function == "at") {
    // A value for every layer may be written once for all.
    const SpecValue::List *list = args[0].asList();
    const int64_t *i = args[1].asInt();
    if (!list)
      return args[0];
    if (!i || *i < 0 || *i >= int64_t(list->size()))
      return fail(expr, "element " + args[1].print() + " of a list of " +
                            llvm::Twine(list->size()));
    return (*list)[*i];
  }
  std::optional<double> x = args[0].asNumber();
  if (!x)
    return fail(expr, "\"" + function + "\" needs a number, not " +
                          args[0].print() + " (" + args[0].typeName() + ")");
  if (function == "floor" || function == "ceil" || function == "round")
    return args[0].asInt() ? args[0] : round(expr, *x);
  if (function == "abs" && args[0].asInt() && *args[0].asInt() != INT64_MIN)
    return SpecValue(std::abs(*args[0].asInt()));
  return finite(expr, llvm::StringSwitch<double>(function)
                          .Case("sqrt", std::sqrt(*x))
                          .Case("exp", std::exp(*x))
                          .Case("log", std::log(*x))
                          .Case("log2", std::log2(*x))
                          .Case("abs", std::fabs(*x))
                          .Default(*x));
}

std::optional<SpecValue> Expr::evaluate(Scope &scope,
                                        Diagnostics &diagnostics) const {
  return Evaluator(scope, diagnostics).run(*this);
}

void Expr::listNames(std::vector<llvm::StringRef> &names) const {
  if (kind == Kind::Name)
    names.push_back(name);
  for (const Expr &child : children)
    child.listNames(names);
}
