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

std::string quote(std::string_view text) {
  constexpr size_t maxLength = 100;
  constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  while (!text.empty()) {
    if (result.size() > maxLength) {
      result += "...";
      break;
    }
    size_t length = utf8Length(text);
    unsigned char first = (unsigned char)text[0];
    if (length == 0 || first < 0x20 || first == 0x7f) {
      result += "\\x";
      result += digits[first >> 4];
      result += digits[first & 15];
      length = 1;
    } else {
      if (first == '"' || first == '\\')
        result += '\\';
      result.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return result + "\"";
}

} // namespace sinter
