//===- CheckPlan.cpp - Proof that a memory plan is sound ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A planned function is a straight line, so its buffers can be played through:
// each holds at most one value, and reading a value that its buffer no longer
// holds is the overlap that a plan must not have.
//
//===----------------------------------------------------------------------===//

#include "passes/CheckPlan/CheckPlan.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/StoredLayout.h"
#include "dialect/IR/TargetInterface.h"
#include "passes/CheckPlan/BufferTable.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_CHECKPLAN
#include "passes/CheckPlan/CheckPlan.h.inc"

namespace {

/// What has a buffer: numbers and tokens of control have none.
bool isStored(Value value) { return isa<RankedTensorType>(value.getType()); }

/// What is never written: arguments, weights, constants of the program.
bool isOwnedByOthers(Value value) {
  Operation *op = value.getDefiningOp();
  DenseElementsAttr numbers;
  return !op || isa<WeightOp>(op) || matchPattern(op, m_Constant(&numbers));
}

class FunctionCheck {
public:
  explicit FunctionCheck(func::FuncOp function)
      : function(function), table(function) {}
  LogicalResult run();

private:
  LogicalResult readTable();
  LogicalResult contents(FusedOp fused);
  LogicalResult kernel(Operation *op);
  LogicalResult write(OpResult result, int64_t buffer,
                      ArrayRef<OpOperand *> reads);
  LogicalResult workspace(Operation *op, ArrayRef<OpOperand *> reads);
  LogicalResult stack(StackOp op);
  LogicalResult leave(Operation *terminator);
  LogicalResult expectHeld(Operation *op, Value value);
  /// The value whose memory this is: a reshape is its operand.
  static Value source(Value value) {
    while (auto reshape = value.getDefiningOp<ReshapeOp>())
      value = reshape.getInput();
    return value;
  }

  func::FuncOp function;
  BufferTable table;
  SmallVector<Value> holds;         ///< by buffer
  DenseMap<Value, int64_t> places;  ///< buffers of values
  llvm::DenseSet<Value> replicated; ///< that each worker has for itself
};

/// What a kernel reads of values made outside of it.
SmallVector<OpOperand *> readsOf(Operation *kernel) {
  SmallVector<OpOperand *> reads;
  kernel->walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *maker = operand.get().getDefiningOp();
      if (isStored(operand.get()) && !(maker && isa<WeightOp>(maker)) &&
          (op == kernel || !maker || !kernel->isProperAncestor(maker)))
        reads.push_back(&operand);
    }
  });
  return reads;
}

LogicalResult FunctionCheck::readTable() {
  if (failed(table.read()))
    return failure();
  holds.resize(table.size());
  for (int64_t buffer = 0; buffer < table.size(); ++buffer) {
    int64_t argument = table.owned(buffer, Buffer::Argument);
    if (argument < 0)
      continue;
    holds[buffer] = function.getArgument(argument);
    places[holds[buffer]] = buffer;
  }
  return success();
}

LogicalResult FunctionCheck::expectHeld(Operation *op, Value value) {
  value = source(value);
  auto place = places.find(value);
  if (replicated.contains(value))
    return success();
  if (place == places.end() && !isOwnedByOthers(value))
    return op->emitOpError("reads a tensor that is nowhere in memory");
  if (place == places.end() || holds[place->second] == value)
    return success();
  InFlightDiagnostic error =
      op->emitOpError("reads a value whose buffer " + Twine(place->second) +
                      " was written again meanwhile");
  Value held = holds[place->second];
  if (Operation *writer = held ? held.getDefiningOp() : nullptr)
    error.attachNote(writer->getLoc()) << "by this";
  return error;
}

/// Whether element i of `to` is made of element i of `value`.
bool leadsTo(Value value, Value to) {
  llvm::SetVector<Value> made;
  made.insert(value);
  for (size_t i = 0; i < made.size(); ++i)
    for (Operation *user : made[i].getUsers())
      if (isElementwise(user))
        made.insert(user->getResult(0));
  return made.contains(to);
}

/// Whether what `op` reads is read no more once `to` is written: what is made
/// of it has one reader each, up to `to` or another result on the way there,
/// which is read where the kernel stores it.
bool meetsElementwise(Operation *op, Value to) {
  if (!isElementwise(op))
    return false;
  Value result = op->getResult(0);
  Operation *yield = op->getBlock()->getTerminator();
  if (llvm::is_contained(yield->getOperands(), result))
    return leadsTo(result, to);
  return result.hasOneUse() && meetsElementwise(*result.user_begin(), to);
}

