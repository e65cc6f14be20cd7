//===- Expr.h - Expressions of the spec language ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Typed, total and bounded: every expression ends with a value or with an error
// that points at the operator or name at fault; there are no loops, and depth
// and length are limited. Grammar and typing: docs/spec.md.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_EXPR_H
#define SINTER_SPEC_EXPR_H

#include "spec/Diagnostics.h"
#include "spec/Value.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter {

/// Where an expression's names come from.
class Scope {
public:
  virtual ~Scope() = default;

  enum class Found { No, Yes, Failed };

  /// Failed: an error was reported. `use` is where the name stands.
  virtual Found lookup(llvm::StringRef name, SpecLoc use, SpecValue &value) = 0;
  /// All names, for "did you mean".
  virtual void listNames(std::vector<llvm::StringRef> &names) const = 0;
  /// The few words that are wanted here, if that is so.
  virtual void listWords(std::vector<llvm::StringRef> &words) const {}
  /// Adds notes on where a name got its value.
  virtual void explain(llvm::StringRef name, Diagnostics &) const {}
  /// A key of the checkpoint and its value there.
  struct Source {
    std::string key;
    SpecLoc loc;
    std::string value;
  };
  /// Adds the keys that a name's value was computed from.
  virtual void sources(llvm::StringRef name, std::vector<Source> &) const {}
  /// Whether a name has a value of its own in each layer.
  virtual bool isOfLayer(llvm::StringRef name) const { return false; }
  /// Functions beyond the built-in ones.
  virtual Found call(llvm::StringRef function,
                     llvm::ArrayRef<SpecValue> arguments, SpecLoc use,
                     SpecValue &value) {
    return Found::No;
  }
};

/// Reports what is wrong with a value that an expression at `loc` has, at the
/// keys of the checkpoint that it was computed from, if it was.
void reportValue(const Scope &scope, SpecLoc loc,
                 llvm::ArrayRef<llvm::StringRef> names,
                 const llvm::Twine &message, Diagnostics &diagnostics);

class Expr {
public:
  enum class Kind {
    Constant,
    Name,
    Call,
    List,
    Index,
    Negate,
    Not,
    Binary,
    And,
    Or,
    Else, ///< a ?? b
    If    ///< children: condition, then, otherwise
  };

  Kind kind = Kind::Constant;
  SpecLoc loc;
  SpecValue constant;
  std::string name; ///< of a name, function or operator
  std::vector<Expr> children;

  /// Parses; reports an error and returns nullopt otherwise. `loc` is where the
  /// text's first character stands.
  static std::optional<Expr> parse(llvm::StringRef text, SpecLoc loc,
                                   Diagnostics &diagnostics);

  /// Nullopt after an error was reported.
  std::optional<SpecValue> evaluate(Scope &scope,
                                    Diagnostics &diagnostics) const;

  /// Every name in it, in order.
  void listNames(std::vector<llvm::StringRef> &names) const;
};

} // namespace sinter

#endif // SINTER_SPEC_EXPR_H
