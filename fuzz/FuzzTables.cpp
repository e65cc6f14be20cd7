//===- FuzzTables.cpp - A program's tokenizer and its tables --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a byte that says which of the right tables below are changed, a number
// of changes, the changes (where, what), then text to split.
//
//===----------------------------------------------------------------------===//

#include "AlignedTables.h"
#include "formats/Json.h"
#include "text/HuggingFaceTokenizer.h"

#include <fuzzer/FuzzedDataProvider.h>

using namespace sinter;

// Every kind of model and of step has its tables in one of them.
static constexpr const char *kSources[] = {
    R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "<s>": 3},
                  "merges": ["a b"]},
        "added_tokens": [{"id": 3, "content": "<s>", "special": true,
                          "rstrip": true}],
        "normalizer": {"type": "Sequence", "normalizers": [
          {"type": "NFC"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "Split", "behavior": "Isolated",
          "pattern": {"Regex": "(?i:x|\\p{L}+)|[^b-d\\n]?\\s(?!x)|\\d{1,3}"}},
        "decoder": {"type": "Fuse"}})",
    R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [
          ["<unk>", 0], ["▁", -1.5], ["a", -2], ["▁ab", -0.5], ["b", -3]]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁",
                          "prepend_scheme": "always"},
        "decoder": {"type": "Metaspace", "replacement": "▁",
                    "prepend_scheme": "always"}})",
    R"({"model": {"type": "WordPiece", "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "x": 3, "##é": 4}},
        "normalizer": {"type": "BertNormalizer", "clean_text": true,
          "handle_chinese_chars": true, "strip_accents": null,
          "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}})"};

static std::vector<std::byte> tablesOf(const char *source) {
  auto catalog = text::PatternCatalog::parse("patterns: {}\nrules: []\n", "c");
  Result<nlohmann::json> tree = parseJson(source, "tokenizer.json");
  std::vector<std::string> warnings;
  text::HuggingFaceTokenizer tokenizer;
  tokenizer.file = "tokenizer.json";
  if (!catalog || !tree)
    abort();
  tokenizer.tokenizer = std::move(*tree);
  auto description = text::describe(tokenizer, *catalog, warnings);
  auto tables = description ? text::writeTables(*description)
                            : Result<std::vector<std::byte>>(Failure("none"));
  if (!tables)
    abort(); // They are right.
  return *tables;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::vector<std::byte> right[] = {
      tablesOf(kSources[0]), tablesOf(kSources[1]), tablesOf(kSources[2])};
  FuzzedDataProvider in(data, size);
  const auto &from = right[in.ConsumeIntegralInRange<size_t>(0, 2)];
  AlignedTables tables(from);
  int changes = in.ConsumeIntegralInRange(0, 8);
  for (int i = 0; i < changes; ++i) {
    // Whole numbers, since bytes alone rarely mean anything.
    auto at = in.ConsumeIntegralInRange<size_t>(0, from.size() / 4 - 1) * 4;
    auto number = in.ConsumeIntegral<uint32_t>();
    memcpy(tables.bytes().data() + at, &number, sizeof(number));
  }
  std::string words = in.ConsumeRemainingBytesAsString();
  if (!useTables(tables, words) && changes == 0)
    abort();
  return 0;
}
