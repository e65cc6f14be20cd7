//===- Intermediates.cpp - What a model computes on its way ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Intermediates.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

namespace sinter {

using reference::Array;
using reference::Value;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// The first name of a part in a location that passes may have put together.
static mlir::NameLoc namedLocation(mlir::Location location) {
  mlir::NameLoc found;
  location->walk([&](mlir::Location inner) {
    found = llvm::dyn_cast<mlir::NameLoc>(inner);
    return found ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return found;
}

/// "decoder." in @decoder.layer.1_one, nothing in @layer.
static llvm::StringRef towerOf(llvm::StringRef form) {
  return form.take_front(form.find("layer"));
}

std::string nameIn(llvm::StringRef form, int64_t layer, llvm::StringRef part) {
  if (layer < 0)
    return part.str();
  return (towerOf(form) + "layers." + llvm::Twine(layer) +
          (part.empty() ? "" : ".") + part)
      .str();
}

std::string partOf(mlir::Operation *op) {
  mlir::NameLoc location = namedLocation(op->getLoc());
  return location ? location.getName().str() : "";
}

std::string placeOf(mlir::Operation *op) {
  mlir::NameLoc location = namedLocation(op->getLoc());
  auto file = location
                  ? llvm::dyn_cast<mlir::FileLineColLoc>(location.getChildLoc())
                  : nullptr;
  if (!file)
    return "";
  return (llvm::sys::path::filename(file.getFilename().strref()) + ":" +
          llvm::Twine(file.getLine()))
      .str();
}

mlir::Operation *makerOf(mlir::OpResult result) {
  auto fused = mlir::dyn_cast<FusedOp>(result.getOwner());
  if (!fused)
    return result.getOwner();
  mlir::Operation *yield = fused.getBody().front().getTerminator();
  mlir::Operation *maker =
      yield->getOperand(result.getResultNumber()).getDefiningOp();
  return maker ? maker : result.getOwner();
}

//===----------------------------------------------------------------------===//
// Recording
//===----------------------------------------------------------------------===//

void Recording::beginStep(const EntryDescription &entry,
                          const SinterCall &call) {
  int64_t begin = 0;
  for (const Step &step : steps)
    if (step.entry == entry.name)
      begin += step.tokens;
  steps.push_back({entry.name, call.tokens, begin, call.batch, call.last});
}

void Recorder::beginStep(const EntryDescription &entry,
                         const SinterCall &call) {
  recording.beginStep(entry, call);
  latest.clear();
}

Recording Recorder::take() {
  llvm::erase_if(recording.values, [](const Intermediate &value) {
    return value.key.empty(); // made anew later
  });
  return std::move(recording);
}

/// A later value of a key takes the place of an earlier one of the step.
void Recorder::add(std::string name, std::string key, mlir::Operation *op,
                   const Value &value) {
  Intermediate made;
  auto copy = [&](const auto &array) {
    made.shape = array.shape;
    made.values.assign(array.data.begin(), array.data.end());
  };
  if (auto *wide = std::get_if<std::shared_ptr<Array<double>>>(&value))
    copy(**wide);
  else if (auto *narrow = std::get_if<std::shared_ptr<Array<float>>>(&value))
    copy(**narrow);
  else
    return;
  made.name = std::move(name);
  made.place = placeOf(op);
  made.key = key;
  made.step = recording.steps.size() - 1;
  auto [found, isNew] = latest.try_emplace(key, recording.values.size());
  if (!isNew) {
    recording.values[found->second] = Intermediate();
    found->second = recording.values.size();
  }
  recording.values.push_back(std::move(made));
}

static llvm::StringRef formOf(mlir::Operation *op) {
  return op->getParentOfType<mlir::func::FuncOp>().getName();
}

/// Whether an array has rows of tokens, or one for each sequence.
template <typename T>
static bool isOfTokens(const Array<T> &array, const Recording::Step &step) {
  if (array.rank() < 2 || array.shape[0] != step.batch)
    return false;
  int64_t rows = array.shape[1];
  return rows == step.tokens || rows == step.last || rows == 1;
}

static bool isOfTokens(const Value &value, const Recording::Step &step) {
  if (auto *wide = std::get_if<std::shared_ptr<Array<double>>>(&value))
    return isOfTokens(**wide, step);
  auto *narrow = std::get_if<std::shared_ptr<Array<float>>>(&value);
  return narrow && isOfTokens(**narrow, step);
}

void Recorder::seeKernel(mlir::Operation *op, int64_t layer,
                         llvm::ArrayRef<Value> results) {
  auto number = op->getAttrOfType<mlir::IntegerAttr>("sinter.kernel");
  if (!number)
    return;
  for (auto [result, value] : llvm::zip(op->getResults(), results)) {
    auto type = mlir::dyn_cast<mlir::RankedTensorType>(result.getType());
    if (!type || !type.getElementType().isF32())
      continue;
    std::string key = llvm::formatv("{0} {1} {2}", number.getInt(), layer,
                                    result.getResultNumber());
    mlir::Operation *maker = makerOf(result);
    add(nameIn(formOf(op), layer, partOf(maker)), key, maker, value);
  }
}

void Recorder::seePart(mlir::Operation *op, int64_t layer, const Value &value) {
  // Learned tokens that precede all others are not the input's.
  if (recording.steps.back().entry == "begin")
    return;
  auto make = [&](const std::string &name) { add(name, name, op, value); };
  std::string part = partOf(op);
  // Kernels show what is in them; weights and stacks are no parts.
  if (!part.empty() && !mlir::isa<FusedOp, StackOp, WeightOp>(op))
    make(nameIn(formOf(op), layer, part));
  for (mlir::OpOperand &use : op->getResult(0).getUses()) {
    if (use.getOperandNumber() != 0)
      continue;
    if (auto stack = mlir::dyn_cast<StackOp>(use.getOwner())) {
      auto form = mlir::cast<mlir::FlatSymbolRefAttr>(stack.getForms()[0]);
      make((towerOf(form.getValue()) + "embed").str());
    } else if (mlir::isa<mlir::func::ReturnOp>(use.getOwner()) && layer >= 0) {
      make(nameIn(formOf(op), layer, ""));
    }
  }
}

void Recorder::see(mlir::Operation *op, int64_t layer,
                   llvm::ArrayRef<Value> results) {
  if (what == What::Kernels)
    return seeKernel(op, layer, results);
  if (!results.empty() &&
      mlir::isa<mlir::RankedTensorType>(op->getResult(0).getType()) &&
      isOfTokens(results.front(), recording.steps.back()))
    seePart(op, layer, results.front());
}

} // namespace sinter