/// Whether a kernel may write `result` over the memory of an operand.
bool mayOverwrite(OpResult result, ArrayRef<OpOperand *> readers) {
  auto fused = dyn_cast<FusedOp>(result.getOwner());
  if (!fused)
    return false;
  Block &body = fused.getBody().front();
  Value yielded = body.getTerminator()->getOperand(result.getResultNumber());
  // A row is read whole before it is written, if nothing else is.
  bool wholeRows = fused.getNumResults() == 1 &&
                   llvm::all_of(body.without_terminator(), [](Operation &op) {
                     auto compute = dyn_cast<ComputeOpInterface>(op);
                     return compute ? compute.getReach() <= Reach::Statistics
                                    : isa<WeightOp>(op);
                   });
  return llvm::all_of(readers, [&](OpOperand *reader) {
    if (reader->get().getType() != result.getType())
      return false;
    return wholeRows || (readers.size() == 1 &&
                         meetsElementwise(reader->getOwner(), yielded));
  });
}

LogicalResult FunctionCheck::write(OpResult result, int64_t buffer,
                                   ArrayRef<OpOperand *> reads) {
  Operation *op = result.getOwner();
  SmallVector<OpOperand *> over;
  for (OpOperand *read : reads) {
    auto place = places.find(source(read->get()));
    if (place != places.end() && place->second == buffer)
      over.push_back(read);
  }
  if (!over.empty() && !mayOverwrite(result, over))
    return op->emitOpError("writes buffer " + Twine(buffer) +
                           " while it reads it");
  if (failed(table.expectRoom(op, roomFor(result), buffer)))
    return failure();
  holds[buffer] = result;
  places[result] = buffer;
  return success();
}

/// A kernel holds ops of tokens, and what is free.
LogicalResult FunctionCheck::contents(FusedOp fused) {
  for (Operation &op : fused.getBody().front().without_terminator())
    if (!mayBeInKernel(&op) && !isBesideKernels(&op))
      return op.emitOpError("cannot stand in a kernel");
  return success();
}

LogicalResult FunctionCheck::kernel(Operation *op) {
  if (auto fused = dyn_cast<FusedOp>(op); fused && failed(contents(fused)))
    return failure();
  SmallVector<OpOperand *> reads = readsOf(op);
  for (OpOperand *read : reads)
    if (failed(expectHeld(op, read->get())))
      return failure();
  auto place = op->getAttrOfType<PlaceAttr>(kPlace);
  if (!place)
    return op->emitOpError("has no buffers");
  llvm::SmallDenseSet<int64_t> written;
  for (auto [result, id] : llvm::zip(op->getResults(), place.getResults())) {
    if (cast<KernelOpInterface>(op).isReplicated()) {
      if (id != kNoBuffer)
        return op->emitOpError("is replicated, but has a result in buffer " +
                               Twine(id));
      replicated.insert(result);
      continue;
    }
    if (!isStored(result)) {
      if (id != kNoBuffer)
        return op->emitOpError("would copy a cache into buffer " + Twine(id));
      continue;
    }
    // Before the set, which has no place for the largest number.
    if (!table.contains(id))
      return op->emitOpError("has a result without a buffer");
    if (!written.insert(id).second)
      return op->emitOpError("has two results in buffer " + Twine(id));
    if (failed(write(result, id, reads)))
      return failure();
  }
  return workspace(op, reads);
}

/// What passes between the phases of a kernel lies beside all that it reads and
/// writes, and destroys what was there.
LogicalResult FunctionCheck::workspace(Operation *op,
                                       ArrayRef<OpOperand *> reads) {
  FailureOr<Workspace> own = workspaceOf(op);
  if (failed(own))
    return failure();
  int64_t buffer = workspacePlaceOf(op);
  if (buffer == kNoBuffer && !*own)
    return success();
  Room needed = {rowsOf(op->getResult(0)), own->rowBytes, own->extra};
  if (!table.contains(buffer) || !table.isOfArena(buffer))
    return op->emitOpError("has a workspace that is no buffer");
  if (failed(table.expectRoom(op, needed, buffer)))
    return failure();
  auto isThere = [&](Value value) {
    auto place = places.find(source(value));
    return place != places.end() && place->second == buffer;
  };
  if (llvm::any_of(op->getResults(), isThere) ||
      llvm::any_of(reads,
                   [&](OpOperand *read) { return isThere(read->get()); }))
    return op->emitOpError("works in buffer " + Twine(buffer) +
                           " which it reads or writes");
  holds[buffer] = Value();
  return success();
}

