//===- FuzzTokenizer.cpp - Tokenizers of checkpoints, imported ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a byte that says which kind of file, then the file. What is imported
// then splits text and puts it together again.
//
//===----------------------------------------------------------------------===//

#include "AlignedTables.h"
#include "formats/Json.h"
#include "text/HuggingFaceTokenizer.h"
#include "text/RankFile.h"
#include "text/SentencePiece.h"

using namespace sinter;

static Result<text::TokenizerDescription>
import(uint8_t kind, std::string_view bytes,
       const text::PatternCatalog &catalog) {
  std::vector<std::string> warnings;
  if (kind % 3 == 0) {
    text::HuggingFaceTokenizer source;
    Result<nlohmann::json> tree = parseJson(bytes, "tokenizer.json");
    if (!tree)
      return tree.failure();
    source.file = "tokenizer.json";
    source.tokenizer = std::move(*tree);
    // The files beside it, as parts of it.
    if (source.tokenizer.is_object()) {
      source.tokenizerConfig = source.tokenizer["tokenizer_config"];
      source.specialTokensMap = source.tokenizer["special_tokens_map"];
      source.addedTokens = source.tokenizer["added_tokens_file"];
      source.generationConfig = source.tokenizer["generation_config"];
    }
    return text::describe(source, catalog, warnings);
  }
  text::RankFile entry{"ranks", "rule", {"<s>"}};
  auto pieces = kind % 3 == 1 ? text::readSentencePieces(bytes, "model")
                              : text::readRanks(bytes, entry, "ranks");
  if (!pieces)
    return pieces.failure();
  return text::describe(*pieces, catalog, warnings);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const auto catalog = text::PatternCatalog::parse(
      "patterns: { words: ' ?[^ ]+' }\nrules: [{ names: [rule, default], "
      "split: [words] }]\n",
      "catalog");
  if (!catalog)
    abort();
  if (size == 0)
    return 0;
  std::string_view bytes(reinterpret_cast<const char *>(data + 1), size - 1);
  Result<text::TokenizerDescription> description =
      import(data[0], bytes, *catalog);
  if (!description)
    return 0;
  if (auto tables = text::writeTables(*description)) {
    AlignedTables aligned(*tables);
    if (!useTables(aligned, "It's  2024;\n\tna\xc3\xafve <s>\xff\xf0\x9f"))
      abort(); // Importing makes tables that programs take.
  }
  return 0;
}
