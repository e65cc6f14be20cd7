//===- ExprParser.cpp - Parses expressions --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Precedence climbing by one function for each level; docs/spec.md has the
// grammar.
//
//===----------------------------------------------------------------------===//

#include "spec/Expr.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace sinter;

namespace {

constexpr size_t maxLength = 4096;
constexpr unsigned maxDepth = 64;

class ExprParser {
public:
  ExprParser(llvm::StringRef text, SpecLoc loc, Diagnostics &diagnostics)
      : text(text), start(loc), diagnostics(diagnostics) {}

  std::optional<Expr> parse() {
    if (text.size() > maxLength)
      return fail(0, "an expression has at most " + llvm::Twine(maxLength) +
                         " characters");
    next();
    Expr expr = conditional();
    if (ok && !token.empty())
      fail(tokenAt, "expected an operator or the end of the expression, found "
                    "\"" +
                        token + "\"");
    if (!ok)
      return std::nullopt;
    return expr;
  }

private:
  std::nullopt_t fail(size_t at, const llvm::Twine &message) {
    if (ok)
      diagnostics.error(start.shifted(unsigned(at)), message);
    ok = false;
    token = "";
    return std::nullopt;
  }

  void next();
  bool take(llvm::StringRef expected) {
    if (quoted || token != expected)
      return false;
    next();
    return true;
  }
  void expect(llvm::StringRef expected) {
    if (ok && !take(expected))
      fail(tokenAt, "expected \"" + expected + "\"" +
                        (token.empty() ? std::string(" before the end")
                                       : ", found \"" + token.str() + "\""));
  }
  Expr make(Expr::Kind kind, size_t at, std::vector<Expr> children = {},
            llvm::StringRef name = "") {
    Expr expr;
    expr.kind = kind;
    expr.loc = start.shifted(unsigned(at));
    expr.children = std::move(children);
    expr.name = name.str();
    return expr;
  }

  // From the loosest to the tightest binding.
  Expr conditional();
  Expr otherwise();
  Expr disjunction();
  Expr conjunction();
  Expr negation();
  Expr comparison();
  Expr sum();
  Expr product();
  Expr sign();
  Expr power();
  Expr postfix();
  Expr primary();
  Expr number();
  std::vector<Expr> list(llvm::StringRef end);

  llvm::StringRef text;
  SpecLoc start;
  Diagnostics &diagnostics;
  bool ok = true;
  size_t pos = 0;
  unsigned depth = 0;
  llvm::StringRef token; ///< empty at the end
  size_t tokenAt = 0;
  bool quoted = false; ///< token is a string's text
};

bool isWordStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isWord(char c) { return llvm::isAlnum(c) || c == '_'; }

} // namespace

void ExprParser::next() {
  while (pos < text.size() && (text[pos] == ' ' || text[pos] == '\n'))
    ++pos;
  tokenAt = pos;
  quoted = false;
  llvm::StringRef rest = text.substr(pos);
  if (rest.empty() || !ok) {
    token = "";
    return;
  }
  char c = rest[0];
  size_t length = 1;
  if (c == '"' || c == '\'') {
    size_t end = rest.find(c, 1);
    if (end == llvm::StringRef::npos) {
      fail(pos, "this string is never closed");
      return;
    }
    token = rest.slice(1, end);
    quoted = true;
    pos += end + 1;
    return;
  }
  if (isWordStart(c)) {
    length = rest.take_while(isWord).size();
  } else if (llvm::isDigit(c) ||
             (c == '.' && rest.size() > 1 && llvm::isDigit(rest[1]))) {
    length = 0;
    while (length < rest.size() &&
           (isWord(rest[length]) || rest[length] == '.' ||
            ((rest[length] == '+' || rest[length] == '-') && length &&
             (rest[length - 1] == 'e' || rest[length - 1] == 'E'))))
      ++length;
  } else {
    for (llvm::StringRef two : {"==", "!=", "<=", ">=", "//", "**", "??"})
      if (rest.starts_with(two))
        length = 2;
    if (length == 1 && !llvm::StringRef("+-*/%()[],<>").contains(c)) {
      fail(pos, "\"" + rest.take_front(1) +
                    "\" is not a part of the expression language" +
                    (c == '?' || c == ':'
                         ? "; a choice reads \"a if condition else b\""
                         : ""));
      return;
    }
  }
  token = rest.take_front(length);
  pos += length;
}

Expr ExprParser::conditional() {
  if (++depth > maxDepth) {
    fail(tokenAt, "nested deeper than " + llvm::Twine(maxDepth));
    return {};
  }
  Expr result = otherwise();
  size_t at = tokenAt;
  if (take("if")) {
    Expr condition = otherwise();
    expect("else");
    Expr other = ok ? conditional() : Expr();
    std::vector<Expr> children;
    children.push_back(std::move(condition));
    children.push_back(std::move(result));
    children.push_back(std::move(other));
    result = make(Expr::Kind::If, at, std::move(children));
  }
  --depth;
  return result;
}

/// Left-associative levels: operators at this level, and the next tighter one.
#define SINTER_LEVEL(level, tighter, condition, kindOfOperator)                \
  Expr ExprParser::level() {                                                   \
    Expr result = tighter();                                                   \
    while (ok && !quoted && (condition)) {                                     \
      size_t at = tokenAt;                                                     \
      llvm::StringRef op = token;                                              \
      next();                                                                  \
      std::vector<Expr> children;                                              \
      children.push_back(std::move(result));                                   \
      children.push_back(tighter());                                           \
      result = make(kindOfOperator, at, std::move(children), op);              \
    }                                                                          \
    return result;                                                             \
  }

