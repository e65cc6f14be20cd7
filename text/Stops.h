//===- Stops.h - Where generation ends --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What a checkpoint lists counts, and nothing else: a model may write the end
// of one message and go on with the next. Texts of tokens that usually end a
// turn (models/tokenizers.yaml) are for files that list none, and for chats
// whose template ends turns with a token that the list does not know.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_STOPS_H
#define SINTER_TEXT_STOPS_H

#include "text/HuggingFaceTokenizer.h"
#include "text/TablesWriter.h"

#include <string>
#include <vector>

namespace sinter::text {

/// The ids that generation_config.json lists, or else those of config.json, or
/// of the part of it about text.
std::vector<int64_t> listedStops(const HuggingFaceTokenizer &source);

/// Makes those of `listed` that exist the stops, or the control tokens with one
/// of `texts` where there are none. The chat template and the roles of `to` are
/// known already.
void addStops(const std::vector<uint32_t> &listed,
              const std::vector<std::string> &texts, TokenizerDescription &to);

} // namespace sinter::text

#endif // SINTER_TEXT_STOPS_H
