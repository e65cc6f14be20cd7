//===- AttentionKernel.h - Online softmax over blocks of keys ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What the parts of the attention kernel share. A tile of rows (some tokens
// times some heads that share their keys) meets one block of keys after
// another: scores (16 keys are the lanes of a vector, the query's features are
// broadcast), terms, mask, powers against the running maximum, values.
//
// Blocks begin at multiples of their size wherever a row's keys begin, so that
// a row's result does not depend on the other rows of its tile, on the number
// of threads, nor on how a prompt was cut.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_ATTENTIONKERNEL_H
#define SINTER_CODEGEN_CPU_ATTENTIONKERNEL_H

#include "codegen/cpu/KernelInterface.h"

namespace sinter {

/// Emits one attention op.
class AttentionKernel {
public:
  AttentionKernel(Emitter &emitter, AttentionOp op, KernelOperands &operands);
  void emit();

private:
  using Value = mlir::Value;

  static constexpr int64_t kLanes = 16; ///< keys of a vector, as caches hold
  static constexpr int64_t kBlock = kCacheBlock; ///< keys of a block
  static constexpr int64_t kLine =
      64; ///< bytes of a line of processors' caches
  static constexpr int64_t kVectors = kBlock / kLanes;
  /// Stands for minus infinity in the running maximum: differences are finite.
  static constexpr double kNoMaximum = -1e30;

  // Which rows and keys (AttentionKernel.cpp).
  void findOperands();
  void emitTiles();
  void locateTokens(Value sequenceNumber, Value firstToken);
  void locateHead(Value firstHead);
  void loadQueries();
  void attendKeys(Value from, Value to);
  void emitResults();
  void storeResult(Value row, Value total, Value maximum, Value rowSums);
  Value sinkOf(Value row, Value maximum);

  // One token: its keys in parts for more threads (AttentionSplit.cpp).
  void emitSplit(Value workspace);
  void storePart(Value group, Value number);
  void mergeParts(Value group, Value row, Value count);
  Value partOf(Value group, Value number, Value row);

  // Keys times queries (AttentionScores.cpp).
  void packKeys(Value count);
  Value keyVector(Value vector, Value feature);
  void emitScores(Value count);
  void emitScoreTile(Value vector, int64_t together, Value lastVector);

  // What is added to scores, and what is hidden (AttentionTerms.cpp).
  void copyKeys(Value count);
  void emitScalarTerms(Value first, Value count);
  Value tableTerms(Value row, Value first, Value index);
  Value tableRow(Value map, Value row, Value first, Value index);
  Value relativeRow(Value table, Value row, Value first, Value index);
  void addRelativeValues(Value first, Value count);
  Value scaledDot(Value x, mlir::Type xElement, Value y, mlir::Type yElement);
  Value slopeTerm(Value row, Value keys, Value score);
  void emitMask(Value first, Value count);
  Value visible(Value row, Value keys);
  Value keyNumbers(Value first);
  Value splatInt(Value number);

  // Softmax and values (AttentionValues.cpp).
  void emitSoftmax(Value first);
  void emitValues(Value count);
  void emitValueTile(Value feature, int64_t lanes, int64_t vectors,
                     Value count);

  // Of a row (i64): its token, past the last token the last again; its head;
  // its index among the keys; its row in tensors (tokens, heads, features).
  Value tokenOf(Value row);
  Value headOf(Value row);
  Value indexOf(Value row) { return e.add(before, tokenOf(row)); }
  Value queryRow(Value row);
  /// The number of the tile's sequence in a vector of them.
  Value ofSequence(Value ids);
  /// A float of an operand.
  Value loadFloat(Value tensor, Value index);
  Value at(Value buffer, Value index) { return e.at(buffer, e.mul(index, 4)); }
  Value at(Value buffer, int64_t index) { return e.at(buffer, 4 * index); }
  /// Whether keys are used once, and have to be fetched while others are used.
  bool streamsKeys() const { return keyCache && tokens == 1; }
  /// Accumulators that registers hold, as vectors of the target.
  int64_t accumulators() const { return e.lanes >= 16 ? 24 : 12; }

  Emitter &e;
  AttentionOp op;
  KernelOperands &operands;
  int64_t queryHeads, keyHeads, valueHeads, keySize, valueSize;
  mlir::Type queryElement, keyElement, valueElement, resultElement;
  CacheType keyCache, valueCache; ///< null: plain tensors
  int64_t heads, tokens, rows;    ///< of a tile; rows = heads * tokens
  bool isCausal;

  // As the op has them; null if absent.
  Value query, key, value, result, past, slot, window;
  Value prefix, firstKeys, keyCounts, keyMask;
  Value keyTokens; ///< of a sequence, for plain tensors

  // Memory of this thread: queries (keySize, rows), scores (rows, kBlock),
  // sums (rows, valueSize), running maxima (rows) and sums (rows, 16), factors
  // by which older sums shrink (rows), a block of a tensor's keys as caches
  // have them, of a cache's keys as tensors have them, and of the key mask.
  Value queries, scores, sums, maxima, weights, factors;
  Value packedKeys, plainKeys, blockMask;
  Value parts; ///< of all threads

  // Of the tile: sequence, first token and query head, key head, past tokens,
  // and [low, high): the keys that any row may see, low at a block's start.
  Value sequence, token, head, keyHead, before, low, high;
  Value allLow, allHigh;      ///< keys that every row sees
  Value limit;                ///< keys that there are
  Value prefixKeys;           ///< keys of the prefix, or null
  Value keyBase, valueBase;   ///< of the head
  Value keyBlock, valueBlock; ///< of the block at hand
  Value nextKeys, nextValues; ///< of the next, to fetch early; or null
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_ATTENTIONKERNEL_H