SINTER_LEVEL(otherwise, disjunction, token == "??", Expr::Kind::Else)
SINTER_LEVEL(disjunction, conjunction, token == "or", Expr::Kind::Or)
SINTER_LEVEL(conjunction, negation, token == "and", Expr::Kind::And)
SINTER_LEVEL(sum, product, token == "+" || token == "-", Expr::Kind::Binary)
SINTER_LEVEL(product, sign,
             token == "*" || token == "/" || token == "//" || token == "%",
             Expr::Kind::Binary)
#undef SINTER_LEVEL

Expr ExprParser::negation() {
  size_t at = tokenAt;
  unsigned count = 0;
  while (ok && take("not"))
    ++count;
  Expr result = comparison();
  // An even number of them still demands a bool: two are enough to keep.
  for (unsigned kept = count ? 2 - count % 2 : 0; kept; --kept) {
    std::vector<Expr> children;
    children.push_back(std::move(result));
    result = make(Expr::Kind::Not, at, std::move(children), "not");
  }
  return result;
}

/// Comparisons do not chain: a < b < c is an error.
Expr ExprParser::comparison() {
  Expr result = sum();
  if (quoted ||
      !(token == "==" || token == "!=" || token == "<" || token == "<=" ||
        token == ">" || token == ">=" || token == "in"))
    return result;
  size_t at = tokenAt;
  llvm::StringRef op = token;
  next();
  std::vector<Expr> children;
  children.push_back(std::move(result));
  children.push_back(sum());
  return make(Expr::Kind::Binary, at, std::move(children), op);
}

Expr ExprParser::sign() {
  size_t at = tokenAt;
  if (!take("-"))
    return power();
  if (++depth > maxDepth) {
    fail(at, "nested deeper than " + llvm::Twine(maxDepth));
    return {};
  }
  std::vector<Expr> children;
  children.push_back(sign());
  --depth;
  return make(Expr::Kind::Negate, at, std::move(children), "-");
}

Expr ExprParser::power() {
  Expr result = postfix();
  size_t at = tokenAt;
  if (!take("**"))
    return result;
  if (++depth > maxDepth) {
    fail(at, "nested deeper than " + llvm::Twine(maxDepth));
    return {};
  }
  std::vector<Expr> children;
  children.push_back(std::move(result));
  children.push_back(sign());
  --depth;
  return make(Expr::Kind::Binary, at, std::move(children), "**");
}

Expr ExprParser::postfix() {
  Expr result = primary();
  for (unsigned count = 0; ok && !quoted && token == "["; ++count) {
    size_t at = tokenAt;
    if (count == maxDepth) {
      fail(at, "nested deeper than " + llvm::Twine(maxDepth));
      break;
    }
    next();
    std::vector<Expr> children;
    children.push_back(std::move(result));
    children.push_back(conditional());
    expect("]");
    result = make(Expr::Kind::Index, at, std::move(children));
  }
  return result;
}

std::vector<Expr> ExprParser::list(llvm::StringRef end) {
  std::vector<Expr> items;
  if (take(end))
    return items;
  do
    items.push_back(conditional());
  while (ok && take(","));
  expect(end);
  return items;
}

Expr ExprParser::number() {
  Expr result = make(Expr::Kind::Constant, tokenAt);
  llvm::StringRef digits = token;
  int64_t integer;
  double real;
  if (!digits.getAsInteger(10, integer))
    result.constant = integer;
  else if (!llvm::StringRef(digits).contains_insensitive("x") &&
           digits.find_first_of(".eE") != llvm::StringRef::npos &&
           !digits.getAsDouble(real))
    result.constant = real;
  else
    fail(tokenAt, "\"" + digits + "\" is not a number");
  if (const double *d = result.constant.asFloat(); d && !std::isfinite(*d))
    fail(tokenAt, "\"" + digits + "\" does not fit a float");
  next();
  return result;
}

Expr ExprParser::primary() {
  size_t at = tokenAt;
  if (quoted) {
    Expr result = make(Expr::Kind::Constant, at);
    result.constant = token.str();
    next();
    return result;
  }
  if (token.empty()) {
    fail(at, "expected a value before the end of the expression");
    return {};
  }
  if (llvm::isDigit(token[0]) || token[0] == '.')
    return number();
  if (take("(")) {
    Expr result = conditional();
    expect(")");
    return result;
  }
  if (take("["))
    return make(Expr::Kind::List, at, list("]"));
  for (llvm::StringRef reserved : {"if", "else", "and", "or", "not", "in"})
    if (token == reserved)
      fail(at, "expected a value, found \"" + reserved + "\"");
  if (ok && !isWordStart(token[0]))
    fail(at, "expected a value, found \"" + token + "\"");
  if (!ok)
    return {};
  Expr result = make(Expr::Kind::Constant, at);
  llvm::StringRef word = token;
  next();
  if (word == "true" || word == "false") {
    result.constant = word == "true";
  } else if (word == "none" || word == "null") {
    // none is the default
  } else if (take("(")) {
    result = make(Expr::Kind::Call, at, list(")"), word);
  } else {
    result = make(Expr::Kind::Name, at, {}, word);
  }
  return result;
}

std::optional<Expr> Expr::parse(llvm::StringRef text, SpecLoc loc,
                                Diagnostics &diagnostics) {
  return ExprParser(text, loc, diagnostics).parse();
}
