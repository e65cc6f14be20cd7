//===- PlanMemory.cpp - Buffers for tensors -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Linear scan over the kernels of a function. Preferences run backwards first,
// from what the function returns through results that can be written in place,
// so that the values carried by a stack stay where they are.
//
//===----------------------------------------------------------------------===//

#include "passes/PlanMemory/PlanMemory.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/StoredLayout.h"
#include "dialect/IR/TargetInterface.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/PlanMemory/PlanMemory.h.inc"

Rows plannedRows(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(0) && !type.isDynamicDim(1))
    return {Rows::Known, type.getDimSize(0) * type.getDimSize(1)};
  if (!type.isDynamicDim(1))
    return {Rows::PerSequence, type.getDimSize(1)};
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return {};
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    if (matchPattern(last.getCount(), m_ConstantInt(&count)))
      return {Rows::PerSequence, count.getSExtValue()};
    return {Rows::Last};
  }
  if (auto fused = dyn_cast<FusedOp>(op)) {
    Operation *yield = fused.getBody().front().getTerminator();
    unsigned number = cast<OpResult>(tensor).getResultNumber();
    return plannedRows(yield->getOperand(number));
  }
  if (auto stack = dyn_cast<StackOp>(op)) {
    // Forms keep the number of tokens, but that of the last layer may not.
    unsigned number = cast<OpResult>(tensor).getResultNumber();
    if (Operation *end = stack.lastReturn())
      if (Rows rows = plannedRows(end->getOperand(number));
          rows.kind == Rows::Last)
        return rows;
    return plannedRows(stack.getCarried()[number]);
  }
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
      if (type.getRank() > 1 && type.isDynamicDim(0))
        return plannedRows(operand);
  return {};
}

Rows plannedRowsOfWork(Operation *kernel) {
  auto fused = dyn_cast<FusedOp>(kernel);
  if (!fused)
    return plannedRows(kernel->getResult(0));
  Value first = fused.getBody().front().getTerminator()->getOperand(0);
  auto append = first.getDefiningOp<AppendOp>();
  return plannedRows(append ? append.getInput() : first);
}

namespace {

/// The plan of one function, a straight line of ops.
class FunctionPlan {
public:
  FunctionPlan(func::FuncOp function) : function(function) {}

  LogicalResult compute();
  /// Writes the plan into the IR.
  void annotate();
  /// Returned values (by index) that are not where they have to be.
  SmallVector<unsigned> misplaced();

  unsigned numBuffers() const { return buffers.size(); }
  unsigned numInPlace = 0;

private:
  bool isEntry() { return function.isPublic(); }
  Value root(Value value) { return classes.getOrInsertLeaderValue(value); }
  void collect();
  void addOwners();
  void prefer();
  void place(Operation *op, int64_t position);
  LogicalResult placeWorkspace(Operation *op);
  SmallVector<Value> inPlaceOperands(OpResult result);
  int takeFree(Value value);
  int takeFree(Rows rows, int64_t bytes, int64_t extra);
  int addBuffer(const Buffer &buffer) {
    buffers.push_back(buffer);
    isFree.push_back(true);
    return buffers.size() - 1;
  }

