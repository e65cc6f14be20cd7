//===- Lexer.cpp - Tokens of a chat template --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Text outside tags is cut by the tag that follows it (a `-` strips it, an
// indent before a block or comment goes) and by the one before it (a `-`
// strips, a block or comment takes one newline along).
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Lexer.h"

#include "runtime/chat/PythonText.h"

#include <charconv>

namespace sinter::chat {

Failure failureAt(Position at, const std::string &message) {
  return Failure("chat template:" + std::to_string(at.line) + ":" +
                 std::to_string(at.column) + ": " + message);
}

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isNamePart(char c) { return isNameStart(c) || isDigit(c); }

class Lexer {
public:
  explicit Lexer(std::string_view source) : source(source) {}
  Result<std::vector<Token>> run();

private:
  Failure lexText();
  Failure lexComment();
  Failure lexTag(bool block);
  Failure lexRaw(size_t bodyBegin);
  Failure lexNumber();
  Failure lexString();
  Failure lexOperator();
  void addData(size_t begin, size_t end, char sign, bool isPrint);
  bool closesTag(bool block);
  bool matchRaw(size_t at, std::string_view word, size_t &end, bool &trims);

  bool here(std::string_view what) const { return at(cursor, what); }
  bool at(size_t place, std::string_view what) const {
    return place <= source.size() && source.substr(place, what.size()) == what;
  }
  void add(Token::Type type, size_t begin, std::string text = {});
  Position locate(size_t place);
  Failure fail(size_t place, const std::string &what) {
    return failureAt(locate(place), what);
  }
  void skipSpace(size_t &place) const;
  void moveTo(size_t place) {
    // Whether a block at the cursor starts its line decides about its indent.
    if (place > cursor)
      lineStarting = source[place - 1] == '\n';
    cursor = place;
  }

