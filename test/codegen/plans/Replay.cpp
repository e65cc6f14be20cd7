//===- Replay.cpp - Plays a plan with several threads ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/Replay.h"

#include "codegen/cpu/IR/Cpu.h"
#include "dialect/IR/StoredLayout.h"
#include "test/codegen/plans/ReplayMemory.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace sinter::replay {
namespace {

/// Of a step; entries for one token have one of each. In others there are more
/// tokens than last ones, and more of these than sequences; buffers must have
/// room for far more, and where there are no more.
struct Sizes {
  int64_t batch, tokens, last;
  bool roomAlone = false; ///< whether to look at sizes of buffers alone
};
constexpr Sizes kOne = {1, 1, 1}, kSome[] = {{2, 3, 2},
                                             {1, 100000, 1, true},
                                             {1, 100000, 100000, true},
                                             {1, 1, 1, true}};

/// Where a value is while a program is played.
struct Held {
  enum Kind { Given, Private, InMemory } kind = Given;
  int64_t value = -1; ///< unlike all others that were ever made
  int64_t rows = 0, rowBytes = 0;
  int64_t base = 0; ///< address
};

/// Far enough from each other.
constexpr int64_t kArea = int64_t(1) << 32;

class Player {
public:
  Player(ModuleOp module, int threads, Sizes sizes)
      : symbols(module), threads(threads), sizes(sizes),
        memory(/*blind=*/sizes.roomAlone) {}

  void playEntry(func::FuncOp entry);
  const std::string &violation() const { return memory.violation(); }

private:
  using Frame = DenseMap<Value, Held>;

  struct Call {
    func::FuncOp function;
    Frame frame;
    int64_t layer = -1;
    SmallVector<std::pair<int64_t, int64_t>> buffers; ///< base, bytes
    int64_t scratch = 0;                              ///< first free byte
  };

  void play(Call &call);
  void placeBuffers(Call &call);
  void playStack(Call &call, StackOp stack);
  void leave(Call &call, Operation *terminator);
  void playKernel(Call &call, Operation *kernel);
  void readAll(Call &call, Operation *kernel, Share share, int64_t rows);
  void readRows(const Held &held, int64_t rows, bool ownRow);
  void append(Call &call, AppendOp op, bool ownRow);
  void writeResult(Call &call, OpResult result, Share share, int64_t rows);
  void expectInPlace(Call &call, FusedOp fused);
  void expectApart(Call &call, Operation *kernel);
  void useWorkspace(Call &call, Operation *kernel);
  Held heldOf(Call &call, Value value);
  int64_t rowsOf(Call &call, Value value, FusedOp inside = {});
  int64_t indexOf(Call &call, Value value);

  Threads all() const { return (Threads(1) << threads) - 1; }
  /// Rows are shared in contiguous parts.
  Threads threadOfRow(int64_t row, int64_t rows) const {
    return Threads(1) << (row * threads / rows);
  }
  /// Another share of each kernel's has no relation to those of others.
  Threads anyThread(int64_t row, int64_t part) const {
    uint64_t mixed = (kernels * 31 + row) * 1000003 + part;
    mixed ^= mixed >> 13;
    mixed *= 0x9e3779b97f4a7c15;
    return Threads(1) << ((mixed >> 40) % threads);
  }

  SymbolTable symbols;
  int threads;
  Sizes sizes;
  Memory memory;
  int64_t values = 0, kernels = 0;
};

bool isTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() > 1;
}

/// Whose rows are not of the step: tables and weights.
bool isOfStep(Value value) {
  Operation *op = value.getDefiningOp();
  return isTensor(value) &&
         !(op && (isa<WeightOp>(op) || op->hasTrait<OpTrait::ConstantLike>()));
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// Bytes beyond the rows: the last tile is written whole.
int64_t extraOf(RankedTensorType type) {
  auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding());
  return tiled ? (tiled.getTokens() - 1) * tokenBytes(type) : 0;
}

int64_t Player::indexOf(Call &call, Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  if (auto entry = value.getDefiningOp<LayerValueOp>()) {
    auto table = symbols.lookup<LayerTableOp>(entry.getTable());
    int64_t row = indexOf(call, entry.getLayer());
    auto number = dyn_cast<IntegerAttr>(table.getValues()[row]);
    return number ? number.getInt() : 0;
  }
  auto argument = dyn_cast<BlockArgument>(value);
  bool isLayer = argument && !call.function.isPublic() &&
                 argument.getArgNumber() == call.function.getNumResults();
  return isLayer ? call.layer : 0;
}

