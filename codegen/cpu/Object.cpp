//===- Object.cpp - From loops to machine code ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Object.h"

#include "codegen/cpu/Descriptor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace sinter;

void sinter::registerLlvmTranslations(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void sinter::registerLlvmTranslations(MLIRContext &context) {
  DialectRegistry registry;
  registerLlvmTranslations(registry);
  context.appendDialectRegistry(registry);
}

static llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp module, const Target &target, llvm::LLVMContext &context,
          llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, "sinter");
  if (!result)
    return llvm::createStringError("the module cannot be translated to LLVM");
  addDescriptor(*result, module, target);
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.setDSOLocal(true);
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  if (llvm::Error error = optimizeKernels(*result, target, machine))
    return error;
  return result;
}

/// By default an error of LLVM's ends the process.
static void collectErrors(llvm::LLVMContext &context, std::string &errors) {
  context.setDiagnosticHandlerCallBack(
      [](const llvm::DiagnosticInfo *info, void *errors) {
        if (info->getSeverity() != llvm::DS_Error)
          return;
        llvm::raw_string_ostream stream(*static_cast<std::string *>(errors));
        if (stream.tell())
          stream << "; ";
        llvm::DiagnosticPrinterRawOStream printer(stream);
        info->print(printer);
      },
      &errors);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
sinter::emitCode(ModuleOp module, const Target &target, CodeFile kind) {
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  std::string errors;
  collectErrors(context, errors);
  auto translated = translate(module, target, context, **machine);
  if (!translated)
    return translated.takeError();
  auto code = writeCode(**translated, **machine, kind);
  if (code && !errors.empty())
    return llvm::createStringError(errors);
  return code;
}

struct CompiledModel::State {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

CompiledModel::CompiledModel() : state(std::make_unique<State>()) {}
CompiledModel::~CompiledModel() = default;
CompiledModel::CompiledModel(CompiledModel &&) = default;

/// Models that run here have no profile.
static void markNothing(const SinterCall *, int64_t, int64_t, int64_t) {}

llvm::Expected<CompiledModel>
CompiledModel::create(ModuleOp module, const Target &target,
                      void (*barrier)(const SinterCall *),
                      llvm::CodeGenOptLevel level, Observe *observe) {
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  auto context = std::make_unique<llvm::LLVMContext>();
  auto translated = translate(module, target, *context, **machine);
  if (!translated)
    return translated.takeError();
  auto jit = createJit(target, level);
  if (!jit)
    return jit.takeError();
  llvm::orc::SymbolMap symbols;
  auto give = [&](llvm::StringRef name, auto *function) {
    symbols[(*jit)->mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(function),
        llvm::JITSymbolFlags::Exported};
  };
  give("sinter_barrier", barrier);
  give("sinter_mark", markNothing);
  if (observe)
    give("sinter_observe", observe);
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
