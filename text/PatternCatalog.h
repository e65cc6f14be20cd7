//===- PatternCatalog.h - Named ways to split text --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// models/tokenizers.yaml, read: what each name that GGUF files use for their
// way of splitting text means.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_PATTERNCATALOG_H
#define SINTER_TEXT_PATTERNCATALOG_H

#include "runtime/support/Result.h"
#include "runtime/text/TokenizerTables.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

/// One rule of the catalog.
struct SplitRule {
  std::string normalize;             ///< empty, nfc, nfd, nfkc or nfkd
  std::vector<std::string> patterns; ///< applied one after another
  bool ignoreMerges = false;
  bool addBegin = false;
};

/// Files of ranks (".tiktoken") that say neither how text is split nor which
/// tokens follow those of the file.
struct RankFile {
  std::string file;                 ///< its name
  std::string rule;                 ///< the name of a rule
  std::vector<std::string> special; ///< control tokens after the last rank
};

/// Ids of roles where a GGUF file does not give them.
struct DefaultIds {
  std::optional<int64_t> begin, end, unknown, pad, separator;
};

/// Files whose tokens take white space with them, which GGUF cannot say.
struct StripRule {
  std::string key;                   ///< of metadata
  std::vector<std::string> contains; ///< its value has one of these, lowercase
  bool left = false;                 ///< the side, else right
  std::vector<std::string> tokens;   ///< none: all that are found whole
  std::vector<std::string> except;
};

class PatternCatalog {
public:
  /// Reads a catalog; messages name `file` with line and column.
  static Result<PatternCatalog> parse(std::string_view yaml,
                                      const std::string &file);
  /// Reads the file at `path`.
  static Result<PatternCatalog> read(const std::string &path);

  /// The rule of that name, or null.
  const SplitRule *find(std::string_view name) const;
  /// The known name that is closest to `name`, for messages.
  std::string nearest(std::string_view name) const;
  /// What a value of tokenizer.ggml.model stands for.
  std::optional<ModelKind> model(std::string_view name) const;
  /// The known values of tokenizer.ggml.model, for messages.
  std::string modelNames() const;
  const std::vector<RankFile> &rankFiles() const { return ranks; }
  /// Texts of control tokens that usually end generation.
  const std::vector<std::string> &stopTexts() const { return stops; }
  /// For a value of tokenizer.ggml.model.
  DefaultIds defaultIds(const std::string &model) const;
  /// The first that counts, in this order.
  const std::vector<StripRule> &stripRules() const { return strips; }
  /// True if tokenizers of this class read add_bos_token and add_eos_token.
  bool readsFrame(std::string_view tokenizerClass) const;
  /// True if those of this class can be read from vocab.json and merges.txt.
  bool readsMerges(std::string_view tokenizerClass) const;
  const std::string &file() const { return source; }

private:
  friend class CatalogReader;
  std::string source;
  std::vector<SplitRule> rules;
  std::map<std::string, size_t, std::less<>> byName;
  std::map<std::string, ModelKind, std::less<>> models;
  std::vector<RankFile> ranks;
  std::vector<std::string> stops;
  std::map<std::string, DefaultIds> defaults;
  std::vector<StripRule> strips;
  std::vector<std::string> framedClasses, mergesClasses;
};

} // namespace sinter::text

#endif // SINTER_TEXT_PATTERNCATALOG_H
