//===- Evaluator.h - Evaluates ops in one precision ----------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Between MLIR and the functions of Meaning.h: finds an op's operands, checks
// what types leave open (dynamic dimensions, slots, counts), calls, and rounds.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_INTERPRETER_EVALUATOR_H
#define SINTER_DIALECT_INTERPRETER_EVALUATOR_H

#include "dialect/Interpreter/Interpreter.h"
#include "dialect/Interpreter/Meaning.h"
#include "dialect/Interpreter/Rounding.h"

#include <map>

namespace sinter::reference {

using Results = llvm::SmallVector<Value>;

/// An error at the op's location.
llvm::Error errorAt(mlir::Operation *op, const llvm::Twine &message);

/// The type that results of an op are rounded to.
Narrow narrowOf(mlir::Type type);

/// What both precisions share.
struct Context {
  mlir::ModuleOp module;
  WeightProvider weights;
  OpObserver observer;
  OpExtension extension;
};

template <typename T> class Evaluator {
public:
  explicit Evaluator(Context &context) : context(context) {}

  /// Arguments are moved from, so that a cache with no other holder is
  /// updated in place.
  llvm::Expected<Results> call(mlir::func::FuncOp function,
                               llvm::MutableArrayRef<Value> arguments);

private:
  using Frame = llvm::DenseMap<mlir::Value, Value>;

  // Control (Evaluator.cpp).
  llvm::Error accept(mlir::func::FuncOp function, unsigned index, Value &value);
  llvm::Expected<Results> run(mlir::Block &block);
  llvm::Expected<Results> evaluate(mlir::Operation *op);
  llvm::Expected<Results> builtin(mlir::Operation *op);
  llvm::Expected<Results> constant(mlir::arith::ConstantOp op);
  llvm::Expected<Results> foreign(mlir::Operation *op);
  llvm::Expected<Results> visit(mlir::func::CallOp op);
  llvm::Expected<Results> visit(StackOp op);
  llvm::Expected<Results> visit(FusedOp op);
  llvm::Expected<Results> visit(WeightOp op);
  llvm::Expected<Results> visit(LayerValueOp op);

  // Rows (EvaluateRows.cpp).
  llvm::Expected<Results> visit(EmbedOp op);
  llvm::Expected<Results> visit(LinearOp op);
  llvm::Expected<Results> visit(QuantizeOp op);
  llvm::Expected<Results> visit(RmsNormOp op);
  llvm::Expected<Results> visit(LayerNormOp op);
  llvm::Expected<Results> visit(UnaryOp op);
  llvm::Expected<Results> visit(AddOp op);
  llvm::Expected<Results> visit(SubOp op);
  llvm::Expected<Results> visit(MulOp op);
  llvm::Expected<Results> visit(ScaleOp op);
  llvm::Expected<Results> visit(ScaleByOp op);
  llvm::Expected<Results> visit(SoftCapOp op);
  llvm::Expected<Results> visit(ClampOp op);
  llvm::Expected<Results> visit(LogSoftmaxOp op);
  llvm::Expected<Results> visit(ScaleTokensOp op);
  llvm::Expected<Results> visit(MixOp op);
  llvm::Expected<Results> visit(CopyOp op);
  llvm::Expected<Results> visit(ReshapeOp op);
  llvm::Expected<Results> visit(SliceOp op);
  llvm::Expected<Results> visit(ConcatOp op);
  llvm::Expected<Results> visit(LastOp op);

  // Tokens, attention, experts (EvaluateTokens.cpp).
  llvm::Expected<Results> visit(PositionsOp op);
  llvm::Expected<Results> visit(MaskPositionsOp op);
  llvm::Expected<Results> visit(RopeAnglesOp op);
  llvm::Expected<Results> visit(RopeOp op);
  llvm::Expected<Results> visit(SinusoidsOp op);
  llvm::Expected<Results> visit(PositionFactorsOp op);
  llvm::Expected<Results> visit(NtkFrequenciesOp op);
  llvm::Expected<Results> visit(LengthFrequenciesOp op);
  llvm::Expected<Results> visit(PoolOp op);
  llvm::Expected<Results> visit(AppendOp op);
  llvm::Expected<Results> visit(AttentionOp op);
  llvm::Expected<Results> visit(RouteOp op);
  llvm::Expected<Results> visit(MoeOp op);
  llvm::Error keyViews(AttentionOp op, AttentionInputs<T> &in);
  llvm::Error checkVisible(AttentionOp op, const AttentionInputs<T> &in);
  llvm::Error checkTerms(AttentionOp op, const AttentionInputs<T> &in);

  // Operands. Types were verified, so each holds what it must.
  /// A tensor of floats; a weight becomes T when this is first asked for.
  const Array<T> &real(mlir::Value operand);
  const Ints &ints(mlir::Value operand);
  /// Null for an absent operand.
  const Array<T> *maybeReal(mlir::Value operand);
  const Ints *maybeInts(mlir::Value operand);
  int64_t index(mlir::Value operand);
  double number(mlir::Value operand);
  Weight stored(mlir::Value operand);

  /// Checks what types with dynamic dimensions leave open.
  llvm::Error expect(mlir::Operation *op, llvm::StringRef name,
                     const std::vector<int64_t> &found,
                     const std::vector<int64_t> &required);

  /// The result of an op, rounded to its type.
  Results give(mlir::Operation *op, Array<T> result);

  template <typename Op>
  llvm::Expected<Results> binary(Op op, Array<T> (*meaning)(Array<T>,
                                                            const Array<T> &));

  Context &context;
  Frame *frame = nullptr;
  int64_t layer = -1;
  int64_t depth = 0;
  /// By symbol and layer.
  std::map<std::pair<std::string, int64_t>, Value> weights;
  mlir::SymbolTableCollection symbols;
};

/// `if (error) return error` for checks that follow one another.
#define SINTER_CHECK(check)                                                    \
  do                                                                           \
    if (llvm::Error error = check)                                             \
      return error;                                                            \
  while (false)

} // namespace sinter::reference

#endif // SINTER_DIALECT_INTERPRETER_EVALUATOR_H
