//===- FuzzGgufTokenizer.cpp - Tokenizers in a GGUF file's metadata -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a GGUF file. What is imported splits the file's own last bytes.
//
//===----------------------------------------------------------------------===//

#include "AlignedTables.h"
#include "InputFile.h"
#include "formats/Checkpoint.h"
#include "text/ImportTokenizer.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const auto catalog = text::PatternCatalog::parse(
      "models: { g: byte_pairs, l: scored_pairs, t: unigram, b: word_pieces }\n"
      "default_ids: { l: { begin: 1, end: 2, unknown: 0 } }\n"
      "strips: [{ key: general.name, contains: [n], side: right }]\n"
      "patterns: { words: '\\p{L}+|\\s+(?!\\S)', digits: '[0-9]{1,3}' }\n"
      "rules: [{ names: [r, default], normalize: nfc, add_begin: true, "
      "split: [digits, words] }]\n"
      "stop_texts: ['</s>']\n",
      "catalog");
  if (!catalog)
    abort();
  InputFile file(data, size);
  Result<Checkpoint> checkpoint = Checkpoint::openConfig(file.path());
  if (!checkpoint)
    return 0;
  auto imported = text::importTokenizer(*checkpoint, *catalog);
  if (!imported || !*imported)
    return 0;
  AlignedTables tables((*imported)->tables);
  std::string_view all(reinterpret_cast<const char *>(data), size);
  if (!useTables(tables, all.substr(size - std::min<size_t>(size, 200))))
    abort(); // Importing makes tables that programs take.
  return 0;
}
