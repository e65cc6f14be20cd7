//===- HuggingFaceSteps.h - The stages of a tokenizer.json ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A tokenizer.json is a pipeline: normalizer, pre-tokenizer, model, decoder,
// each a component or a sequence of them. These functions translate all but
// the model; what cannot be translated exactly is refused by name.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_HUGGINGFACESTEPS_H
#define SINTER_TEXT_HUGGINGFACESTEPS_H

#include "runtime/support/Result.h"
#include "text/TablesWriter.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sinter::text {

/// Typed access to members of untrusted JSON; a value of another type counts
/// as absent.
bool boolAt(const nlohmann::json &object, const char *key, bool otherwise);
std::string textAt(const nlohmann::json &object, const char *key,
                   const std::string &otherwise = "");
/// The member, or a null value.
const nlohmann::json &at(const nlohmann::json &object, const char *key);

/// Adds the normalizer's steps. `byteLevel` becomes true when the text ends up
/// in the byte alphabet, that is, when the model works on bytes.
Failure addNormalizer(const nlohmann::json &normalizer,
                      TokenizerDescription &to, bool &byteLevel);

/// Adds the pre-tokenizer's steps, with `byteLevel` as above.
Failure addPreTokenizer(const nlohmann::json &preTokenizer,
                        TokenizerDescription &to, bool &byteLevel);

/// Fills in the piece of every token, from the text that `written` gives by
/// id, and the flags of decoding.
Failure addDecoder(const nlohmann::json &decoder,
                   const std::vector<std::string> &written,
                   TokenizerDescription &to);

} // namespace sinter::text

#endif // SINTER_TEXT_HUGGINGFACESTEPS_H
