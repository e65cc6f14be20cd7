//===- KernelInterface.h - What kernels know of their operands --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A kernel is one top-level op of a function: a `sinter.fused` (plan-memory
// wraps single ops in one of their own), an attention or a moe. It finds its
// operands and results in memory through KernelOperands, and evaluates
// element-wise ops on vectors with Elementwise: row kernels over whole rows,
// linear kernels on their accumulators as an epilogue.
//
// A result of a kernel may lie on the memory of an operand of the same type
// when that operand's only use in the kernel is element-wise and the result
// depends on it at the same index: read an element before writing it, and write
// it once.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_KERNELINTERFACE_H
#define SINTER_CODEGEN_CPU_KERNELINTERFACE_H

#include "codegen/cpu/Emitter.h"
#include "dialect/IR/Fusion.h"

#include "llvm/ADT/DenseMap.h"

namespace sinter {

/// Features of a token: the product of the dimensions after (B, T).
int64_t featuresOf(mlir::Type tensor);
/// Length of the last dimension.
int64_t lastDimOf(mlir::Type tensor);
/// Bytes of a token of an activation; in tiles: of a tile, by its tokens.
int64_t rowBytesOf(mlir::Type tensor);

/// Finds the memory of the values that a kernel uses.
class KernelOperands {
public:
  virtual ~KernelOperands() = default;
  /// Address of a value that lives in memory: a tensor of a buffer, an argument
  /// or a constant (base of its rows), a `sinter.weight` (for this layer), a
  /// cache (base of all its slots). Inside a fused op, a yielded value has the
  /// address of the fused op's result.
  virtual mlir::Value address(mlir::Value value) = 0;
  /// Number of tokens (rows) that an activation has, as i64: N, or B * last.
  virtual mlir::Value rowsOf(mlir::Value tensor) = 0;
  /// Whether attention reads the cache as keys, which decides its layout (see
  /// blockOfCache).
  virtual bool isKeyCache(mlir::Value cache) = 0;
  /// An i64 for a value of type index; f32 scalars as they are.
  virtual mlir::Value scalar(mlir::Value value) = 0;
  /// Memory that was planned for a kernel's own use, aligned to 64, or null.
  virtual mlir::Value workspace(mlir::Operation *kernel) = 0;
};

/// Where a vector of features stands: consecutive features of one token.
struct Place {
  mlir::Value token;   ///< row of the activation, i64
  mlir::Value feature; ///< first feature, counted over all heads, i64
  int64_t lanes = 0;
  /// With heads of `headSize` features, the first feature inside its head.
  mlir::Value inner = {};
  int64_t headSize = 0;
};

/// Evaluates values at a place, as f32 vectors: element-wise ops (unary, add,
/// mul, scale, reshape) from their operands, anything else from memory unless
/// it was set. Each op's result is rounded to its element type.
class Elementwise {
public:
  Elementwise(Emitter &emitter, KernelOperands &operands)
      : e(emitter), operands(operands) {}
  virtual ~Elementwise() = default;

  /// Makes `vector` the value at the place that is evaluated next.
  void set(mlir::Value value, mlir::Value vector) { values[value] = vector; }
  /// Forgets all values: call it before another place.
  void clear() { values.clear(); }
  mlir::Value evaluate(mlir::Value value, const Place &place);
  /// Where the row-major buffer of `value` has a place.
  mlir::Value addressOf(mlir::Value value, const Place &place);
  /// Stores to the row-major buffer of `value`.
  void store(mlir::Value value, mlir::Value vector, const Place &place);

protected:
  /// Whether the value is computed here and not read from memory.
  virtual bool isComputed(mlir::Value value);
  /// For ops that are not element-wise; by default, loads the result.
  virtual mlir::Value evaluateOther(mlir::Value value, const Place &place);
  mlir::Value loadFrom(mlir::Value value, const Place &place);
  mlir::Value round(mlir::Value vector, mlir::Type element);

  Emitter &e;
  KernelOperands &operands;
  llvm::DenseMap<mlir::Value, mlir::Value> values;
};

// Caches hold blocks of kCacheBlock tokens, block after block for all slots,
// sequences and heads, so that memory fills up as texts grow. In a block keys
// are (tokens / 16, dim, 16), so that 16 keys are the lanes of a vector, values
// (tokens, dim). A ring has blocks enough for its window and a step; positions
// wrap around.

/// Tokens that a slot of the cache holds for each sequence.
mlir::Value capacityOf(Emitter &e, CacheType type);
/// Address of the first block of a head in a cache.
mlir::Value headOfCache(Emitter &e, CacheType type, mlir::Value base,
                        mlir::Value slot, mlir::Value sequence,
                        mlir::Value head);
/// Address of the block with tokens from `block` * kCacheBlock on, given the
/// head's first.
mlir::Value blockOfCache(Emitter &e, CacheType type, mlir::Value first,
                         mlir::Value block);

/// Emits a fused op of ops that work on one token at a time: each thread does
/// its share of the tokens, cut at multiples of `tile` tokens.
mlir::LogicalResult emitRowKernel(Emitter &e, FusedOp fused,
                                  KernelOperands &operands, int64_t tile);

/// Bytes that all threads share while they compute an attention; 0: none.
int64_t attentionWorkspace(AttentionOp op);

/// Emits an attention, cut by sequence, head and block of queries, or with one
/// token by head and part of the keys.
mlir::LogicalResult emitAttentionKernel(Emitter &e, AttentionOp attention,
                                        KernelOperands &operands);

/// Emits a fused op that contains linears (all with the same activations as
/// input) with element-wise consumers. All threads take part; the caller puts
/// barriers around it.
mlir::LogicalResult emitLinearKernel(Emitter &e, FusedOp fused,
                                     KernelOperands &operands);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_KERNELINTERFACE_H
