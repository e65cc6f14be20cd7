//===- GgufDefaults.cpp - What GGUF files leave unsaid --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/GgufDefaults.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

namespace sinter::text {

static bool applies(const StripRule &rule, const GgufTokenizer &to) {
  auto found = to.names.find(rule.key);
  if (found == to.names.end())
    return false;
  std::string value = llvm::StringRef(found->second).lower();
  return llvm::any_of(rule.contains, [&](const std::string &text) {
    return value.find(text) != value.npos;
  });
}

static void strip(const StripRule &rule, GgufTokenizer &to) {
  for (uint32_t id = 0; id < to.tokens.size(); ++id)
    if (rule.tokens.empty() ? !llvm::is_contained(rule.except, to.tokens[id])
                            : llvm::is_contained(rule.tokens, to.tokens[id]))
      to.matching[id] = {rule.left ? uint32_t(StripLeft) : uint32_t(StripRight),
                         false};
}

void complete(GgufTokenizer &to, const std::string &model,
              const PatternCatalog &catalog) {
  DefaultIds ids = catalog.defaultIds(model);
  for (auto [id, place] :
       {std::pair(ids.begin, &to.begin), std::pair(ids.end, &to.end),
        std::pair(ids.unknown, &to.unknown), std::pair(ids.pad, &to.pad),
        std::pair(ids.separator, &to.separator)})
    if (!*place && id && *id < static_cast<int64_t>(to.tokens.size()))
      *place = id;
  for (const StripRule &rule : catalog.stripRules())
    if (applies(rule, to))
      return strip(rule, to);
}

} // namespace sinter::text