  std::string_view source;
  size_t cursor = 0;
  bool lineStarting = true;
  std::string open; // brackets not closed yet, as their closing characters
  std::vector<Token> tokens;
  size_t located = 0; // up to here `position` is counted
  Position position;
};

Position Lexer::locate(size_t place) {
  if (place < located) {
    located = 0;
    position = {};
  }
  while (located < place) {
    if (nextCodePoint(source, located) == '\n')
      position = {position.line + 1, 1};
    else
      ++position.column;
  }
  return position;
}

void Lexer::skipSpace(size_t &place) const {
  while (place < source.size()) {
    size_t next = place;
    if (!isSpace(nextCodePoint(source, next)))
      return;
    place = next;
  }
}

void Lexer::add(Token::Type type, size_t begin, std::string text) {
  Token token;
  token.type = type;
  token.at = locate(begin);
  token.text = std::move(text);
  tokens.push_back(std::move(token));
}

/// Adds the text in [begin, end), which a tag with whitespace sign `sign`
/// follows.
void Lexer::addData(size_t begin, size_t end, char sign, bool isPrint) {
  std::string_view text = source.substr(begin, end - begin);
  if (sign == '-') {
    text = strip(text, false, true);
  } else if (sign != '+' && !isPrint) {
    size_t line = text.rfind('\n');
    line = line == text.npos ? 0 : line + 1;
    if ((line > 0 || lineStarting) &&
        strip(text.substr(line), true, true) == "")
      text = text.substr(0, line);
  }
  if (!text.empty())
    add(Token::Data, begin, std::string(text));
}

/// Whether `{% word %}` stands at `place`; if so, where it ends and whether
/// its end strips. `endraw` also takes a newline along, as blocks do.
bool Lexer::matchRaw(size_t place, std::string_view word, size_t &end,
                     bool &trims) {
  if (!at(place, "{%"))
    return false;
  place += 2;
  if (at(place, "-") || at(place, "+"))
    ++place;
  skipSpace(place);
  if (!at(place, word))
    return false;
  place += word.size();
  skipSpace(place);
  trims = at(place, "-%}");
  bool keeps = word == "endraw" && at(place, "+%}");
  place += trims || keeps;
  if (!at(place, "%}"))
    return false;
  end = place + 2;
  if (trims)
    skipSpace(end);
  else if (!keeps && word == "endraw" && at(end, "\n"))
    ++end;
  return true;
}

Failure Lexer::lexRaw(size_t bodyBegin) {
  size_t opened = cursor;
  moveTo(bodyBegin);
  for (size_t place = bodyBegin; place < source.size(); ++place) {
    size_t end;
    bool trims;
    if (!matchRaw(place, "endraw", end, trims))
      continue;
    addData(bodyBegin, place,
            at(place + 2, "-")   ? '-'
            : at(place + 2, "+") ? '+'
                                 : ' ',
            false);
    moveTo(end);
    return Failure::none();
  }
  return fail(opened, "{% raw %} is never closed by {% endraw %}");
}

Failure Lexer::lexComment() {
  size_t opened = cursor;
  size_t place = source.find("#}", cursor + 2);
  if (place == source.npos)
    return fail(opened, "the comment is never closed by #}");
  char sign = place > cursor + 2 ? source[place - 1] : ' ';
  // In "{#-#}" the one sign belongs to the beginning.
  if (place == cursor + 3 && (sign == '-' || sign == '+'))
    sign = ' ';
  size_t end = place + 2;
  if (sign == '-')
    skipSpace(end);
  else if (sign != '+' && at(end, "\n"))
    ++end;
  moveTo(end);
  return Failure::none();
}

Failure Lexer::lexText() {
  size_t begin = cursor, place = begin;
  for (; place < source.size(); ++place)
    if (at(place, "{{") || at(place, "{%") || at(place, "{#"))
      break;
  if (place == source.size()) {
    add(Token::Data, begin, std::string(source.substr(begin)));
    cursor = place;
    return Failure::none();
  }
  char sign = place + 2 < source.size() ? source[place + 2] : ' ';
  char tag = source[place + 1];
  addData(begin, place, sign, tag == '{');
  cursor = place;
  lineStarting = false;
  if (tag == '#')
    return lexComment();
  size_t end;
  bool trims;
  if (tag == '%' && matchRaw(place, "raw", end, trims))
    return lexRaw(end);
  add(tag == '%' ? Token::BlockBegin : Token::PrintBegin, place);
  cursor = place + 2 + (sign == '-' || sign == '+');
  return lexTag(tag == '%');
}

/// At a tag's end, adds it and moves past it and the whitespace it takes.
bool Lexer::closesTag(bool block) {
  std::string_view mark = block ? "%}" : "}}";
  bool strips = here("-") && at(cursor + 1, mark);
  bool keeps = block && here("+") && at(cursor + 1, mark);
  if (!strips && !keeps && !here(mark))
    return false;
  add(block ? Token::BlockEnd : Token::PrintEnd, cursor);
  size_t end = cursor + 2 + (strips || keeps);
  if (strips)
    skipSpace(end);
  else if (block && !keeps && at(end, "\n"))
    ++end;
  moveTo(end);
  return true;
}

Failure Lexer::lexTag(bool block) {
  size_t opened = cursor;
  open.clear();
  while (true) {
    skipSpace(cursor);
    if (cursor >= source.size())
      return fail(opened, block ? "the tag is never closed by %}"
                                : "the tag is never closed by }}");
    if (open.empty() && closesTag(block))
      return Failure::none();
    char c = source[cursor];
    Failure failure;
    if (isDigit(c)) {
      failure = lexNumber();
    } else if (c == '"' || c == '\'') {
      failure = lexString();
    } else if (isNameStart(c)) {
      size_t begin = cursor;
      while (cursor < source.size() && isNamePart(source[cursor]))
        ++cursor;
      if (cursor < source.size() && (source[cursor] & 0x80))
        return fail(begin, "names must be ASCII");
      add(Token::Name, begin,
          std::string(source.substr(begin, cursor - begin)));
    } else {
      failure = lexOperator();
    }
    if (failure)
      return failure;
  }
}

Failure Lexer::lexNumber() {
  size_t begin = cursor;
  auto digits = [&] {
    while (cursor < source.size() && isDigit(source[cursor]))
      ++cursor;
  };
  digits();
  auto digitAt = [&](size_t place) {
    return place < source.size() && isDigit(source[place]);
  };
  // In `row.0.5` the digits are indices, never a fraction.
  bool isIndex = begin > 0 && source[begin - 1] == '.';
  bool isFloat = !isIndex && here(".") && digitAt(cursor + 1);
  if (isFloat) {
    ++cursor;
    digits();
  }
  if (!isIndex && (here("e") || here("E"))) {
    size_t sign = at(cursor + 1, "+") || at(cursor + 1, "-");
    if (digitAt(cursor + 1 + sign)) {
      isFloat = true;
      cursor += 1 + sign;
      digits();
    }
  }
  std::string_view text = source.substr(begin, cursor - begin);
  if (cursor < source.size() && isNamePart(source[cursor]))
    return fail(begin, "numbers must be plain decimals");
  if (!isFloat && text.size() > 1 && text[0] == '0')
    return fail(begin, "integers must not begin with 0");
  add(isFloat ? Token::Float : Token::Int, begin, std::string(text));
  Value &literal = tokens.back().literal;
  if (isFloat) {
    literal = Value::floating(parseFloat(text).value_or(0));
    return Failure::none();
  }
  int64_t number = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc())
    return fail(begin, "the integer does not fit in 64 bits");
  literal = Value::integral(number);
  return Failure::none();
}

