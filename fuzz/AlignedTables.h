//===- AlignedTables.h - Tokenizer tables in memory -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FUZZ_ALIGNEDTABLES_H
#define SINTER_FUZZ_ALIGNEDTABLES_H

#include "runtime/text/Tokenizer.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace sinter {

/// A copy where programs have them: aligned, and with nothing behind.
class AlignedTables {
public:
  explicit AlignedTables(std::span<const std::byte> from)
      : size(from.size()),
        data(static_cast<std::byte *>(operator new(size, alignment))) {
    if (size)
      memcpy(data, from.data(), size);
  }
  AlignedTables(const AlignedTables &) = delete;
  AlignedTables &operator=(const AlignedTables &) = delete;
  ~AlignedTables() { operator delete(data, alignment); }

  std::span<std::byte> bytes() { return {data, size}; }

private:
  static constexpr std::align_val_t alignment{text::tablesAlignment};
  size_t size;
  std::byte *data;
};

/// Splits text and puts it together again, if the tables are taken.
inline bool useTables(AlignedTables &tables, std::string_view words) {
  auto tokenizer = text::Tokenizer::open(tables.bytes());
  if (!tokenizer)
    return false;
  for (bool special : {false, true}) {
    text::EncodeOptions options;
    options.parseSpecial = special;
    std::vector<uint32_t> ids = tokenizer->encode(words, options);
    for (uint32_t id : ids)
      if (id >= tokenizer->size())
        abort();
    (void)tokenizer->decode(ids, special);
  }
  return true;
}

} // namespace sinter

#endif // SINTER_FUZZ_ALIGNEDTABLES_H
