//===- Harness.cpp - Linear kernels, compiled to be called ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/linear/Harness.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/LinearKernel.h"
#include "codegen/cpu/Object.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

PackedMatrix KernelShape::matrix(const Target &target, size_t group,
                                 size_t index) const {
  return {groups[group].matrices[index], groups[group].rows, columns,
          target.panelRows(), target.biasedQ8()};
}

static Type inputElementOf(MLIRContext *context, InputKind kind) {
  OpBuilder b(context);
  switch (kind) {
  case InputKind::F32:
    return b.getF32Type();
  case InputKind::BF16:
    return b.getBF16Type();
  case InputKind::F16:
    return b.getF16Type();
  case InputKind::A8:
    return BlockType::get(context, BlockFormat::A8);
  case InputKind::A16:
    return BlockType::get(context, BlockFormat::A16);
  }
  llvm_unreachable("unknown input");
}

static LinearPlan planOf(Emitter &e, const KernelShape &shape, Value args,
                         SmallVector<Value> &outputs) {
  LinearPlan plan;
  plan.tokens = e.rows;
  plan.input.element = inputElementOf(e.b.getContext(), shape.input);
  plan.input.features = shape.columns;
  plan.input.tileTokens = std::max<int64_t>(1, shape.tileTokens);
  plan.input.together = shape.together();
  int64_t next = 0;
  plan.input.base = e.loadPointer(args, next++);
  for (size_t g = 0; g < shape.groups.size(); ++g) {
    LinearGroup &group = plan.groups.emplace_back();
    for (size_t i = 0; i < shape.groups[g].matrices.size(); ++i) {
      PackedMatrix layout = shape.matrix(e.target, g, i);
      WeightMatrix matrix;
      matrix.element = typeOf(e.b.getContext(), layout.type);
      matrix.rows = layout.rows;
      matrix.columns = layout.columns;
      matrix.panelRows = shape.packed ? layout.panelRows : 0;
      matrix.biased = shape.packed && layout.biased;
      matrix.base = e.loadPointer(args, next++);
      group.matrices.push_back(matrix);
    }
  }
  for (size_t g = 0; g < shape.groups.size(); ++g)
    outputs.push_back(e.loadPointer(args, next++));
  return plan;
}

static OwningOpRef<ModuleOp> buildModule(MLIRContext &context,
                                         const KernelShape &shape,
                                         const Target &target) {
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  Type pointer = LLVM::LLVMPointerType::get(&context);
  Type i64 = b.getI64Type();
  auto function = func::FuncOp::create(
      b, loc, "kernel", b.getFunctionType({pointer, i64, i64, i64}, {}));
  b.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(b, loc, target, target.lanes, target.fma);
  e.rows = shape.tokens ? e.i64(*shape.tokens) : function.getArgument(1);
  e.thread = function.getArgument(2);
  e.threads = function.getArgument(3);
  SmallVector<Value> outputs;
  LinearPlan plan = planOf(e, shape, function.getArgument(0), outputs);
  plan.finish = [&](size_t group, ArrayRef<Value> products,
                    const Place &place) {
    Value result = products[0];
    for (Value factor : products.drop_front())
      result = e.mulF(result, factor);
    Value index =
        e.add(e.mul(place.token, shape.groups[group].rows), place.feature);
    e.store(result, e.at(outputs[group], e.mul(index, 4)));
  };
  emitLinears(e, plan);
  func::ReturnOp::create(b, loc);
  return module;
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

static std::unique_ptr<llvm::Module> translate(llvm::LLVMContext &llvmContext,
                                               llvm::TargetMachine &machine,
                                               const KernelShape &shape,
                                               const Target &target) {
  MLIRContext context;
  registerLlvmTranslations(context);
  context.loadDialect<SinterDialect, cpu::CpuDialect, func::FuncDialect,
                      arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                      vector::VectorDialect, LLVM::LLVMDialect,
                      cf::ControlFlowDialect>();
  OwningOpRef<ModuleOp> module = buildModule(context, shape, target);
  attachTarget(*module, target);
  PassManager manager(&context);
  buildToLlvmStage(manager);
  if (failed(manager.run(*module)))
    llvm::report_fatal_error("lowering failed");
  auto result = translateModuleToLLVMIR(*module, llvmContext);
  llvm::cantFail(optimizeKernels(*result, target, machine));
  return result;
}

std::string sinter::kernelAssembly(const KernelShape &shape,
                                   const Target &target) {
  auto machine = llvm::cantFail(createMachine(target));
  llvm::LLVMContext context;
  auto module = translate(context, *machine, shape, target);
  return llvm::cantFail(writeCode(*module, *machine, CodeFile::Assembly))
      ->getBuffer()
      .str();
}

struct CompiledKernel::State {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

CompiledKernel::CompiledKernel() : state(std::make_unique<State>()) {}
CompiledKernel::~CompiledKernel() = default;
CompiledKernel::CompiledKernel(CompiledKernel &&) = default;

CompiledKernel sinter::compileKernel(const KernelShape &shape,
                                     const Target &target) {
  auto machine = llvm::cantFail(createMachine(target));
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = translate(*context, *machine, shape, target);
  CompiledKernel kernel;
  kernel.state->jit = llvm::cantFail(createJit(target));
  llvm::cantFail(
      kernel.state->jit->addIRModule({std::move(module), std::move(context)}));
  auto address = llvm::cantFail(kernel.state->jit->lookup("kernel"));
  kernel.function = address.toPtr<KernelFunction>();
  return kernel;
}