int64_t Player::rowsOf(Call &call, Value value, FusedOp inside) {
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.isDynamicDim(1))
    return (type.isDynamicDim(0) ? sizes.batch : type.getDimSize(0)) *
           type.getDimSize(1);
  if (auto found = call.frame.find(value); found != call.frame.end())
    return found->second.rows;
  Operation *op = value.getDefiningOp();
  if (!op)
    return sizes.batch * sizes.tokens;
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    bool known = matchPattern(last.getCount(), m_ConstantInt(&count));
    return sizes.batch * (known ? count.getSExtValue() : sizes.last);
  }
  if (auto fused = dyn_cast<FusedOp>(op))
    return rowsOf(call, fused.getBody().front().getTerminator()->getOperand(
                            cast<OpResult>(value).getResultNumber()));
  if (auto stack = dyn_cast<StackOp>(op))
    if (Operation *end = stack.lastReturn()) {
      Call last;
      last.function = end->getParentOfType<func::FuncOp>();
      return rowsOf(last,
                    end->getOperand(cast<OpResult>(value).getResultNumber()));
    }
  for (Value operand : op->getOperands())
    if (isTensor(operand) &&
        cast<RankedTensorType>(operand.getType()).isDynamicDim(1))
      return rowsOf(call, operand);
  return sizes.batch * sizes.tokens;
}

void Player::placeBuffers(Call &call) {
  for (const Buffer &buffer : arenaOf(call.function)) {
    if (buffer.owner == Buffer::Argument) {
      Held &held = call.frame[call.function.getArgument(buffer.index)];
      auto type = cast<RankedTensorType>(
          call.function.getArgument(buffer.index).getType());
      call.buffers.push_back(
          {held.base, held.rows * held.rowBytes + extraOf(type)});
      continue;
    }
    if (buffer.owner == Buffer::Output) {
      Operation *end = call.function.getBody().front().getTerminator();
      Value value = end->getOperand(buffer.index);
      auto type = cast<RankedTensorType>(value.getType());
      int64_t bytes = rowsOf(call, value) * tokenBytes(type) + extraOf(type);
      call.buffers.push_back({(2 + buffer.index) * kArea, bytes});
      continue;
    }
    int64_t rows[] = {sizes.batch * sizes.tokens, sizes.batch * sizes.last,
                      sizes.batch * buffer.rows.count, buffer.rows.count};
    int64_t bytes = rows[buffer.rows.kind] * buffer.bytes + buffer.extra;
    call.buffers.push_back({call.scratch, bytes});
    call.scratch += (bytes + 63) / 64 * 64;
  }
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void Player::playEntry(func::FuncOp entry) {
  Call call;
  call.function = entry;
  call.scratch = kArea;
  int64_t area = 1000;
  for (Value argument : entry.getArguments()) {
    if (isa<CacheType>(argument.getType())) {
      call.frame[argument] = {Held::InMemory, -1, 0, 0, area++ * kArea};
    } else if (isTensor(argument)) {
      int64_t rows = rowsOf(call, argument);
      call.frame[argument] = {Held::Given, values++, rows, 0, 0};
    }
  }
  placeBuffers(call);
  play(call);
}

void Player::play(Call &call) {
  for (Operation &op : call.function.getBody().front()) {
    if (!violation().empty())
      return;
    if (isa<cpu::BarrierOp>(op))
      memory.meet();
    else if (auto stack = dyn_cast<StackOp>(op))
      playStack(call, stack);
    else if (isa<KernelOpInterface>(op))
      playKernel(call, &op);
    else if (auto reshape = dyn_cast<ReshapeOp>(op);
             reshape && isOfStep(reshape.getInput()))
      call.frame[reshape] = heldOf(call, reshape.getInput());
    else if (isa<func::ReturnOp>(op))
      leave(call, &op);
  }
}

/// Results are where their owners look for them.
void Player::leave(Call &call, Operation *terminator) {
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    if (!isTensor(value))
      continue;
    Held held = heldOf(call, value);
    int64_t place = call.function.isPublic()
                        ? int64_t(2 + index) * kArea
                        : call.frame[call.function.getArgument(index)].base;
    if (held.kind != Held::InMemory || held.base != place)
      memory.complain("lost: a result is elsewhere");
    else
      readRows(held, 0, /*ownRow=*/false);
  }
}

