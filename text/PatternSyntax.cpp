//===- PatternSyntax.cpp - Parsing regular expressions --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/PatternSyntax.h"
#include "runtime/text/Matcher.h"
#include "runtime/text/Utf8.h"
#include "text/Unicode.h"

#include <algorithm>
#include <optional>
#include <string>

namespace sinter::text {

using Node = std::unique_ptr<PatternNode>;
using Kind = PatternNode::Kind;

namespace {
class Parser {
public:
  Parser(std::string_view pattern, const PatternCompiler::Options &options)
      : pattern(pattern), options(options) {}

  Result<Node> parse();

private:
  // Reading.
  bool atEnd() const { return pos >= pattern.size(); }
  char peek() const { return atEnd() ? '\0' : pattern[pos]; }
  bool accept(std::string_view wanted) {
    if (!pattern.substr(pos).starts_with(wanted))
      return false;
    pos += wanted.size();
    return true;
  }
  uint32_t nextCode();
  Node fail(const std::string &what);

  // Grammar. A null node means that `message` says what is wrong.
  Node parseAlternatives();
  Node parseSequence();
  Node parseRepeated();
  bool parseCounts(uint32_t &least, uint32_t &most);
  Node parseAtom();
  Node parseGroup();
  Node parseLook(bool behind, bool negated);
  Node parseFlags();
  Node parseEscape();
  Node parseAnchor(Kind kind);
  Node wordBoundary(bool negated);
  bool parseClass(CodeSet &set);
  bool parseClassItem(CodeSet &set, std::optional<uint32_t> &single);
  bool parseClassEscape(CodeSet &set, std::optional<uint32_t> &single);
  bool parseProperty(bool negated, CodeSet &set);
  bool parseHex(uint32_t digits, uint32_t &code);
  bool namedClass(char letter, CodeSet &set);

  Node setNode(CodeSet set) const;
  Node literal(uint32_t code) const { return setNode({{code, code}}); }

