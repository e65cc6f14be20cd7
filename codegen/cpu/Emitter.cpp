//===- Emitter.cpp - Helpers to emit loops and vectors --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Emitter.h"

#include "codegen/cpu/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type Emitter::pointerType() const {
  return LLVM::LLVMPointerType::get(b.getContext());
}

Value Emitter::i64(int64_t value) { return integer(b.getI64Type(), value); }
Value Emitter::i32(int64_t value) { return integer(b.getI32Type(), value); }
Value Emitter::f32(double value) { return constant(f32Type(), value); }

static TypedAttr inType(Type type, TypedAttr scalar) {
  if (auto vector = dyn_cast<VectorType>(type))
    return DenseElementsAttr::get(vector, Attribute(scalar));
  return scalar;
}

Value Emitter::constant(Type type, double value) {
  TypedAttr scalar = b.getFloatAttr(getElementTypeOrSelf(type), value);
  return arith::ConstantOp::create(b, loc, inType(type, scalar));
}

Value Emitter::integer(Type type, int64_t value) {
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  TypedAttr scalar = b.getIntegerAttr(
      getElementTypeOrSelf(type), APInt(width, value, /*isSigned=*/true, true));
  return arith::ConstantOp::create(b, loc, inType(type, scalar));
}

Value Emitter::constantVector(ArrayRef<int32_t> values) {
  auto type = vectorType(b.getI32Type(), values.size());
  return arith::ConstantOp::create(b, loc,
                                   DenseElementsAttr::get(type, values));
}

std::optional<int64_t> Emitter::known(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Value Emitter::add(Value lhs, Value rhs) {
  return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
}
Value Emitter::sub(Value lhs, Value rhs) {
  return b.createOrFold<arith::SubIOp>(loc, lhs, rhs);
}
Value Emitter::mul(Value lhs, Value rhs) {
  if (known(lhs) && !known(rhs))
    std::swap(lhs, rhs);
  return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
}
Value Emitter::div(Value lhs, Value rhs) {
  return b.createOrFold<arith::DivUIOp>(loc, lhs, rhs);
}
Value Emitter::rem(Value lhs, Value rhs) {
  return b.createOrFold<arith::RemUIOp>(loc, lhs, rhs);
}
Value Emitter::min(Value lhs, Value rhs) {
  return b.createOrFold<arith::MinSIOp>(loc, lhs, rhs);
}
Value Emitter::max(Value lhs, Value rhs) {
  return b.createOrFold<arith::MaxSIOp>(loc, lhs, rhs);
}
Value Emitter::less(Value lhs, Value rhs) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, lhs,
                                       rhs);
}
Value Emitter::equal(Value lhs, Value rhs) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, lhs, rhs);
}
Value Emitter::select(Value condition, Value yes, Value no) {
  return b.createOrFold<arith::SelectOp>(loc, condition, yes, no);
}
Value Emitter::toI64(Value value) {
  if (value.getType().isIndex())
    return b.createOrFold<arith::IndexCastOp>(loc, i64Type(), value);
  if (value.getType() == i64Type())
    return value;
  return b.createOrFold<arith::ExtSIOp>(loc, i64Type(), value);
}
Value Emitter::toIndex(Value value) {
  if (value.getType().isIndex())
    return value;
  return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), value);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value Emitter::at(Value pointer, Value offset) {
  if (known(offset) == 0)
    return pointer;
  return LLVM::GEPOp::create(b, loc, pointerType(), b.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{offset});
}

static int64_t elementBytes(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isIntOrFloat() ? element.getIntOrFloatBitWidth() / 8 : 8;
}

Value Emitter::load(Type type, Value pointer, int64_t align) {
  return LLVM::LoadOp::create(b, loc, type, pointer,
                              align ? align : elementBytes(type));
}

Value Emitter::loadInOrder(Type type, Value pointer) {
  return LLVM::LoadOp::create(b, loc, type, pointer, elementBytes(type),
                              /*isVolatile=*/true);
}

