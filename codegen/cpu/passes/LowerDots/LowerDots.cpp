//===- LowerDots.cpp - Dot products as instructions -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/LowerDots/LowerDots.h"

#include "codegen/cpu/IR/Cpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_LOWERDOTS
#include "codegen/cpu/passes/LowerDots/LowerDots.h.inc"

namespace {

int64_t bytesOf(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

Value call(OpBuilder &b, Location loc, StringRef intrinsic, Type type,
           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(intrinsic),
                                       operands)
      .getResult(0);
}

LogicalResult lower(cpu::DotOp op, const Target &target) {
  int64_t bytes = bytesOf(op.getLhs());
  const DotInstruction *instruction = target.dot(op.getProducts(), bytes);
  if (!instruction)
    return op.emitOpError("cannot be made by this target: no instruction set "
                          "of it has ")
           << stringifyProducts(op.getProducts()) << " of " << bytes
           << " bytes";
  OpBuilder b(op);
  Type type = op.getType();
  Value sums = op.getSums();
  Value result;
  if (instruction->adds) {
    result = call(b, op.getLoc(), instruction->intrinsic, type,
                  {sums, op.getLhs(), op.getRhs()});
  } else {
    Value products = call(b, op.getLoc(), instruction->intrinsic, type,
                          {op.getLhs(), op.getRhs()});
    result = arith::AddIOp::create(b, op.getLoc(), sums, products);
  }
  op.replaceAllUsesWith(result);
  op.erase();
  return success();
}

void lower(cpu::WithSignOp op, const Target &target) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value value = op.getValue(), sign = op.getSign(), result;
  if (const SignInstruction *instruction = target.sign(bytesOf(value))) {
    result = call(b, loc, instruction->intrinsic, op.getType(), {value, sign});
  } else {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(op.getType()));
    Value isNegative =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, sign, zero);
    Value negated = arith::SubIOp::create(b, loc, zero, value);
    result = arith::SelectOp::create(b, loc, isNegative, negated, value);
  }
  op.replaceAllUsesWith(result);
  op.erase();
}

struct LowerDots : impl::LowerDotsBase<LowerDots> {
  void runOnOperation() override {
    SmallVector<cpu::DotOp> dots;
    SmallVector<cpu::WithSignOp> signs;
    getOperation().walk([&](cpu::DotOp op) { dots.push_back(op); });
    getOperation().walk([&](cpu::WithSignOp op) { signs.push_back(op); });
    if (dots.empty() && signs.empty())
      return markAllAnalysesPreserved();
    FailureOr<Target> target = requireCpuTarget(getOperation());
    if (failed(target))
      return signalPassFailure();
    for (cpu::DotOp op : dots)
      if (failed(lower(op, *target)))
        return signalPassFailure();
    for (cpu::WithSignOp op : signs)
      lower(op, *target);
  }
};

} // namespace
} // namespace sinter
