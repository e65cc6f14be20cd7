//===- Machine.cpp - From LLVM's IR to machine code -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Machine.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

using namespace sinter;

/// Once for the process: LLVM's targets, and the one flag that the inner loops
/// of integer kernels need (the combiner re-associates their sums and spills).
static void initializeLlvm() {
  static bool once = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto &options = llvm::cl::getRegisteredOptions();
    auto found = options.find("x86-machine-combiner");
    if (found != options.end())
      static_cast<llvm::cl::opt<bool> *>(found->second)->setValue(false);
    return true;
  }();
  (void)once;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
sinter::createMachine(const Target &target) {
  initializeLlvm();
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, target.cpu, target.features, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
  if (!machine)
    return llvm::createStringError("LLVM cannot generate code for " +
                                   target.triple);
  return machine;
}

// Few passes on purpose: rotation with licm and the reassociation of sums undo
// the register tiles that kernels are written in.
llvm::Error sinter::optimizeKernels(llvm::Module &module, const Target &target,
                                    llvm::TargetMachine &machine) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple());
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    function.addFnAttr("tune-cpu", target.tuneCpu);
    function.addFnAttr("target-features", target.features);
  }
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(
          passes, "function(sroa,early-cse,simplifycfg),globaldce"))
    return error;
  passes.run(module, modules);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
sinter::writeCode(llvm::Module &module, llvm::TargetMachine &machine,
                  CodeFile kind) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (kind == CodeFile::LlvmIr) {
    stream << module;
  } else {
    llvm::legacy::PassManager passes;
    machine.Options.MCOptions.AsmVerbose = true;
    if (machine.addPassesToEmitFile(passes, stream, nullptr,
                                    kind == CodeFile::Assembly
                                        ? llvm::CodeGenFileType::AssemblyFile
                                        : llvm::CodeGenFileType::ObjectFile))
      return llvm::createStringError("LLVM cannot write this kind of file");
    passes.run(module);
  }
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes));
}

llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
sinter::createJit(const Target &target, llvm::CodeGenOptLevel level) {
  llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(target.triple)};
  builder.setCPU(target.cpu);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  builder.setCodeGenOptLevel(level);
  return llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create();
}
