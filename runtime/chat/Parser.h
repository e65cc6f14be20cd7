//===- Parser.h - Chat template parser --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Recursive descent over the tokens. Whatever the subset lacks is refused
// here, with its place, and never met by the evaluator.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_PARSER_H
#define SINTER_RUNTIME_CHAT_PARSER_H

#include "runtime/chat/Lexer.h"

#include <initializer_list>
#include <set>

namespace sinter::chat {

class Parser {
public:
  explicit Parser(std::vector<Token> tokens) : tokens(std::move(tokens)) {}

  /// Parses the whole template.
  Result<std::vector<Stmt>> parse();

private:
  // Statements (Parser.cpp).
  std::vector<Stmt> parseUntil(std::initializer_list<const char *> ends);
  void parseBlock(std::vector<Stmt> &into);
  void parseNamedBlock(const std::string &tag, Stmt &stmt);
  void parseIf(Stmt &stmt);
  void parseFor(Stmt &stmt);
  void parseSet(Stmt &stmt);
  void parseMacro(Stmt &stmt);
  void parseWith(Stmt &stmt);
  void parseBuffered(Stmt &stmt, const char *end);
  void closeBlock(const char *name);
  void endBlock();

  // Expressions (ParseExpressions.cpp).
  ExprPtr parseTuple(bool conditional, bool parenthesized);
  ExprPtr parseTarget(bool allowNamespace, bool topLevel);
  ExprPtr parseTargetItem(bool allowNamespace);
  ExprPtr parseExpression();
  ExprPtr parseOr();
  ExprPtr parseAnd();
  ExprPtr parseNot();
  ExprPtr parseCompare();
  bool parseComparator(Compare &found);
  ExprPtr parseSum();
  ExprPtr parseConcat();
  ExprPtr parseProduct();
  ExprPtr parsePower();
  ExprPtr parseUnary(bool withFilters);
  ExprPtr parsePrimary();
  ExprPtr parseName();
  ExprPtr parsePostfix(ExprPtr expr);
  ExprPtr parseDot(ExprPtr object);
  ExprPtr parseSubscript(ExprPtr object);
  ExprPtr parseCall(ExprPtr callee);
  ExprPtr parseFilters(ExprPtr input, bool atName);
  ExprPtr parseFilter(ExprPtr input);
  ExprPtr parseTest(ExprPtr input);
  void parseArguments(Expr &call);
  void checkCall(const Expr &call);
  void checkApplied(const Expr &filter);
  bool endsTuple() const;

  ExprPtr make(Op op, Position at) const;
  ExprPtr make(Op op, ExprPtr a, ExprPtr b = nullptr);
  /// Notes the depth of a finished node and bounds it.
  ExprPtr finish(ExprPtr expr);

  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(next + ahead, tokens.size() - 1)];
  }
  Token take();
  bool isOp(std::string_view text, size_t ahead = 0) const;
  bool isName(std::string_view text, size_t ahead = 0) const;
  bool skipOp(std::string_view text);
  bool skipName(std::string_view text);
  void expectOp(std::string_view text);
  std::string expectName();
  void fail(Position at, const std::string &message);
  bool failed() const { return failure.has_value(); }

  /// Bounds recursion for as long as it lives.
  struct Level {
    explicit Level(Parser &parser);
    ~Level() { --parser.depth; }
    Parser &parser;
  };

  std::vector<Token> tokens;
  size_t next = 0;
  uint32_t depth = 0;
  uint32_t loops = 0;             // around here and not hidden by a buffer
  uint32_t macros = 0;            // around here
  std::set<std::string> assigned; // by anything in the template
  std::vector<std::pair<std::string, Position>> called, read;
  std::optional<Failure> failure;
};

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_PARSER_H
