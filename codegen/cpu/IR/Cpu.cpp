//===- Cpu.cpp - The cpu dialect ------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/MoeKernel.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;

#include "codegen/cpu/IR/CpuDialect.cpp.inc"
#include "codegen/cpu/IR/CpuEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "codegen/cpu/IR/CpuAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "codegen/cpu/IR/CpuOps.cpp.inc"

void cpu::CpuDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "codegen/cpu/IR/CpuOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "codegen/cpu/IR/CpuAttrs.cpp.inc"
      >();
}

/// Element types of factors and sums, and factors for each sum.
static std::tuple<Type, Type, int64_t> typesOf(cpu::Products products,
                                               Builder b) {
  switch (products) {
  case cpu::Products::U8S8x4:
    return {b.getI8Type(), b.getI32Type(), 4};
  case cpu::Products::U8S8x2:
    return {b.getI8Type(), b.getI16Type(), 2};
  case cpu::Products::S16x2:
    return {b.getI16Type(), b.getI32Type(), 2};
  case cpu::Products::Bf16x2:
    return {b.getBF16Type(), b.getF32Type(), 2};
  }
  llvm_unreachable("unknown products");
}

LogicalResult cpu::DotOp::verify() {
  auto [factor, sum, count] = typesOf(getProducts(), Builder(getContext()));
  auto factors = cast<VectorType>(getLhs().getType());
  auto sums = cast<VectorType>(getSums().getType());
  if (factors.getElementType() == factor && sums.getElementType() == sum &&
      factors.getNumElements() == count * sums.getNumElements())
    return success();
  return emitOpError("needs sums of ")
         << sum << " and " << count << " factors of " << factor
         << " for each, but has " << sums << " and " << factors;
}

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

LogicalResult
cpu::TargetAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        StringRef cpu, StringRef tune, StringRef features) {
  Result<sinter::Target> target = makeTarget(cpu, tune, features);
  if (target)
    return success();
  return emitError() << target.message();
}

cpu::TargetAttr cpu::TargetAttr::get(MLIRContext *context,
                                     const sinter::Target &target) {
  return get(context, target.cpu, target.tuneCpu, target.features);
}

sinter::Target cpu::TargetAttr::describe() const {
  return *makeTarget(getCpu(), getTune(), getFeatures());
}

Type cpu::TargetAttr::activationElement(Type weights) const {
  if (isa<BlockType>(weights))
    return BlockType::get(getContext(), BlockFormat::A8);
  if (weights.isBF16() && describe().bf16Dot == Bf16Dot::Dpbf16)
    return weights;
  return {};
}

Type cpu::TargetAttr::cacheElement() const {
  return describe().f16c ? Type(Float16Type::get(getContext())) : Type();
}

PackedAttr cpu::TargetAttr::weightLayout(RankedTensorType weight) const {
  sinter::Target target = describe();
  auto block = dyn_cast<BlockType>(weight.getElementType());
  bool isQ8 = block && block.getFormat() == BlockFormat::Q8_0;
  return PackedAttr::get(getContext(), target.panelRows(),
                         isQ8 && target.biasedQ8());
}

/// Tiles of activations for matrix units (AMX): two of its registers of 16
/// rows, each of 32 features.
static constexpr int64_t kMatrixTokens = 32, kMatrixFeatures = 32;

/// Whether a matrix unit multiplies these.
static bool isForMatrixUnit(const Target &target, RankedTensorType activations,
                            RankedTensorType weight) {
  if (activations.getShape().back() % kMatrixFeatures)
    return false;
  Type from = activations.getElementType(), by = weight.getElementType();
  if (isa<BlockType>(from))
    return target.matrixInt8 && isa<BlockType>(by);
  return target.matrixBf16 && from.isBF16() && by.isBF16();
}

TiledAttr cpu::TargetAttr::activationLayout(RankedTensorType activations,
                                            RankedTensorType weight) const {
  sinter::Target target = describe();
  if (isForMatrixUnit(target, activations, weight))
    return TiledAttr::get(getContext(), kMatrixTokens, kMatrixFeatures);
  return TiledAttr::get(getContext(), target.tileTokens, 0);
}

int64_t cpu::TargetAttr::expertTile() const { return describe().tileTokens; }

/// They lie on the stack. A token's norm and rounding is less than a barrier.
bool cpu::TargetAttr::replicates(int64_t bytes) const {
  return bytes <= 1 << 16;
}

Workspace cpu::TargetAttr::workspace(Operation *kernel) const {
  if (auto moe = dyn_cast<MoeOp>(kernel)) {
    MoeMemory::Part total = MoeMemory(moe).total();
    return {total.bytes, total.extra};
  }
  auto attention = dyn_cast<AttentionOp>(kernel);
  return {attention ? attentionWorkspace(attention) : 0, 0};
}

void sinter::attachTarget(ModuleOp module, const Target &target) {
  module.getContext()->loadDialect<cpu::CpuDialect>();
  module->setAttr(kTarget, cpu::TargetAttr::get(module.getContext(), target));
}

FailureOr<Target> sinter::requireCpuTarget(ModuleOp module) {
  TargetInterface target = requireTarget(module);
  if (!target)
    return failure();
  auto cpuTarget = dyn_cast<cpu::TargetAttr>(target);
  if (!cpuTarget)
    return module.emitError("expected a target that is a CPU, but it is ")
           << target;
  return cpuTarget.describe();
}
