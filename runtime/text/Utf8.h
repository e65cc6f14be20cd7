//===- Utf8.h - Code points in bytes that may be anything -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Text enters through Utf8Stream, which makes any bytes valid; inside, the
// inline functions below walk valid text.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_UTF8_H
#define SINTER_RUNTIME_TEXT_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sinter::text {

/// Repairs bytes as they come: each longest start of a code point that is not
/// continued, and each byte that cannot start one, becomes one U+FFFD. This is
/// Python's incremental decoder with errors="replace", and Unicode's advice.
class Utf8Stream {
public:
  void push(std::string_view bytes, std::string &out) {
    for (char byte : bytes)
      push(static_cast<unsigned char>(byte), out);
  }
  void push(unsigned char byte, std::string &out);
  /// Ends the text: what is held back becomes U+FFFD.
  void finish(std::string &out);

private:
  char held[4] = {};
  uint32_t heldSize = 0, wanted = 0;
};

/// The valid UTF-8 text that `bytes` stand for.
std::string repairUtf8(std::string_view bytes);

/// Appends `code`, at most 0x10ffff, to `out`.
void appendUtf8(uint32_t code, std::string &out);

/// Bytes of the code point that starts at text[pos]; pos < text.size(). Never
/// runs past the end, even where the text is not valid.
inline size_t sizeAt(std::string_view text, size_t pos) {
  auto lead = static_cast<unsigned char>(text[pos]);
  size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return size <= text.size() - pos ? size : text.size() - pos;
}

/// The code point at text[pos], whose size is sizeAt(text, pos).
inline uint32_t codeAt(std::string_view text, size_t pos) {
  auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[pos + i]));
  };
  switch (sizeAt(text, pos)) {
  case 1:
    return byte(0);
  case 2:
    return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
  case 3:
    return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  default:
    return (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 |
           (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  }
}

/// Where the code point that ends at `pos` starts; 0 < pos <= text.size().
inline size_t startBefore(std::string_view text, size_t pos) {
  size_t least = pos > 4 ? pos - 4 : 0;
  do
    --pos;
  while (pos > least && (static_cast<unsigned char>(text[pos]) & 0xc0) == 0x80);
  return pos;
}

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_UTF8_H