  func::FuncOp function;
  DenseMap<Operation *, int64_t> positions;
  /// Values that are the same memory: reshapes, what a stack carries.
  llvm::EquivalenceClasses<Value> classes;
  DenseMap<Value, int64_t> lastUse;      ///< by class
  DenseMap<Value, int> bufferOf;         ///< by class
  DenseMap<Value, int> preferred;        ///< by class
  DenseMap<Operation *, int> workspaces; ///< of kernels that need some
  SmallVector<Buffer> buffers;
  llvm::BitVector isFree;         ///< buffers
  SmallVector<int> returnBuffers; ///< where each returned value has to be
};

bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

void FunctionPlan::collect() {
  Block &block = function.getBody().front();
  int64_t position = 0;
  for (Operation &op : block)
    positions[&op] = position++;
  for (Operation &op : block) {
    if (isa<ReshapeOp>(op))
      classes.unionSets(op.getResult(0), op.getOperand(0));
    if (auto stack = dyn_cast<StackOp>(op))
      for (auto [carried, result] :
           llvm::zip(stack.getCarried(), stack.getResults()))
        if (isTensor(carried))
          classes.unionSets(carried, result);
  }
  auto use = [&](Value value) {
    int64_t &last = lastUse[root(value)];
    for (OpOperand &operand : value.getUses()) {
      Operation *user = block.findAncestorOpInBlock(*operand.getOwner());
      last = std::max(last, positions[user]);
    }
    if (Operation *op = value.getDefiningOp())
      last = std::max(last, positions[op]);
  };
  for (Value argument : block.getArguments())
    if (isTensor(argument))
      use(argument);
  for (Operation &op : block)
    for (Value result : op.getResults())
      if (isTensor(result))
        use(result);
}

/// Memory that others own comes first in the table.
void FunctionPlan::addOwners() {
  Operation *terminator = function.getBody().front().getTerminator();
  for (unsigned i = 0; i < terminator->getNumOperands(); ++i) {
    returnBuffers.push_back(-1);
    if (!isTensor(terminator->getOperand(i)))
      continue;
    auto owner = isEntry() ? Buffer::Output : Buffer::Argument;
    returnBuffers.back() = addBuffer({owner, i});
    if (isEntry())
      continue;
    Value argument = function.getArgument(i);
    bufferOf[root(argument)] = returnBuffers.back();
    isFree.reset(returnBuffers.back());
  }
}

/// Whether `to` is computed in `body` from `from` by element-wise ops alone.
bool reachesElementwise(Value from, Value to, Block &body) {
  llvm::SetVector<Value> reached;
  reached.insert(to);
  for (size_t i = 0; i < reached.size(); ++i) {
    Operation *op = reached[i].getDefiningOp();
    if (op && op->getBlock() == &body && isElementwise(op))
      reached.insert(op->operand_begin(), op->operand_end());
  }
  return reached.contains(from);
}

/// Whether nothing reads `from`, which the kernel uses once, after `to` is
/// written over it. Kernels store results one by one and may compute a value
/// anew for each that needs it; a result they read where it is stored.
bool endsElementwise(Value from, Value to, Block &body) {
  auto isYielded = [&](Value value) {
    return llvm::is_contained(body.getTerminator()->getOperands(), value);
  };
  while (from != to && !isYielded(from)) {
    OpOperand *use = nullptr;
    for (OpOperand &other : from.getUses())
      if (other.getOwner()->getBlock() == &body) {
        if (use)
          return false;
        use = &other;
      }
    if (!use || !isElementwise(use->getOwner()))
      return false;
    from = use->getOwner()->getResult(0);
  }
  return reachesElementwise(from, to, body);
}

/// Whether a stack makes fewer tokens of a value than it carries, so that what
/// is large enough for the value is not for the stack.
bool losesTokens(Value value) {
  while (auto reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getInput();
  auto stack = value.getDefiningOp<StackOp>();
  if (!stack)
    return false;
  unsigned number = cast<OpResult>(value).getResultNumber();
  return plannedRows(value) != plannedRows(stack.getCarried()[number]);
}

/// Operands of a kernel over which it may write the result.
SmallVector<Value> FunctionPlan::inPlaceOperands(OpResult result) {
  SmallVector<Value> found;
  auto fused = dyn_cast<FusedOp>(result.getOwner());
  if (!fused || fused.isReplicated())
    return found;
  Block &body = fused.getBody().front();
  Value yielded = body.getTerminator()->getOperand(result.getResultNumber());
  bool rowsOnly = llvm::all_of(body.without_terminator(), [](Operation &op) {
    auto compute = dyn_cast<ComputeOpInterface>(op);
    return compute ? compute.getReach() <= Reach::Statistics
                   : isa<WeightOp>(op);
  });
  llvm::SetVector<Value> operands;
  for (Operation &op : body)
    for (Value operand : op.getOperands())
      if (isTensor(operand) && operand.getParentBlock() != &body)
        operands.insert(operand);
  for (Value operand : operands) {
    if (operand.getType() != result.getType() ||
        plannedRows(operand) != plannedRows(result) || losesTokens(operand))
      continue;
    bool alone = rowsOnly && fused.getNumResults() == 1;
    if (alone || endsElementwise(operand, yielded, body))
      found.push_back(operand);
  }
  return found;
}

void FunctionPlan::prefer() {
  Block &block = function.getBody().front();
  Operation *terminator = block.getTerminator();
  for (auto [value, buffer] :
       llvm::zip(terminator->getOperands(), returnBuffers))
    if (buffer >= 0 && !losesTokens(value))
      preferred.try_emplace(root(value), buffer);
  for (Operation &op : llvm::reverse(block)) {
    if (!isa<KernelOpInterface>(op))
      continue;
    for (OpResult result : op.getResults()) {
      auto found = preferred.find(root(result));
      if (!isTensor(result) || found == preferred.end())
        continue;
      int buffer = found->second;
      for (Value operand : inPlaceOperands(result))
        if (lastUse[root(operand)] == positions[&op] &&
            preferred.try_emplace(root(operand), buffer).second)
          break;
    }
  }
}

int FunctionPlan::takeFree(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t bytes = tokenBytes(type), extra = 0;
  if (auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding()))
    extra = (tiled.getTokens() - 1) * bytes;
  return takeFree(plannedRows(value), bytes, extra);
}

/// A free buffer of the arena: the smallest that is large enough, else the
/// largest, made larger, else a new one.
int FunctionPlan::takeFree(Rows rows, int64_t bytes, int64_t extra) {
  int best = -1;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    if (!isFree[index] || buffer.owner != Buffer::Arena || buffer.rows != rows)
      continue;
    bool better = best < 0 || (buffers[best].bytes < bytes
                                   ? buffer.bytes > buffers[best].bytes
                                   : buffer.bytes >= bytes &&
                                         buffer.bytes < buffers[best].bytes);
    if (better)
      best = index;
  }
  if (best < 0)
    best = addBuffer({Buffer::Arena, 0, rows});
  buffers[best].bytes = std::max(buffers[best].bytes, bytes);
  buffers[best].extra = std::max(buffers[best].extra, extra);
  return best;
}