void Emitter::store(Value value, Value pointer, int64_t align) {
  LLVM::StoreOp::create(b, loc, value, pointer,
                        align ? align : elementBytes(value.getType()));
}

Value Emitter::loadFloats(Type element, Value pointer, int64_t lanes) {
  Value vector = load(vectorType(element, lanes), pointer);
  if (element.isF32())
    return vector;
  return arith::ExtFOp::create(b, loc, f32Vector(lanes), vector);
}

Value Emitter::loadSplat(Type element, Value pointer, int64_t lanes) {
  Value scalar = load(element, pointer);
  if (!element.isF32())
    scalar = arith::ExtFOp::create(b, loc, f32Type(), scalar);
  return splat(scalar, lanes);
}

Value Emitter::narrow(Value vector, Type element) {
  if (element.isF32())
    return vector;
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  Type type = vectorType(element, lanes);
  if (!element.isBF16() || target.has("avx512bf16"))
    return arith::TruncFOp::create(b, loc, type, vector);
  // Without an instruction LLVM calls a function for each lane, even of a lone
  // bf16 that is moved only: these stay words. To nearest, ties to even; NaN
  // stays NaN.
  Type ints = vectorType(b.getI32Type(), lanes);
  Value bits = bitcast(ints, vector), sixteen = integer(ints, 16);
  Value high = arith::ShRUIOp::create(b, loc, bits, sixteen);
  Value odd = arith::AndIOp::create(b, loc, high, integer(ints, 1));
  Value half = arith::AddIOp::create(b, loc, odd, integer(ints, 0x7fff));
  Value rounded = arith::ShRUIOp::create(
      b, loc, arith::AddIOp::create(b, loc, bits, half), sixteen);
  Value isNumber =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, vector, vector);
  Value quiet = arith::OrIOp::create(b, loc, high, integer(ints, 0x40));
  Value word = arith::SelectOp::create(b, loc, isNumber, rounded, quiet);
  return arith::TruncIOp::create(b, loc, vectorType(b.getI16Type(), lanes),
                                 word);
}

Value Emitter::round(Value vector, Type element) {
  if (element.isF32())
    return vector;
  Value narrowed = narrow(vector, element);
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  auto type = cast<VectorType>(narrowed.getType());
  if (!type.getElementType().isInteger())
    return arith::ExtFOp::create(b, loc, f32Vector(lanes), narrowed);
  Type ints = vectorType(b.getI32Type(), lanes);
  Value word = arith::ExtUIOp::create(b, loc, ints, narrowed);
  return bitcast(f32Vector(lanes),
                 arith::ShLIOp::create(b, loc, word, integer(ints, 16)));
}

void Emitter::storeFloats(Value vector, Type element, Value pointer) {
  store(narrow(vector, element), pointer);
}

void Emitter::prefetch(Value pointer) {
  LLVM::Prefetch::create(b, loc, pointer, /*rw=*/0, /*hint=*/2,
                         /*cache=*/1);
}

Value Emitter::loadField(CallField field) {
  return load(i64Type(), at(call, int64_t(field)));
}
Value Emitter::loadPointer(CallField field) {
  return load(pointerType(), at(call, int64_t(field)));
}
Value Emitter::loadPointer(Value array, int64_t index) {
  return load(pointerType(), at(array, 8 * index));
}

static FunctionOpInterface enclosingFunction(OpBuilder &b) {
  Operation *op = b.getInsertionBlock()->getParentOp();
  while (!isa<FunctionOpInterface>(op))
    op = op->getParentOp();
  return cast<FunctionOpInterface>(op);
}

Value Emitter::stackBuffer(int64_t bytes) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&enclosingFunction(b).getFunctionBody().front());
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes);
  return LLVM::AllocaOp::create(b, loc, pointerType(), type, i64(1), 64);
}