void Player::playStack(Call &call, StackOp stack) {
  SmallVector<Held> carried;
  llvm::SmallDenseSet<int64_t> places;
  for (Value value : stack.getCarried()) {
    bool inMemory = isTensor(value) || isa<CacheType>(value.getType());
    carried.push_back(inMemory ? heldOf(call, value) : Held());
    if (!isTensor(value))
      continue;
    if (carried.back().kind != Held::InMemory ||
        !places.insert(carried.back().base).second)
      return memory.complain("lost: layers write what is not theirs");
  }
  // A form knows nothing of the threads before it, nor does what follows.
  memory.forgetThreads();
  for (auto [layer, form] : llvm::enumerate(stack.getLayers())) {
    Call inner;
    auto name = cast<FlatSymbolRefAttr>(stack.getForms()[form]);
    inner.function = symbols.lookup<func::FuncOp>(name.getValue());
    inner.layer = layer;
    inner.scratch = call.scratch;
    unsigned count = carried.size();
    for (auto [index, held] : llvm::enumerate(carried))
      inner.frame[inner.function.getArgument(index)] = held;
    for (auto [index, value] : llvm::enumerate(stack.getShared()))
      if (isTensor(value) || isa<CacheType>(value.getType())) {
        Held held = heldOf(call, value);
        if (held.kind == Held::Private)
          return memory.complain("lost: a form is given what is private");
        inner.frame[inner.function.getArgument(count + 1 + index)] = held;
      }
    placeBuffers(inner);
    play(inner);
    if (!violation().empty())
      return;
    Operation *end = inner.function.getBody().front().getTerminator();
    for (auto [index, value] : llvm::enumerate(end->getOperands()))
      if (isTensor(value))
        carried[index] = heldOf(inner, value);
    memory.forgetThreads();
  }
  for (auto [held, result] : llvm::zip(carried, stack.getResults()))
    if (isTensor(result) || isa<CacheType>(result.getType()))
      call.frame[result] = held;
}

Held Player::heldOf(Call &call, Value value) {
  while (auto reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getInput();
  auto found = call.frame.find(value);
  if (found != call.frame.end())
    return found->second;
  if (isOfStep(value))
    memory.complain("lost: a value is nowhere");
  return {};
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Share naturalShare(Operation *kernel) {
  if (isa<AttentionOp>(kernel))
    return Share::Heads;
  if (isa<MoeOp>(kernel))
    return Share::Experts;
  Share share = Share::Rows;
  kernel->walk([&](LinearOp) { share = Share::Panels; });
  return share;
}

/// Reads rows of a value; by the thread that has the row, or by all of them.
void Player::readRows(const Held &held, int64_t rows, bool ownRow) {
  if (held.kind != Held::InMemory || memory.blind())
    return;
  bool own = ownRow && held.rows == rows;
  for (int64_t row = 0; row < held.rows; ++row)
    for (int64_t part = 0; part < held.rowBytes; part += 4)
      memory.read(held.base + row * held.rowBytes + part,
                  own ? threadOfRow(row, rows) : all(),
                  {held.value, row, part});
}

/// Whether an op makes a row of the same row of its operands.
bool isOfRow(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return !compute || compute.getReach() != Reach::Sequence;
}

void Player::append(Call &call, AppendOp op, bool ownRow) {
  Held cache = heldOf(call, op.getCache());
  int64_t rows = rowsOf(call, op.getInput());
  int64_t slot = indexOf(call, op.getSlot());
  if (memory.blind())
    return;
  for (int64_t row = 0; row < rows; ++row)
    memory.write(cache.base + slot * 4096 + 4 * row,
                 ownRow ? threadOfRow(row, rows) : all(),
                 {cache.base, slot, row});
}

void Player::readAll(Call &call, Operation *kernel, Share share, int64_t rows) {
  bool ownRow = share == Share::Rows;
  kernel->walk([&](Operation *op) { ownRow &= isOfRow(op); });
  kernel->walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *maker = operand.getDefiningOp();
      bool isInner =
          maker && maker != kernel && kernel->isProperAncestor(maker);
      if (isInner || (op != kernel && isa<FusedOp>(op)))
        continue;
      if (isOfStep(operand))
        readRows(heldOf(call, operand), rows, ownRow);
    }
  });
  if (auto attention = dyn_cast<AttentionOp>(kernel);
      attention && !memory.blind())
    for (Value cache : {attention.getKey(), attention.getValue()})
      if (isa<CacheType>(cache.getType())) {
        // Tokens of this step: those before it are nobody's to change.
        int64_t base = heldOf(call, cache).base +
                       4096 * indexOf(call, attention.getSlot());
        for (int64_t row = 0; row < rows; ++row)
          memory.read(base + 4 * row, all(),
                      {heldOf(call, cache).base,
                       indexOf(call, attention.getSlot()), row},
                      /*older=*/true);
      }
}