void FunctionPlan::place(Operation *op, int64_t position) {
  if (cast<KernelOpInterface>(op).isReplicated())
    return;
  for (OpResult result : op->getResults()) {
    if (!isTensor(result) || bufferOf.contains(root(result)))
      continue;
    auto found = preferred.find(root(result));
    int wanted = found == preferred.end() ? -1 : found->second;
    int chosen = -1;
    for (Value operand : inPlaceOperands(result)) {
      auto held = bufferOf.find(root(operand));
      if (held == bufferOf.end() || lastUse[root(operand)] != position ||
          (wanted >= 0 && held->second != wanted))
        continue;
      chosen = held->second;
      // Its memory is taken over: nobody frees it in this kernel.
      bufferOf.erase(held);
      ++numInPlace;
      break;
    }
    if (chosen < 0 && wanted >= 0 && isFree[wanted])
      chosen = wanted;
    if (chosen < 0)
      chosen = takeFree(result);
    isFree.reset(chosen);
    bufferOf[root(result)] = chosen;
  }
}

/// Memory between the phases of a kernel: free again after it.
LogicalResult FunctionPlan::placeWorkspace(Operation *op) {
  FailureOr<Workspace> needed = workspaceOf(op);
  if (succeeded(needed) && *needed)
    workspaces[op] = takeFree(plannedRows(op->getResult(0)), needed->rowBytes,
                              needed->extra);
  return needed;
}

LogicalResult FunctionPlan::compute() {
  collect();
  addOwners();
  prefer();
  DenseMap<Value, int> all;
  for (Operation &op : function.getBody().front()) {
    if (isa<KernelOpInterface>(op)) {
      place(&op, positions[&op]);
      if (failed(placeWorkspace(&op)))
        return failure();
    } else if (!isa<StackOp, func::ReturnOp>(op) && !isBesideKernels(&op))
      return op.emitOpError("has no place in a memory plan: it is neither a "
                            "kernel nor free (sinter-form-kernels makes "
                            "kernels)");
    for (auto [value, buffer] : bufferOf)
      all[value] = buffer;
    SmallVector<Value> dead;
    for (auto [value, buffer] : bufferOf)
      if (lastUse[value] <= positions[&op])
        dead.push_back(value);
    for (Value value : dead) {
      isFree.set(bufferOf[value]);
      bufferOf.erase(value);
    }
  }
  bufferOf = std::move(all);
  return success();
}

SmallVector<unsigned> FunctionPlan::misplaced() {
  SmallVector<unsigned> found;
  Operation *terminator = function.getBody().front().getTerminator();
  llvm::SmallDenseSet<int> seen;
  for (auto [index, buffer] : llvm::enumerate(returnBuffers)) {
    if (buffer < 0)
      continue;
    auto at = bufferOf.find(root(terminator->getOperand(index)));
    if (at == bufferOf.end() || at->second != buffer)
      found.push_back(index);
  }
  return found;
}

