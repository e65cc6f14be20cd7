//===- Object.h - From loops to machine code --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The last steps: LLVM's IR with the descriptor that the runtime looks for
// (sinter_model), objects, assembly, and code in this process for tests and
// `sinter verify`.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_OBJECT_H
#define SINTER_CODEGEN_CPU_OBJECT_H

#include "codegen/cpu/Machine.h"
#include "codegen/cpu/Target.h"
#include "runtime/core/Abi.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace sinter {

/// Makes contexts of the registry able to translate to LLVM's IR.
void registerLlvmTranslations(mlir::DialectRegistry &registry);
void registerLlvmTranslations(mlir::MLIRContext &context);

/// Code of a module in the llvm dialect, with sinter_model.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
emitCode(mlir::ModuleOp module, const Target &target, CodeFile kind);

/// A model compiled into this process.
class CompiledModel {
public:
  ~CompiledModel();
  CompiledModel(CompiledModel &&);
  using Observe = void(const SinterCall *, int64_t thread, int64_t kernel,
                       int64_t layer, int64_t result, const float *data);
  /// Compiles a module in the llvm dialect; `barrier` is its sinter_barrier,
  /// `observe` its sinter_observe if it has one.
  /// Programs have the default level; below it, code is made faster and slow.
  static llvm::Expected<CompiledModel>
  create(mlir::ModuleOp module, const Target &target,
         void (*barrier)(const SinterCall *),
         llvm::CodeGenOptLevel level = llvm::CodeGenOptLevel::Default,
         Observe *observe = nullptr);
  const SinterModel &model() const { return *descriptor; }

private:
  CompiledModel();
  struct State;
  std::unique_ptr<State> state;
  const SinterModel *descriptor = nullptr;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_OBJECT_H
