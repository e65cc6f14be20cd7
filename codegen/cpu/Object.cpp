//===- Object.cpp - From loops to machine code ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Object.h"

#include "codegen/cpu/Descriptor.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace sinter;

void sinter::buildToLlvmStage(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createLoopInvariantCodeMotionPass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createUBToLLVMConversionPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
}

void sinter::registerLlvmTranslations(MLIRContext &context) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context.appendDialectRegistry(registry);
}

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

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
machineOf(const Target &target) {
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

/// Few passes on purpose: rotation with licm and the reassociation of sums undo
/// the register tiles that kernels are written in.
static llvm::Error optimize(llvm::Module &module,
                            llvm::TargetMachine &machine) {
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

static llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp module, const Target &target, llvm::LLVMContext &context,
          llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, "sinter");
  if (!result)
    return llvm::createStringError("the module cannot be translated to LLVM");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  addDescriptor(*result, module, target);
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    function.addFnAttr("tune-cpu", target.tuneCpu);
    function.addFnAttr("target-features", target.features);
    function.setDSOLocal(true);
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  if (llvm::Error error = optimize(*result, machine))
    return error;
  return result;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
sinter::emitCode(ModuleOp module, const Target &target, CodeFile kind) {
  auto machine = machineOf(target);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  auto translated = translate(module, target, context, **machine);
  if (!translated)
    return translated.takeError();
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (kind == CodeFile::LlvmIr) {
    stream << **translated;
  } else {
    llvm::legacy::PassManager passes;
    (*machine)->Options.MCOptions.AsmVerbose = true;
    if ((*machine)->addPassesToEmitFile(
            passes, stream, nullptr,
            kind == CodeFile::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                       : llvm::CodeGenFileType::ObjectFile))
      return llvm::createStringError("LLVM cannot write this kind of file");
    passes.run(**translated);
  }
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes));
}

struct CompiledModel::State {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

CompiledModel::CompiledModel() : state(std::make_unique<State>()) {}
CompiledModel::~CompiledModel() = default;
CompiledModel::CompiledModel(CompiledModel &&) = default;

llvm::Expected<CompiledModel>
CompiledModel::create(ModuleOp module, const Target &target,
                      void (*barrier)(const SinterCall *)) {
  auto machine = machineOf(target);
  if (!machine)
    return machine.takeError();
  auto context = std::make_unique<llvm::LLVMContext>();
  auto translated = translate(module, target, *context, **machine);
  if (!translated)
    return translated.takeError();
  llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(target.triple)};
  builder.setCPU(target.cpu);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  auto jit =
      llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create();
  if (!jit)
    return jit.takeError();
  llvm::orc::SymbolMap symbols;
  symbols[(*jit)->mangleAndIntern("sinter_barrier")] = {
      llvm::orc::ExecutorAddr::fromPtr(barrier),
      llvm::JITSymbolFlags::Exported};
  if (llvm::Error error = (*jit)->getMainJITDylib().define(
          llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  if (llvm::Error error =
          (*jit)->addIRModule({std::move(*translated), std::move(context)}))
    return error;
  auto address = (*jit)->lookup("sinter_model");
  if (!address)
    return address.takeError();
  CompiledModel compiled;
  compiled.state->jit = std::move(*jit);
  compiled.descriptor = address->toPtr<const SinterModel *>();
  return compiled;
}
