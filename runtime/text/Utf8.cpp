//===- Utf8.cpp - Repairing and writing UTF-8 -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Utf8.h"

namespace sinter::text {

static constexpr std::string_view replacement = "\xef\xbf\xbd";

/// True when `byte` may follow the `heldSize` bytes of a code point that
/// starts with `lead`. Only the second byte depends on the first: it excludes
/// overlong forms, surrogates, and what lies above U+10FFFF.
static bool continues(unsigned char lead, uint32_t heldSize,
                      unsigned char byte) {
  unsigned char least = 0x80, most = 0xbf;
  if (heldSize == 1) {
    if (lead == 0xe0)
      least = 0xa0;
    else if (lead == 0xed)
      most = 0x9f;
    else if (lead == 0xf0)
      least = 0x90;
    else if (lead == 0xf4)
      most = 0x8f;
  }
  return byte >= least && byte <= most;
}

void Utf8Stream::push(unsigned char byte, std::string &out) {
  if (heldSize > 0) {
    if (continues(static_cast<unsigned char>(held[0]), heldSize, byte)) {
      held[heldSize++] = static_cast<char>(byte);
      if (heldSize == wanted) {
        out.append(held, heldSize);
        heldSize = 0;
      }
      return;
    }
    out += replacement;
    heldSize = 0;
  }
  if (byte < 0x80) {
    out += static_cast<char>(byte);
  } else if (byte >= 0xc2 && byte <= 0xf4) {
    held[0] = static_cast<char>(byte);
    heldSize = 1;
    wanted = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  } else {
    out += replacement;
  }
}

void Utf8Stream::finish(std::string &out) {
  if (heldSize > 0)
    out += replacement;
  heldSize = 0;
}

std::string repairUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  Utf8Stream stream;
  stream.push(bytes, text);
  stream.finish(text);
  return text;
}

void appendUtf8(uint32_t code, std::string &out) {
  auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | (code >> 18 & 0x07));
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

} // namespace sinter::text
