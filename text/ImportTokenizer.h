//===- ImportTokenizer.h - From a checkpoint to tokenizer tables *- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The one door into this folder: a checkpoint goes in, the buffer that
// runtime/text/Tokenizer.h reads comes out. Works when compiling only.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_IMPORTTOKENIZER_H
#define SINTER_TEXT_IMPORTTOKENIZER_H

#include "runtime/support/Result.h"
#include "text/PatternCatalog.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sinter {
class Checkpoint;
}

namespace sinter::text {

/// A compiled tokenizer and what its user should know about it.
struct ImportedTokenizer {
  /// In the layout of runtime/text/TokenizerTables.h. Whoever places it in a
  /// program aligns it to tablesAlignment bytes.
  std::vector<std::byte> tables;
  /// Sentences for the user: defaults that were taken, parts left out.
  std::vector<std::string> warnings;
};

/// The tokenizer of `checkpoint`: of a GGUF file its metadata, otherwise
/// tokenizer.json and its companions; nullopt when there is none. `catalog` is
/// models/tokenizers.yaml. With `lowerCase` texts are put in lower case first.
Result<std::optional<ImportedTokenizer>>
importTokenizer(const Checkpoint &checkpoint, const PatternCatalog &catalog,
                bool lowerCase = false);

} // namespace sinter::text

#endif // SINTER_TEXT_IMPORTTOKENIZER_H
