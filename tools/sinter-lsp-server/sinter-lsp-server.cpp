//===- sinter-lsp-server.cpp - IR in editors ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// MLIR's language server with the dialects of Sinter: diagnostics of verifiers,
// documentation of ops on hover, definitions and uses of values and symbols.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"
#include "tools/common/Tool.h"

#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  return sinter::runTool("sinter-lsp-server", argc, argv, [&] {
    mlir::DialectRegistry registry;
    mlir::registerAllDialects(registry);
    registry.insert<sinter::SinterDialect, sinter::cpu::CpuDialect>();
    return int(mlir::failed(mlir::MlirLspServerMain(argc, argv, registry)));
  });
}
