//===- ParseExpressions.cpp - Chat template expressions ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One function per level of precedence, loosest first. Jinja's order differs
// from Python's: `~` binds tighter than `+`, and `-x|f` filters -x.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Builtins.h"
#include "runtime/chat/Parser.h"

namespace sinter::chat {

constexpr uint32_t maxExprDepth = 200;

ExprPtr Parser::make(Op op, Position at) const {
  auto expr = std::make_unique<Expr>();
  expr->op = op;
  expr->at = at;
  return expr;
}

ExprPtr Parser::make(Op op, ExprPtr a, ExprPtr b) {
  ExprPtr expr = make(op, a ? a->at : peek().at);
  expr->children.push_back(std::move(a));
  if (b)
    expr->children.push_back(std::move(b));
  return finish(std::move(expr));
}

ExprPtr Parser::finish(ExprPtr expr) {
  for (const ExprPtr &child : expr->children)
    if (child)
      expr->depth = std::max(expr->depth, child->depth + 1);
  for (const auto &[name, value] : expr->keywords)
    if (value)
      expr->depth = std::max(expr->depth, value->depth + 1);
  if (expr->depth > maxExprDepth)
    fail(expr->at, "the expression nests too deep");
  return expr;
}

bool Parser::endsTuple() const {
  Token::Type type = peek().type;
  return type == Token::BlockEnd || type == Token::PrintEnd ||
         type == Token::End || isOp(")");
}

/// One expression, or several with commas between: a tuple.
ExprPtr Parser::parseTuple(bool conditional, bool parenthesized) {
  Position at = peek().at;
  ExprPtr tuple = make(Op::Tuple, at);
  bool comma = false;
  while (!failed() && !endsTuple()) {
    tuple->children.push_back(conditional ? parseExpression() : parseOr());
    if (!skipOp(","))
      break;
    comma = true;
    if (isName("recursive"))
      break;
  }
  if (comma)
    return finish(std::move(tuple));
  if (!tuple->children.empty())
    return std::move(tuple->children[0]);
  if (!parenthesized)
    fail(at, "expected an expression");
  return tuple;
}

/// What a value is assigned to: names, possibly in (nested) tuples.
ExprPtr Parser::parseTarget(bool allowNamespace, bool topLevel) {
  Level level(*this);
  ExprPtr tuple = make(Op::Tuple, peek().at);
  bool comma = false;
  while (!failed() && !endsTuple() && !isName("in") && !isOp("=")) {
    tuple->children.push_back(parseTargetItem(allowNamespace));
    if (!skipOp(","))
      break;
    comma = true;
  }
  if (comma || (!topLevel && tuple->children.empty()))
    return finish(std::move(tuple));
  if (tuple->children.empty()) {
    fail(peek().at, "expected a name to assign to");
    return tuple;
  }
  return std::move(tuple->children[0]);
}

ExprPtr Parser::parseTargetItem(bool allowNamespace) {
  if (skipOp("(")) {
    ExprPtr inner = parseTarget(allowNamespace, false);
    expectOp(")");
    return inner;
  }
  ExprPtr target = make(Op::Name, peek().at);
  target->text = expectName();
  for (const char *reserved :
       {"true", "false", "none", "True", "False", "None", "loop", "self"})
    if (target->text == reserved)
      fail(target->at, "cannot assign to '" + target->text + "'");
  if (!allowNamespace || !skipOp(".")) {
    assigned.insert(target->text);
    return target;
  }
  ExprPtr attribute = make(Op::Attribute, target->at);
  attribute->text = expectName();
  attribute->children.push_back(std::move(target));
  return finish(std::move(attribute));
}

ExprPtr Parser::parseExpression() {
  Level level(*this);
  ExprPtr expr = parseOr();
  while (!failed() && skipName("if")) {
    ExprPtr choice = make(Op::Conditional, expr->at);
    choice->children.push_back(parseOr());
    choice->children.push_back(std::move(expr));
    choice->children.push_back(skipName("else") ? parseExpression() : nullptr);
    expr = finish(std::move(choice));
  }
  return expr;
}

ExprPtr Parser::parseOr() {
  ExprPtr left = parseAnd();
  while (!failed() && skipName("or"))
    left = make(Op::Or, std::move(left), parseAnd());
  return left;
}

ExprPtr Parser::parseAnd() {
  ExprPtr left = parseNot();
  while (!failed() && skipName("and"))
    left = make(Op::And, std::move(left), parseNot());
  return left;
}

ExprPtr Parser::parseNot() {
  if (!isName("not"))
    return parseCompare();
  Level level(*this);
  take();
  return make(Op::Not, parseNot());
}

bool Parser::parseComparator(Compare &found) {
  static constexpr std::pair<const char *, Compare> table[] = {
      {"==", Compare::Eq}, {"!=", Compare::Ne}, {"<", Compare::Lt},
      {"<=", Compare::Le}, {">", Compare::Gt},  {">=", Compare::Ge}};
  for (auto [text, compare] : table) {
    if (!skipOp(text))
      continue;
    found = compare;
    return true;
  }
  bool isNot = isName("not") && isName("in", 1);
  found = isNot ? Compare::NotIn : Compare::In;
  if (isNot)
    take();
  return skipName("in");
}

ExprPtr Parser::parseCompare() {
  ExprPtr first = parseSum();
  ExprPtr expr = make(Op::Compare, first ? first->at : peek().at);
  expr->children.push_back(std::move(first));
  Compare found;
  while (!failed() && parseComparator(found)) {
    expr->compares.push_back(found);
    expr->children.push_back(parseSum());
  }
  if (expr->compares.empty())
    return std::move(expr->children[0]);
  return finish(std::move(expr));
}

ExprPtr Parser::parseSum() {
  ExprPtr left = parseConcat();
  while (!failed() && (isOp("+") || isOp("-"))) {
    Op op = take().text == "+" ? Op::Add : Op::Subtract;
    left = make(op, std::move(left), parseConcat());
  }
  return left;
}

ExprPtr Parser::parseConcat() {
  ExprPtr first = parseProduct();
  if (failed() || !isOp("~"))
    return first;
  ExprPtr concat = make(Op::Concat, first->at);
  concat->children.push_back(std::move(first));
  while (!failed() && skipOp("~"))
    concat->children.push_back(parseProduct());
  return finish(std::move(concat));
}

ExprPtr Parser::parseProduct() {
  ExprPtr left = parsePower();
  while (!failed() && (isOp("*") || isOp("/") || isOp("//") || isOp("%"))) {
    std::string op = take().text;
    left = make(op == "*"    ? Op::Multiply
                : op == "/"  ? Op::Divide
                : op == "//" ? Op::FloorDivide
                             : Op::Modulo,
                std::move(left), parsePower());
  }
  return left;
}

ExprPtr Parser::parsePower() {
  ExprPtr left = parseUnary(true);
  while (!failed() && skipOp("**"))
    left = make(Op::Power, std::move(left), parseUnary(true));
  return left;
}

ExprPtr Parser::parseUnary(bool withFilters) {
  Level level(*this);
  ExprPtr expr;
  if (isOp("-") || isOp("+")) {
    Op op = take().text == "-" ? Op::Negate : Op::Plus;
    expr = make(op, parseUnary(false));
  } else {
    expr = parsePrimary();
  }
  expr = parsePostfix(std::move(expr));
  return withFilters ? parseFilters(std::move(expr), false) : std::move(expr);
}

ExprPtr Parser::parseName() {
  Token token = take();
  ExprPtr expr = make(Op::Literal, token.at);
  const std::string &name = token.text;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    expr->literal = Value::boolean(name == "true" || name == "True");
  } else if (name == "none" || name == "None") {
    expr->literal = Value::none();
  } else {
    expr->op = Op::Name;
    expr->text = name;
    read.emplace_back(name, token.at);
    if (name == "loop" && !isOp(".") && !isName("is"))
      fail(token.at, "'loop' is supported only with an attribute");
    if (macros && (name == "caller" || name == "varargs" || name == "kwargs"))
      fail(token.at, "'" + name + "' is not supported");
  }
  return expr;
}

