//===- Emitter.h - Helpers to emit loops and vectors ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Kernels are emitted as scf loops over raw pointers and 1-D vectors. This is
// the vocabulary that they share: byte addressing, loads and stores widened to
// f32, loops with carried values, exact remainders, barriers.
//
// All loop counters, sizes and byte offsets are i64. Accumulators of inner
// loops are values carried by the loop, never memory: LLVM keeps an alloca of
// MLIR's in memory.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_EMITTER_H
#define SINTER_CODEGEN_CPU_EMITTER_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sinter {

struct Target;

/// Byte offsets of the fields of SinterCall (see runtime/core/Abi.h).
enum class CallField : int64_t {
  Weights = 0,
  Scratch = 8,
  Caches = 16,
  Batch = 24,
  Tokens = 32,
  Last = 40,
  Capacity = 48,
  Inputs = 56,
  Outputs = 64,
  Threads = 80,
  Chunk = 88,
  Profile = 96,
};

/// Tokens of a block of a cache.
constexpr int64_t kCacheBlock = 64;

/// What every kernel of a function may use: the builder and the sizes of the
/// step, all i64 values that dominate the kernel (constants in one-token
/// functions).
class Emitter {
public:
  using Values = llvm::SmallVector<mlir::Value, 8>;

  Emitter(mlir::OpBuilder &builder, mlir::Location loc, const Target &target,
          int64_t lanes, bool fusedMultiplyAdd)
      : b(builder), loc(loc), target(target), lanes(lanes),
        fusedMultiplyAdd(fusedMultiplyAdd) {}

  mlir::OpBuilder &b;
  mlir::Location loc;
  const Target &target;
  int64_t lanes;         ///< f32 lanes of the target's vectors
  bool fusedMultiplyAdd; ///< whether fma is one instruction

  mlir::Value call;     ///< !llvm.ptr to the SinterCall
  mlir::Value thread;   ///< this thread's number
  mlir::Value threads;  ///< threads of the team
  mlir::Value weights;  ///< !llvm.ptr to the packed weights
  mlir::Value batch;    ///< B
  mlir::Value tokens;   ///< T
  mlir::Value rows;     ///< N = B * T
  mlir::Value last;     ///< wanted positions of each sequence
  mlir::Value lastRows; ///< B * last
  mlir::Value capacity; ///< tokens of a cache slot, a multiple of kCacheBlock
  mlir::Value chunk;    ///< most tokens of a step

  // Types.
  mlir::Type pointerType() const;
  mlir::Type i64Type() const { return b.getI64Type(); }
  mlir::Type f32Type() const { return b.getF32Type(); }
  static mlir::VectorType vectorType(mlir::Type element, int64_t lanes) {
    return mlir::VectorType::get({lanes}, element);
  }
  mlir::VectorType f32Vector(int64_t lanes) const {
    return vectorType(f32Type(), lanes);
  }
  /// Bytes of a plain (not block) element type.
  static int64_t bytesOf(mlir::Type element) {
    return element.getIntOrFloatBitWidth() / 8;
  }

  // Constants. A vector type gives a splat.
  mlir::Value i64(int64_t value);
  mlir::Value i32(int64_t value);
  mlir::Value f32(double value);
  mlir::Value constant(mlir::Type type, double value);
  mlir::Value integer(mlir::Type type, int64_t value);
  mlir::Value constantVector(llvm::ArrayRef<int32_t> values);
  /// The value if it is known when compiling.
  static std::optional<int64_t> known(mlir::Value value);