Value Emitter::globalBytes(StringRef name, ArrayRef<char> bytes) {
  auto function = enclosingFunction(b);
  auto module = function->getParentOfType<ModuleOp>();
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  auto global = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    global = LLVM::GlobalOp::create(
        b, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
        b.getStringAttr(StringRef(bytes.data(), bytes.size())),
        /*alignment=*/64);
  }
  return LLVM::AddressOfOp::create(b, loc, pointerType(), name);
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value Emitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(
      b, loc, vectorType(scalar.getType(), lanes), scalar);
}
Value Emitter::lane(Value vector, int64_t index) {
  return vector::ExtractOp::create(b, loc, vector, index);
}
Value Emitter::shuffle(Value lhs, Value rhs, ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(b, loc, lhs, rhs, mask);
}
Value Emitter::bitcast(Type type, Value value) {
  if (value.getType() == type)
    return value;
  return LLVM::BitcastOp::create(b, loc, type, value);
}
Value Emitter::addF(Value lhs, Value rhs) {
  return arith::AddFOp::create(b, loc, lhs, rhs);
}
Value Emitter::subF(Value lhs, Value rhs) {
  return arith::SubFOp::create(b, loc, lhs, rhs);
}
Value Emitter::mulF(Value lhs, Value rhs) {
  return arith::MulFOp::create(b, loc, lhs, rhs);
}
Value Emitter::divF(Value lhs, Value rhs) {
  return arith::DivFOp::create(b, loc, lhs, rhs);
}
// Selects instead of arith.maximumf: NaN may take either side, which is one
// instruction on x86.
Value Emitter::maxF(Value lhs, Value rhs) {
  Value more =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, lhs, rhs);
  return arith::SelectOp::create(b, loc, more, lhs, rhs);
}
Value Emitter::minF(Value lhs, Value rhs) {
  Value less =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, lhs, rhs);
  return arith::SelectOp::create(b, loc, less, lhs, rhs);
}
Value Emitter::fma(Value x, Value y, Value z) {
  if (fusedMultiplyAdd)
    return math::FmaOp::create(b, loc, x, y, z);
  return addF(mulF(x, y), z);
}

/// Folds the upper half onto the lower until one lane is left.
static Value foldLanes(Emitter &e, Value vector,
                       function_ref<Value(Value, Value)> combine) {
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  while (lanes > 1) {
    int64_t half = lanes / 2;
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < half; ++i) {
      low.push_back(i);
      high.push_back(half + i);
    }
    vector = combine(e.shuffle(vector, vector, low),
                     e.shuffle(vector, vector, high));
    lanes = half;
  }
  return e.lane(vector, 0);
}

Value Emitter::sumLanes(Value vector) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(vector.getType()));
  return foldLanes(*this, vector, [&](Value x, Value y) -> Value {
    return isFloat ? addF(x, y) : arith::AddIOp::create(b, loc, x, y);
  });
}
Value Emitter::maxLanes(Value vector) {
  return foldLanes(*this, vector, [&](Value x, Value y) { return maxF(x, y); });
}

Value Emitter::intrinsic(StringRef name, Type type, ValueRange operands) {
  StringAttr called = b.getStringAttr(name);
  if (type)
    return LLVM::CallIntrinsicOp::create(b, loc, type, called, operands)
        .getResult(0);
  LLVM::CallIntrinsicOp::create(b, loc, called, operands);
  return {};
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void Emitter::loop(Value low, Value high, int64_t step,
                   function_ref<void(Value)> body) {
  loop(low, high, step, {}, [&](Value index, ValueRange) {
    body(index);
    return Values{};
  });
}

Emitter::Values Emitter::loop(Value low, Value high, int64_t step,
                              ValueRange initial,
                              function_ref<Values(Value, ValueRange)> body) {
  auto from = known(low), to = known(high);
  if (from && to && *from >= *to)
    return Values(initial.begin(), initial.end());
  if (from && to && *to - *from <= step)
    return body(low, initial);
  auto loop = scf::ForOp::create(b, loc, low, high, i64(step), initial);
  OpBuilder::InsertionGuard guard(b);
  if (initial.empty())
    b.setInsertionPoint(loop.getBody()->getTerminator());
  else
    b.setInsertionPointToEnd(loop.getBody());
  Values results = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!initial.empty())
    scf::YieldOp::create(b, loc, results);
  return Values(loop->result_begin(), loop->result_end());
}

