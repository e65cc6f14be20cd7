//===- sinter-opt.cpp - Runs passes and named pipelines on IR -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "dialect/Check/Check.h"
#include "dialect/Check/InterpretPass.h"
#include "dialect/Check/PlantPass.h"
#include "dialect/IR/Sinter.h"
#include "tools/common/Tool.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  sinter::prepareTool("sinter-opt");
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<sinter::SinterDialect, sinter::cpu::CpuDialect,
                  sinter::check::CheckDialect>();
  mlir::registerAllPasses();
  sinter::registerTensorPasses();
  sinter::registerCpuPasses();
  sinter::check::registerInterpretPass();
  sinter::check::registerPlantPass();
  return sinter::onLargeStack([&] {
    return mlir::asMainReturnCode(
        mlir::MlirOptMain(argc, argv, "Sinter optimizer\n", registry));
  });
}
