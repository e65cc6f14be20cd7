//===- RowKernel.h - Kernels that work token by token -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Values inside a fused op are never stored: each result asks for its vectors
// where it needs them, and ops compute theirs from their operands'. Norms are
// the exception: they need numbers of the whole row first, which a loop before
// finds (and stores on its way the results that it happens to compute).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_ROWKERNEL_H
#define SINTER_CODEGEN_CPU_ROWKERNEL_H

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/LinearDot.h"

#include "llvm/ADT/SetVector.h"

namespace sinter {

/// Emits the code for one token after another.
class RowKernel : public Elementwise {
public:
  RowKernel(Emitter &emitter, FusedOp fused, KernelOperands &operands)
      : Elementwise(emitter, operands), fused(fused) {}

  /// Emits all results of the fused op for a token.
  mlir::LogicalResult emitToken(mlir::Value token);

private:
  using Cone = llvm::SetVector<mlir::Operation *>;
  /// Which features of a head are at hand in a loop: the bounds within which a
  /// vector may lie, because ops treat them differently.
  struct Shape {
    int64_t features = 0;
    int64_t headSize = 0;
    llvm::SmallVector<int64_t> bounds; ///< 0 first, headSize last
  };

  bool isInside(mlir::Value value);
  void collectCone(mlir::Value value, Cone &cone);
  bool isLoose(mlir::Value value);
  bool crossesBounds(RopeOp rope);
  mlir::LogicalResult prepareElsewhere(mlir::Value value);
  mlir::FailureOr<Shape> shapeOf(mlir::Value value, int64_t headSize = 0);
  void forPlaces(const Shape &shape,
                 llvm::function_ref<void(const Place &)> body,
                 llvm::function_ref<void(mlir::Value head)> onHead,
                 int64_t width = 0);
  /// Calls `body` for all places of a value's row, by heads of `headSize`
  /// features if given, by `width` features if given, after the statistics that
  /// evaluating it needs.
  mlir::LogicalResult forValues(mlir::Value value,
                                llvm::function_ref<void(const Place &)> body,
                                int64_t headSize = 0, int64_t width = 0);

  mlir::LogicalResult emitResult(mlir::Value result);
  mlir::LogicalResult emitAppend(AppendOp append);
  mlir::LogicalResult emitQuantize(QuantizeOp quantize);
  void emitPositions(mlir::Value positions);
  mlir::LogicalResult emitRoute(RouteOp route);
  LinearInput tilesOf(QuantizeOp quantize);
  void storeQuantized(QuantizeOp quantize, const Place &block);
  void storeTiled(QuantizeOp quantize, const Place &place);
  void storeSideResults(const Place &place);
  void finishSideResults();

  mlir::LogicalResult emitRowStatistics(mlir::Value value);
  void emitHeadStatistics(const Cone &cone, const Shape &shape,
                          mlir::Value head);
  void emitStatistics(mlir::Operation *norm, int64_t size, mlir::Value head);
  void emitSoftmaxStatistics(LogSoftmaxOp op, int64_t size, mlir::Value head);
  mlir::Value
  foldInput(mlir::Operation *norm, int64_t size, mlir::Value head,
            double initial,
            llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> step);
  mlir::LogicalResult materialize(mlir::Value value);

  bool isComputed(mlir::Value value) override;
  mlir::Value evaluateOther(mlir::Value value, const Place &place) override;
  /// Evaluates at another place, keeping what is known of the current one.
  mlir::Value evaluateElsewhere(mlir::Value value, const Place &place);
  mlir::Value evaluateRms(RmsNormOp norm, const Place &place);
  mlir::Value evaluateLayerNorm(LayerNormOp norm, const Place &place);
  mlir::Value evaluateRope(RopeOp rope, const Place &place);
  mlir::Value evaluateRopeAngles(RopeAnglesOp angles, const Place &place);
  mlir::Value growthOf(RopeAnglesOp angles, const Place &place);
  mlir::Value evaluateEmbed(EmbedOp embed, const Place &place);
  mlir::Value evaluateLogSoftmax(LogSoftmaxOp op, const Place &place);
  mlir::Value evaluateSlice(SliceOp slice, const Place &place);
  mlir::Value evaluateConcat(ConcatOp concat, const Place &place);
  mlir::Value evaluateMix(MixOp mix, const Place &place);
  mlir::Value evaluateSinusoids(SinusoidsOp op, const Place &place);
  mlir::Value evaluatePositionFactors(PositionFactorsOp op);
  std::pair<mlir::Value, mlir::Value>
  pairAndLength(mlir::TypedValue<mlir::RankedTensorType> frequencies,
                mlir::Value lengths, const Place &place);
  mlir::Value evaluateLengthFrequencies(LengthFrequenciesOp op,
                                        const Place &place);
  mlir::Value evaluateNtkFrequencies(NtkFrequenciesOp op, const Place &place);
  mlir::Value evaluatePool(PoolOp pool, const Place &place);
  mlir::Value evaluateLast(LastOp last, const Place &place);
  mlir::Value tokensOf(mlir::Value activation);
  mlir::Value countInMask(MaskPositionsOp op, mlir::Value tokens);
  void loadIds();

  FusedOp fused;
  mlir::Value token;
  int64_t segmentStart = 0; ///< of the vectors being evaluated, in their head
  bool failedInside = false;
  llvm::SetVector<mlir::Value> pending;          ///< results not stored yet
  llvm::DenseSet<mlir::Value> storedNow;         ///< by the loop being emitted
  llvm::DenseSet<mlir::Value> stored;            ///< results in memory
  llvm::DenseMap<mlir::Value, mlir::Value> ids;  ///< of the token, as i64
  llvm::DenseMap<mlir::Value, mlir::Value> rows; ///< rows on the stack, f32
  /// Factor (and mean, for layer_norm) of a norm at the current token or head;
  /// logarithm and maximum of a log_softmax.
  llvm::DenseMap<mlir::Operation *, std::pair<mlir::Value, mlir::Value>>
      statistics;
};

/// Ops that need numbers of a whole row or head first.
bool isNorm(mlir::Operation *op);
/// Whether a norm spans all features of a token.
bool isOfRow(mlir::Operation *norm);
/// Whether an op reads a table of blocks, in vectors at multiples of them.
bool readsBlocks(mlir::Operation *op);
/// Whether an op's vectors have to lie in one head, or in one part of it.
bool isBoundToHeads(mlir::Operation *op);

/// Features first .. first + lanes of row `row` of a weight matrix, exactly, as
/// f32. With blocks, `lanes` divides 32 and `first` is a multiple of it.
mlir::Value emitRowPart(Emitter &e, mlir::RankedTensorType type,
                        mlir::Value base, mlir::Value row, mlir::Value first,
                        int64_t lanes);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_ROWKERNEL_H