void Player::writeResult(Call &call, OpResult result, Share share,
                         int64_t rows) {
  auto type = cast<RankedTensorType>(result.getType());
  int64_t buffer = placeOf(result);
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return memory.complain("lost: a result without a buffer");
  if (buffer == workspacePlaceOf(result.getOwner()))
    return memory.complain("lost: a result in the kernel's workspace");
  auto [base, room] = call.buffers[buffer];
  Held held{Held::InMemory, values++, rowsOf(call, result), tokenBytes(type),
            base};
  if (held.rows * held.rowBytes + extraOf(type) > room)
    return memory.complain("lost: a buffer is too small");
  call.frame[result] = held;
  if (memory.blind())
    return;
  for (int64_t row = 0; row < held.rows; ++row)
    for (int64_t part = 0; part < held.rowBytes; part += 4) {
      bool own = share == Share::Rows && held.rows == rows;
      memory.write(base + row * held.rowBytes + part,
                   own ? threadOfRow(row, rows) : anyThread(row, part),
                   {held.value, row, part});
    }
}

/// Memory between phases, of all threads.
void Player::useWorkspace(Call &call, Operation *kernel) {
  int64_t buffer = workspacePlaceOf(kernel);
  if (buffer < 0 && !*workspaceOf(kernel))
    return;
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return memory.complain("lost: a workspace without a buffer");
  FailureOr<Workspace> needed = workspaceOf(kernel);
  int64_t rows = rowsOf(call, kernel->getResult(0));
  auto [base, room] = call.buffers[buffer];
  int64_t bytes = rows * needed->rowBytes + needed->extra;
  if (bytes > room ||
      arenaOf(call.function)[buffer].owner != sinter::Buffer::Arena)
    return memory.complain("lost: a workspace is too small");
  if (memory.blind())
    return;
  int64_t content = values++;
  for (int64_t at = 0; at < bytes; at += 4)
    memory.write(base + at, all(), {content, 0, at});
}

void Player::playKernel(Call &call, Operation *kernel) {
  if (kernel->getNumResults() == 0)
    return;
  memory.nextKernel();
  ++kernels;
  Share share = naturalShare(kernel);
  auto said = kernel->getAttrOfType<ShareAttr>("sinter.share");
  bool replicated = said && said.getValue() == Share::Replicated;
  Value worked = kernel->getResult(0);
  if (isa<CacheType>(worked.getType()))
    kernel->walk([&](AppendOp op) { worked = op.getInput(); });
  int64_t rows = rowsOf(call, worked);
  useWorkspace(call, kernel); // whatever it is used for, operands outlast it
  readAll(call, kernel, replicated ? Share::Replicated : share, rows);
  if (auto fused = dyn_cast<FusedOp>(kernel))
    expectInPlace(call, fused);
  else
    expectApart(call, kernel);
  kernel->walk([&](AppendOp op) { append(call, op, share == Share::Rows); });
  for (OpResult result : kernel->getResults()) {
    if (replicated) {
      if (placeOf(result) != kNoBuffer)
        memory.complain("lost: what is private has a buffer");
      call.frame[result] = {Held::Private, values++, rows, 0, 0};
    } else if (isTensor(result)) {
      writeResult(call, result, share, rows);
    } else {
      auto fused = cast<FusedOp>(kernel);
      Value made = fused.getBody().front().getTerminator()->getOperand(
          result.getResultNumber());
      while (auto op = made.getDefiningOp<AppendOp>())
        made = op.getCache();
      call.frame[result] = heldOf(call, made);
    }
  }
}

