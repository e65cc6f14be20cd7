//===- MessageJson.h - Messages and answers as JSON -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_MESSAGEJSON_H
#define SINTER_RUNTIME_REPL_MESSAGEJSON_H

#include "runtime/repl/Conversation.h"

namespace sinter {

/// {"role": "...", "content": ...} and what else a template may want. Fails
/// when the role is missing or something has the wrong type.
Result<ChatMessage> readMessage(nlohmann::ordered_json json);

std::string toJson(const ChatMessage &message);

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_MESSAGEJSON_H
