//===- Chat.cpp - A dialogue through the chat template --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Generate.h"

namespace sinter {

Failure runChat(Program &program) { return Failure("--chat: not there yet"); }

} // namespace sinter
