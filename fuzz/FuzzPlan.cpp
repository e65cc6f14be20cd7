//===- FuzzPlan.cpp - Memory plans: made, checked and lowered -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: IR. What the planner makes must pass the check; IR that has a plan is
// checked as it is. What passes gets barriers, which must pass theirs, and is
// lowered, or refused with a diagnostic.
//
//===----------------------------------------------------------------------===//

#include "MutateTokens.h"
#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"
#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h"
#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h"
#include "passes/CheckPlan/CheckPlan.h"
#include "passes/FormKernels/FormKernels.h"
#include "passes/PlanMemory/PlanMemory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace {

/// What was said last, for reports.
std::string lastError;

[[noreturn]] void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, lastError.c_str());
  abort();
}

/// What is unique in a context stays there: each serves some inputs only.
MLIRContext &context() {
  static std::unique_ptr<MLIRContext> current;
  static unsigned uses = 0;
  if (uses++ % 2000 == 0) {
    current = std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED);
    current->loadDialect<sinter::SinterDialect, sinter::cpu::CpuDialect,
                         func::FuncDialect, arith::ArithDialect>();
    current->getDiagEngine().registerHandler([](Diagnostic &diagnostic) {
      lastError = diagnostic.str();
      return success();
    });
  }
  return *current;
}

/// Whether the pass takes the module; what it makes then must be right.
bool run(ModuleOp module, std::unique_ptr<Pass> pass) {
  PassManager manager(module.getContext(), "builtin.module",
                      OpPassManager::Nesting::Implicit);
  manager.enableVerifier(false);
  manager.addPass(std::move(pass));
  if (failed(manager.run(module)))
    return false;
  if (failed(verify(module)))
    fail("a pass left what is invalid");
  return true;
}

/// What LLVM 22's own parser dies of: array<index: 0>.
bool breaksParser(StringRef text) {
  while (!text.empty()) {
    text = text.split("array").second.ltrim();
    if (text.consume_front("<") && text.ltrim().starts_with("index"))
      return true;
  }
  return false;
}

bool isPlanned(ModuleOp module) {
  return llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp function) {
    return function->hasAttr(sinter::kArena);
  });
}

} // namespace

/// LLVM's allocators mark what they have not handed out, but only where its
/// headers are compiled with sanitizers, which not all of this is.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  return sinter::mutateTokens(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // With a zero behind it, as LLVM reads files.
  std::string text(reinterpret_cast<const char *>(data), size);
  if (breaksParser(text))
    return 0;
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(text, ParserConfig(&context()));
  if (!module)
    return 0;
  if (!sinter::findTarget(*module))
    sinter::attachTarget(*module, *sinter::parseTarget("x86-64-v3"));
  bool wasPlanned = isPlanned(*module);
  // Before there is a plan, the check looks at params alone.
  if (!wasPlanned && (!run(*module, sinter::createCheckPlan()) ||
                      !run(*module, sinter::createFormKernels()) ||
                      !run(*module, sinter::createPlanMemory())))
    return 0;
  if (failed(sinter::checkPlan(*module))) {
    if (!wasPlanned)
      fail("the check refuses a plan that was made");
    return 0;
  }
  if (!run(*module, sinter::createPlaceBarriers()) ||
      failed(sinter::checkBarriers(*module)))
    fail("the check refuses barriers that were placed");
  run(*module, sinter::createLowerToLoops());
  return 0;
}
