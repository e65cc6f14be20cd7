//===- Yaml.cpp - The part of YAML that specs are written in --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Recursive descent over the text; the first error ends it. Block collections
// are recognized by the column of their first token.
//
//===----------------------------------------------------------------------===//

#include "spec/Yaml.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace sinter;

const YamlNode *YamlNode::find(llvm::StringRef key) const {
  for (const YamlEntry &entry : entries)
    if (entry.key == key)
      return &entry.value;
  return nullptr;
}

llvm::StringRef YamlNode::describe() const {
  switch (kind) {
  case Kind::Null:
    return "nothing";
  case Kind::Scalar:
    return "a value";
  case Kind::Map:
    return "a mapping";
  case Kind::List:
    return "a list";
  }
  return "";
}

namespace {

class Parser {
public:
  Parser(llvm::StringRef text, llvm::StringRef file, Diagnostics &diagnostics,
         const YamlLimits &limits)
      : text(text), file(file), diagnostics(diagnostics), limits(limits) {}

  YamlNode parse();

private:
  // Characters.
  bool atEnd() const { return pos >= text.size(); }
  char peek(size_t ahead = 0) const {
    return pos + ahead < text.size() ? text[pos + ahead] : '\n';
  }
  bool atLineEnd() const { return peek() == '\n'; }
  unsigned column() const { return unsigned(pos - lineStart); }
  SpecLoc here() const { return {file, line, column() + 1}; }
  void advance() {
    if (!atEnd() && text[pos++] == '\n') {
      ++line;
      lineStart = pos;
    }
  }

  // Every parser function returns after a failure without reading on.
  void fail(SpecLoc loc, const llvm::Twine &message) {
    if (!stopped)
      diagnostics.error(loc, message);
    stopped = true;
  }
  bool checkText();

  void skipSpaces();
  void skipToContent();
  bool finishLine();
  YamlNode start(YamlNode::Kind kind);

  bool atDash() const {
    return peek() == '-' && (peek(1) == ' ' || peek(1) == '\n');
  }
  bool atKey();
  void parseBlock(YamlNode &node, unsigned depth);
  void parseBlockMap(YamlNode &node, unsigned depth);
  void parseBlockList(YamlNode &node, unsigned depth);
  void parseAfterKey(YamlNode &node, unsigned parent, unsigned depth);
  void parseLiteral(YamlNode &node, unsigned parent);
  void parseInline(YamlNode &node, unsigned depth);
  void parseFlow(YamlNode &node, unsigned depth);
  void parseFlowMap(YamlNode &node, unsigned depth);
  void parseFlowList(YamlNode &node, unsigned depth);
  void parseFlowValue(YamlNode &node, unsigned depth);
  void parseQuoted(YamlNode &node);
  void parseEscape(std::string &out);
  void foldLineBreak(std::string &out);
  void parsePlain(YamlNode &node, bool inFlow);
  void addKey(YamlNode &map, YamlNode key);

