//===- Bindings.h - A checkpoint's configuration, in our words --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The `config` section of a spec: each name is bound to keys of the checkpoint
// (the first that is there and not null wins), to a default, or to an
// expression over other names. Evaluated when first asked for; cycles are an
// error.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_BINDINGS_H
#define SINTER_SPEC_BINDINGS_H

#include "formats/Checkpoint.h"
#include "spec/Expr.h"
#include "spec/Yaml.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sinter {

class Bindings : public Scope {
public:
  /// Of Checkpoint::config(); the checkpoint outlives this.
  Bindings(const Checkpoint &checkpoint, Diagnostics &diagnostics);

  /// Reads the section `config`.
  void read(const YamlNode &section);
  /// Reads the section `complete`: objects of the configuration of which every
  /// key must be bound, because an unknown one could change the meaning.
  void checkComplete(const YamlNode &section);
  /// Reads and checks the section `require`.
  void checkRequirements(const YamlNode &section);
  /// Applies --set.
  using Assignments = llvm::ArrayRef<std::pair<std::string, std::string>>;
  void override(Assignments assignments);

  /// Reads the section `instead`: objects of the configuration, and those that
  /// they take the place of where they have elements; after override().
  void readInstead(const YamlNode &section, Assignments assignments);

  Found lookup(llvm::StringRef name, SpecLoc use, SpecValue &value) override;
  void listNames(std::vector<llvm::StringRef> &names) const override;
  void explain(llvm::StringRef name, Diagnostics &) const override;
  Found call(llvm::StringRef function, llvm::ArrayRef<SpecValue> arguments,
             SpecLoc use, SpecValue &value) override;

  /// Answers `stored(NAME)`: whether the checkpoint has the tensors of a weight
  /// rule; nullopt when there is no such rule.
  std::function<std::optional<bool>(llvm::StringRef)> isStored;

  /// The value at a key ("a.b" descends, "{arch}" is filled in); nullptr where
  /// there is none, or null.
  const nlohmann::json *find(llvm::StringRef key) const;

  /// The keys of the checkpoint that names of `config` read, and those that
  /// they are bound in terms of; expressions in braces are "*".
  std::set<std::string> keysOf(const std::set<std::string> &names) const;
  /// Where a key stands in config.json.
  SpecLoc locOf(llvm::StringRef key) const;
  const std::string &configName() const { return checkpoint.configName(); }
  void sources(llvm::StringRef name, std::vector<Source> &found) const override;

  CheckpointKind kind() const { return formatKind; }
  const std::string &architecture() const { return arch; }

private:
  struct Binding {
    std::string name;
    SpecLoc loc;
    std::vector<std::string> keys;     ///< of this checkpoint's format
    std::vector<std::string> patterns; ///< as the spec has these
    std::optional<Expr> otherwise;
    std::optional<Expr> missing; ///< where no key is there, not even as null
    std::vector<std::pair<std::string, SpecValue>> choices;
    bool hasChoices = false;
    enum { Fresh, Active, Done, Failed } state = Fresh;
    std::string source; ///< the key that it was found under
    std::string given;  ///< what is there, where a choice has another value
    SpecValue value;
  };

  void readBinding(const YamlEntry &entry);
  void readKeys(const YamlNode &node, std::vector<std::string> &keys);
  void readDefault(const YamlNode &node, Binding &binding);
  void readChoices(const YamlNode &node, Binding &binding);
  void readField(const YamlEntry &field, Binding &binding);
  std::optional<Expr> parse(const YamlNode &node);
  bool evaluate(Binding &binding);
  bool evaluateDefault(Binding &binding);
  bool choose(Binding &binding);
  const nlohmann::json *findAlsoNull(llvm::StringRef key) const;
  std::optional<std::string> expand(const std::string &pattern, SpecLoc loc);
  std::string shown(const Binding &binding) const;
  std::string interpolate(const std::string &message, SpecLoc loc);
  std::string fill(llvm::StringRef key) const;

  const Checkpoint &checkpoint;
  CheckpointKind formatKind;
  nlohmann::json config;
  llvm::StringRef file;
  Diagnostics &diagnostics;
  std::string arch;
  std::vector<Binding> bindings;
  std::set<std::string> knownKeys; ///< of this format, in any binding
};

} // namespace sinter

#endif // SINTER_SPEC_BINDINGS_H
