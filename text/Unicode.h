//===- Unicode.h - What ICU knows, as plain tables --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The only place that includes ICU. Nothing of it reaches a program.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_UNICODE_H
#define SINTER_TEXT_UNICODE_H

#include "text/PatternCompiler.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

/// The code points of a property ("L", "Nd", "Han", "White_Space",
/// "Script=Greek"); nullopt when there is no such property.
std::optional<CodeSet> propertySet(std::string_view name);

// Algebra of sets.
CodeSet complementOf(const CodeSet &set);
CodeSet unionOf(const CodeSet &a, const CodeSet &b);
CodeSet intersectionOf(const CodeSet &a, const CodeSet &b);
/// With every code point also those that differ from it in case only.
CodeSet caseClosureOf(const CodeSet &set);

/// Tables that normalization needs, in the layout of TokenizerTables.h.
struct MappingTables {
  std::vector<CodeMapping> decompositions, compatibility, lowercase;
  std::vector<uint32_t> codes;
  std::vector<CombiningRange> combining;
  std::vector<Composition> compositions;
};

struct MappingNeeds {
  bool canonical = false, compatible = false, composition = false,
       lowercase = false;
};
MappingTables makeMappings(const MappingNeeds &needs);

} // namespace sinter::text

#endif // SINTER_TEXT_UNICODE_H