  // i64 arithmetic; folds constants and neutral elements.
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value add(mlir::Value lhs, int64_t rhs) { return add(lhs, i64(rhs)); }
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, int64_t rhs) { return sub(lhs, i64(rhs)); }
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, int64_t rhs) { return mul(lhs, i64(rhs)); }
  /// Of non-negative numbers.
  mlir::Value div(mlir::Value lhs, mlir::Value rhs);
  mlir::Value div(mlir::Value lhs, int64_t rhs) { return div(lhs, i64(rhs)); }
  mlir::Value rem(mlir::Value lhs, mlir::Value rhs);
  mlir::Value rem(mlir::Value lhs, int64_t rhs) { return rem(lhs, i64(rhs)); }
  mlir::Value ceilDiv(mlir::Value lhs, int64_t rhs) {
    return div(add(lhs, rhs - 1), rhs);
  }
  mlir::Value min(mlir::Value lhs, mlir::Value rhs);
  mlir::Value min(mlir::Value lhs, int64_t rhs) { return min(lhs, i64(rhs)); }
  mlir::Value max(mlir::Value lhs, mlir::Value rhs);
  mlir::Value max(mlir::Value lhs, int64_t rhs) { return max(lhs, i64(rhs)); }
  mlir::Value less(mlir::Value lhs, mlir::Value rhs);
  mlir::Value lessEqual(mlir::Value lhs, mlir::Value rhs) {
    return less(lhs, add(rhs, 1));
  }
  mlir::Value equal(mlir::Value lhs, mlir::Value rhs);
  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no);
  mlir::Value toI64(mlir::Value value); ///< from index or a signed integer
  mlir::Value toIndex(mlir::Value value);

  // Memory. Offsets are in bytes. Loads and stores are aligned to their element
  // unless an alignment is given; a vector never reads past its last lane.
  mlir::Value at(mlir::Value pointer, mlir::Value offset);
  mlir::Value at(mlir::Value pointer, int64_t offset) {
    return at(pointer, i64(offset));
  }
  mlir::Value load(mlir::Type type, mlir::Value pointer, int64_t align = 0);
  /// A load that keeps its place among others of its kind, and whose result is
  /// never taken from another one.
  mlir::Value loadInOrder(mlir::Type type, mlir::Value pointer);
  void store(mlir::Value value, mlir::Value pointer, int64_t align = 0);
  /// `lanes` floats of type `element`, widened to a vector of f32.
  mlir::Value loadFloats(mlir::Type element, mlir::Value pointer,
                         int64_t lanes);
  /// One float of type `element` as f32 in all lanes.
  mlir::Value loadSplat(mlir::Type element, mlir::Value pointer, int64_t lanes);
  /// Rounds a vector of f32 to `element`, for storing it: words (i16) with the
  /// bits of bf16 where the target has no instructions for these.
  mlir::Value narrow(mlir::Value vector, mlir::Type element);
  /// A vector of f32 rounded to numbers that `element` has.
  mlir::Value round(mlir::Value vector, mlir::Type element);
  /// The same, stored.
  void storeFloats(mlir::Value vector, mlir::Type element, mlir::Value pointer);
  /// Brings a line to the second cache: near, and the first is left alone.
  void prefetch(mlir::Value pointer);
  mlir::Value loadField(CallField field);
  mlir::Value loadPointer(CallField field);
  /// A pointer stored in an array of pointers.
  mlir::Value loadPointer(mlir::Value array, int64_t index);
  /// Uninitialised memory of this thread, for the whole function: `bytes`
  /// aligned to 64. The alloca goes to the entry block.
  mlir::Value stackBuffer(int64_t bytes);
  /// A private constant of the module with these bytes; its address.
  mlir::Value globalBytes(llvm::StringRef name, llvm::ArrayRef<char> bytes);

  // Vectors.
  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  mlir::Value splat(double value, int64_t lanes) {
    return constant(f32Vector(lanes), value);
  }
  mlir::Value lane(mlir::Value vector, int64_t index);
  mlir::Value shuffle(mlir::Value lhs, mlir::Value rhs,
                      llvm::ArrayRef<int64_t> mask);
  mlir::Value bitcast(mlir::Type type, mlir::Value value);
  mlir::Value addF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value subF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mulF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value divF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value maxF(mlir::Value lhs, mlir::Value rhs);
  mlir::Value minF(mlir::Value lhs, mlir::Value rhs);
  /// x * y + z in one rounding where the target can, else in two.
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z);
  /// Sum or maximum over the lanes, as a scalar, in a fixed tree order.
  mlir::Value sumLanes(mlir::Value vector);
  mlir::Value maxLanes(mlir::Value vector);
  /// A null type is that of an intrinsic without a result.
  mlir::Value intrinsic(llvm::StringRef name, mlir::Type type,
                        mlir::ValueRange operands);

  // Control flow.
  void loop(mlir::Value low, mlir::Value high, int64_t step,
            llvm::function_ref<void(mlir::Value)> body);
  Values loop(mlir::Value low, mlir::Value high, int64_t step,
              mlir::ValueRange initial,
              llvm::function_ref<Values(mlir::Value, mlir::ValueRange)> body);
  void when(mlir::Value condition, llvm::function_ref<void()> body);
  Values choose(mlir::Value condition, mlir::TypeRange types,
                llvm::function_ref<Values()> yes,
                llvm::function_ref<Values()> no);
  /// Covers `count` features exactly: a loop of whole vectors of `width`
  /// (default: the target's lanes), then one vector for each power of two in
  /// the remainder.
  void features(int64_t count,
                llvm::function_ref<void(mlir::Value index, int64_t lanes)> body,
                int64_t width = 0);
  /// The same, starting at feature `start`, carrying one f32 vector of `width`
  /// lanes; a remainder's body gets and returns a vector of its lanes that is
  /// then combined with the low lanes by `combine`. Gives the carried vector.
  mlir::Value reduceFeatures(
      int64_t count, mlir::Value initial,
      llvm::function_ref<mlir::Value(mlir::Value index, int64_t lanes,
                                     mlir::Value accumulator)>
          body);

  // Threads.
  /// This thread's part [first, end) of `items`, cut at multiples of
  /// `multiple`. Every item has one owner; parts are in thread order.
  std::pair<mlir::Value, mlir::Value> myShare(mlir::Value items,
                                              int64_t multiple = 1);
  void barrier();
  /// Shows result number `result` of a kernel, which lies at `data`.
  void observe(mlir::Value kernel, mlir::Value layer, mlir::Value result,
               mlir::Value data);
  /// Tells the call's profile which kernel begins, in which layer.
  void mark(mlir::Value kernel, mlir::Value layer);
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_EMITTER_H
