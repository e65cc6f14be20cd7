//===- HoistLast.cpp - The last layer for the last tokens -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/HoistLast/HoistLast.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/Sinter.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_HOISTLAST
#include "passes/HoistLast/HoistLast.h.inc"

namespace {

bool hasTokens(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() > 1 && type.isDynamicDim(1);
}

/// Whether `reader` can have the last tokens of what it reads: `sinter.last` is
/// of floats in plain layout; numbers of experts are chosen of the last tokens.
bool canReadLast(Operation *reader, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!hasTokens(value) ||
      (isa<FloatType>(type.getElementType()) && !type.getEncoding()))
    return true;
  auto route = value.getDefiningOp<RouteOp>();
  return route && llvm::all_of(route->getUsers(),
                               [&](Operation *user) { return user == reader; });
}

/// Whether the op computes the last tokens of its results of those of what it
/// reads, and nothing else.
bool worksTokenByToken(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getReach() != Reach::Sequence &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return canReadLast(op, operand); });
}

/// Whether the last tokens of one are that one.
bool isOfOneToken(LastOp last) {
  auto type = cast<RankedTensorType>(last.getInput().getType());
  return type.getDimSize(1) == 1 && type == last.getType();
}

/// A number of tokens that is not known: an argument.
bool isHoistable(LastOp last) {
  return isa<BlockArgument>(last.getCount()) && hasTokens(last.getResult());
}

using Ops = llvm::SmallSetVector<Operation *, 16>;

/// Ops that need compute the last tokens alone, the last op first.
/// `isOfLast`: whether a use asks for these only.
Ops opsForLast(Block &block, function_ref<bool(OpOperand &)> isOfLast) {
  Ops found;
  for (Operation &op : llvm::reverse(block)) {
    auto isNarrow = [&](Value result) {
      return hasTokens(result) && !result.use_empty() &&
             llvm::all_of(result.getUses(), [&](OpOperand &use) {
               return found.contains(use.getOwner()) || isOfLast(use);
             });
    };
    if (worksTokenByToken(&op) && llvm::all_of(op.getResults(), isNarrow))
      found.insert(&op);
  }
  return found;
}

bool haveMatrices(const Ops &ops) {
  return llvm::any_of(ops,
                      [](Operation *op) { return isa<LinearOp, MoeOp>(op); });
}

/// Feeds `ops` with the last tokens of what others make.
void narrowOperands(const Ops &ops, Value count) {
  DenseMap<Value, Value> lasts;
  for (Operation *op : llvm::reverse(ops))
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.get();
      if (!hasTokens(value) || ops.contains(value.getDefiningOp()))
        continue;
      Value &last = lasts[value];
      if (!last) {
        OpBuilder builder(op);
        last = LastOp::create(builder, op->getLoc(), value.getType(), value,
                              count);
      }
      operand.set(last);
    }
}

