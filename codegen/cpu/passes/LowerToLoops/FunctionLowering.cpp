//===- FunctionLowering.cpp - One function as loops -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/LowerToLoops/FunctionLowering.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/MoeKernel.h"
#include "passes/PlanMemory/PlanMemory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// Functions and arenas
//===----------------------------------------------------------------------===//

/// What a value is in lowered code: tensors and caches are pointers.
static Type loweredValueType(Type type) {
  if (isa<RankedTensorType, CacheType>(type))
    return LLVM::LLVMPointerType::get(type.getContext());
  if (type.isIndex())
    return IntegerType::get(type.getContext(), 64);
  return type;
}

FunctionType sinter::loweredType(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type number = IntegerType::get(context, 64);
  SmallVector<Type> inputs = {pointer, number};
  if (!function.isPublic()) {
    inputs.push_back(pointer); // the first free byte of scratch
    for (Type type : function.getArgumentTypes())
      inputs.push_back(loweredValueType(type));
  }
  return FunctionType::get(context, inputs, {});
}

bool sinter::isForOneToken(func::FuncOp function) {
  bool some = false;
  for (Type type : function.getArgumentTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() < 2)
      continue;
    // Masks of caches have more columns than there are tokens.
    if (tensor.isDynamicDim(0))
      return false;
    some = true;
  }
  return some;
}

static Value count(Emitter &e, const Rows &rows) {
  switch (rows.kind) {
  case Rows::Tokens:
    return e.rows;
  case Rows::Last:
    return e.lastRows;
  case Rows::PerSequence:
    return e.mul(e.batch, rows.count);
  case Rows::Known:
    return e.i64(rows.count);
  }
  llvm_unreachable("a kind of rows");
}

/// Bytes of a buffer; zero for what others own.
static Value bufferBytes(Emitter &e, const Buffer &buffer) {
  if (buffer.owner != Buffer::Arena)
    return e.i64(0);
  Value size = e.add(e.mul(count(e, buffer.rows), buffer.bytes), buffer.extra);
  return e.mul(e.ceilDiv(size, 64), 64);
}

Value sinter::emitArenaBytes(Emitter &e, func::FuncOp function) {
  Value total = e.i64(0);
  for (const Buffer &buffer : arenaOf(function))
    total = e.add(total, bufferBytes(e, buffer));
  return total;
}

FunctionLowering::FunctionLowering(ModuleFacts &facts, const Target &cpu,
                                   func::FuncOp source, func::FuncOp target,
                                   bool observed)
    : facts(facts), source(source), builder(source.getContext()),
      e(builder, source.getLoc(), cpu, cpu.lanes, cpu.fma),
      isEntry(source.isPublic()), observed(observed) {
  builder.setInsertionPointToStart(target.addEntryBlock());
  Block &block = target.getBody().front();
  e.call = block.getArgument(0);
  e.thread = block.getArgument(1);
  scratch = isEntry ? Value() : block.getArgument(2);
  if (isEntry)
    return;
  for (auto [index, argument] : llvm::enumerate(source.getArguments())) {
    Value lowered = block.getArgument(3 + index);
    if (isa<LLVM::LLVMPointerType>(lowered.getType()))
      addresses[argument] = lowered;
    else
      scalars[argument] = lowered;
  }
}

void FunctionLowering::setSizes() {
  bool one = isForOneToken(source);
  e.threads = e.loadField(CallField::Threads);
  e.weights = e.loadPointer(CallField::Weights);
  e.batch = one ? e.i64(1) : e.loadField(CallField::Batch);
  e.tokens = one ? e.i64(1) : e.loadField(CallField::Tokens);
  e.last = one ? e.i64(1) : e.loadField(CallField::Last);
  e.rows = e.mul(e.batch, e.tokens);
  e.lastRows = e.mul(e.batch, e.last);
  e.capacity = e.loadField(CallField::Capacity);
  e.capacity = e.mul(e.ceilDiv(e.capacity, kCacheBlock), kCacheBlock);
  e.chunk = e.loadField(CallField::Chunk);
  if (isEntry)
    scratch = e.loadPointer(CallField::Scratch);
}

