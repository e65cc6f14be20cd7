//===- Commands.h - What a dialogue can do besides talk ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_COMMANDS_H
#define SINTER_RUNTIME_REPL_COMMANDS_H

#include "runtime/repl/Conversation.h"

namespace sinter {

enum class CommandKind { Help, Clear, Save, System, Regenerate, Exit };

struct CommandCall {
  CommandKind kind;
  std::string argument;
};

/// A slash and letters: "/save FILE". Texts that begin otherwise, "/etc/passwd"
/// among them, are messages.
bool looksLikeCommand(std::string_view text);

/// Fails for commands that there are not, and says which was meant.
Result<CommandCall> parseCommand(std::string_view text);

/// What /help says.
std::string commandHelp();

/// Writes the messages as a list in JSON, to a file that is not there yet.
Failure saveConversation(const Conversation &conversation,
                         const std::string &path);

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_COMMANDS_H
