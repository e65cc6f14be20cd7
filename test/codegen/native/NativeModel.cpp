//===- NativeModel.cpp - A module with random weights, compiled -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/native/NativeModel.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "dialect/IR/StoredLayout.h"
#include "formats/Quantize.h"
#include "passes/PlanMemory/PlanMemory.h"
#include "test/codegen/amx/AmxEmulator.h"

#include "llvm/Support/ErrorHandling.h"

#include <barrier>
#include <cmath>
#include <cstring>
#include <thread>

using namespace mlir;
using namespace sinter;

static ElementType storedType(Type element) {
  if (element.isF32())
    return ElementType::F32;
  if (element.isBF16())
    return ElementType::BF16;
  if (element.isF16())
    return ElementType::F16;
  switch (cast<BlockType>(element).getFormat()) {
  case BlockFormat::Q8_0:
    return ElementType::Q8_0;
  case BlockFormat::Q4_0:
    return ElementType::Q4_0;
  case BlockFormat::Q4_1:
    return ElementType::Q4_1;
  default:
    llvm::report_fatal_error("no weights of this type");
  }
}

RandomParams::RandomParams(ModuleOp module) {
  Random random;
  for (auto op : module.getOps<ParamOp>()) {
    auto type = cast<RankedTensorType>(op.getType());
    int64_t columns = type.getShape().back();
    Param param{{storedType(type.getElementType()),
                 type.getNumElements() / columns, columns, 1, false},
                {}};
    for (int64_t i = 0; i < int64_t(op.getLayers().value_or(1)); ++i) {
      param.layers.push_back(randomWeights(random, param.matrix));
      float *numbers = param.layers.back().as<float>();
      // Sums of about the size of their terms.
      if (param.matrix.type == ElementType::F32)
        for (int64_t n = 0; n < type.getNumElements(); ++n)
          numbers[n] *= 1.7f / std::sqrt(float(columns));
    }
    params.emplace(op.getSymName().str(), std::move(param));
  }
}

std::vector<double> RandomParams::values(const std::string &symbol,
                                         int64_t layer) const {
  const Param &param = params.at(symbol);
  auto &bytes = const_cast<Bytes &>(param.layers[layer < 0 ? 0 : layer]);
  std::vector<double> all;
  for (int64_t row = 0; row < param.matrix.rows; ++row)
    for (double value : weightRow(param.matrix, bytes, row))
      all.push_back(value);
  return all;
}

reference::Interpreter RandomParams::interpreter(ModuleOp module) const {
  using namespace sinter::reference;
  auto weights = [this,
                  module](StringRef symbol,
                          int64_t layer) -> llvm::Expected<reference::Value> {
    auto type = cast<RankedTensorType>(
        SymbolTable(module).lookup<ParamOp>(symbol).getType());
    return makeValue(Array<double>(
        std::vector<int64_t>(type.getShape().begin(), type.getShape().end()),
        values(symbol.str(), layer)));
  };
  return Interpreter(module, Precision::F64, weights);
}

void NativeOptions::read(const std::string &argument) {
  if (argument == "plain")
    plain = true;
  else if (argument == "quantized")
    floatActivations = false;
  else
    features = argument;
}

/// Puts weights where the module says that they are.
static std::unique_ptr<Bytes> place(ModuleOp module,
                                    const RandomParams &params) {
  auto size = module->getAttrOfType<IntegerAttr>("sinter.weights_bytes");
  auto weights = std::make_unique<Bytes>(size.getInt());
  for (auto op : module.getOps<ParamOp>()) {
    auto type = cast<RankedTensorType>(op.getType());
    auto packing = dyn_cast_or_null<PackedAttr>(type.getEncoding());
    const RandomParams::Param &param = params.params.at(op.getSymName().str());
    for (auto [layer, offset] : llvm::enumerate(*op.getOffsets())) {
      if (offset < 0)
        continue;
      auto &bytes = const_cast<Bytes &>(param.layers[layer]);
      std::byte *target = weights->as<std::byte>() + offset;
      PackedMatrix matrix = param.matrix;
      if (packing) {
        matrix.panelRows = packing.getRows();
        matrix.biased = packing.getBiased();
        // Leading dimensions repeat the whole.
        int64_t all = matrix.rows;
        matrix.rows = type.getShape().drop_back().back();
        for (int64_t row = 0, i = 0; row < all; row += matrix.rows, ++i)
          packPanels(matrix,
                     bytes.as<std::byte>() + row * matrix.storedRowBytes(), 0,
                     matrix.panels(), target + i * matrix.bytes());
      } else {
        memcpy(target, bytes.as<std::byte>(),
               matrix.rows * matrix.storedRowBytes());
      }
    }
  }
  return weights;
}

/// The barrier of the steps of tests: one team at a time.
static std::barrier<> *team = nullptr;
static void waitForTeam(const SinterCall *) { team->arrive_and_wait(); }

/// Offsets for a module without packing, as sinter-lower-to-loops gives them.
static void placeRowMajor(ModuleOp module) {
  int64_t end = 0;
  for (auto param : module.getOps<ParamOp>()) {
    SmallVector<int64_t> offsets;
    for (int64_t i = 0; i < int64_t(param.getLayers().value_or(1)); ++i) {
      offsets.push_back(end);
      end += weightBytes(cast<RankedTensorType>(param.getType()));
    }
    param.setOffsets(offsets);
  }
  Builder b(module.getContext());
  module->setAttr("sinter.weights_bytes", b.getI64IntegerAttr(end));
}

NativeModel::NativeModel(ModuleOp module, const RandomParams &params,
                         const NativeOptions &options) {
  auto check = [](bool good, const char *what) {
    if (!good)
      llvm::report_fatal_error(what, /*gen_crash_diag=*/false);
  };
  Result<Target> target = parseTarget(options.features);
  check(bool(target), "unknown features");
  if (target->has("amx-tile"))
    enableAmx();
  attachTarget(module, *target);
  if (options.plain) {
    placeRowMajor(module);
  } else {
    StageOptions stages;
    stages.floatActivations = options.floatActivations;
    PassManager manager(module.getContext());
    buildTensorStages(manager, stages);
    check(succeeded(manager.run(module)), "stages on tensors failed");
  }
  weights = place(module, params);
  PassManager manager(module.getContext());
  buildCodeStages(manager);
  check(succeeded(manager.run(module)), "lowering failed");
  auto made = CompiledModel::create(module, *target, waitForTeam);
  if (!made) {
    std::string why = llvm::toString(made.takeError());
    check(false, why.c_str());
  }
  compiled = std::make_unique<CompiledModel>(std::move(*made));
}

const SinterEntry &NativeModel::entry(const std::string &name) const {
  for (int64_t i = 0; i < model().entryCount; ++i)
    if (model().entries[i].name == name)
      return model().entries[i];
  llvm::report_fatal_error("no such entry");
}

void NativeModel::run(const char *name, SinterCall call, int64_t threads,
                      bool one) {
  std::barrier<> barrier(threads);
  team = &barrier;
  call.threads = threads;
  call.weights = weightBytes();
  SinterStep step = one ? entry(name).stepOne : entry(name).step;
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; ++i)
    others.emplace_back([&, i] { step(&call, i); });
  step(&call, 0);
  for (std::thread &other : others)
    other.join();
}
