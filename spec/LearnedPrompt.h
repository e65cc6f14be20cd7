//===- LearnedPrompt.h - Tokens that were learned beside a model -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A folder of the PEFT library with learned tokens before all others: what they
// embed to (prompt tuning, Lester et al. 2021; P-tuning, Liu et al. 2021), or
// the keys and values of every layer (prefix tuning, Li and Liang 2021).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_LEARNEDPROMPT_H
#define SINTER_SPEC_LEARNEDPROMPT_H

#include "formats/StoredTensor.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sinter {

struct LearnedPrompt {
  int64_t tokens = 0;
  int64_t width = 0;       ///< of a row
  int64_t layers = 0;      ///< of a row, if it has their states
  bool states = false;     ///< rows are keys and values: k0, v0, k1, v1, ...
  std::vector<float> rows; ///< (tokens, width)

  /// Whether adapter_config.json with this "peft_type" is for learned tokens.
  static bool isKind(const std::string &peftType);

  /// Reads it. A network that makes the rows, where the file still has it, is
  /// applied. Fails with messages that name the file.
  static Result<LearnedPrompt> read(const nlohmann::json &config,
                                    const std::string &configFile,
                                    const std::string &tensorFile);
};

} // namespace sinter

#endif // SINTER_SPEC_LEARNEDPROMPT_H