void FunctionLowering::setArguments() {
  if (!isEntry)
    return;
  Value inputs = e.loadPointer(CallField::Inputs);
  Value caches = e.loadPointer(CallField::Caches);
  for (auto [index, argument] : llvm::enumerate(source.getArguments())) {
    StringAttr name = ModuleFacts::nameOf(source, index);
    if (isa<CacheType>(argument.getType())) {
      addresses[argument] = e.at(caches, facts.cacheOffset(e, name));
    } else if (isa<RankedTensorType>(argument.getType())) {
      addresses[argument] = e.loadPointer(inputs, index);
    } else if (name == "last") {
      scalars[argument] = e.last;
    } else {
      scalars[argument] = e.load(loweredValueType(argument.getType()),
                                 e.loadPointer(inputs, index));
    }
  }
}

void FunctionLowering::setBuffers() {
  Value offset = e.i64(0);
  Value outputs;
  for (const Buffer &buffer : arenaOf(source)) {
    if (buffer.owner == Buffer::Argument) {
      buffers.push_back(addresses[source.getArgument(buffer.index)]);
    } else if (buffer.owner == Buffer::Output) {
      if (!outputs)
        outputs = e.loadPointer(CallField::Outputs);
      buffers.push_back(e.loadPointer(outputs, buffer.index));
    } else {
      buffers.push_back(e.at(scratch, offset));
      offset = e.add(offset, bufferBytes(e, buffer));
    }
  }
  // What remains is for the forms that this function calls.
  scratch = e.at(scratch, offset);
}

LogicalResult FunctionLowering::lower() {
  setSizes();
  setArguments();
  setBuffers();
  for (Operation &op : source.getBody().front()) {
    e.loc = op.getLoc();
    if (failed(lowerOp(&op)))
      return failure();
  }
  func::ReturnOp::create(builder, source.getLoc());
  return failure(incomplete);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// What a plan does not say: lowering goes on and fails at its end.
void FunctionLowering::complain(const Twine &what) {
  if (!incomplete)
    emitError(e.loc, what);
  incomplete = true;
}

Value FunctionLowering::address(Value value) {
  if (Value found = addresses.lookup(value))
    return found;
  // A reshape is its operand, inside kernels too.
  if (auto reshape = value.getDefiningOp<ReshapeOp>())
    return address(reshape.getInput());
  if (auto append = value.getDefiningOp<AppendOp>())
    return address(append.getCache());
  complain("a value of this kernel has no address");
  return LLVM::ZeroOp::create(builder, e.loc,
                              LLVM::LLVMPointerType::get(e.b.getContext()));
}

Value FunctionLowering::rowsOf(Value tensor) {
  return count(e, plannedRows(tensor));
}

bool FunctionLowering::isKeyCache(Value cache) {
  return facts.isKeyCache(cache);
}

Value FunctionLowering::scalar(Value value) {
  if (Value found = scalars.lookup(value))
    return found;
  if (auto known = Emitter::known(value))
    return e.i64(*known);
  FloatAttr number;
  if (matchPattern(value, m_Constant(&number)))
    return e.f32(number.getValueAsDouble());
  complain("a number of this kernel is not known");
  return e.i64(0);
}

Value FunctionLowering::workspace(Operation *kernel) {
  int64_t buffer = workspacePlaceOf(kernel);
  return buffer == kNoBuffer ? Value() : buffers[buffer];
}

Value FunctionLowering::tableAddress(StringRef name, ArrayRef<int64_t> values) {
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(int64_t));
  return e.globalBytes(name, bytes);
}

Value FunctionLowering::constantAddress(DenseElementsAttr values) {
  SmallVector<char> bytes;
  ArrayRef<char> raw = values.getRawData();
  int64_t count = values.isSplat() ? values.getNumElements() : 1;
  for (int64_t i = 0; i < count; ++i)
    bytes.append(raw.begin(), raw.end());
  std::string name =
      "sinter.constant." +
      llvm::utohexstr(llvm::hash_value(StringRef(bytes.data(), bytes.size())));
  return e.globalBytes(name, bytes);
}

void FunctionLowering::resolveWeight(WeightOp weight) {
  auto param = facts.symbols.lookup<ParamOp>(weight.getParam());
  ArrayRef<int64_t> offsets = *param.getOffsets();
  if (!weight.getLayer()) {
    addresses[weight] = e.at(e.weights, offsets[0]);
    return;
  }
  Value table = tableAddress((param.getSymName() + ".offsets").str(), offsets);
  Value index = e.mul(scalar(weight.getLayer()), 8);
  Value offset = e.load(e.i64Type(), e.at(table, index));
  addresses[weight] = e.at(e.weights, offset);
}

