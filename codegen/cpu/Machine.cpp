//===- Machine.cpp - From LLVM's IR to machine code -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Machine.h"

#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

using namespace sinter;

/// Once for the process.
static void initializeLlvm() {
  static bool once = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
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

/// As TargetMachine::addPassesToEmitFile, without the machine combiner: it
/// re-associates the sums of integer kernels, which spill then.
static bool addCodePasses(llvm::legacy::PassManager &passes,
                          llvm::TargetMachine &machine,
                          llvm::raw_pwrite_stream &stream,
                          llvm::CodeGenFileType type) {
  llvm::TargetPassConfig *config = machine.createPassConfig(passes);
  config->setDisableVerify(true);
  config->disablePass(&llvm::MachineCombinerID);
  auto *info = new llvm::MachineModuleInfoWrapperPass(&machine);
  passes.add(config);
  passes.add(info);
  if (config->addISelPasses())
    return false;
  config->addMachinePasses();
  config->setInitialized();
  if (machine.addAsmPrinter(passes, stream, nullptr, type,
                            info->getMMI().getContext()))
    return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
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
    if (!addCodePasses(passes, machine, stream,
                       kind == CodeFile::Assembly
                           ? llvm::CodeGenFileType::AssemblyFile
                           : llvm::CodeGenFileType::ObjectFile))
      return llvm::createStringError("LLVM cannot write this kind of file");
    passes.run(module);
  }
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes));
}

namespace {
/// Compiles what is run in this process as programs are compiled.
class KernelCompiler : public llvm::orc::IRCompileLayer::IRCompiler {
public:
  KernelCompiler(std::unique_ptr<llvm::TargetMachine> machine)
      : IRCompiler(
            llvm::orc::irManglingOptionsFromTargetOptions(machine->Options)),
        machine(std::move(machine)) {}

  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  operator()(llvm::Module &module) override {
    return writeCode(module, *machine, CodeFile::Object);
  }

private:
  std::unique_ptr<llvm::TargetMachine> machine;
};
} // namespace

llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
sinter::createJit(const Target &target, llvm::CodeGenOptLevel level) {
  llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(target.triple)};
  builder.setCPU(target.cpu);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  builder.setCodeGenOptLevel(level);
  auto compiler = [](llvm::orc::JITTargetMachineBuilder builder)
      -> llvm::Expected<
          std::unique_ptr<llvm::orc::IRCompileLayer::IRCompiler>> {
    auto machine = builder.createTargetMachine();
    if (!machine)
      return machine.takeError();
    return std::make_unique<KernelCompiler>(std::move(*machine));
  };
  return llvm::orc::LLJITBuilder()
      .setJITTargetMachineBuilder(builder)
      .setCompileFunctionCreator(compiler)
      .create();
}