/// Forms write over what a stack carries.
LogicalResult FunctionCheck::stack(StackOp op) {
  for (Value operand : op->getOperands()) {
    if (isStored(operand) && failed(expectHeld(op, operand)))
      return failure();
    if (replicated.contains(source(operand)))
      return op.emitOpError("is given what each worker has for itself");
  }
  llvm::SmallDenseSet<int64_t> written;
  for (auto [carried, result] : llvm::zip(op.getCarried(), op.getResults())) {
    if (!isStored(carried))
      continue;
    auto place = places.find(source(carried));
    if (place == places.end())
      return op.emitOpError("carries a value that is not this function's");
    if (!written.insert(place->second).second)
      return op.emitOpError("carries two values in buffer " +
                            Twine(place->second));
    int64_t buffer = place->second;
    Rows all = rowsOf(carried), left = rowsOf(result);
    if (all != left && table.owned(buffer, Buffer::Output) >= 0)
      return op.emitOpError("carries rows of " + all.name() + " in buffer " +
                            Twine(buffer) + ", an output of " + left.name());
    holds[buffer] = result;
    places[result] = buffer;
  }
  for (Value shared : op.getShared())
    if (isStored(shared) && failed(expectHeld(op, shared)))
      return failure();
  return success();
}

LogicalResult FunctionCheck::leave(Operation *terminator) {
  auto owner = function.isPublic() ? Buffer::Output : Buffer::Argument;
  StringRef name = function.isPublic() ? "output " : "argument ";
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    if (!isStored(value))
      continue;
    auto place = places.find(source(value));
    if (place == places.end() ||
        table.owned(place->second, owner) != int64_t(i))
      return terminator->emitOpError("returns value " + Twine(i) +
                                     " in another buffer than that of " + name +
                                     Twine(i));
    if (failed(expectHeld(terminator, value)))
      return failure();
  }
  return success();
}

LogicalResult FunctionCheck::run() {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must be a straight line of ops");
  if (failed(readTable()))
    return failure();
  for (Operation &op : function.getBody().front()) {
    if (isa<KernelOpInterface>(op)) {
      if (failed(kernel(&op)))
        return failure();
    } else if (auto stackOp = dyn_cast<StackOp>(op)) {
      if (failed(stack(stackOp)))
        return failure();
    } else if (isa<func::ReturnOp>(op)) {
      return leave(&op);
    } else if (!isBesideKernels(&op)) {
      return op.emitOpError("has no place in a memory plan: it is neither a "
                            "kernel nor free");
    }
  }
  return success();
}

/// Weights at places of their own. Layers of one param may share.
LogicalResult checkParams(ModuleOp module) {
  struct Place {
    int64_t begin, end;
    ParamOp param;
  };
  SmallVector<Place> all;
  for (auto param : module.getOps<ParamOp>()) {
    if (!param.getOffsets())
      continue;
    int64_t bytes = weightBytes(cast<RankedTensorType>(param.getType()));
    if (llvm::any_of(*param.getOffsets(), [](int64_t begin) {
          return begin < -1 || begin > kMostNumbers || begin % 64 > 0;
        }))
      return param.emitOpError("has offsets that no weights have: each must be "
                               "-1 or a multiple of 64");
    llvm::SmallDenseSet<int64_t> seen;
    ArrayRef<int64_t> offsets = *param.getOffsets();
    for (int64_t begin : offsets)
      if (begin >= 0 && seen.insert(begin).second)
        all.push_back({begin, begin + bytes, param});
  }
  llvm::sort(all, [](const Place &a, const Place &b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  auto size = module->getAttrOfType<IntegerAttr>("sinter.weights_bytes");
  for (auto [i, place] : llvm::enumerate(all)) {
    if (i && all[i - 1].end > place.begin)
      return place.param.emitOpError("overlaps @" +
                                     all[i - 1].param.getSymName() +
                                     " in the packed weights");
    if (size && place.end > size.getInt())
      return place.param.emitOpError("ends after the packed weights");
  }
  return success();
}

struct CheckPlan : impl::CheckPlanBase<CheckPlan> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    bool planned =
        llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp function) {
          return function->hasAttr(kArena);
        });
    if (failed(planned ? checkPlan(module) : checkParams(module)))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace

LogicalResult checkPlan(ModuleOp module) {
  bool good = succeeded(checkParams(module));
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      good &= succeeded(FunctionCheck(function).run());
  return success(good);
}

} // namespace sinter
