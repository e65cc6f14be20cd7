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

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_CHECKPLAN
#include "passes/CheckPlan/CheckPlan.h.inc"

namespace {

/// The number of tokens that a tensor has rows for: N = batch * tokens,
/// L = batch * last, so many for each sequence, or known.
struct Rows {
  enum Kind { N, L, Sequence, Known } kind = N;
  int64_t count = 0;
  bool operator==(const Rows &) const = default;

  std::string name() const {
    if (kind == N || kind == L)
      return kind == N ? "N" : "L";
    return (kind == Sequence ? "B" : "") + std::to_string(count);
  }
};

bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

class FunctionCheck {
public:
  explicit FunctionCheck(func::FuncOp function) : function(function) {}
  LogicalResult run();

private:
  LogicalResult readTable();
  LogicalResult kernel(Operation *op);
  LogicalResult write(OpResult result, int64_t buffer,
                      ArrayRef<OpOperand *> reads);
  LogicalResult workspace(Operation *op, ArrayRef<OpOperand *> reads);
  LogicalResult stack(StackOp op);
  LogicalResult leave(Operation *terminator);
  LogicalResult expectHeld(Operation *op, Value value);
  Rows rowsOf(Value value);

  /// The value whose memory this is: a reshape is its operand.
  static Value source(Value value) {
    while (auto reshape = value.getDefiningOp<ReshapeOp>())
      value = reshape.getInput();
    return value;
  }

  func::FuncOp function;
  SmallVector<DictionaryAttr> table;
  SmallVector<Value> holds;        ///< by buffer
  DenseMap<Value, int64_t> places; ///< buffers of values
};

/// What a kernel reads of values made outside of it.
SmallVector<OpOperand *> readsOf(Operation *kernel) {
  SmallVector<OpOperand *> reads;
  kernel->walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *maker = operand.get().getDefiningOp();
      if (isTensor(operand.get()) && !(maker && isa<WeightOp>(maker)) &&
          (op == kernel || !maker || !kernel->isProperAncestor(maker)))
        reads.push_back(&operand);
    }
  });
  return reads;
}

LogicalResult FunctionCheck::readTable() {
  auto rows = function->getAttrOfType<ArrayAttr>("sinter.arena");
  if (!rows)
    return function.emitOpError("has no memory plan");
  for (Attribute row : rows) {
    auto entry = dyn_cast<DictionaryAttr>(row);
    if (!entry)
      return function.emitOpError("has a memory plan with a row that is none");
    table.push_back(entry);
    holds.emplace_back();
    if (auto argument = entry.getAs<IntegerAttr>("argument")) {
      if (argument.getInt() >= function.getNumArguments())
        return function.emitOpError("has a buffer of an argument it lacks");
      holds.back() = function.getArgument(argument.getInt());
      places[holds.back()] = table.size() - 1;
    }
  }
  return success();
}

LogicalResult FunctionCheck::expectHeld(Operation *op, Value value) {
  value = source(value);
  auto place = places.find(value);
  if (place == places.end() || holds[place->second] == value)
    return success(); // What others own is never written.
  InFlightDiagnostic error =
      op->emitOpError("reads a value whose buffer " + Twine(place->second) +
                      " was written again meanwhile");
  Value held = holds[place->second];
  if (Operation *writer = held ? held.getDefiningOp() : nullptr)
    error.attachNote(writer->getLoc()) << "by this";
  return error;
}

/// Followed from the front, unlike the planner does.
Rows FunctionCheck::rowsOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.hasStaticShape())
    return {Rows::Known,
            type.getRank() > 1 ? type.getDimSize(0) * type.getDimSize(1) : 1};
  if (type.getRank() > 1 && !type.isDynamicDim(1))
    return {Rows::Sequence, type.getDimSize(1)};
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    if (matchPattern(last.getCount(), m_ConstantInt(&count)))
      return {Rows::Sequence, count.getSExtValue()};
    return {Rows::L};
  }
  if (auto stack = dyn_cast<StackOp>(op)) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (Operation *end = stack.lastReturn())
      if (Rows rows = rowsOf(end->getOperand(number)); rows.kind == Rows::L)
        return rows;
    return rowsOf(stack.getCarried()[number]);
  }
  if (auto fused = dyn_cast<FusedOp>(op))
    return rowsOf(fused.getBody().front().getTerminator()->getOperand(
        cast<OpResult>(value).getResultNumber()));
  // The activations come first in every op of tokens.
  for (Value operand : op->getOperands())
    if (auto from = dyn_cast<RankedTensorType>(operand.getType()))
      if (from.getRank() > 1 && from.isDynamicDim(0))
        return rowsOf(operand);
  return {};
}

/// Whether `from` reaches `to` by ops that compute element i of element i.
bool meetsElementwise(Operation *op, Value to) {
  if (!isElementwise(op) && !isa<ReshapeOp>(op))
    return false;
  return llvm::all_of(op->getResults(), [&](Value result) {
    return result == to ||
           (result.hasOneUse() && meetsElementwise(*result.user_begin(), to));
  });
}

