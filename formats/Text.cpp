//===- Text.cpp - Untrusted text in messages and keys ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"

namespace sinter {

size_t utf8Length(std::string_view text) {
  if (text.empty())
    return 0;
  auto byteAt = [&](size_t i) { return (unsigned char)text[i]; };
  unsigned char lead = byteAt(0);
  if (lead < 0x80)
    return 1;
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
    return 0;
  // The second byte's range excludes overlong forms, surrogates and what lies
  // beyond the last code point.
  unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byteAt(1) < low || byteAt(1) > high)
    return 0;
  for (size_t i = 2; i < length; ++i)
    if ((byteAt(i) & 0xc0) != 0x80)
      return 0;
  return length;
}

bool isUtf8(std::string_view text) {
  while (!text.empty()) {
    size_t length = utf8Length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string replaceBadUtf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    size_t length = utf8Length(text);
    if (length == 0) {
      result += "\xef\xbf\xbd";
      length = 1;
    } else {
      result.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return result;
}

/// The code point of a well-formed character of two or three bytes.
static unsigned codeOf(std::string_view text) {
  auto byteAt = [&](size_t i) { return (unsigned char)text[i]; };
  return text.size() == 2 ? (byteAt(0) & 0x1f) << 6 | (byteAt(1) & 0x3f)
                          : (byteAt(0) & 0x0f) << 12 | (byteAt(1) & 0x3f) << 6 |
                                (byteAt(2) & 0x3f);
}

/// Whether terminals act upon `code`: C1 controls, marks and overrides of
/// direction, ends of lines and paragraphs.
static bool isUnseen(unsigned code) {
  return (code >= 0x80 && code < 0xa0) || code == 0x61c ||
         (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// Appends the first character of `text` and returns its length.
static size_t appendSeen(std::string_view text, std::string &out) {
  constexpr char digits[] = "0123456789abcdef";
  size_t length = utf8Length(text);
  unsigned char first = (unsigned char)text[0];
  if (length == 0 || first < 0x20 || first == 0x7f) {
    out += {'\\', 'x', digits[first >> 4], digits[first & 15]};
    return 1;
  }
  std::string_view character = text.substr(0, length);
  unsigned code = length == 2 || length == 3 ? codeOf(character) : 0;
  if (isUnseen(code)) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
      out += digits[code >> shift & 15];
  } else {
    out += character;
  }
  return length;
}

std::string printable(std::string_view message) {
  std::string result;
  result.reserve(message.size());
  while (!message.empty()) {
    size_t length = 1;
    if (message[0] == '\n' || message[0] == '\t')
      result += message[0];
    else
      length = appendSeen(message, result);
    message.remove_prefix(length);
  }
  return result;
}

std::string quote(std::string_view text) {
  constexpr size_t maxLength = 100;
  std::string result = "\"";
  while (!text.empty()) {
    if (result.size() > maxLength) {
      result += "...";
      break;
    }
    if (text[0] == '"' || text[0] == '\\')
      result += '\\';
    text.remove_prefix(appendSeen(text, result));
  }
  return result + "\"";
}

} // namespace sinter
