//===- LowerToLoops.cpp - Kernels as loops --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"
#include "codegen/cpu/passes/LowerToLoops/FunctionLowering.h"
#include "dialect/IR/Fusion.h"
#include "passes/CheckPlan/CheckPlan.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_LOWERTOLOOPS
#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h.inc"

namespace {

constexpr StringLiteral kOne = "_one";

struct LowerToLoops : impl::LowerToLoopsBase<LowerToLoops> {
  using LowerToLoopsBase::LowerToLoopsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<Target> target = requireCpuTarget(module);
    if (failed(target))
      return signalPassFailure();
    ModuleFacts facts(module);
    facts.placeParams();
    if (failed(facts.check()) || failed(checkPlan(module)) ||
        failed(separateKernels()) || failed(checkBarriers(module)) ||
        failed(facts.findKeyCaches()))
      return signalPassFailure();
    SmallVector<func::FuncOp> sources;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal())
        sources.push_back(function);
    SmallVector<func::FuncOp> lowered;
    OpBuilder builder(module.getBodyRegion());
    builder.setInsertionPointToEnd(module.getBody());
    for (func::FuncOp source : sources) {
      lowered.push_back(func::FuncOp::create(builder, source.getLoc(),
                                             (source.getName() + kLoops).str(),
                                             loweredType(source)));
      lowered.back().setVisibility(source.getVisibility());
    }
    for (auto [source, function] : llvm::zip(sources, lowered))
      if (failed(FunctionLowering(facts, *target, source, function, observe)
                     .lower()))
        return signalPassFailure();
    describe(facts, sources, *target);
    finish(sources, lowered);
  }

  /// What simplified the IR may have left kernels with results that they have
  /// in common, or of others.
  LogicalResult separateKernels() {
    bool good = true;
    getOperation().walk(
        [&](FusedOp fused) { good &= succeeded(separateResults(fused)); });
    return success(good);
  }

  /// The functions that tell sizes, and the list of entries.
  void describe(ModuleFacts &facts, ArrayRef<func::FuncOp> sources,
                const Target &target) {
    Builder b(&getContext());
    SmallVector<Attribute> entries;
    for (func::FuncOp entry : sources) {
      StringRef name = entry.getName();
      if (!entry.isPublic() || isClone(facts, name))
        continue;
      NamedAttrList row;
      row.append("name", b.getStringAttr(name));
      std::string one = (name + kOne).str();
      if (facts.symbols.lookup(one))
        row.append("one", b.getStringAttr(one));
      entries.push_back(row.getDictionary(&getContext()));
      emitSizes((name + ".scratch").str(), target, [&](Emitter &e) {
        Value bytes = scratchOf(e, facts, entry);
        if (auto clone = facts.symbols.lookup<func::FuncOp>(one))
          bytes = e.max(bytes, scratchOf(e, facts, clone));
        return bytes;
      });
    }
    getOperation()->setAttr("sinter.entries", b.getArrayAttr(entries));
    emitSizes("sinter_cache_bytes", target,
              [&](Emitter &e) { return facts.totalCacheBytes(e); });
  }

  static bool isClone(ModuleFacts &facts, StringRef name) {
    return name.consume_back(kOne) && facts.symbols.lookup(name);
  }

  static Value scratchOf(Emitter &e, ModuleFacts &facts, func::FuncOp entry) {
    Value called = e.i64(0);
    entry.walk([&](StackOp stack) {
      for (Attribute form : stack.getForms())
        called = e.max(called, emitArenaBytes(e, facts.function(form)));
    });
    return e.add(emitArenaBytes(e, entry), called);
  }

  /// A function of (batch, tokens, last, capacity).
  void emitSizes(StringRef name, const Target &target,
                 function_ref<Value(Emitter &)> formula) {
    ModuleOp module = getOperation();
    OpBuilder builder(module.getBodyRegion());
    builder.setInsertionPointToEnd(module.getBody());
    Type number = builder.getI64Type();
    auto type =
        builder.getFunctionType({number, number, number, number}, number);
    auto function = func::FuncOp::create(builder, module.getLoc(), name, type);
    builder.setInsertionPointToStart(function.addEntryBlock());
    Emitter e(builder, module.getLoc(), target, target.lanes, target.fma);
    e.batch = function.getArgument(0);
    e.tokens = function.getArgument(1);
    e.last = function.getArgument(2);
    e.rows = e.mul(e.batch, e.tokens);
    e.lastRows = e.mul(e.batch, e.last);
    e.chunk = e.tokens;
    e.capacity = function.getArgument(3);
    e.capacity = e.mul(e.ceilDiv(e.capacity, kCacheBlock), kCacheBlock);
    func::ReturnOp::create(builder, module.getLoc(), formula(e));
  }

  /// Puts the lowered functions in place of the others.
  void finish(MutableArrayRef<func::FuncOp> sources,
              MutableArrayRef<func::FuncOp> lowered) {
    SmallVector<std::string> names;
    for (func::FuncOp source : sources) {
      names.push_back(source.getName().str());
      source.erase();
    }
    for (auto [name, function] : llvm::zip(names, lowered))
      function.setName(name);
    getOperation().walk([&](func::CallOp call) {
      StringRef callee = call.getCallee();
      if (callee.consume_back(kLoops))
        call.setCallee(callee);
    });
    for (Operation &op : llvm::make_early_inc_range(*getOperation().getBody()))
      if (isa<ParamOp, LayerTableOp>(op))
        op.erase();
  }
};

} // namespace
} // namespace sinter
