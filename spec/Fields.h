//===- Fields.h - Reads the keys of a mapping of a spec ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The schema of a mapping is the sequence of questions that its reader asks.
// Every key that nobody asked for is an error with the nearest that somebody
// did. A key without a value takes the binding of the same name, so that
// { heads, kv_heads } reads well.
//
// With a log, every evaluated value is recorded; two layers whose logs are
// equal have the same form.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_FIELDS_H
#define SINTER_SPEC_FIELDS_H

#include "spec/Expr.h"
#include "spec/Yaml.h"

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <string>
#include <vector>

namespace sinter {

bool isName(llvm::StringRef text);

/// Parses a scalar as an expression; reports anything else.
std::optional<Expr> parseExpression(const YamlNode &node,
                                    Diagnostics &diagnostics);

/// Adds a scalar, or those of a list, as they stand; reports anything else as
/// no `what` ("a key of the checkpoint").
void readTexts(const YamlNode &node, llvm::StringRef what,
               std::vector<std::string> &texts, Diagnostics &diagnostics);

/// A word of a vocabulary and what it stands for.
template <typename T> struct Word {
  llvm::StringRef name;
  T value;
};

class Fields {
public:
  /// `what` names the mapping in messages: "attention". A node that is not a
  /// mapping is an error (an absent one, empty() or Null, reads as empty).
  Fields(const YamlNode &map, llvm::StringRef what, Scope &scope,
         Diagnostics &diagnostics, std::string *log = nullptr);

  /// The node under a key, or null; never evaluated.
  const YamlNode *get(llvm::StringRef key);
  /// The same; its absence is an error.
  const YamlNode *need(llvm::StringRef key);
  bool has(llvm::StringRef key) { return get(key) != nullptr; }

  /// The value of the expression (or of a list of them) under a key, none when
  /// there is none. nullopt
  /// after an error.
  std::optional<SpecValue> value(llvm::StringRef key);
  /// Likewise, for an expression with `words` as names for themselves.
  std::optional<SpecValue> value(llvm::StringRef key,
                                 llvm::ArrayRef<llvm::StringRef> words);

  // Each of these reports a value of the wrong type and returns the default.
  // A required key has no default.

  int64_t integer(llvm::StringRef key, int64_t least,
                  std::optional<int64_t> otherwise = std::nullopt);
  double number(llvm::StringRef key,
                std::optional<double> otherwise = std::nullopt);
  bool flag(llvm::StringRef key, bool otherwise);
  /// Text as it stands, not evaluated.
  std::string text(llvm::StringRef key,
                   std::optional<std::string> otherwise = std::nullopt);
  /// A list of numbers, empty when there is none.
  std::vector<double> numbers(llvm::StringRef key);

  template <typename T>
  T word(llvm::StringRef key, llvm::ArrayRef<Word<T>> words,
         std::optional<T> otherwise = std::nullopt) {
    std::vector<llvm::StringRef> names;
    for (const Word<T> &w : words)
      names.push_back(w.name);
    int chosen = wordIndex(key, names, otherwise.has_value());
    return chosen >= 0 ? words[chosen].value
                       : otherwise.value_or(words[0].value);
  }
  /// The index of the word, or -1 (absent, or an error was reported).
  int wordIndex(llvm::StringRef key, llvm::ArrayRef<llvm::StringRef> names,
                bool optional);

  /// The indices of a word, or of each word of a list; empty after an error.
  std::vector<int> wordIndices(llvm::StringRef key,
                               llvm::ArrayRef<llvm::StringRef> names);

  /// Reports the keys that nobody asked for.
  void finish();

  /// An error at a key's value, with notes on the names in it: it does not fit
  /// to others. Where one of these was refused, that error is enough.
  void fail(llvm::StringRef key, const llvm::Twine &message);

  SpecLoc loc() const { return map.loc; }
  SpecLoc locOf(llvm::StringRef key) const;
  Scope &names() { return scope; }
  Diagnostics &diags() { return diagnostics; }
  std::string *formLog() { return log; }

private:
  void record(llvm::StringRef key, const std::string &value);
  std::optional<SpecValue> evaluate(const YamlNode &node, llvm::StringRef key,
                                    llvm::ArrayRef<llvm::StringRef> words);
  void report(llvm::StringRef key, const llvm::Twine &message);
  void refuse(llvm::StringRef key, const llvm::Twine &message);

  const YamlNode &map;
  llvm::StringRef what;
  Scope &scope;
  Diagnostics &diagnostics;
  std::string *log;
  std::vector<std::string> asked;
};

} // namespace sinter

#endif // SINTER_SPEC_FIELDS_H