/// Whether a kernel may write `result` over the memory of an operand.
bool mayOverwrite(OpResult result, ArrayRef<OpOperand *> readers) {
  auto fused = dyn_cast<FusedOp>(result.getOwner());
  if (!fused)
    return false;
  Block &body = fused.getBody().front();
  Value yielded = body.getTerminator()->getOperand(result.getResultNumber());
  // A row is read whole before it is written, if nothing else is.
  bool wholeRows =
      fused.getNumResults() == 1 &&
      llvm::all_of(body.without_terminator(), [](Operation &op) {
        return isElementwise(&op) ||
               isa<RmsNormOp, LayerNormOp, LogSoftmaxOp, ReshapeOp, WeightOp>(
                   op);
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
  if (buffer < 0 || buffer >= int64_t(table.size()))
    return op->emitOpError("has a result without a buffer");
  SmallVector<OpOperand *> over;
  for (OpOperand *read : reads) {
    auto place = places.find(source(read->get()));
    if (place != places.end() && place->second == buffer)
      over.push_back(read);
  }
  if (!over.empty() && !mayOverwrite(result, over))
    return op->emitOpError("writes buffer " + Twine(buffer) +
                           " while it reads it");
  auto type = cast<RankedTensorType>(result.getType());
  if (auto bytes = table[buffer].getAs<IntegerAttr>("bytes")) {
    // Bytes of a token; whole tiles are written.
    int64_t features = 1;
    for (int64_t size : type.getShape().drop_front(2))
      features *= size;
    int64_t needed = storedBytes(type.getElementType(), features), extra = 0;
    if (auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding()))
      extra = needed * (tiled.getTokens() - 1);
    Rows rows = rowsOf(result);
    StringRef name = table[buffer].getAs<StringAttr>("rows").getValue();
    std::string found = rows.name();
    int64_t given = table[buffer].getAs<IntegerAttr>("extra").getInt();
    if (name != found || bytes.getInt() < needed || given < extra)
      return op->emitOpError(
          "needs " + found + " rows of " + Twine(needed) + " bytes and " +
          Twine(extra) + " more, but buffer " + Twine(buffer) + " has " + name +
          " rows of " + Twine(bytes.getInt()) + " and " + Twine(given));
  }
  holds[buffer] = result;
  places[result] = buffer;
  return success();
}

LogicalResult FunctionCheck::kernel(Operation *op) {
  SmallVector<OpOperand *> reads = readsOf(op);
  for (OpOperand *read : reads)
    if (failed(expectHeld(op, read->get())))
      return failure();
  auto ids = op->getAttrOfType<DenseI64ArrayAttr>("sinter.buffers");
  if (!ids || ids.size() != op->getNumResults())
    return op->emitOpError("has no buffers");
  llvm::SmallDenseSet<int64_t> written;
  for (auto [result, id] : llvm::zip(op->getResults(), ids.asArrayRef())) {
    if (!isTensor(result)) {
      if (id != -1)
        return op->emitOpError("would copy a cache into buffer " + Twine(id));
      continue;
    }
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
  auto id = op->getAttrOfType<IntegerAttr>("sinter.workspace");
  if (!id)
    return success();
  int64_t buffer = id.getInt();
  if (buffer < 0 || buffer >= int64_t(table.size()) ||
      !table[buffer].get("bytes"))
    return op->emitOpError("has a workspace that is no buffer");
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
  for (Value operand : op->getOperands())
    if (isTensor(operand) && failed(expectHeld(op, operand)))
      return failure();
  llvm::SmallDenseSet<int64_t> written;
  for (auto [carried, result] : llvm::zip(op.getCarried(), op.getResults())) {
    if (!isTensor(carried))
      continue;
    auto place = places.find(source(carried));
    if (place == places.end())
      return op.emitOpError("carries a value that is not this function's");
    if (!written.insert(place->second).second)
      return op.emitOpError("carries two values in buffer " +
                            Twine(place->second));
    int64_t buffer = place->second;
    Rows all = rowsOf(carried), left = rowsOf(result);
    if (all != left && table[buffer].get("output"))
      return op.emitOpError("carries rows of " + all.name() + " in buffer " +
                            Twine(buffer) + ", an output of " + left.name());
    holds[buffer] = result;
    places[result] = buffer;
  }
  for (Value shared : op.getShared())
    if (isTensor(shared) && failed(expectHeld(op, shared)))
      return failure();
  return success();
}

LogicalResult FunctionCheck::leave(Operation *terminator) {
  StringRef owner = function.isPublic() ? "output" : "argument";
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    if (!isTensor(value))
      continue;
    auto place = places.find(source(value));
    auto row = place == places.end()
                   ? IntegerAttr()
                   : table[place->second].getAs<IntegerAttr>(owner);
    if (!row || row.getInt() != int64_t(i))
      return terminator->emitOpError("returns value " + Twine(i) +
                                     " in another buffer than that of " +
                                     owner + " " + Twine(i));
    if (failed(expectHeld(terminator, value)))
      return failure();
  }
  return success();
}

LogicalResult FunctionCheck::run() {
  if (failed(readTable()))
    return failure();
  for (Operation &op : function.getBody().front()) {
    if (isa<FusedOp, AttentionOp, MoeOp>(op)) {
      if (failed(kernel(&op)))
        return failure();
    } else if (auto stackOp = dyn_cast<StackOp>(op)) {
      if (failed(stack(stackOp)))
        return failure();
    } else if (op.hasTrait<OpTrait::IsTerminator>()) {
      return leave(&op);
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
    bool good = succeeded(checkParams(getOperation()));
    auto functions = getOperation().getOps<func::FuncOp>();
    bool planned = llvm::any_of(functions, [](func::FuncOp function) {
      return function->hasAttr("sinter.arena");
    });
    for (auto function : functions)
      if (planned && !function.isExternal())
        good &= succeeded(FunctionCheck(function).run());
    if (!good)
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace
} // namespace sinter