ExprPtr Parser::parsePrimary() {
  Token::Type type = peek().type;
  ExprPtr expr = make(Op::Literal, peek().at);
  if (type == Token::Name)
    return parseName();
  if (type == Token::Int || type == Token::Float) {
    expr->literal = take().literal;
  } else if (type == Token::String) {
    auto text = std::make_shared<Text>();
    while (peek().type == Token::String)
      text->text.append(take().text, false);
    expr->literal.kind = Kind::String;
    expr->literal.object = std::move(text);
  } else if (skipOp("(")) {
    expr = parseTuple(true, true);
    expectOp(")");
  } else if (isOp("[") || isOp("{")) {
    bool isDict = take().text == "{";
    const char *close = isDict ? "}" : "]";
    expr->op = isDict ? Op::Dict : Op::List;
    while (!failed() && !isOp(close)) {
      expr->children.push_back(parseExpression());
      if (isDict) {
        expectOp(":");
        expr->children.push_back(parseExpression());
      }
      if (!isOp(close))
        expectOp(",");
    }
    expectOp(close);
    expr = finish(std::move(expr));
  } else {
    fail(peek().at, "expected an expression");
  }
  return expr;
}

ExprPtr Parser::parsePostfix(ExprPtr expr) {
  while (!failed()) {
    if (skipOp("."))
      expr = parseDot(std::move(expr));
    else if (skipOp("["))
      expr = parseSubscript(std::move(expr));
    else if (isOp("("))
      expr = parseCall(std::move(expr));
    else
      break;
  }
  return expr;
}

