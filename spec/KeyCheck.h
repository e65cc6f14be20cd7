//===- KeyCheck.h - No key of a configuration goes unnoticed ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A key of a configuration is read by a name of `config` that something needs;
// or the spec `assumes` what it says; or it is harmless, by the spec or by
// models/harmless-keys.yaml. Any other may change what the model computes.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_KEYCHECK_H
#define SINTER_SPEC_KEYCHECK_H

#include "spec/Bindings.h"

#include <set>
#include <string>
#include <vector>

namespace sinter {

/// In the folders of specs: keys that are harmless whatever the model.
constexpr llvm::StringLiteral harmlessKeysFile = "harmless-keys.yaml";

/// The names in the expressions of a spec's section.
void listNames(const YamlNode &section, std::set<std::string> &names);

/// Adds the names that `names` are bound in terms of in the section `config`.
void listReached(const YamlNode &config, std::set<std::string> &names);

class KeyCheck {
public:
  KeyCheck(Bindings &bindings, Diagnostics &diagnostics)
      : bindings(bindings), diagnostics(diagnostics) {}

  /// Reads the section `assumes`: keys, and the value or list of values that
  /// the spec takes for granted.
  void readAssumptions(const YamlNode &section);
  /// Reads the section `harmless`, a list of keys; "*" is any text.
  void readHarmless(const YamlNode &section);
  /// Reads harmlessKeysFile, from the first of the folders that has it: the
  /// lists `hf` and `gguf`; `elsewhere`, keys that have a meaning in some
  /// families alone; `assumes` and, of GGUF files, `gguf_assumes`, what holds
  /// where a spec does not read the key.
  llvm::Error readShared(const std::vector<std::string> &folders);

  /// Checks every key; `used` are the names that the spec needs. Those of
  /// config.json may be leftovers of anything, and are warned about; in a GGUF
  /// file those of the architecture's own say how it is computed.
  void check(const Checkpoint &checkpoint, const std::set<std::string> &used);
  /// Checks, after check(), that what --set gave is read.
  void checkSet(const YamlNode &config, std::set<std::string> used,
                const std::vector<std::string> &keys);

  /// "read KEY", "assumes KEY VALUE" and "harmless KEY", each a line.
  void print(const std::set<std::string> &used, llvm::raw_ostream &os) const;

private:
  struct Assumption {
    std::string key;
    SpecLoc loc;
    std::vector<nlohmann::json> values;
  };

  bool isKnown(const std::string &key, const nlohmann::json &value);
  std::string ofArchitecture(std::string pattern) const;
  void checkGguf(const GgufFile &file);
  void walk(const nlohmann::json &object, const std::string &prefix);
  void checkAssumption(const Assumption &assumption, const std::string &key,
                       const nlohmann::json &value);
  bool isRead(llvm::StringRef key) const;
  bool isHarmless(llvm::StringRef key) const;
  bool isOpen(llvm::StringRef key) const;

  Bindings &bindings;
  Diagnostics &diagnostics;
  std::string sharedFile;
  std::vector<Assumption> assumptions;
  std::vector<std::string> harmless, elsewhere;
  std::set<std::string> read; ///< patterns
  std::vector<std::string> unread;
};

} // namespace sinter

#endif // SINTER_SPEC_KEYCHECK_H
