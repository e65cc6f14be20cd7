//===- Text.h - Untrusted text in messages and keys -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Names from files may hold anything, escape sequences of terminals included.
// These make them safe to print and to keep.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_TEXT_H
#define SINTER_FORMATS_TEXT_H

#include <cstddef>
#include <string>
#include <string_view>

namespace sinter {

/// The text in double quotes; control characters and bytes that are not UTF-8
/// are written as printable() does, and what exceeds about 100 bytes is cut off
/// with "...".
std::string quote(std::string_view text);

/// A message that may hold text from files, for a terminal: control characters
/// but line feeds and tabs, and bytes that are not UTF-8, become \xNN; those
/// above ASCII, and what turns the direction of writing, \uNNNN.
std::string printable(std::string_view message);

/// The length in bytes of the well-formed UTF-8 character at the start of
/// `text`; 0 when there is none (as in Unicode's table 3-7: no surrogates, no
/// overlong forms, nothing above U+10FFFF).
size_t utf8Length(std::string_view text);

bool isUtf8(std::string_view text);

/// `text` with U+FFFD for each byte that is not part of well-formed UTF-8.
std::string replaceBadUtf8(std::string_view text);

} // namespace sinter

#endif // SINTER_FORMATS_TEXT_H
