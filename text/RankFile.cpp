//===- RankFile.cpp - Importing files of ranks ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/RankFile.h"
#include "runtime/text/TokenizerTables.h"
#include "text/ByteAlphabet.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Base64.h"

#include <unordered_map>

namespace sinter::text {

using llvm::StringRef;

using Ranks = std::unordered_map<std::string_view, uint32_t>;

/// The two tokens whose join gave `token`: what merging its bytes leaves when
/// only tokens of lower rank may be made. Empty when that isn't two.
static std::pair<std::string_view, std::string_view>
partsOf(std::string_view token, uint32_t rank, const Ranks &ranks) {
  std::vector<size_t> begins(token.size() + 1);
  for (size_t i = 0; i <= token.size(); ++i)
    begins[i] = i;
  while (begins.size() > 3) {
    uint32_t lowest = rank;
    size_t best = 0;
    for (size_t i = 0; i + 2 < begins.size(); ++i) {
      auto found =
          ranks.find(token.substr(begins[i], begins[i + 2] - begins[i]));
      if (found != ranks.end() && found->second < lowest) {
        lowest = found->second;
        best = i + 1;
      }
    }
    if (!best)
      return {};
    begins.erase(begins.begin() + ptrdiff_t(best));
  }
  if (begins.size() != 3)
    return {};
  return {token.substr(0, begins[1]), token.substr(begins[1])};
}

Result<GgufTokenizer> readRanks(std::string_view lines, const RankFile &entry,
                                const std::string &file) {
  GgufTokenizer to;
  to.file = file;
  to.kind = ModelKind::MergeBytes;
  to.pre = entry.rule;
  std::vector<std::string> tokens; // by rank
  StringRef rest(lines.data(), lines.size());
  for (size_t number = 1; !rest.empty(); ++number) {
    auto [line, after] = rest.split('\n');
    rest = after;
    line = line.trim();
    if (line.empty())
      continue;
    auto [text, rank] = line.split(' ');
    std::vector<char> bytes;
    uint32_t id;
    if (llvm::errorToBool(llvm::decodeBase64(text, bytes)) || bytes.empty() ||
        rank.getAsInteger(10, id) || id > maxToken)
      return Failure(file + ":" + std::to_string(number) +
                     ": error: expected a token in base 64 and its rank");
    if (id >= tokens.size())
      tokens.resize(id + 1);
    tokens[id].assign(bytes.begin(), bytes.end());
  }
  if (tokens.empty())
    return Failure(file + ": error: has no tokens");
  Ranks ranks;
  for (uint32_t id = 0; id < tokens.size(); ++id)
    ranks.emplace(tokens[id], id);
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    to.tokens.push_back(alphabetOfBytes(tokens[id]));
    to.kinds.push_back(tokens[id].empty() ? 5 : 1); // unused or normal
    if (tokens[id].size() < 2)
      continue;
    auto [left, right] = partsOf(tokens[id], id, ranks);
    if (left.empty())
      return Failure(file + ": error: token " + std::to_string(id) +
                     " is not the join of two tokens of lower rank");
    to.merges.push_back(alphabetOfBytes(left) + " " + alphabetOfBytes(right));
  }
  for (const std::string &special : entry.special) {
    to.tokens.push_back(special);
    to.kinds.push_back(3); // control
  }
  return to;
}

} // namespace sinter::text