ExprPtr Parser::parseDot(ExprPtr object) {
  Token token = take();
  if (token.type == Token::Int) {
    ExprPtr index = make(Op::Literal, token.at);
    index->literal = token.literal;
    return make(Op::Item, std::move(object), std::move(index));
  }
  if (token.type != Token::Name)
    fail(token.at, "expected a name after '.'");
  if (token.text.rfind("__", 0) == 0)
    fail(token.at, "the attribute '" + token.text + "' is not supported");
  ExprPtr expr = make(Op::Attribute, std::move(object));
  expr->at = token.at;
  expr->text = token.text;
  return expr;
}

ExprPtr Parser::parseSubscript(ExprPtr object) {
  auto endsPart = [&] { return isOp(":") || isOp("]") || isOp(","); };
  ExprPtr first = endsPart() ? nullptr : parseExpression();
  ExprPtr expr;
  if (first && isOp("]")) {
    expr = make(Op::Item, std::move(object), std::move(first));
  } else {
    expr = make(Op::Slice, std::move(object));
    expr->children.push_back(std::move(first));
    expectOp(":");
    expr->children.push_back(endsPart() ? nullptr : parseExpression());
    bool hasStep = skipOp(":") && !endsPart();
    expr->children.push_back(hasStep ? parseExpression() : nullptr);
    expr = finish(std::move(expr));
  }
  expectOp("]");
  return expr;
}

void Parser::parseArguments(Expr &call) {
  expectOp("(");
  while (!failed() && !isOp(")")) {
    if (isOp("*") || isOp("**"))
      return fail(peek().at, "'*' in arguments is not supported");
    if (peek().type == Token::Name && isOp("=", 1)) {
      std::string name = take().text;
      take();
      for (const auto &[other, value] : call.keywords)
        if (other == name)
          fail(call.at, "the argument '" + name + "' is there twice");
      call.keywords.emplace_back(std::move(name), parseExpression());
    } else {
      if (!call.keywords.empty())
        fail(peek().at, "a positional argument follows a named one");
      call.children.push_back(parseExpression());
    }
    if (!isOp(")"))
      expectOp(",");
  }
  expectOp(")");
}

