//===- ByteAlphabet.cpp - Bytes written as printable characters -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/ByteAlphabet.h"
#include "runtime/text/Utf8.h"

#include <array>

namespace sinter::text {

static bool isPrintable(uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) ||
         (byte >= 0xae && byte <= 0xff);
}

/// For each code point of the alphabet its byte, and -1 for the others.
static std::array<int, 0x144> makeAlphabet() {
  std::array<int, 0x144> bytes;
  bytes.fill(-1);
  uint32_t next = 0x100;
  for (uint32_t byte = 0; byte < 256; ++byte)
    bytes[isPrintable(byte) ? byte : next++] = static_cast<int>(byte);
  return bytes;
}

std::optional<std::string> bytesOfAlphabet(std::string_view text) {
  static const std::array<int, 0x144> alphabet = makeAlphabet();
  std::string bytes;
  for (size_t pos = 0; pos < text.size(); pos += sizeAt(text, pos)) {
    uint32_t code = codeAt(text, pos);
    if (code >= alphabet.size() || alphabet[code] < 0)
      return std::nullopt;
    bytes += static_cast<char>(alphabet[code]);
  }
  return bytes;
}

std::string alphabetOfBytes(std::string_view bytes) {
  static const std::array<std::string, 256> characters = [] {
    std::array<std::string, 256> texts;
    uint32_t next = 0x100;
    for (uint32_t byte = 0; byte < 256; ++byte)
      appendUtf8(isPrintable(byte) ? byte : next++, texts[byte]);
    return texts;
  }();
  std::string text;
  for (char c : bytes)
    text += characters[static_cast<unsigned char>(c)];
  return text;
}

std::optional<unsigned char> byteOfName(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>')
    return std::nullopt;
  uint32_t byte = 0;
  for (char c : text.substr(3, 2)) {
    uint32_t digit = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : 16;
    if (digit == 16)
      return std::nullopt;
    byte = byte * 16 + digit;
  }
  return static_cast<unsigned char>(byte);
}

std::string replaceAll(std::string_view text, std::string_view from,
                       std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t found; (found = text.find(from, done)) != text.npos;
       done = found + from.size()) {
    out += text.substr(done, found - done);
    out += to;
  }
  return out += text.substr(done);
}

} // namespace sinter::text
