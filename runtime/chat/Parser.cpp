//===- Parser.cpp - Chat template statements --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The tags.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Parser.h"

#include "runtime/chat/Builtins.h"

#include <algorithm>

namespace sinter::chat {

constexpr uint32_t maxDepth = 100;

Parser::Level::Level(Parser &parser) : parser(parser) {
  if (++parser.depth > maxDepth)
    parser.fail(parser.peek().at, "the template nests too deep");
}

void Parser::fail(Position at, const std::string &message) {
  if (!failure)
    failure = failureAt(at, message);
  // Nothing more is read: every loop ends at the closing token.
  next = tokens.size() - 1;
}

Token Parser::take() {
  Token token = peek();
  if (next + 1 < tokens.size())
    ++next;
  return token;
}

bool Parser::isOp(std::string_view text, size_t ahead) const {
  const Token &token = peek(ahead);
  return token.type == Token::Operator && token.text == text;
}

bool Parser::isName(std::string_view text, size_t ahead) const {
  const Token &token = peek(ahead);
  return token.type == Token::Name && token.text == text;
}

bool Parser::skipOp(std::string_view text) {
  bool found = isOp(text);
  if (found)
    take();
  return found;
}

bool Parser::skipName(std::string_view text) {
  bool found = isName(text);
  if (found)
    take();
  return found;
}

void Parser::expectOp(std::string_view text) {
  if (!skipOp(text))
    fail(peek().at, "expected '" + std::string(text) + "'");
}

std::string Parser::expectName() {
  if (peek().type != Token::Name)
    fail(peek().at, "expected a name");
  return take().text;
}

void Parser::endBlock() {
  if (peek().type != Token::BlockEnd)
    fail(peek().at, "expected the end of the tag");
  take();
}

/// Statements up to a tag whose name is one of `ends`; that name is next.
std::vector<Stmt> Parser::parseUntil(std::initializer_list<const char *> ends) {
  Level level(*this);
  std::vector<Stmt> body;
  while (!failed()) {
    if (peek().type == Token::End) {
      if (ends.size() > 0)
        fail(peek().at, std::string("expected {% ") + *(ends.end() - 1) +
                            " %} before the end");
      break;
    }
    if (peek().type == Token::BlockBegin &&
        std::any_of(ends.begin(), ends.end(),
                    [&](const char *end) { return isName(end, 1); })) {
      take();
      break;
    }
    parseBlock(body);
  }
  return body;
}

/// One piece of text or one tag.
void Parser::parseBlock(std::vector<Stmt> &into) {
  Token token = take();
  Stmt stmt;
  stmt.at = token.at;
  if (token.type == Token::Data) {
    stmt.text = std::move(token.text);
  } else if (token.type == Token::PrintBegin) {
    stmt.action = Action::Print;
    stmt.value = parseTuple(true, false);
    if (peek().type != Token::PrintEnd)
      fail(peek().at, "expected '}}'");
    take();
  } else {
    Position at = peek().at;
    if (peek().type != Token::Name)
      return fail(at, "expected the name of a tag");
    stmt.at = at;
    parseNamedBlock(take().text, stmt);
  }
  into.push_back(std::move(stmt));
}

void Parser::parseNamedBlock(const std::string &tag, Stmt &stmt) {
  if (tag == "if")
    return parseIf(stmt);
  if (tag == "for")
    return parseFor(stmt);
  if (tag == "set")
    return parseSet(stmt);
  if (tag == "macro")
    return parseMacro(stmt);
  if (tag == "with")
    return parseWith(stmt);
  if (tag == "filter") {
    stmt.action = Action::Filter;
    stmt.value = parseFilters(nullptr, true);
    endBlock();
    return parseBuffered(stmt, "endfilter");
  }
  if (tag == "generation") {
    stmt.action = Action::Scope;
    endBlock();
    return parseBuffered(stmt, "endgeneration");
  }
  if (tag == "break" || tag == "continue") {
    stmt.action = tag == "break" ? Action::Break : Action::Continue;
    if (!loops)
      fail(stmt.at, "'" + tag + "' stands outside of a loop");
    return endBlock();
  }
  fail(stmt.at, "the tag '" + tag + "' is not supported");
}

void Parser::closeBlock(const char *name) {
  if (!skipName(name))
    fail(peek().at, std::string("expected '") + name + "'");
  endBlock();
}

/// A body that is rendered on its own; break and continue do not leave it.
void Parser::parseBuffered(Stmt &stmt, const char *end) {
  uint32_t outer = std::exchange(loops, 0);
  stmt.body = parseUntil({end});
  loops = outer;
  closeBlock(end);
}

void Parser::parseIf(Stmt &stmt) {
  Level level(*this);
  stmt.action = Action::If;
  stmt.value = parseTuple(false, false);
  endBlock();
  stmt.body = parseUntil({"elif", "else", "endif"});
  if (isName("elif")) {
    Stmt inner;
    inner.at = take().at;
    parseIf(inner);
    stmt.otherwise.push_back(std::move(inner));
    return;
  }
  if (skipName("else")) {
    endBlock();
    stmt.otherwise = parseUntil({"endif"});
  }
  closeBlock("endif");
}

void Parser::parseFor(Stmt &stmt) {
  stmt.action = Action::For;
  stmt.target = parseTarget(false, true);
  if (!skipName("in"))
    fail(peek().at, "expected 'in'");
  stmt.value = parseTuple(false, false);
  if (skipName("if"))
    stmt.test = parseExpression();
  if (isName("recursive"))
    fail(peek().at, "recursive loops are not supported");
  endBlock();
  ++loops;
  stmt.body = parseUntil({"else", "endfor"});
  --loops;
  if (skipName("else")) {
    endBlock();
    stmt.otherwise = parseUntil({"endfor"});
  }
  closeBlock("endfor");
}

void Parser::parseSet(Stmt &stmt) {
  stmt.action = Action::Set;
  stmt.target = parseTarget(true, true);
  if (skipOp("=")) {
    stmt.value = parseTuple(true, false);
    return endBlock();
  }
  stmt.action = Action::SetBlock;
  if (isOp("|"))
    stmt.value = parseFilters(nullptr, false);
  endBlock();
  parseBuffered(stmt, "endset");
}

void Parser::parseMacro(Stmt &stmt) {
  stmt.action = Action::Macro;
  stmt.text = expectName();
  assigned.insert(stmt.text);
  expectOp("(");
  while (!failed() && !isOp(")")) {
    if (!stmt.parameters.empty())
      expectOp(",");
    Position at = peek().at;
    std::string name = expectName();
    if (name == "caller" || name == "varargs" || name == "kwargs")
      fail(at, "the parameter '" + name + "' is not supported");
    for (const auto &[other, unused] : stmt.parameters)
      if (other == name)
        fail(at, "the parameter '" + name + "' is there twice");
    assigned.insert(name);
    ExprPtr value = skipOp("=") ? parseExpression() : nullptr;
    if (!value && !stmt.parameters.empty() && stmt.parameters.back().second)
      fail(at, "a parameter without default follows one with");
    stmt.parameters.emplace_back(std::move(name), std::move(value));
  }
  expectOp(")");
  endBlock();
  ++macros;
  parseBuffered(stmt, "endmacro");
  --macros;
}

void Parser::parseWith(Stmt &stmt) {
  stmt.action = Action::With;
  while (!failed() && peek().type != Token::BlockEnd) {
    if (!stmt.parameters.empty())
      expectOp(",");
    std::string name = expectName();
    assigned.insert(name);
    expectOp("=");
    stmt.parameters.emplace_back(std::move(name), parseExpression());
  }
  endBlock();
  stmt.body = parseUntil({"endwith"});
  closeBlock("endwith");
}

Result<std::vector<Stmt>> Parser::parse() {
  std::vector<Stmt> body = parseUntil({});
  for (const auto &[name, at] : called)
    if (!assigned.count(name) && !findFunction(name))
      fail(at, "the function '" + name + "' is not supported");
  for (const char *name : {"lipsum", "cycler", "joiner", "self"})
    for (const auto &[used, at] : read)
      if (used == name && !assigned.count(name))
        fail(at, "'" + used + "' is not supported");
  if (failure)
    return *failure;
  return body;
}

} // namespace sinter::chat
