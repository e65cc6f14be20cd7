//===- ByteAlphabet.h - Bytes written as printable characters ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Byte-level vocabularies are stored as text: bytes that are printable in
// Latin-1 stand for themselves, the other 68 for U+0100 onwards, in order.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_BYTEALPHABET_H
#define SINTER_TEXT_BYTEALPHABET_H

#include <optional>
#include <string>
#include <string_view>

namespace sinter::text {

/// The bytes that `text` stands for; nullopt when a character of it stands for
/// no byte.
std::optional<std::string> bytesOfAlphabet(std::string_view text);

/// The text that stands for `bytes`.
std::string alphabetOfBytes(std::string_view bytes);

/// The byte that a token written as "<0x1F>" stands for, or nullopt.
std::optional<unsigned char> byteOfName(std::string_view text);

/// `text` with every `from` replaced by `to`; `from` is not empty.
std::string replaceAll(std::string_view text, std::string_view from,
                       std::string_view to);

/// What SentencePiece writes for a space: U+2581.
inline constexpr std::string_view spaceMark = "\xe2\x96\x81";

} // namespace sinter::text

#endif // SINTER_TEXT_BYTEALPHABET_H