/// Reads `count` digits in `base` into `code`; false where they are not there.
bool readCode(std::string_view text, size_t &i, size_t count, int base,
              uint32_t &code) {
  if (text.size() - i < count)
    return false;
  const char *begin = text.data() + i;
  auto [end, error] = std::from_chars(begin, begin + count, code, base);
  i += count;
  return error == std::errc() && end == begin + count;
}

/// Appends what the escape after the backslash at text[i - 1] stands for;
/// false where it is malformed or names a character.
bool appendEscape(std::string_view text, size_t &i, std::string &out) {
  static constexpr std::string_view from = "abfnrtv\\'\"";
  static constexpr std::string_view to = "\a\b\f\n\r\t\v\\'\"";
  char c = text[i++];
  if (size_t k = from.find(c); k != from.npos) {
    out += to[k];
    return true;
  }
  if (c == '\n')
    return true;
  uint32_t code = 0;
  if (c >= '0' && c <= '7') {
    code = c - '0';
    for (int k = 0; k < 2 && i < text.size(); ++k) {
      if (text[i] < '0' || text[i] > '7')
        break;
      code = code * 8 + (text[i++] - '0');
    }
  } else if (c == 'x' || c == 'u' || c == 'U') {
    if (!readCode(text, i, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, code))
      return false;
  } else {
    // Any other backslash stands for itself. Where a character outside ASCII
    // follows, Python's detour through ASCII would garble it.
    out += '\\';
    out += c;
    return c != 'N' && !(c & 0x80);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    return false;
  appendUtf8(out, code);
  return true;
}

Failure Lexer::lexString() {
  size_t begin = cursor;
  char quote = source[cursor++];
  size_t end = cursor;
  while (end < source.size() && source[end] != quote)
    end += source[end] == '\\' ? 2 : 1;
  if (end >= source.size())
    return fail(begin, "the string is never closed");
  std::string_view raw = source.substr(cursor, end - cursor);
  std::string text;
  for (size_t i = 0; i < raw.size();) {
    char c = raw[i++];
    if (c != '\\')
      text += c;
    else if (!appendEscape(raw, i, text))
      return fail(begin, "the string has an escape that is not supported");
  }
  cursor = end + 1;
  add(Token::String, begin, std::move(text));
  return Failure::none();
}

Failure Lexer::lexOperator() {
  static constexpr std::string_view doubles[] = {
      "//", "**", "==", "!=", ">=", "<="};
  size_t begin = cursor;
  for (std::string_view op : doubles) {
    if (!here(op))
      continue;
    cursor += 2;
    add(Token::Operator, begin, std::string(op));
    return Failure::none();
  }
  char c = source[cursor];
  if (std::string_view("+-/*%~[](){}<>=.:|,;").find(c) ==
      std::string_view::npos)
    return fail(begin, "unexpected character in a tag");
  if (c == '(' || c == '[' || c == '{')
    open += c == '(' ? ')' : c == '[' ? ']' : '}';
  if (c == ')' || c == ']' || c == '}') {
    if (open.empty() || open.back() != c)
      return fail(begin, std::string("unexpected '") + c + "'");
    open.pop_back();
  }
  ++cursor;
  add(Token::Operator, begin, std::string(1, c));
  return Failure::none();
}

Result<std::vector<Token>> Lexer::run() {
  while (cursor < source.size())
    if (Failure failure = lexText())
      return failure;
  add(Token::End, source.size());
  return std::move(tokens);
}

} // namespace

Result<std::vector<Token>> tokenize(std::string_view source) {
  return Lexer(source).run();
}

} // namespace sinter::chat
