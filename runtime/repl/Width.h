//===- Width.h - Columns of characters on a terminal ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_WIDTH_H
#define SINTER_RUNTIME_REPL_WIDTH_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sinter {

/// Columns of a code point: 2 for wide ones, 0 for those that join what is
/// before them, -1 for those that a terminal must not get.
int widthOf(uint32_t code);

/// The characters as people see them: a code point with all that joins it.
/// Where the one at `pos` ends, or that before `pos` begins, in UTF-8.
size_t afterCharacter(std::string_view text, size_t pos);
size_t beforeCharacter(std::string_view text, size_t pos);

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_WIDTH_H
