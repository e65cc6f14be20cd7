//===- CheckBarriers.cpp - Proof that no threads meet ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Kernels between two barriers run in any order of threads, so all pairs of
// them are compared, where the placing of barriers walks once.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"

#include "codegen/cpu/IR/Cpu.h"
#include "dialect/IR/StoredLayout.h"
#include "passes/CheckPlan/BufferTable.h"
#include "passes/CheckPlan/CheckPlan.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_CHECKBARRIERS
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h.inc"

namespace {

/// Memory that threads have in common.
struct Memory {
  enum Kind { Buffer, Caches, Caller } kind = Buffer;
  int64_t number = 0; ///< in the function's table, or of an argument
  bool operator==(const Memory &) const = default;
};

/// What a kernel does to it.
struct Use {
  Memory memory;
  bool writes = false;
  /// Row r is touched by the thread that has row r of so many.
  std::optional<Rows> rows;
  int64_t rowBytes = 0;
};

struct Kernel {
  Operation *op;
  SmallVector<Use> uses;
};

class FunctionCheck {
public:
  explicit FunctionCheck(func::FuncOp function)
      : function(function), table(function) {}
  LogicalResult run();

private:
  std::optional<Memory> memoryOf(Value value);
  Kernel describe(KernelOpInterface op);
  LogicalResult begin(const Kernel &kernel);
  static LogicalResult pair(const Kernel &before, const Kernel &after);

  func::FuncOp function;
  BufferTable table;
  SmallVector<Kernel> together; ///< since all threads met
  /// The call or layers before, whose threads may still be at work.
  Operation *running = nullptr;
};

/// Where a value lies, followed to whatever owns it.
std::optional<Memory> FunctionCheck::memoryOf(Value value) {
  if (isa<CacheType>(value.getType()))
    return Memory{Memory::Caches};
  Operation *op = value.getDefiningOp();
  if (!op) {
    if (function.isPublic())
      return std::nullopt; // nobody writes what an entry is given
    int64_t number = cast<BlockArgument>(value).getArgNumber();
    for (int64_t buffer = 0; buffer < table.size(); ++buffer)
      if (table.owned(buffer, Buffer::Argument) == number)
        return Memory{Memory::Buffer, buffer};
    return Memory{Memory::Caller, number};
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return memoryOf(reshape.getInput());
  if (auto stack = dyn_cast<StackOp>(op))
    return memoryOf(
        stack.getCarried()[cast<OpResult>(value).getResultNumber()]);
  int64_t buffer = placeOf(cast<OpResult>(value));
  if (buffer == kNoBuffer)
    return std::nullopt;
  return Memory{Memory::Buffer, buffer};
}

/// The rows that threads share in a kernel that is shared by rows.
Rows sharedRows(Operation *kernel) {
  for (Operation &op : cast<FusedOp>(kernel).getBody().front())
    if (auto append = dyn_cast<AppendOp>(op);
        append && isa<CacheType>(kernel->getResult(0).getType()))
      return rowsOf(append.getInput());
  return rowsOf(kernel->getResult(0));
}

Kernel FunctionCheck::describe(KernelOpInterface op) {
  Kernel kernel{op, {}};
  bool byRows = op.getShare() == Share::Rows;
  Rows rows = byRows ? sharedRows(op) : Rows();
  for (const Access &access : op.getAccesses()) {
    std::optional<Memory> memory = memoryOf(access.value);
    if (!memory)
      continue;
    Use &use = kernel.uses.emplace_back();
    use.memory = *memory;
    use.writes = access.writes;
    auto tensor = dyn_cast<RankedTensorType>(access.value.getType());
    if (!byRows || !access.ownRow || (tensor && rowsOf(access.value) != rows))
      continue;
    use.rows = rows;
    use.rowBytes = tensor ? tokenBytes(tensor) : 0;
  }
  if (int64_t buffer = workspacePlaceOf(op); buffer != kNoBuffer)
    kernel.uses.push_back({{Memory::Buffer, buffer}, /*writes=*/true, {}, 0});
  return kernel;
}

/// Two kernels without a barrier between them.
LogicalResult FunctionCheck::pair(const Kernel &before, const Kernel &after) {
  for (const Use &a : before.uses)
    for (const Use &b : after.uses) {
      bool meet = a.memory == b.memory && (a.writes || b.writes);
      bool apart =
          a.rows && b.rows && *a.rows == *b.rows && a.rowBytes == b.rowBytes;
      if (!meet || apart)
        continue;
      InFlightDiagnostic error = after.op->emitOpError(
          b.writes ? "writes what other threads may still need"
                   : "reads what other threads may not have written yet");
      error << ": there is no barrier between it and another kernel";
      error.attachNote(before.op->getLoc()) << "this one";
      return error;
    }
  return success();
}

LogicalResult FunctionCheck::begin(const Kernel &kernel) {
  if (running && !kernel.uses.empty()) {
    InFlightDiagnostic error = kernel.op->emitOpError(
        "needs a barrier before it: other threads may still be at work");
    error.attachNote(running->getLoc()) << "here";
    return error;
  }
  for (const Kernel &before : together)
    if (failed(pair(before, kernel)))
      return failure();
  return success();
}

LogicalResult FunctionCheck::run() {
  if (failed(table.read()))
    return failure();
  // Entries are called when all threads have met.
  running = function.isPublic() ? nullptr : function.getOperation();
  for (Operation &op : function.getBody().front()) {
    if (isa<cpu::BarrierOp>(op)) {
      together.clear();
      running = nullptr;
    } else if (isa<StackOp>(op)) {
      together.clear();
      running = &op;
    } else if (auto interface = dyn_cast<KernelOpInterface>(op);
               interface && op.getNumResults()) {
      Kernel kernel = describe(interface);
      if (failed(begin(kernel)))
        return failure();
      together.push_back(std::move(kernel));
    }
  }
  return success();
}

struct CheckBarriers : impl::CheckBarriersBase<CheckBarriers> {
  void runOnOperation() override {
    if (failed(checkPlan(getOperation())) ||
        failed(checkBarriers(getOperation())))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace

LogicalResult checkBarriers(ModuleOp module) {
  bool good = true;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      good &= succeeded(FunctionCheck(function).run());
  return success(good);
}

} // namespace sinter