  llvm::StringRef text;
  llvm::StringRef file;
  Diagnostics &diagnostics;
  YamlLimits limits;
  size_t pos = 0;
  size_t lineStart = 0;
  unsigned line = 1;
  unsigned nodes = 0;
  bool stopped = false;
};

bool isPlainEndInFlow(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

} // namespace

/// Refuses what no spec needs and what would make columns lie.
bool Parser::checkText() {
  if (text.size() > limits.maxBytes) {
    fail({file}, "a spec has at most " + llvm::Twine(limits.maxBytes) +
                     " bytes, this one has " + llvm::Twine(text.size()));
    return false;
  }
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
  if (!text.empty() && !llvm::isLegalUTF8String(&begin, begin + text.size())) {
    const char *bad = reinterpret_cast<const char *>(begin);
    while (text.data() + pos < bad)
      advance();
    fail(here(), "bytes that are not valid UTF-8");
    return false;
  }
  for (; !atEnd(); advance()) {
    unsigned char c = static_cast<unsigned char>(peek());
    if (c == '\t' || c == '\r' || (c < 0x20 && c != '\n') || c == 0x7f) {
      fail(here(), c == '\t'   ? "a tab; indent with spaces"
                   : c == '\r' ? "a carriage return; end lines with \\n"
                               : "a control character");
      return false;
    }
  }
  pos = lineStart = 0;
  line = 1;
  return true;
}

void Parser::skipSpaces() {
  while (!atEnd() && peek() == ' ')
    advance();
}

/// Skips blank lines and comments; stands at the next token or at the end.
void Parser::skipToContent() {
  while (!atEnd()) {
    skipSpaces();
    if (peek() == '#')
      while (!atEnd() && !atLineEnd())
        advance();
    if (atEnd() || !atLineEnd())
      return;
    advance();
  }
}

/// Nothing but a comment may follow on this line.
bool Parser::finishLine() {
  bool spaced = pos == 0 || peek() == ' ' || text[pos - 1] == ' ';
  skipSpaces();
  if (atEnd() || atLineEnd() || (peek() == '#' && spaced))
    return true;
  fail(here(),
       "expected the end of the line, found \"" +
           text.substr(pos).take_until([](char c) { return c == '\n'; }) +
           "\"");
  return false;
}

YamlNode Parser::start(YamlNode::Kind kind) {
  YamlNode node;
  node.kind = kind;
  node.loc = here();
  if (++nodes > limits.maxNodes)
    fail(here(),
         "a spec has at most " + llvm::Twine(limits.maxNodes) + " nodes");
  return node;
}

YamlNode Parser::parse() {
  YamlNode root;
  root.loc = {file, 1, 1};
  if (!checkText())
    return root;
  skipToContent();
  if (text.substr(pos).starts_with("---") && column() == 0) {
    pos += 3;
    if (!finishLine())
      return root;
    skipToContent();
  }
  if (atEnd()) {
    fail(root.loc, "the file is empty");
    return root;
  }
  parseBlock(root, 0);
  skipToContent();
  if (!stopped && !atEnd())
    fail(here(), text.substr(pos).starts_with("---")
                     ? "a file holds one spec"
                     : "this line is indented less than the file's first");
  return root;
}

/// Whether the line has "key:" here. Does not move.
bool Parser::atKey() {
  size_t p = pos;
  auto at = [&](size_t i) { return i < text.size() ? text[i] : '\n'; };
  if (at(p) == '"' || at(p) == '\'') {
    char quote = at(p++);
    while (at(p) != quote && at(p) != '\n')
      p += at(p) == '\\' && quote == '"' ? 2 : 1;
    ++p;
    while (at(p) == ' ')
      ++p;
    return at(p) == ':';
  }
  if (at(p) == '{' || at(p) == '[')
    return false;
  for (; at(p) != '\n'; ++p) {
    if (at(p) == '#' && at(p - 1) == ' ')
      return false;
    if (at(p) == ':' && (at(p + 1) == ' ' || at(p + 1) == '\n'))
      return true;
  }
  return false;
}

void Parser::parseBlock(YamlNode &node, unsigned depth) {
  if (depth > limits.maxDepth)
    return fail(here(), "nested deeper than " + llvm::Twine(limits.maxDepth));
  if (atDash())
    return parseBlockList(node, depth);
  if (atKey())
    return parseBlockMap(node, depth);
  parseInline(node, depth);
  if (!stopped)
    finishLine();
}

void Parser::addKey(YamlNode &map, YamlNode key) {
  for (const YamlEntry &entry : map.entries)
    if (entry.key == key.text) {
      fail(key.loc, "key \"" + key.text + "\" stands here a second time");
      diagnostics.note(entry.keyLoc, "the first is here");
      return;
    }
  map.entries.push_back({key.text, key.loc, YamlNode()});
}

void Parser::parseBlockMap(YamlNode &node, unsigned depth) {
  node = start(YamlNode::Kind::Map);
  unsigned indent = column();
  while (!stopped) {
    YamlNode key = start(YamlNode::Kind::Scalar);
    if (peek() == '"' || peek() == '\'')
      parseQuoted(key);
    else
      parsePlain(key, /*inFlow=*/false);
    if (stopped)
      return;
    skipSpaces();
    advance(); // the colon that atKey() saw
    addKey(node, key);
    if (stopped)
      return;
    parseAfterKey(node.entries.back().value, indent, depth);
    if (stopped)
      return;
    skipToContent();
    if (atEnd() || column() < indent)
      return;
    if (column() > indent)
      return fail(here(), "this line is indented more than the keys above it");
    if (!atKey())
      return fail(here(), text.substr(pos).starts_with("---")
                              ? "a file holds one spec"
                              : "expected \"key: value\" as above");
  }
}

void Parser::parseBlockList(YamlNode &node, unsigned depth) {
  node = start(YamlNode::Kind::List);
  unsigned indent = column();
  while (!stopped) {
    advance(); // the dash
    skipSpaces();
    node.items.emplace_back();
    if (atLineEnd() || peek() == '#') {
      node.items.back() = start(YamlNode::Kind::Null);
      skipToContent();
      if (!atEnd() && column() > indent)
        parseBlock(node.items.back(), depth + 1);
    } else {
      parseBlock(node.items.back(), depth + 1);
    }
    if (stopped)
      return;
    skipToContent();
    if (atEnd() || column() < indent || (column() == indent && !atDash()))
      return;
    if (column() > indent)
      return fail(here(), "this line is indented more than the list above it");
  }
}

/// The value of a block map's key, on the same line or indented below.
void Parser::parseAfterKey(YamlNode &node, unsigned parent, unsigned depth) {
  skipSpaces();
  node = start(YamlNode::Kind::Null);
  if (peek() == '|' || peek() == '>')
    return parseLiteral(node, parent);
  if (!atLineEnd() && peek() != '#') {
    if (depth >= limits.maxDepth)
      return fail(here(), "nested deeper than " + llvm::Twine(limits.maxDepth));
    parseInline(node, depth + 1);
    if (!stopped)
      finishLine();
    return;
  }
  skipToContent();
  if (!atEnd() && (column() > parent || (column() == parent && atDash())))
    parseBlock(node, depth + 1);
}

/// Text in the indented lines below, "|" with its line breaks, ">" without.
void Parser::parseLiteral(YamlNode &node, unsigned parent) {
  node = start(YamlNode::Kind::Scalar);
  node.quoted = true;
  char style = peek();
  advance();
  if (peek() == '-')
    advance();
  if (!finishLine())
    return;
  while (!atEnd() && !atLineEnd())
    advance();
  advance();
  while (!atEnd()) {
    size_t before = pos;
    skipSpaces();
    if (!atLineEnd() && column() <= parent) {
      pos = before;
      break;
    }
    llvm::StringRef content =
        text.substr(pos).take_until([](char c) { return c == '\n'; });
    if (!node.text.empty())
      node.text += style == '|' ? '\n' : ' ';
    node.text += content;
    while (!atEnd() && !atLineEnd())
      advance();
    advance();
  }
  node.text = llvm::StringRef(node.text).rtrim().str();
}

void Parser::parseInline(YamlNode &node, unsigned depth) {
  if (peek() == '{' || peek() == '[')
    return parseFlow(node, depth);
  node = start(YamlNode::Kind::Scalar);
  if (peek() == '"' || peek() == '\'')
    return parseQuoted(node);
  parsePlain(node, /*inFlow=*/false);
}

void Parser::parseFlow(YamlNode &node, unsigned depth) {
  if (depth > limits.maxDepth)
    return fail(here(), "nested deeper than " + llvm::Twine(limits.maxDepth));
  if (peek() == '{')
    return parseFlowMap(node, depth);
  parseFlowList(node, depth);
}

void Parser::parseFlowValue(YamlNode &node, unsigned depth) {
  if (peek() == '{' || peek() == '[')
    return parseFlow(node, depth + 1);
  node = start(YamlNode::Kind::Scalar);
  if (peek() == '"' || peek() == '\'')
    return parseQuoted(node);
  parsePlain(node, /*inFlow=*/true);
}

void Parser::parseFlowMap(YamlNode &node, unsigned depth) {
  node = start(YamlNode::Kind::Map);
  advance();
  while (!stopped) {
    skipToContent();
    if (peek() == '}' && !atEnd())
      return advance();
    if (atEnd())
      return fail(node.loc, "this \"{\" is never closed");
    YamlNode key;
    parseFlowValue(key, depth);
    if (!stopped && !key.isScalar())
      fail(key.loc, "a key is a word, not " + key.describe());
    if (stopped)
      return;
    addKey(node, key);
    if (stopped)
      return;
    YamlNode &value = node.entries.back().value;
    skipToContent();
    value = start(YamlNode::Kind::Null);
    if (peek() == ':' && !atEnd()) {
      advance();
      skipToContent();
      if (peek() != ',' && peek() != '}')
        parseFlowValue(value, depth);
      skipToContent();
    }
    if (stopped)
      return;
    if (peek() == ',' && !atEnd())
      advance();
    else if (peek() != '}' && !atEnd())
      return fail(here(), "expected \",\" or \"}\"; quote a value that has "
                          "one of []{}, in it");
  }
}

void Parser::parseFlowList(YamlNode &node, unsigned depth) {
  node = start(YamlNode::Kind::List);
  advance();
  while (!stopped) {
    skipToContent();
    if (peek() == ']' && !atEnd())
      return advance();
    if (atEnd())
      return fail(node.loc, "this \"[\" is never closed");
    node.items.emplace_back();
    parseFlowValue(node.items.back(), depth);
    if (stopped)
      return;
    skipToContent();
    if (peek() == ',' && !atEnd())
      advance();
    else if (peek() != ']' && !atEnd())
      return fail(here(), "expected \",\" or \"]\"; quote a value that has "
                          "one of []{}, in it");
  }
}

void Parser::parseEscape(std::string &out) {
  SpecLoc loc = here();
  advance();
  char c = peek();
  if (atEnd())
    return;
  advance();
  switch (c) {
  case 'n':
    out += '\n';
    return;
  case 't':
    out += '\t';
    return;
  case '\\':
  case '"':
  case '/':
    out += c;
    return;
  }
  fail(loc, "unknown escape \"\\" + llvm::Twine(c) + "\"");
}

/// A line break within quotes, with the spaces around it, is one space.
void Parser::foldLineBreak(std::string &out) {
  while (!out.empty() && out.back() == ' ')
    out.pop_back();
  advance();
  skipSpaces();
  out += ' ';
}

void Parser::parseQuoted(YamlNode &node) {
  node.quoted = true;
  char quote = peek();
  advance();
  while (!stopped) {
    if (atEnd())
      return fail(node.loc, "this quote is never closed");
    char c = peek();
    if (c == quote) {
      advance();
      // Within single quotes, two of them are one.
      if (quote != '\'' || peek() != '\'')
        return;
      node.text += '\'';
      advance();
    } else if (c == '\\' && quote == '"') {
      parseEscape(node.text);
    } else if (c == '\n') {
      foldLineBreak(node.text);
    } else {
      node.text += c;
      advance();
    }
  }
}

void Parser::parsePlain(YamlNode &node, bool inFlow) {
  char first = peek();
  if (first == '&' || first == '*')
    return fail(here(), "anchors and aliases are not a part of the spec "
                        "language; bind a name in \"config\" instead");
  if (first == '!' || first == '%' || first == '@' || first == '`' ||
      ((first == '?' || first == '-') && peek(1) == ' ') || first == '|' ||
      first == '>')
    return fail(here(), "a value cannot begin with \"" + llvm::Twine(first) +
                            "\"; quote it");
  size_t begin = pos;
  while (!atEnd() && !atLineEnd()) {
    char c = peek();
    if (c == '#' && pos > begin && text[pos - 1] == ' ')
      break;
    if (inFlow && isPlainEndInFlow(c))
      break;
    if (c == ':' && (peek(1) == ' ' || peek(1) == '\n' ||
                     (inFlow && isPlainEndInFlow(peek(1)))))
      break;
    advance();
  }
  node.text = text.slice(begin, pos).rtrim().str();
  if (node.text.empty())
    fail(here(), "expected a value");
}

YamlNode sinter::parseYaml(llvm::StringRef text, llvm::StringRef file,
                           Diagnostics &diagnostics, const YamlLimits &limits) {
  return Parser(text, file, diagnostics, limits).parse();
}