  std::string_view pattern;
  PatternCompiler::Options options;
  size_t pos = 0;
  uint32_t depth = 0;
  bool ignoreCase = false, dotMatchesNewline = false;
  std::string message;
};
} // namespace

static Node make(Kind kind) {
  Node node = std::make_unique<PatternNode>();
  node->kind = kind;
  return node;
}

static Node make(Kind kind, Node child) {
  Node node = make(kind);
  node->children.push_back(std::move(child));
  return node;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

uint32_t Parser::nextCode() {
  uint32_t code = codeAt(pattern, pos);
  pos += sizeAt(pattern, pos);
  return code;
}

Node Parser::fail(const std::string &what) {
  if (message.empty())
    message = "pattern \"" + std::string(pattern) + "\" at byte " +
              std::to_string(pos) + ": " + what;
  return nullptr;
}

Node Parser::setNode(CodeSet set) const {
  Node node = make(Kind::Set);
  node->set = ignoreCase ? caseClosureOf(set) : std::move(set);
  return node;
}

Result<Node> Parser::parse() {
  if (repairUtf8(pattern) != pattern)
    return Failure("pattern \"" + repairUtf8(pattern) + "\" is not UTF-8");
  Node node = parseAlternatives();
  if (node && !atEnd())
    node = fail("expected the end, found ')'");
  if (!node)
    return Failure(message);
  return node;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

Node Parser::parseAlternatives() {
  if (depth >= maxPatternDepth)
    return fail("groups are nested too deep");
  ++depth;
  bool outerCase = ignoreCase, outerDot = dotMatchesNewline;
  Node result = make(Kind::Alternatives);
  do {
    Node sequence = parseSequence();
    if (!sequence)
      return nullptr;
    result->children.push_back(std::move(sequence));
  } while (accept("|"));
  ignoreCase = outerCase;
  dotMatchesNewline = outerDot;
  --depth;
  if (result->children.size() == 1)
    return std::move(result->children.front());
  return result;
}

Node Parser::parseSequence() {
  Node result = make(Kind::Sequence);
  while (!atEnd() && peek() != '|' && peek() != ')') {
    Node item = parseRepeated();
    if (!item)
      return nullptr;
    result->children.push_back(std::move(item));
  }
  return result;
}

/// Reads {n}, {n,}, {,m} or {n,m}; without advancing if it is none of them,
/// as a brace is then a literal.
bool Parser::parseCounts(uint32_t &least, uint32_t &most) {
  size_t start = pos;
  auto number = [&](uint32_t &value) {
    size_t first = pos;
    value = 0;
    while (peek() >= '0' && peek() <= '9' && value < 100000)
      value = value * 10 + static_cast<uint32_t>(pattern[pos++] - '0');
    return pos > first;
  };
  if (accept("{")) {
    bool hasLeast = number(least);
    if (!hasLeast)
      least = 0;
    most = least;
    bool hasMost = hasLeast;
    if (accept(",")) {
      bool bounded = number(most);
      hasMost = hasLeast || bounded;
      if (!bounded)
        most = noLimit;
    }
    if (hasMost && accept("}"))
      return true;
  }
  pos = start;
  return false;
}

Node Parser::parseRepeated() {
  Node item = parseAtom();
  while (item && !atEnd()) {
    uint32_t least, most;
    bool braces = false;
    if (accept("*")) {
      least = 0, most = noLimit;
    } else if (accept("+")) {
      least = 1, most = noLimit;
    } else if (accept("?")) {
      least = 0, most = 1;
    } else if (parseCounts(least, most)) {
      braces = true;
    } else {
      break;
    }
    if (least > most)
      return fail("expected a count of at least " + std::to_string(least) +
                  ", found " + std::to_string(most));
    item = make(Kind::Repeat, std::move(item));
    item->least = least;
    item->most = most;
    // In Ruby's manner {n,m}+ and {n}? repeat a repetition.
    bool ruby = braces && options.rubyManner;
    if (!(ruby && least == most) && accept("?"))
      item->greed = PatternNode::Greed::Little;
    else if (!ruby && accept("+"))
      item->greed = PatternNode::Greed::All;
  }
  return item;
}

Node Parser::parseAtom() {
  if (accept("("))
    return parseGroup();
  if (accept("[")) {
    CodeSet set;
    return parseClass(set) ? setNode(std::move(set)) : nullptr;
  }
  if (accept("."))
    return setNode(dotMatchesNewline ? complementOf({})
                                     : complementOf({{'\n', '\n'}}));
  if (accept("^"))
    return parseAnchor(Kind::AtStart);
  if (accept("$"))
    return parseAnchor(Kind::AtEnd);
  if (accept("\\"))
    return parseEscape();
  char next = peek();
  if (next == '*' || next == '+' || next == '?')
    return fail(std::string("nothing before '") + next + "' to repeat");
  return literal(nextCode());
}

Node Parser::parseAnchor(Kind kind) {
  Node anchor = make(kind);
  if (!options.rubyManner)
    return anchor;
  CodeSet newline{{'\n', '\n'}};
  Node line;
  if (kind == Kind::AtStart) {
    line = make(Kind::Behind);
    line->set = newline;
  } else {
    line = make(Kind::Look, setNode(newline));
  }
  Node either = make(Kind::Alternatives);
  either->children.push_back(std::move(anchor));
  either->children.push_back(std::move(line));
  return either;
}

Node Parser::parseGroup() {
  Node inner;
  if (accept("?=") || accept("?!"))
    return parseLook(false, pattern[pos - 1] == '!');
  if (accept("?<=") || accept("?<!"))
    return parseLook(true, pattern[pos - 1] == '!');
  if (accept("?>")) {
    inner = parseAlternatives();
    if (inner)
      inner = make(Kind::Atomic, std::move(inner));
  } else if (accept("?<") || accept("?P<")) {
    size_t close = pattern.find('>', pos);
    if (close == std::string_view::npos)
      return fail("expected '>' after a group's name");
    pos = close + 1;
    inner = parseAlternatives();
  } else if (peek() == '?' && !accept("?:")) {
    ++pos;
    return parseFlags();
  } else {
    inner = parseAlternatives();
  }
  if (inner && !accept(")"))
    return fail("expected ')'");
  return inner;
}

Node Parser::parseLook(bool behind, bool negated) {
  Node inner = parseAlternatives();
  if (!inner)
    return nullptr;
  if (!accept(")"))
    return fail("expected ')'");
  if (!behind) {
    Node look = make(Kind::Look, std::move(inner));
    look->negated = negated;
    return look;
  }
  while (inner->kind == Kind::Sequence && inner->children.size() == 1)
    inner = Node(std::move(inner->children.front()));
  if (inner->kind != Kind::Set)
    return fail("only one character can be looked at behind");
  inner->kind = Kind::Behind;
  inner->negated = negated;
  return inner;
}

/// (?i), (?i:...), (?s), (?-i) and mixtures of them.
Node Parser::parseFlags() {
  bool outerCase = ignoreCase, outerDot = dotMatchesNewline;
  bool value = true;
  for (; !atEnd() && peek() != ':' && peek() != ')'; ++pos) {
    if (peek() == '-')
      value = false;
    else if (peek() == 'i')
      ignoreCase = value;
    else if (peek() == 's')
      dotMatchesNewline = value;
    else if (peek() != 'u') // Unicode is always meant
      return fail(std::string("unknown kind of group '(?") + peek() + "'");
  }
  if (accept(")")) // holds to the end of the enclosing group
    return make(Kind::Sequence);
  if (!accept(":"))
    return fail("expected ':' or ')'");
  Node inner = parseAlternatives();
  ignoreCase = outerCase;
  dotMatchesNewline = outerDot;
  if (inner && !accept(")"))
    return fail("expected ')'");
  return inner;
}

//===----------------------------------------------------------------------===//
// Characters and classes
//===----------------------------------------------------------------------===//

/// What \w means in a class.
static CodeSet wordCharacters() {
  CodeSet set;
  for (const char *name : {"Alphabetic", "M", "Nd", "Pc"})
    set = unionOf(set, *propertySet(name));
  return set;
}

/// What \w means elsewhere, and \b: the original asks a table of Latin-1 then,
/// for which superscripts and fractions are words, too.
static CodeSet loneWordCharacters() {
  return unionOf(wordCharacters(), {{0xb2, 0xb3}, {0xb9, 0xb9}, {0xbc, 0xbe}});
}

bool Parser::namedClass(char letter, CodeSet &set) {
  switch (letter | 0x20) {
  case 'd':
    set = *propertySet("Nd");
    break;
  case 's':
    set = *propertySet("White_Space");
    break;
  case 'w':
    set = wordCharacters();
    break;
  case 'h':
    if (!options.rubyManner)
      return false;
    set = *propertySet("AHex");
    break;
  default:
    return false;
  }
  if (letter < 'a')
    set = complementOf(set);
  return true;
}

bool Parser::parseProperty(bool negated, CodeSet &set) {
  std::string_view name;
  if (accept("{")) {
    negated ^= accept("^");
    size_t close = pattern.find('}', pos);
    if (close == std::string_view::npos)
      return fail("expected '}' after a property's name"), false;
    name = pattern.substr(pos, close - pos);
    pos = close + 1;
  } else if (!atEnd()) {
    name = pattern.substr(pos++, 1);
  }
  std::optional<CodeSet> found = propertySet(name);
  if (!found && name.starts_with("Is"))
    found = propertySet(name.substr(2));
  if (!found)
    return fail("unknown property '" + std::string(name) + "'"), false;
  set = negated ? complementOf(*found) : *found;
  return true;
}

/// `digits` hexadecimal digits, or any number of them in braces where that
/// is 2.
bool Parser::parseHex(uint32_t digits, uint32_t &code) {
  bool braces = digits == 2 && accept("{");
  uint32_t count = 0;
  code = 0;
  while (count < (braces ? 6 : digits)) {
    char c = peek();
    uint32_t value = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : 16;
    if (value == 16)
      break;
    code = code * 16 + value;
    ++count;
    ++pos;
  }
  bool whole = braces ? count > 0 && accept("}") : count > 0;
  if (!whole || code > 0x10ffff)
    return fail("expected a code point in hexadecimal digits"), false;
  return true;
}

/// What follows a backslash, inside of classes and out.
bool Parser::parseClassEscape(CodeSet &set, std::optional<uint32_t> &single) {
  if (atEnd())
    return fail("expected something after '\\'"), false;
  char next = peek();
  if (next == 'p' || next == 'P') {
    ++pos;
    return parseProperty(next == 'P', set);
  }
  if (namedClass(next, set)) {
    ++pos;
    return true;
  }
  static constexpr std::string_view letters = "tnrfvae0",
                                    codes("\t\n\r\f\v\a\x1b\0", 8);
  size_t found = letters.find(next);
  uint32_t code = 0;
  if (next == 'x' || next == 'u') {
    ++pos;
    if (!parseHex(next == 'x' ? 2 : 4, code))
      return false;
  } else if (found != std::string_view::npos) {
    ++pos;
    code = static_cast<unsigned char>(codes[found]);
  } else if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
             (next >= '1' && next <= '9')) {
    return fail(std::string("unknown escape '\\") + next + "'"), false;
  } else {
    code = nextCode();
  }
  single = code;
  set = {{code, code}};
  return true;
}

Node Parser::wordBoundary(bool negated) {
  // \b: a word character on one side only.
  Node either = make(Kind::Alternatives);
  for (bool before : {false, true}) {
    Node behind = make(Kind::Behind);
    behind->set = loneWordCharacters();
    behind->negated = !before;
    Node word = make(Kind::Set);
    word->set = loneWordCharacters();
    Node ahead = make(Kind::Look, std::move(word));
    ahead->negated = before != negated;
    Node both = make(Kind::Sequence);
    both->children.push_back(std::move(behind));
    both->children.push_back(std::move(ahead));
    either->children.push_back(std::move(both));
  }
  return either;
}

Node Parser::parseEscape() {
  if (accept("A"))
    return make(Kind::AtStart);
  if (accept("z"))
    return make(Kind::AtEnd);
  if (accept("b"))
    return wordBoundary(false);
  if (accept("B"))
    return wordBoundary(true);
  if (accept("w"))
    return setNode(loneWordCharacters());
  if (accept("W"))
    return setNode(complementOf(loneWordCharacters()));
  CodeSet set;
  std::optional<uint32_t> single;
  if (!parseClassEscape(set, single))
    return nullptr;
  return setNode(std::move(set));
}

bool Parser::parseClassItem(CodeSet &set, std::optional<uint32_t> &single) {
  if (accept("["))
    return parseClass(set);
  if (accept("\\"))
    return parseClassEscape(set, single);
  single = nextCode();
  set = {{*single, *single}};
  return true;
}

/// What follows a '[', up to and with its ']'.
bool Parser::parseClass(CodeSet &set) {
  if (++depth > maxPatternDepth)
    return fail("classes are nested too deep"), false;
  bool negated = accept("^");
  bool first = true, intersects = false;
  CodeSet left; // of a '&&'
  set.clear();
  for (; first || peek() != ']'; first = false) {
    if (atEnd())
      return fail("expected ']'"), false;
    if (peek() == '[' && pattern.substr(pos).starts_with("[:"))
      return fail("classes as [:name:] are not supported"), false;
    if (accept("&&")) {
      left = intersects ? intersectionOf(left, set) : set;
      intersects = true;
      set.clear();
      continue;
    }
    CodeSet item;
    std::optional<uint32_t> low, high;
    if (!parseClassItem(item, low))
      return false;
    bool range = low && peek() == '-' && pos + 1 < pattern.size() &&
                 pattern[pos + 1] != ']';
    if (range) {
      ++pos;
      if (!parseClassItem(item, high))
        return false;
      if (!high || *high < *low)
        return fail("a range has no end, or one before its start"), false;
      item = {{*low, *high}};
    }
    set = unionOf(set, item);
  }
  ++pos; // the ']'
  if (intersects)
    set = intersectionOf(left, set);
  if (ignoreCase)
    set = caseClosureOf(set);
  if (negated)
    set = complementOf(set);
  --depth;
  return true;
}

Result<Node> parsePattern(std::string_view pattern,
                          const PatternCompiler::Options &options) {
  return Parser(pattern, options).parse();
}

} // namespace sinter::text