struct HoistLast : impl::HoistLastBase<HoistLast> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry : getOperation().getOps<func::FuncOp>()) {
      if (!entry.isPublic() || entry.isExternal())
        continue;
      hoistInEntry(entry.getBody().front());
      for (auto stack : entry.getOps<StackOp>())
        hoistIntoStack(stack, symbols);
    }
  }

  /// Over the ops of an entry, as far as a stack.
  void hoistInEntry(Block &block) {
    SmallVector<LastOp> lasts;
    for (auto last : llvm::make_early_inc_range(block.getOps<LastOp>()))
      if (isOfOneToken(last))
        remove(last);
      else if (isHoistable(last))
        lasts.push_back(last);
    if (lasts.empty())
      return;
    Value count = lasts.front().getCount();
    Ops ops = opsForLast(block, [&](OpOperand &use) {
      auto last = dyn_cast<LastOp>(use.getOwner());
      return last && last.getCount() == count;
    });
    narrowOperands(ops, count);
    numHoisted += ops.size();
    for (LastOp last : lasts)
      if (ops.contains(last.getInput().getDefiningOp()))
        remove(last);
  }

  static void remove(LastOp last) {
    last.replaceAllUsesWith(last.getInput());
    last.erase();
  }

  /// Into the form of a stack's last layer.
  void hoistIntoStack(StackOp stack, SymbolTable &symbols) {
    Value count;
    llvm::SmallDenseSet<unsigned> narrow;
    for (OpResult result : stack.getResults()) {
      Value asked = countOfLasts(result);
      if (!asked || (count && count != asked))
        continue;
      count = asked;
      narrow.insert(result.getResultNumber());
    }
    if (narrow.empty() || stack.getLayers().empty() || callsSharedForms(stack))
      return;
    auto symbol =
        cast<FlatSymbolRefAttr>(stack.getForms()[stack.getLayers().back()]);
    auto form = symbols.lookup<func::FuncOp>(symbol.getValue());
    auto isOfLast = [&](OpOperand &use) {
      return isa<func::ReturnOp>(use.getOwner()) &&
             narrow.contains(use.getOperandNumber());
    };
    if (!haveMatrices(opsForLast(form.getBody().front(), isOfLast)))
      return;

    shareWithForms(stack, count, symbols);
    form = formOfLastLayer(stack, form, symbols);
    Block &block = form.getBody().front();
    Ops ops = opsForLast(block, isOfLast);
    narrowOperands(ops, block.getArguments().back());
    numHoisted += ops.size();
    Operation *terminator = block.getTerminator();
    for (unsigned index : narrow)
      if (ops.contains(terminator->getOperand(index).getDefiningOp()))
        for (OpOperand &use :
             llvm::make_early_inc_range(stack.getResult(index).getUses()))
          remove(cast<LastOp>(use.getOwner()));
  }

  /// The number of last tokens that all uses of `value` ask for, if they do.
  static Value countOfLasts(Value value) {
    Value count;
    for (Operation *user : value.getUsers()) {
      auto last = dyn_cast<LastOp>(user);
      if (!last || !isHoistable(last) || (count && count != last.getCount()))
        return Value();
      count = last.getCount();
    }
    return count;
  }

  bool callsSharedForms(StackOp stack) {
    WalkResult walked = getOperation().walk([&](StackOp other) {
      bool shares =
          other != stack && llvm::any_of(other.getForms(), [&](Attribute form) {
            return llvm::is_contained(stack.getForms(), form);
          });
      return shares ? WalkResult::interrupt() : WalkResult::advance();
    });
    return walked.wasInterrupted();
  }

  /// Gives `value` to all forms of a stack, as their last argument.
  void shareWithForms(StackOp stack, Value value, SymbolTable &symbols) {
    stack.getSharedMutable().append(value);
    for (auto symbol : stack.getForms().getAsRange<FlatSymbolRefAttr>()) {
      auto form = symbols.lookup<func::FuncOp>(symbol.getValue());
      (void)form.insertArgument(form.getNumArguments(), value.getType(), {},
                                value.getLoc());
    }
  }

  /// The form of the last layer, a clone where other layers have it too.
  func::FuncOp formOfLastLayer(StackOp stack, func::FuncOp form,
                               SymbolTable &symbols) {
    SmallVector<int32_t> layers(stack.getLayers());
    if (llvm::count(layers, layers.back()) == 1)
      return form;
    func::FuncOp clone = form.clone();
    clone.setName((form.getName() + "_last").str());
    symbols.insert(clone, std::next(Block::iterator(form)));
    SmallVector<Attribute> forms(stack.getForms().getValue());
    layers.back() = forms.size();
    forms.push_back(FlatSymbolRefAttr::get(clone));
    stack.setFormsAttr(ArrayAttr::get(&getContext(), forms));
    stack.setLayers(layers);
    return clone;
  }
};

} // namespace
} // namespace sinter