//===----------------------------------------------------------------------===//
// In place
//===----------------------------------------------------------------------===//

bool isElement(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getReach() == Reach::Element;
}

/// All that is made of `from` in a body by element-wise ops; `stop`: not beyond
/// these.
llvm::SetVector<Value> elementsOf(Value from, Block &body,
                                  llvm::function_ref<bool(Value)> stop) {
  llvm::SetVector<Value> made;
  made.insert(from);
  for (size_t i = 0; i < made.size(); ++i) {
    if (stop(made[i]))
      continue;
    for (Operation *user : made[i].getUsers())
      if (user->getBlock() == &body && isElement(user))
        made.insert(user->getResult(0));
  }
  return made;
}

/// Whether an operand may be overwritten by a result at the same index: it is
/// read once, and what is made of it goes, element by element and on one way,
/// into a result that is this one or leads to it.
bool mayLieOver(Value operand, Value yielded, Block &body) {
  Operation *yield = body.getTerminator();
  auto isResult = [&](Value value) {
    return value != operand && llvm::is_contained(yield->getOperands(), value);
  };
  llvm::SetVector<Value> made = elementsOf(operand, body, isResult);
  Value end;
  for (Value value : made) {
    if (isResult(value)) {
      if (end)
        return false;
      end = value;
      continue;
    }
    int64_t uses = 0;
    for (OpOperand &use : value.getUses())
      if (use.getOwner()->getBlock() == &body) {
        ++uses;
        if (!isElement(use.getOwner()))
          return false;
      }
    if (uses != 1)
      return false;
  }
  auto nowhere = [](Value) { return false; };
  return end && elementsOf(end, body, nowhere).contains(yielded);
}

/// Attention and experts read all until they are done.
void Player::expectApart(Call &call, Operation *kernel) {
  int64_t buffer = placeOf(kernel->getResult(0));
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return;
  for (Value operand : kernel->getOperands())
    if (isOfStep(operand))
      if (Held held = heldOf(call, operand);
          held.kind == Held::InMemory &&
          held.base == call.buffers[buffer].first)
        memory.complain("lost: a kernel overwrites what it reads");
}

/// A kernel that reads and writes one place does so in the order that its ops
/// allow.
void Player::expectInPlace(Call &call, FusedOp fused) {
  Block &body = fused.getBody().front();
  llvm::SetVector<Value> read;
  bool rowAtOnce = fused.getNumResults() == 1;
  for (Operation &op : body) {
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body && isOfStep(operand))
        read.insert(operand);
    if (auto compute = dyn_cast<ComputeOpInterface>(op))
      rowAtOnce &= compute.getReach() <= Reach::Statistics;
  }
  llvm::SmallDenseSet<int64_t> used;
  for (OpResult result : fused.getResults()) {
    int64_t buffer = placeOf(result);
    if (!isTensor(result) || buffer < 0 ||
        buffer >= int64_t(call.buffers.size()))
      continue;
    if (!used.insert(buffer).second)
      memory.complain("lost: two results in one place");
    Value yielded = body.getTerminator()->getOperand(result.getResultNumber());
    SmallVector<Value> over;
    for (Value operand : read)
      if (Held held = heldOf(call, operand);
          held.kind == Held::InMemory &&
          held.base == call.buffers[buffer].first)
        over.push_back(operand);
    for (Value operand : over)
      if (operand.getType() != result.getType() ||
          !(rowAtOnce ||
            (over.size() == 1 && mayLieOver(operand, yielded, body))))
        memory.complain("lost: a kernel overwrites what it reads");
  }
}

} // namespace

/// Whether batch and tokens are 1 in an entry's types.
static bool isForOneToken(func::FuncOp entry) {
  return llvm::all_of(entry.getArguments(), [](Value argument) {
    return !isTensor(argument) ||
           !cast<RankedTensorType>(argument.getType()).isDynamicDim(0);
  });
}

std::string play(ModuleOp module, int threads) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || !function.isPublic())
      continue;
    bool one = isForOneToken(function);
    for (const Sizes &sizes : one ? ArrayRef(kOne) : ArrayRef(kSome)) {
      Player player(module, threads, sizes);
      player.playEntry(function);
      if (!player.violation().empty())
        return player.violation();
    }
  }
  return "";
}

} // namespace sinter::replay
