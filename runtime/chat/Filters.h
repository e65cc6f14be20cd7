//===- Filters.h - Filters of chat templates --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The second half of the table of filters.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_FILTERS_H
#define SINTER_RUNTIME_CHAT_FILTERS_H

#include "runtime/chat/Evaluator.h"

namespace sinter::chat {

/// The filter of that name over sequences, or null if there is none.
const Builtin *findSequenceFilter(std::string_view name);

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_FILTERS_H
