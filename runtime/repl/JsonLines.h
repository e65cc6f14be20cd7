//===- JsonLines.h - A dialogue of scripts ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// docs/using-programs.md has the protocol.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_JSONLINES_H
#define SINTER_RUNTIME_REPL_JSONLINES_H

#include "runtime/repl/Conversation.h"

namespace sinter {

/// Reads lines of JSON, answers each with one. Fails when nobody reads them.
Failure converseInJson(Program &program, Conversation &conversation);

/// Prints an answer as a line of JSON, and to standard error what --stats asks
/// for.
Failure printAnswer(const Program &program, const Conversation &conversation,
                    const ChatAnswer &answer);

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_JSONLINES_H