void FunctionPlan::annotate() {
  MLIRContext *context = function.getContext();
  function->setAttr(kArena, ArenaAttr::get(context, buffers));
  for (Operation &op : function.getBody().front()) {
    if (!isa<KernelOpInterface>(op))
      continue;
    SmallVector<int64_t> results;
    for (Value result : op.getResults()) {
      auto buffer = bufferOf.find(root(result));
      bool placed = isTensor(result) && buffer != bufferOf.end();
      results.push_back(placed ? buffer->second : kNoBuffer);
    }
    auto workspace = workspaces.find(&op);
    op.setAttr(kPlace, PlaceAttr::get(context, results,
                                      workspace == workspaces.end()
                                          ? kNoBuffer
                                          : workspace->second));
  }
}

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(plan(function)))
        return signalPassFailure();
  }

  LogicalResult plan(func::FuncOp function) {
    if (failed(expectForm(function)))
      return failure();
    if (failed(copyForStacks(function)))
      return failure();
    // A copy changes lives, so plan again; each round settles one value at
    // least.
    unsigned rounds = 2 + 2 * function.getNumResults();
    for (unsigned round = 0; round < rounds; ++round) {
      FunctionPlan plan(function);
      if (failed(plan.compute()))
        return failure();
      SmallVector<unsigned> wrong = plan.misplaced();
      if (wrong.empty()) {
        plan.annotate();
        numBuffers += plan.numBuffers();
        numInPlace += plan.numInPlace;
        return success();
      }
      Operation *terminator = function.getBody().front().getTerminator();
      for (unsigned index : wrong)
        if (failed(copyOperand(terminator->getOpOperand(index), terminator)))
          return failure();
    }
    return function.emitOpError("returns its arguments in an order that "
                                "memory planning cannot untangle");
  }

  /// An entry returns activations, a form of layer the first of its arguments.
  static LogicalResult expectForm(func::FuncOp function) {
    if (!function.getBody().hasOneBlock())
      return function.emitOpError("must be a straight line of ops");
    for (Type type : function.getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type);
          tensor && tensor.getRank() < 2)
        return function.emitOpError("must return (batch, tokens, ...), but "
                                    "returns ")
               << tensor;
    ArrayRef<Type> arguments = function.getArgumentTypes();
    ArrayRef<Type> results = function.getResultTypes();
    if (function.isPublic() || arguments.take_front(results.size()) == results)
      return success();
    return function.emitOpError(
        "must return what its first arguments are, as a "
        "form of layer does");
  }

  LogicalResult copyOperand(OpOperand &operand, Operation *before) {
    if (!isCopyable(operand.get().getType()))
      return before->emitOpError("needs a copy of operand ")
             << operand.getOperandNumber() << ", but "
             << operand.get().getType() << " cannot be copied";
    OpBuilder builder(before);
    auto copy = CopyOp::create(builder, before->getLoc(),
                               operand.get().getType(), operand.get());
    operand.set(copy);
    moveIntoFused(copy.getOperation(), copy);
    ++numCopies;
    return success();
  }

  /// A stack writes over what it carries, so that must be its own: not an
  /// argument, and not used otherwise from then on.
  LogicalResult copyForStacks(func::FuncOp function) {
    for (auto stack : function.getOps<StackOp>())
      for (OpOperand &operand : stack->getOpOperands()) {
        if (!isTensor(operand.get()) ||
            operand.getOperandNumber() >= stack.getCarried().size())
          continue;
        Operation *op = operand.get().getDefiningOp();
        bool owned =
            op && isa<KernelOpInterface>(op) &&
            llvm::none_of(operand.get().getUses(), [&](OpOperand &use) {
              return &use != &operand && !isBefore(use, stack);
            });
        if (!owned && failed(copyOperand(operand, stack)))
          return failure();
      }
    return success();
  }

  static bool isBefore(OpOperand &use, StackOp stack) {
    Operation *user = stack->getBlock()->findAncestorOpInBlock(*use.getOwner());
    return user != stack && user->isBeforeInBlock(stack) &&
           !isa<ReshapeOp>(user);
  }
};

} // namespace
} // namespace sinter
