//===- FuzzTables.cpp - A program's tokenizer and its tables --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: tables as a program carries them, two bytes that say how many bytes of
// text follow at the end.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Tokenizer.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // The sum that guards tables would stop most inputs; nothing else is fixed.
  size_t length = size < 2 ? 0 : data[size - 1];
  length = length > size ? size : length;
  std::string_view words(reinterpret_cast<const char *>(data + size - length),
                         length);
  size -= length;
  constexpr std::align_val_t alignment{text::tablesAlignment};
  auto *tables = static_cast<std::byte *>(operator new(size + 1, alignment));
  memcpy(tables, data, size);
  if (auto tokenizer = text::Tokenizer::open({tables, size})) {
    std::vector<uint32_t> ids = tokenizer->encode(words);
    (void)tokenizer->decode(ids, false);
    for (uint32_t id : ids)
      if (id >= tokenizer->size())
        abort();
  }
  operator delete(tables, alignment);
  return 0;
}
