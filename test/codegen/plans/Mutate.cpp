//===- Mutate.cpp - Damages a plan at random ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/Mutate.h"

#include "codegen/cpu/IR/Cpu.h"

using namespace mlir;
using namespace sinter;

namespace {

class Mutator {
public:
  Mutator(func::FuncOp function, std::mt19937 &random)
      : function(function), random(random) {
    for (Operation &op : function.getBody().front())
      if (isa<KernelOpInterface>(op) && op.getNumResults())
        kernels.push_back(&op);
      else if (isa<cpu::BarrierOp>(op))
        barriers.push_back(&op);
  }

  std::string run() {
    switch (pick(7)) {
    case 0:
      return dropBarrier();
    case 1:
      return moveBarrier();
    case 2:
      return moveResult();
    case 3:
      return moveWorkspace();
    case 4:
      return swapShare();
    case 5:
      return mergeBuffers();
    default:
      return swapKernels();
    }
  }

private:
  size_t pick(size_t below) { return below ? random() % below : 0; }
  Operation *pickOf(ArrayRef<Operation *> ops) {
    return ops.empty() ? nullptr : ops[pick(ops.size())];
  }
  int64_t pickBuffer() { return pick(arenaOf(function).size()); }

  void setPlace(Operation *kernel, ArrayRef<int64_t> results,
                int64_t workspace) {
    kernel->setAttr(kPlace,
                    PlaceAttr::get(function.getContext(), results, workspace));
  }

  std::string dropBarrier() {
    Operation *barrier = pickOf(barriers);
    if (!barrier)
      return "";
    barrier->erase();
    return "a barrier dropped";
  }

  std::string moveBarrier() {
    Operation *barrier = pickOf(barriers);
    if (!barrier)
      return "";
    Operation *other =
        pick(2) ? barrier->getPrevNode() : barrier->getNextNode();
    if (!other || other->hasTrait<OpTrait::IsTerminator>())
      return "";
    if (other->isBeforeInBlock(barrier))
      barrier->moveBefore(other);
    else
      barrier->moveAfter(other);
    return "a barrier moved";
  }

  std::string moveResult() {
    Operation *kernel = pickOf(kernels);
    auto place = kernel ? kernel->getAttrOfType<PlaceAttr>(kPlace) : nullptr;
    if (!place || arenaOf(function).empty())
      return "";
    SmallVector<int64_t> results(place.getResults());
    int64_t &result = results[pick(results.size())];
    int64_t buffer = pickBuffer();
    if (result == kNoBuffer || result == buffer)
      return "";
    result = buffer;
    setPlace(kernel, results, place.getWorkspace());
    return "a result elsewhere";
  }

  std::string moveWorkspace() {
    SmallVector<Operation *> some;
    for (Operation *kernel : kernels)
      if (workspacePlaceOf(kernel) != kNoBuffer)
        some.push_back(kernel);
    Operation *kernel = pickOf(some);
    if (!kernel)
      return "";
    auto place = kernel->getAttrOfType<PlaceAttr>(kPlace);
    setPlace(kernel, place.getResults(), pickBuffer());
    return "a workspace elsewhere";
  }

  /// What is replicated is made once, in a buffer or nowhere; or the reverse.
  std::string swapShare() {
    Operation *kernel = pickOf(kernels);
    if (!kernel)
      return "";
    bool replicated = shareOf(kernel) == Share::Replicated;
    auto share = replicated ? cast<KernelOpInterface>(kernel).getNaturalShare()
                            : Share::Replicated;
    kernel->setAttr(kShare, ShareAttr::get(function.getContext(), share));
    if (arenaOf(function).empty() || pick(3) == 0)
      return "another share";
    SmallVector<int64_t> results;
    for (Value result : kernel->getResults())
      results.push_back(isa<CacheType>(result.getType()) || !replicated
                            ? kNoBuffer
                            : pickBuffer());
    setPlace(kernel, results, workspacePlaceOf(kernel));
    return "another share, and places";
  }

  /// One buffer for what had two, as large as both.
  std::string mergeBuffers() {
    SmallVector<Buffer> buffers(arenaOf(function));
    if (buffers.size() < 2)
      return "";
    int64_t from = pickBuffer(), into = pickBuffer();
    if (from == into)
      return "";
    buffers[into].bytes = std::max(buffers[into].bytes, buffers[from].bytes);
    buffers[into].extra = std::max(buffers[into].extra, buffers[from].extra);
    function->setAttr(kArena, ArenaAttr::get(function.getContext(), buffers));
    for (Operation *kernel : kernels) {
      auto place = kernel->getAttrOfType<PlaceAttr>(kPlace);
      SmallVector<int64_t> results(place.getResults());
      llvm::replace(results, from, into);
      int64_t workspace = place.getWorkspace();
      setPlace(kernel, results, workspace == from ? into : workspace);
    }
    return "two buffers merged";
  }

  std::string swapKernels() {
    Operation *kernel = pickOf(kernels);
    Operation *next = kernel ? kernel->getNextNode() : nullptr;
    if (!next || next->hasTrait<OpTrait::IsTerminator>() ||
        llvm::any_of(kernel->getUsers(),
                     [&](Operation *user) { return next->isAncestor(user); }))
      return "";
    kernel->moveAfter(next);
    return "two kernels swapped";
  }

  func::FuncOp function;
  std::mt19937 &random;
  SmallVector<Operation *> kernels, barriers;
};

} // namespace

std::string replay::mutate(ModuleOp module, std::mt19937 &random) {
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      functions.push_back(function);
  return Mutator(functions[random() % functions.size()], random).run();
}