void FunctionLowering::resolveLayerValue(LayerValueOp value) {
  auto table = facts.symbols.lookup<LayerTableOp>(value.getTable());
  Value index = scalar(value.getLayer());
  std::string name = (table.getSymName() + ".table").str();
  if (value.getType().isIndex()) {
    SmallVector<int64_t> numbers;
    for (Attribute number : table.getValues())
      numbers.push_back(cast<IntegerAttr>(number).getInt());
    Value address = tableAddress(name, numbers);
    scalars[value] = e.load(e.i64Type(), e.at(address, e.mul(index, 8)));
    return;
  }
  SmallVector<float> numbers;
  for (Attribute number : table.getValues())
    numbers.push_back(cast<FloatAttr>(number).getValue().convertToDouble());
  Value address =
      e.globalBytes(name, {reinterpret_cast<const char *>(numbers.data()),
                           numbers.size() * 4});
  scalars[value] = e.load(e.f32Type(), e.at(address, e.mul(index, 4)));
}

/// Finds what costs nothing: weights, numbers, constants, views.
void FunctionLowering::resolve(Operation *op) {
  if (auto weight = dyn_cast<WeightOp>(op))
    return resolveWeight(weight);
  if (auto value = dyn_cast<LayerValueOp>(op))
    return resolveLayerValue(value);
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (auto values = dyn_cast<DenseElementsAttr>(constant.getValue()))
      addresses[constant] = constantAddress(values);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void FunctionLowering::setResults(Operation *op) {
  for (OpResult result : op->getResults())
    if (int64_t buffer = placeOf(result); buffer != kNoBuffer)
      addresses[result] = buffers[buffer];
  auto fused = dyn_cast<FusedOp>(op);
  if (!fused)
    return;
  Operation *yield = fused.getBody().front().getTerminator();
  for (auto [result, yielded] :
       llvm::zip(fused.getResults(), yield->getOperands())) {
    // Look up before inserting: growing the map moves its values.
    if (isa<CacheType>(result.getType())) {
      Value cache = address(yielded);
      addresses[result] = cache;
    } else {
      Value buffer = addresses.lookup(result);
      addresses[yielded] = buffer;
    }
  }
}

/// The layer that this form computes, -1 in an entry.
Value FunctionLowering::layerNumber() {
  return isEntry ? e.i64(-1)
                 : scalar(source.getArgument(source.getNumResults()));
}

/// Shows what a kernel made, when it is complete and until all have seen it.
void FunctionLowering::observe(Operation *kernel) {
  auto number = kernel->getAttrOfType<IntegerAttr>("sinter.kernel");
  if (!observed || !number)
    return;
  e.barrier();
  for (OpResult result : kernel->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || !type.getElementType().isF32())
      continue;
    Value of = e.i64(number.getInt()), layer = layerNumber();
    e.observe(of, layer, e.i64(result.getResultNumber()), address(result));
  }
  e.barrier();
}

/// The barrier before a kernel, if there is one; tells a profile, if there is
/// one, when it is reached and when the kernel begins.
void FunctionLowering::enter(Operation *kernel) {
  bool barrier = std::exchange(atBarrier, false);
  auto number = kernel->getAttrOfType<IntegerAttr>("sinter.kernel");
  if (!number) {
    if (barrier)
      e.barrier();
    return;
  }
  if (!profiled)
    profiled = e.less(e.i64(0), e.loadField(CallField::Profile));
  Value at = layerNumber();
  auto begin = [&] { e.mark(e.i64(number.getInt()), at); };
  if (!barrier)
    return e.when(profiled, begin);
  auto wait = [&] {
    e.mark(e.i64(-1), at);
    e.barrier();
    begin();
    return Emitter::Values{};
  };
  auto only = [&] {
    e.barrier();
    return Emitter::Values{};
  };
  e.choose(profiled, {}, wait, only);
}

//===----------------------------------------------------------------------===//
// Kernels that each thread does for itself
//===----------------------------------------------------------------------===//

