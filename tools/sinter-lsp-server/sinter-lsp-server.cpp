//===- sinter-lsp-server.cpp - IR in editors ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// MLIR's language server with the sinter dialect: diagnostics of verifiers,
// documentation of ops on hover, definitions and uses of values and symbols.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"
#include "tools/CrashMessage.h"
#include "tools/OwnOptions.h"

#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  sinter::nameOwnHelp();
  sinter::hideLibraryOptions();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<sinter::SinterDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
