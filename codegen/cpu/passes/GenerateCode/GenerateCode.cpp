//===- GenerateCode.cpp - Machine code, as a pass -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/GenerateCode/GenerateCode.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/Object.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_GENERATECODE
#include "codegen/cpu/passes/GenerateCode/GenerateCode.h.inc"

namespace {

struct GenerateCode : impl::GenerateCodeBase<GenerateCode> {
  using GenerateCodeBase::GenerateCodeBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    GenerateCodeBase::getDependentDialects(registry);
    registerLlvmTranslations(registry);
  }

  void runOnOperation() override {
    auto file = llvm::StringSwitch<std::optional<CodeFile>>(kind)
                    .Case("obj", CodeFile::Object)
                    .Case("asm", CodeFile::Assembly)
                    .Case("llvm", CodeFile::LlvmIr)
                    .Default(std::nullopt);
    if (!file)
      return stop("kind: expected obj, asm or llvm, found '" + kind + "'");
    FailureOr<Target> target = requireCpuTarget(getOperation());
    if (failed(target))
      return signalPassFailure();
    auto made = emitCode(getOperation(), *target, *file);
    if (!made)
      return stop(llvm::toString(made.takeError()));
    if (code)
      *code = std::move(*made);
    markAllAnalysesPreserved();
  }

  std::unique_ptr<llvm::MemoryBuffer> *code = nullptr;

private:
  void stop(const Twine &message) {
    getOperation().emitError(message);
    signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass>
createGenerateCodeInto(std::unique_ptr<llvm::MemoryBuffer> &code,
                       const GenerateCodeOptions &options) {
  auto pass = std::make_unique<GenerateCode>(options);
  pass->code = &code;
  return pass;
}

} // namespace sinter
