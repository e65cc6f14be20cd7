//===- VocabAndMerges.cpp - vocab.json and merges.txt ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/VocabAndMerges.h"

#include "llvm/ADT/StringRef.h"

namespace sinter::text {

using Json = nlohmann::json;
using llvm::StringRef;

Result<Json> joinVocabAndMerges(Json vocab, std::string_view merges,
                                bool addSpace, const std::string &file) {
  Json pairs = Json::array();
  StringRef rest(merges.data(), merges.size());
  for (size_t number = 1; !rest.empty(); ++number) {
    auto [line, after] = rest.split('\n');
    rest = after;
    line = line.rtrim("\r");
    if (line.empty() || line.starts_with("#version"))
      continue;
    auto [left, right] = line.split(' ');
    if (left.empty() || right.empty() || right.contains(' '))
      return Failure(file + ":" + std::to_string(number) +
                     ": error: expected two tokens with a space between");
    pairs.push_back({left.str(), right.str()});
  }
  Json level = {{"type", "ByteLevel"},
                {"add_prefix_space", addSpace},
                {"use_regex", true}};
  return Json{{"pre_tokenizer", level},
              {"decoder", level},
              {"model",
               {{"type", "BPE"},
                {"vocab", std::move(vocab)},
                {"merges", std::move(pairs)}}}};
}

} // namespace sinter::text
