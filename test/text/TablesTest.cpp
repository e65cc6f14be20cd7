//===- TablesTest.cpp - Damaged tables ------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Tables are part of a program's file, which may be damaged. Whatever bytes
// are there, opening them either says what is wrong or gives a tokenizer that
// stays within them (run with a sanitizer to see that) and comes to an end.
//
//===----------------------------------------------------------------------===//

#include "TextTest.h"
#include "runtime/text/Tokenizer.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace sinter::text {

static std::vector<std::byte> readTables(const char *file) {
  std::ifstream stream(file, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(stream)),
                      std::istreambuf_iterator<char>());
  std::vector<std::byte> bytes(content.size());
  std::memcpy(bytes.data(), content.data(), content.size());
  return bytes;
}

/// True when `bytes` could be opened.
static bool tryOut(const std::vector<std::byte> &bytes) {
  Result<Tokenizer> tokenizer = Tokenizer::open(bytes);
  if (!tokenizer) {
    CHECK(tokenizer.message().starts_with("tokenizer tables: "));
    return false;
  }
  std::vector<uint32_t> tokens = tokenizer->encode(
      "Some text\n\n with 123 num\xc3\xa9ros \xf0\x9f\x98\x80 <s> <mask> \xff",
      {true, true});
  tokens.push_back(0xffffffff);
  tokens.push_back(tokenizer->size());
  tokenizer->decode(tokens, false);
  return true;
}

void testDamagedTables(const char *file) {
  std::vector<std::byte> whole = readTables(file);
  CHECK(tryOut(whole));

  for (size_t size : {size_t(0), size_t(1), sizeof(TablesHeader) - 1,
                      sizeof(TablesHeader), whole.size() / 2, whole.size() - 1})
    CHECK(!tryOut({whole.begin(), whole.begin() + ptrdiff_t(size)}));
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte(0));
  CHECK(!tryOut(longer));
  std::vector<std::byte> shifted(whole.size() + 1);
  std::memcpy(shifted.data() + 1, whole.data(), whole.size());
  CHECK(!Tokenizer::open(std::span(shifted).subspan(1)));

  // Every word of the header, then words anywhere.
  std::mt19937_64 random(5);
  auto damage = [&](size_t at, uint32_t with) {
    std::vector<std::byte> damaged = whole;
    std::memcpy(damaged.data() + at, &with, 4);
    return tryOut(damaged);
  };
  for (size_t at = 0; at < sizeof(TablesHeader); at += 4)
    for (uint32_t with : {0u, 1u, 8u, 0x7fffffffu, 0xffffffffu})
      damage(at, with);
  CHECK(!damage(0, 0));
  for (int i = 0; i < 3000; ++i)
    damage(random() % (whole.size() / 4) * 4,
           i % 2 ? uint32_t(random()) : uint32_t(random() % 64));
}

} // namespace sinter::text