void Emitter::when(Value condition, function_ref<void()> body) {
  if (auto constant = known(condition)) {
    if (*constant)
      body();
    return;
  }
  auto branch = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(branch.thenYield());
  body();
}

Emitter::Values Emitter::choose(Value condition, TypeRange types,
                                function_ref<Values()> yes,
                                function_ref<Values()> no) {
  if (auto constant = known(condition))
    return *constant ? yes() : no();
  auto branch = scf::IfOp::create(b, loc, types, condition, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(branch.thenBlock());
  if (!branch.thenBlock()->empty() &&
      branch.thenBlock()->back().hasTrait<OpTrait::IsTerminator>())
    branch.thenBlock()->back().erase();
  b.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(b, loc, yes());
  if (!branch.elseBlock()->empty() &&
      branch.elseBlock()->back().hasTrait<OpTrait::IsTerminator>())
    branch.elseBlock()->back().erase();
  b.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(b, loc, no());
  return Values(branch->result_begin(), branch->result_end());
}

void Emitter::features(int64_t count, function_ref<void(Value, int64_t)> body,
                       int64_t width) {
  width = width ? width : lanes;
  int64_t whole = count / width * width;
  loop(i64(0), i64(whole), width, [&](Value index) { body(index, width); });
  int64_t done = whole;
  for (int64_t part = width; part >= 1; part /= 2)
    for (; count - done >= part; done += part)
      body(i64(done), part);
}

/// accumulator with `part` (fewer lanes) in its low lanes.
static Value insertLow(Emitter &e, Value accumulator, Value part, int64_t lanes,
                       int64_t partLanes) {
  SmallVector<int64_t> widen, merge;
  for (int64_t i = 0; i < lanes; ++i) {
    widen.push_back(i < partLanes ? i : 0);
    merge.push_back(i < partLanes ? lanes + i : i);
  }
  return e.shuffle(accumulator, e.shuffle(part, part, widen), merge);
}

Value Emitter::reduceFeatures(int64_t count, Value initial,
                              function_ref<Value(Value, int64_t, Value)> body) {
  int64_t width = cast<VectorType>(initial.getType()).getDimSize(0);
  int64_t whole = count / width * width;
  Value total = loop(i64(0), i64(whole), width, initial,
                     [&](Value index, ValueRange carried) {
                       return Values{body(index, width, carried[0])};
                     })[0];
  int64_t done = whole;
  for (int64_t part = width / 2; part >= 1; part /= 2) {
    if (count - done < part)
      continue;
    SmallVector<int64_t> low;
    for (int64_t i = 0; i < part; ++i)
      low.push_back(i);
    Value piece = body(i64(done), part, shuffle(total, total, low));
    total = insertLow(*this, total, piece, width, part);
    done += part;
  }
  return total;
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

std::pair<Value, Value> Emitter::myShare(Value items, int64_t multiple) {
  Value pieces = ceilDiv(items, multiple);
  auto bound = [&](Value index) {
    return min(mul(div(mul(pieces, index), threads), multiple), items);
  };
  return {bound(thread), bound(add(thread, 1))};
}

/// Calls a function of the runtime, declared where it is not yet.
static void callRuntime(OpBuilder &b, Location loc, StringRef name,
                        ValueRange arguments) {
  auto module = enclosingFunction(b)->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = b.getFunctionType(arguments.getTypes(), {});
    func::FuncOp::create(b, loc, name, type).setPrivate();
  }
  func::CallOp::create(b, loc, name, TypeRange{}, arguments);
}

void Emitter::barrier() { callRuntime(b, loc, "sinter_barrier", {call}); }

void Emitter::observe(Value kernel, Value layer, Value result, Value data) {
  callRuntime(b, loc, "sinter_observe",
              {call, thread, kernel, layer, result, data});
}

void Emitter::mark(Value kernel, Value layer) {
  callRuntime(b, loc, "sinter_mark", {call, thread, kernel, layer});
}
