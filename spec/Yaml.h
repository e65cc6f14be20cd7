//===- Yaml.h - The part of YAML that specs are written in ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Mappings, lists and scalars, in block and flow style, with quotes and
// comments; every file that this accepts means the same to any YAML reader. No
// anchors, aliases, tags or several documents: a small file cannot unfold to
// a large one. Size, depth and number of nodes are bounded. Every node knows
// its place. A reader of our own, because what it refuses and how it says so
// is a part of the spec language.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_YAML_H
#define SINTER_SPEC_YAML_H

#include "spec/Diagnostics.h"

#include <string>
#include <vector>

namespace sinter {

struct YamlEntry;

struct YamlNode {
  enum class Kind { Null, Scalar, Map, List };

  Kind kind = Kind::Null;
  SpecLoc loc;
  std::string text;               ///< Scalar: without quotes and escapes
  bool quoted = false;            ///< Scalar
  std::vector<YamlEntry> entries; ///< Map: keys are distinct
  std::vector<YamlNode> items;    ///< List

  bool isNull() const { return kind == Kind::Null; }
  bool isScalar() const { return kind == Kind::Scalar; }
  bool isMap() const { return kind == Kind::Map; }
  bool isList() const { return kind == Kind::List; }
  /// The value of a key of a map, or null.
  const YamlNode *find(llvm::StringRef key) const;
  /// "a mapping", "a list", ...
  llvm::StringRef describe() const;
};

struct YamlEntry {
  std::string key;
  SpecLoc keyLoc;
  YamlNode value;
};

struct YamlLimits {
  size_t maxBytes = 1 << 20;
  unsigned maxDepth = 32;
  unsigned maxNodes = 1 << 16;
};

/// Reads one document. The nodes' locations refer to `file`, which must outlive
/// them. On an error, reports it and returns what there is.
YamlNode parseYaml(llvm::StringRef text, llvm::StringRef file,
                   Diagnostics &diagnostics, const YamlLimits &limits = {});

} // namespace sinter

#endif // SINTER_SPEC_YAML_H
