//===- VocabAndMerges.h - vocab.json and merges.txt -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What byte-level tokenizers were stored as before there was a tokenizer.json.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_VOCABANDMERGES_H
#define SINTER_TEXT_VOCABANDMERGES_H

#include "runtime/support/Result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sinter::text {

/// A tokenizer.json that says the same as both: pairs of bytes, joined by rank,
/// of words with the space before them. `addSpace`: the first word has one,
/// too. `file` (merges.txt) is named in messages.
Result<nlohmann::json> joinVocabAndMerges(nlohmann::json vocab,
                                          std::string_view merges,
                                          bool addSpace,
                                          const std::string &file);

} // namespace sinter::text

#endif // SINTER_TEXT_VOCABANDMERGES_H