/// Memory of this thread alone for the results.
void FunctionLowering::setOwnResults(FusedOp fused) {
  Operation *yield = fused.getBody().front().getTerminator();
  for (auto [result, yielded] :
       llvm::zip(fused.getResults(), yield->getOperands())) {
    Value buffer = e.stackBuffer(rowBytesOf(result.getType()));
    addresses[result] = buffer;
    addresses[yielded] = buffer;
  }
}

LogicalResult FunctionLowering::lowerReplicated(FusedOp fused) {
  setOwnResults(fused);
  enter(fused);
  Value thread = std::exchange(e.thread, e.i64(0));
  Value threads = std::exchange(e.threads, e.i64(1));
  LogicalResult result = emitRowKernel(e, fused, *this, facts.tokenTile);
  e.thread = thread;
  e.threads = threads;
  return result;
}

LogicalResult FunctionLowering::lowerFused(FusedOp fused) {
  if (fused.getNumResults() == 0)
    return success();
  for (Operation &op : fused.getBody().front())
    resolve(&op);
  Share share = shareOf(fused);
  if (share == Share::Replicated)
    return lowerReplicated(fused);
  setResults(fused);
  enter(fused);
  return share == Share::Panels
             ? emitLinearKernel(e, fused, *this)
             : emitRowKernel(e, fused, *this, facts.tokenTile);
}

LogicalResult FunctionLowering::lowerKernel(Operation *op) {
  if (auto fused = dyn_cast<FusedOp>(op))
    return lowerFused(fused);
  setResults(op);
  enter(op);
  if (auto attention = dyn_cast<AttentionOp>(op))
    return emitAttentionKernel(e, attention, *this);
  return emitMoeKernel(e, cast<MoeOp>(op), *this);
}

LogicalResult FunctionLowering::lowerOp(Operation *op) {
  if (isa<KernelOpInterface>(op)) {
    LogicalResult done = lowerKernel(op);
    observe(op);
    return done;
  }
  if (auto stack = dyn_cast<StackOp>(op))
    return lowerStack(stack);
  atBarrier |= isa<cpu::BarrierOp>(op);
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    addresses[reshape] = address(reshape.getInput());
  resolve(op);
  return success();
}

//===----------------------------------------------------------------------===//
// Stacks
//===----------------------------------------------------------------------===//

void FunctionLowering::callForm(StackOp stack, Attribute form, Value layer) {
  func::FuncOp callee = facts.function(form);
  SmallVector<Value> operands = {e.call, e.thread, scratch};
  auto push = [&](Value value) {
    bool inMemory = isa<RankedTensorType, CacheType>(value.getType());
    operands.push_back(inMemory ? address(value) : scalar(value));
  };
  for (Value value : stack.getCarried())
    push(value);
  operands.push_back(layer);
  for (Value value : stack.getShared())
    push(value);
  func::CallOp::create(builder, e.loc, (callee.getName() + kLoops).str(),
                       TypeRange{}, operands);
}

LogicalResult FunctionLowering::lowerStack(StackOp stack) {
  if (std::exchange(atBarrier, false))
    e.barrier();
  ArrayRef<int32_t> layers = stack.getLayers();
  SmallVector<int64_t> forms(layers.begin(), layers.end());
  std::string name = (source.getName() + ".forms").str();
  unsigned number = 0;
  while (facts.module.lookupSymbol(name))
    name = (source.getName() + ".forms" + Twine(++number)).str();
  bool many = stack.getForms().size() > 1;
  Value table = many ? tableAddress(name, forms) : Value();
  e.loop(e.i64(0), e.i64(layers.size()), 1, [&](Value layer) {
    if (!many)
      return callForm(stack, stack.getForms()[0], layer);
    Value form = e.load(e.i64Type(), e.at(table, e.mul(layer, 8)));
    for (auto [index, symbol] : llvm::enumerate(stack.getForms()))
      e.when(e.equal(form, e.i64(index)),
             [&] { callForm(stack, symbol, layer); });
  });
  for (auto [carried, result] :
       llvm::zip(stack.getCarried(), stack.getResults())) {
    bool inMemory = isa<RankedTensorType, CacheType>(carried.getType());
    if (inMemory)
      addresses[result] = address(carried);
    else
      scalars[result] = scalar(carried);
  }
  return success();
}
