//===- AttentionCase.h - A random attention to be tested --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_NATIVE_ATTENTIONCASE_H
#define SINTER_TEST_CODEGEN_NATIVE_ATTENTIONCASE_H

#include "test/codegen/linear/Data.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sinter {

/// An attention with random sizes and operands, and what is fed to it.
struct AttentionCase {
  /// Keys and values: of the same tokens in caches, of the same tokens without
  /// caches, or of an encoder's tokens in caches.
  enum Kind { Cached, Whole, Cross };

  explicit AttentionCase(uint64_t seed);

  /// A module with the entry @forward, of a cross attention @encode too.
  std::string module() const;
  /// The features under test, in a line.
  std::string describe() const;
  int64_t tokens() const;
  /// Keys that a key mask has in a row.
  int64_t keys() const { return kind == Cross ? encoded : tokens(); }

  Kind kind;
  int64_t keyHeads, valueHeads, group, keySize, valueSize;
  int64_t batch, encoded = 0;
  std::vector<int64_t> cuts; ///< tokens of each step
  std::string cacheType = "f32", queryType = "f32";
  bool causal = true;
  int64_t window = 0, chunk = 0, memory = 0, ring = 0;
  double softCap = 0;
  int64_t reach = 0, tableRows = 1; ///< of the map
  int64_t relativeReach = -1;       ///< of rel_map; -1: none
  bool slopes = false, sinks = false, bias = false;
  bool relativeKeys = false, relativeQueries = false, relativeQuery = false;
  bool relativeValues = false;
  int64_t tableHeads = 1; ///< of the tables for distances
  bool hasFirst = false, hasPrefix = false, hasMask = false, hasKeys = false;
  // For each sequence; the mask is (batch, keys()).
  std::vector<int64_t> first, prefix, keyCounts, mask;

private:
  void chooseSizes(Random &random);
  void chooseMask(Random &random);
  void chooseRing(Random &random);
  void chooseTerms(Random &random);
  void chooseInputs(Random &random);
  std::string attention() const;
  std::string cache(int64_t heads, int64_t size) const {
    return "!sinter.cache<2x" + std::to_string(heads) + "x" +
           std::to_string(size) + "x" + cacheType + ringOf();
  }
  /// The end of a cache's type.
  std::string ringOf() const {
    return ring ? ", ring " + std::to_string(ring) + ">" : ">";
  }
};

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_NATIVE_ATTENTIONCASE_H
