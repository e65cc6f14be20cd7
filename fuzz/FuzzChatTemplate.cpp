//===- FuzzChatTemplate.cpp - Chat templates: parsing and rendering -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/ChatTemplate.h"

#include <cstdlib>

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  Result<ChatTemplate> parsed = ChatTemplate::parse(text);
  if (!parsed)
    return 0;
  ChatInput input;
  input.messages = {{"user", " Hello ", {}}, {"assistant", "World", {}}};
  input.tools = {{{"name", "f"}, {"parameters", {{"x", 1.5}}}}};
  input.bosToken = "<s>";
  input.eosToken = "</s>";
  input.now = 0;
  Result<text::MarkedText> first = parsed->render(input);
  Result<text::MarkedText> second = parsed->render(input);
  if (bool(first) != bool(second) || (first && first->bytes != second->bytes))
    abort();
  return 0;
}
