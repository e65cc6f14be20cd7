//===- PlantPass.cpp - Plants bugs that tests must find -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Check/PlantPass.h"

#include "dialect/IR/Sinter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/Pass.h"

#include <thread>

using namespace mlir;
using namespace sinter;

/// Makes the first `sinter.add` that `wanted` accepts its left operand.
static bool forgetSum(ModuleOp module, function_ref<bool(AddOp)> wanted) {
  WalkResult walked = module.walk([&](AddOp add) {
    if (!wanted(add))
      return WalkResult::advance();
    add.getResult().replaceAllUsesWith(add.getLhs());
    add.erase();
    return WalkResult::interrupt();
  });
  return walked.wasInterrupted();
}

static bool plantClone(ModuleOp module) {
  return forgetSum(module, [](AddOp add) {
    auto function = add->getParentOfType<func::FuncOp>();
    return function && function.getName().ends_with("_one");
  });
}

static bool plantEpilogue(ModuleOp module) {
  return forgetSum(module, [](AddOp add) {
    auto kernel = add->getParentOfType<FusedOp>();
    return kernel && !kernel.getBody().getOps<LinearOp>().empty();
  });
}

/// A result of one kernel goes where the next but one reads another's.
static bool plantBuffer(ModuleOp module) {
  WalkResult walked = module.walk([&](func::FuncOp function) {
    SmallVector<Operation *> kernels;
    for (Operation &op : function.getBody().front())
      if (op.hasAttr(kPlace))
        kernels.push_back(&op);
    for (size_t i = 0; i + 2 < kernels.size(); ++i) {
      auto place = kernels[i]->getAttrOfType<PlaceAttr>(kPlace);
      auto next = kernels[i + 1]->getAttrOfType<PlaceAttr>(kPlace);
      SmallVector<int64_t> wrong(next.getResults());
      int64_t buffer = place.getResults()[0];
      bool readLater = llvm::any_of(
          kernels[i]->getResult(0).getUsers(), [&](Operation *user) {
            Operation *kernel =
                function.getBody().front().findAncestorOpInBlock(*user);
            return kernels[i + 1]->isBeforeInBlock(kernel);
          });
      if (!readLater || buffer < 0 || wrong[0] < 0 || buffer == wrong[0])
        continue;
      wrong[0] = buffer;
      kernels[i + 1]->setAttr(
          kPlace,
          PlaceAttr::get(function.getContext(), wrong, next.getWorkspace()));
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return walked.wasInterrupted();
}

static bool plantOffset(ModuleOp module) {
  ParamOp first;
  for (auto param : module.getOps<ParamOp>()) {
    if (!param.getOffsets())
      continue;
    if (!first) {
      first = param;
      continue;
    }
    SmallVector<int64_t> offsets(*param.getOffsets());
    offsets[0] = (*first.getOffsets())[0];
    param.setOffsets(offsets);
    return true;
  }
  return false;
}

static bool plantLoop(ModuleOp module) {
  WalkResult walked = module.walk([&](arith::AddFOp add) {
    OpBuilder builder(add);
    auto wrong = arith::SubFOp::create(builder, add.getLoc(), add.getLhs(),
                                       add.getRhs());
    add.getResult().replaceAllUsesWith(wrong.getResult());
    add.erase();
    return WalkResult::interrupt();
  });
  return walked.wasInterrupted();
}

/// Assembly, of which LLVM's back end as we use it says that it is fatal.
static bool plantCode(ModuleOp module) {
  Builder builder(module.getContext());
  module->setAttr(LLVM::LLVMDialect::getModuleLevelAsmAttrName(),
                  builder.getStrArrayAttr({StringRef("planted")}));
  return true;
}

namespace {

struct PlantPass : PassWrapper<PlantPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlantPass)

  PlantPass() = default;
  PlantPass(const PlantPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "check-plant"; }
  StringRef getDescription() const final {
    return "Plants a bug, for tests of what finds bugs";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect>();
  }

  void runOnOperation() final {
    bool (*plant)(ModuleOp) =
        llvm::StringSwitch<bool (*)(ModuleOp)>(what.getValue())
            .Case("clone", plantClone)
            .Case("epilogue", plantEpilogue)
            .Case("buffer", plantBuffer)
            .Case("offset", plantOffset)
            .Case("loop", plantLoop)
            .Case("code", plantCode)
            .Default(nullptr);
    if (plant && plant(getOperation()))
      return;
    if (what == "crash")
      abort();
    if (what == "thread") // Nothing of MLIR's recovers here.
      std::thread(abort).join();
    if (what == "failure") {
      getOperation().emitError("a failure was planted");
      return signalPassFailure();
    }
    getOperation().emitError("no place for a bug of the kind '" + what + "'");
    signalPassFailure();
  }

  Option<std::string> what{*this, "what", llvm::cl::desc("The kind of bug")};
};

} // namespace

void sinter::check::registerPlantPass() { PassRegistration<PlantPass>(); }
