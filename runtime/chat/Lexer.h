//===- Lexer.h - Tokens of a chat template ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Splits a template into text and tags and applies the whitespace rules of
// trim_blocks and lstrip_blocks, which chat templates rely on.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_LEXER_H
#define SINTER_RUNTIME_CHAT_LEXER_H

#include "runtime/chat/Ast.h"
#include "runtime/support/Result.h"

#include <string_view>

namespace sinter::chat {

struct Token {
  enum Type : uint8_t {
    Data,       // text
    PrintBegin, // {{
    PrintEnd,   // }}
    BlockBegin, // {%
    BlockEnd,   // %}
    Name,       // text
    String,     // text, unescaped
    Int,        // literal
    Float,      // literal
    Operator,   // text
    End,
  };
  Type type = End;
  Position at;
  std::string text;
  Value literal;
};

/// All tokens of `source` (UTF-8, line ends already "\n"), closed by End.
/// Fails on characters and literals that the subset lacks.
Result<std::vector<Token>> tokenize(std::string_view source);

/// Says that something is wrong at a place of the template.
Failure failureAt(Position at, const std::string &message);

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_LEXER_H
