//===- FunctionLowering.h - One function as loops ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_FUNCTIONLOWERING_H
#define SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_FUNCTIONLOWERING_H

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/Target.h"
#include "codegen/cpu/passes/LowerToLoops/ModuleFacts.h"

namespace sinter {

/// Suffix of a function's lowered form while both exist.
constexpr llvm::StringLiteral kLoops = ".loops";

/// The type of a function's lowered form.
mlir::FunctionType loweredType(mlir::func::FuncOp function);

/// Bytes of a function's arena, without those of the forms that it calls, for
/// the sizes in `e`.
mlir::Value emitArenaBytes(Emitter &e, mlir::func::FuncOp function);

/// Whether batch and tokens are 1 in the function's types.
bool isForOneToken(mlir::func::FuncOp function);

/// Lowers `source` into the body of `target`, which has loweredType().
class FunctionLowering : public KernelOperands {
public:
  /// `observed`: kernels show what they made.
  FunctionLowering(ModuleFacts &facts, const Target &cpu,
                   mlir::func::FuncOp source, mlir::func::FuncOp target,
                   bool observed);
  mlir::LogicalResult lower();

  mlir::Value address(mlir::Value value) override;
  mlir::Value rowsOf(mlir::Value tensor) override;
  bool isKeyCache(mlir::Value cache) override;
  mlir::Value scalar(mlir::Value value) override;
  mlir::Value workspace(mlir::Operation *kernel) override;

private:
  void setSizes();
  void setArguments();
  void setBuffers();
  void setResults(mlir::Operation *op);
  void setOwnResults(FusedOp fused);
  void resolve(mlir::Operation *op);
  mlir::Value constantAddress(mlir::DenseElementsAttr values);
  mlir::Value tableAddress(llvm::StringRef name,
                           llvm::ArrayRef<int64_t> values);
  void resolveWeight(WeightOp weight);
  void resolveLayerValue(LayerValueOp value);

  mlir::LogicalResult lowerOp(mlir::Operation *op);
  mlir::LogicalResult lowerFused(FusedOp fused);
  mlir::LogicalResult lowerReplicated(FusedOp fused);
  mlir::LogicalResult lowerStack(StackOp stack);
  void callForm(StackOp stack, mlir::Attribute form, mlir::Value layer);
  void enter(mlir::Operation *kernel);
  mlir::LogicalResult lowerKernel(mlir::Operation *op);
  mlir::Value layerNumber();
  void observe(mlir::Operation *kernel);
  void complain(const llvm::Twine &what);

  ModuleFacts &facts;
  mlir::func::FuncOp source;
  mlir::OpBuilder builder;
  Emitter e;
  bool isEntry;
  bool observed;
  bool incomplete = false; ///< something was missing, and said so
  mlir::Value scratch;     ///< the function's arena
  llvm::SmallVector<mlir::Value> buffers;
  llvm::DenseMap<mlir::Value, mlir::Value> addresses;
  llvm::DenseMap<mlir::Value, mlir::Value> scalars;
  mlir::Value profiled;   ///< whether the call has a profile
  bool atBarrier = false; ///< one stands before the next kernel
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_FUNCTIONLOWERING_H
