//===- Ast.h - Parsed chat templates ----------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Two kinds of nodes, expressions and statements; names of filters and tests
// are resolved while parsing, so nothing unknown reaches the evaluator.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_AST_H
#define SINTER_RUNTIME_CHAT_AST_H

#include "runtime/chat/Value.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter::chat {

struct Builtin;

/// Where a node begins; both from 1, the column in code points.
struct Position {
  uint32_t line = 1, column = 1;
};

enum class Op : uint8_t {
  Literal,     // literal
  Name,        // text
  List,        // children
  Tuple,       // children
  Dict,        // children: key, value, key, value, ...
  Attribute,   // children[0], text
  Item,        // children[0], children[1]
  Slice,       // children[0], then start, stop, step, each null when absent
  Call,        // children[0], arguments from children[1] on, keywords
  Filter,      // as Call, with builtin; children[0] null in a block
  Test,        // as Call, with builtin
  Not,         // children[0]
  Negate,      // children[0]
  Plus,        // children[0]
  And,         // children[0], children[1]
  Or,          // children[0], children[1]
  Conditional, // children: test, then, otherwise (null when absent)
  Concat,      // children, at least two
  Compare,     // children; compares[i] between children i and i + 1
  Add,         // from here on: children[0], children[1]
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Modulo,
  Power,
};

enum class Compare : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, In, NotIn };

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  Op op = Op::Literal;
  Position at;
  std::string text;
  Value literal;
  const Builtin *builtin = nullptr;
  std::vector<ExprPtr> children;
  std::vector<std::pair<std::string, ExprPtr>> keywords;
  std::vector<Compare> compares;
  uint32_t depth = 1; // of the tree below, bounded by the parser
};

enum class Action : uint8_t {
  Data,     // text
  Print,    // value
  If,       // value, body, otherwise
  For,      // target, value, test (may be null), body, otherwise
  Set,      // target, value
  SetBlock, // target, value (filter chain or null), body
  Macro,    // text, parameters, body
  Filter,   // value (filter chain), body
  With,     // parameters, body
  Scope,    // body; what {% generation %} is when nothing is masked
  Break,
  Continue,
};

struct Stmt {
  Action action = Action::Data;
  Position at;
  std::string text;
  ExprPtr target, value, test;
  std::vector<std::pair<std::string, ExprPtr>> parameters; // value may be null
  std::vector<Stmt> body, otherwise;
};

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_AST_H