/// Refuses calls of what cannot be called, seen by name alone.
void Parser::checkCall(const Expr &call) {
  if (failed() || !call.children[0])
    return;
  const Expr &callee = *call.children[0];
  if (callee.op == Op::Name)
    called.emplace_back(callee.text, callee.at);
  else if (callee.op != Op::Attribute)
    fail(call.at, "calling the result of an expression is not supported");
  else if (!isMethodName(callee.text))
    fail(callee.at, "the method '" + callee.text + "' is not supported");
}

ExprPtr Parser::parseCall(ExprPtr callee) {
  Level level(*this);
  ExprPtr call = make(Op::Call, callee->at);
  call->children.push_back(std::move(callee));
  parseArguments(*call);
  checkCall(*call);
  return finish(std::move(call));
}

/// Filters and tests behind an expression; `atName` in {% filter name %}.
ExprPtr Parser::parseFilters(ExprPtr input, bool atName) {
  while (!failed()) {
    if (atName || isOp("|")) {
      if (!std::exchange(atName, false))
        take();
      input = parseFilter(std::move(input));
    } else if (input && isName("is")) {
      take();
      input = parseTest(std::move(input));
    } else if (input && isOp("(")) {
      input = parseCall(std::move(input));
    } else {
      break;
    }
  }
  return input;
}

/// Where a filter applies another by name, that one must be known too.
void Parser::checkApplied(const Expr &filter) {
  const std::string &name = filter.text;
  bool isMap = name == "map";
  bool byAttribute = name == "selectattr" || name == "rejectattr";
  size_t index = byAttribute ? 2 : 1;
  if ((!isMap && !byAttribute && name != "select" && name != "reject") ||
      filter.children.size() <= index || !filter.children[index])
    return;
  const Expr &applied = *filter.children[index];
  if (applied.op != Op::Literal || !applied.literal.is(Kind::String))
    return fail(applied.at,
                "the name given to '" + name + "' must be written as a string");
  const std::string &text = applied.literal.text();
  if (!(isMap ? findFilter(text) : findTest(text)))
    fail(applied.at, std::string("the ") + (isMap ? "filter" : "test") + " '" +
                         text + "' is not supported");
}

ExprPtr Parser::parseFilter(ExprPtr input) {
  Position at = peek().at;
  ExprPtr filter = make(Op::Filter, at);
  filter->text = expectName();
  filter->builtin = findFilter(filter->text);
  if (!filter->builtin)
    fail(at, "the filter '" + filter->text + "' is not supported");
  filter->children.push_back(std::move(input));
  if (isOp("("))
    parseArguments(*filter);
  checkApplied(*filter);
  return finish(std::move(filter));
}

ExprPtr Parser::parseTest(ExprPtr input) {
  bool negated = skipName("not");
  Position at = peek().at;
  ExprPtr test = make(Op::Test, at);
  test->text = expectName();
  test->builtin = findTest(test->text);
  if (!test->builtin)
    fail(at, "the test '" + test->text + "' is not supported");
  test->children.push_back(std::move(input));
  Token::Type type = peek().type;
  if (isOp("(")) {
    parseArguments(*test);
  } else if (type == Token::String || type == Token::Int ||
             type == Token::Float || isOp("[") || isOp("{") ||
             (type == Token::Name && !isName("else") && !isName("or") &&
              !isName("and"))) {
    if (isName("is"))
      fail(peek().at, "tests cannot be chained");
    test->children.push_back(parsePostfix(parsePrimary()));
  }
  test = finish(std::move(test));
  return negated ? make(Op::Not, std::move(test)) : std::move(test);
}

} // namespace sinter::chat
