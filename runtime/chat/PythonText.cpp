//===- PythonText.cpp - Text as Python handles it ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// UTF-8, whitespace, lines and floats.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/PythonText.h"

#include <charconv>
#include <cmath>

namespace sinter::chat {

static bool decode(std::string_view text, size_t &at, char32_t &c) {
  unsigned char lead = text[at++];
  if (lead < 0x80) {
    c = lead;
    return true;
  }
  int more = lead >= 0xF0 && lead < 0xF5   ? 3
             : lead >= 0xE0 && lead < 0xF0 ? 2
             : lead >= 0xC2 && lead < 0xE0 ? 1
                                           : 0;
  c = more == 3 ? lead & 7 : more == 2 ? lead & 15 : lead & 31;
  if (more == 0 || text.size() - at < size_t(more))
    return false;
  for (int i = 0; i < more; ++i) {
    unsigned char next = text[at + i];
    if ((next & 0xC0) != 0x80)
      return false;
    c = c << 6 | (next & 0x3F);
  }
  static constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
    return false;
  at += more;
  return true;
}

char32_t nextCodePoint(std::string_view text, size_t &at) {
  char32_t c;
  return decode(text, at, c) ? c : 0xFFFD;
}

void appendUtf8(std::string &out, char32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xC0 | c >> 6);
    out += char(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += char(0xE0 | c >> 12);
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  } else {
    out += char(0xF0 | c >> 18);
    out += char(0x80 | (c >> 12 & 0x3F));
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  }
}

bool isValidUtf8(std::string_view text) {
  char32_t c;
  for (size_t at = 0; at < text.size();)
    if (!decode(text, at, c))
      return false;
  return true;
}

bool isAscii(std::string_view text) {
  for (char c : text)
    if (c & 0x80)
      return false;
  return true;
}

std::vector<std::string_view> codePoints(std::string_view text) {
  std::vector<std::string_view> points;
  points.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    nextCodePoint(text, at);
    points.push_back(text.substr(begin, at - begin));
  }
  return points;
}

size_t countCodePoints(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count)
    nextCodePoint(text, at);
  return count;
}

size_t offsetOf(std::string_view text, int64_t index) {
  size_t at = 0;
  while (index-- > 0 && at < text.size())
    nextCodePoint(text, at);
  return at;
}

bool isSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 ||
         c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::string_view strip(std::string_view text, bool left, bool right,
                       const std::string *chars) {
  auto goes = [&](std::string_view point) {
    size_t at = 0;
    return chars ? chars->find(point) != std::string::npos
                 : isSpace(nextCodePoint(point, at));
  };
  while (left && !text.empty()) {
    size_t next = 0;
    nextCodePoint(text, next);
    if (!goes(text.substr(0, next)))
      break;
    text.remove_prefix(next);
  }
  while (right && !text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (text[last] & 0xC0) == 0x80)
      --last;
    if (!goes(text.substr(last)))
      break;
    text = text.substr(0, last);
  }
  return text;
}

std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds) {
  auto endsLine = [](char32_t c) {
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 ||
           c == 0x2028 || c == 0x2029;
  };
  std::vector<std::string_view> lines;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    char32_t c = nextCodePoint(text, at);
    if (!endsLine(c))
      continue;
    if (c == '\r' && at < text.size() && text[at] == '\n')
      ++at;
    lines.push_back(text.substr(begin, (keepEnds ? at : end) - begin));
    begin = at;
  }
  if (begin < text.size())
    lines.push_back(text.substr(begin));
  return lines;
}

std::string floatRepr(double d) {
  if (std::isnan(d))
    return "nan";
  if (std::isinf(d))
    return d < 0 ? "-inf" : "inf";
  char buffer[64];
  auto made = std::to_chars(buffer, buffer + sizeof buffer, d,
                            std::chars_format::scientific);
  std::string_view text(buffer, made.ptr - buffer);
  size_t mark = text.find('e');
  int exponent = 0;
  std::string_view tail = text.substr(mark + (text[mark + 1] == '+' ? 2 : 1));
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
  if (exponent < -4 || exponent >= 16)
    return std::string(text);
  auto plain = std::to_chars(buffer, buffer + sizeof buffer, d,
                             std::chars_format::fixed);
  std::string out(buffer, plain.ptr);
  return out.find('.') == out.npos ? out + ".0" : out;
}

std::optional<double> parseFloat(std::string_view text) {
  text = strip(text, true, true);
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    auto isDigit = [&](size_t k) {
      return k < text.size() && text[k] >= '0' && text[k] <= '9';
    };
    if (text[i] != '_')
      digits += text[i];
    else if (i == 0 || !isDigit(i - 1) || !isDigit(i + 1))
      return std::nullopt;
  }
  bool negative = !digits.empty() && digits[0] == '-';
  std::string_view number = digits;
  if (!number.empty() && (number[0] == '-' || number[0] == '+'))
    number.remove_prefix(1);
  if (number.empty() || number[0] == '-' || number[0] == '+' ||
      number.find('(') != number.npos)
    return std::nullopt;
  double d = 0;
  auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), d);
  if (end != number.data() + number.size())
    return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large gives infinity, too small zero; the exponent's sign tells.
    size_t mark = number.find_first_of("eE");
    bool tiny = mark == number.npos ? number[0] == '0' || number[0] == '.'
                                    : number[mark + 1] == '-';
    d = tiny ? 0 : INFINITY;
  } else if (error != std::errc()) {
    return std::nullopt;
  }
  return negative ? -d : d;
}

} // namespace sinter::chat
