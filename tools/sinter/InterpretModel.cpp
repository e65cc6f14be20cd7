//===- InterpretModel.cpp - A model in the reference interpreter ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/InterpretModel.h"
#include "codegen/cpu/Descriptor.h"
#include "formats/Quantize.h"
#include "tools/sinter/Driver.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>

namespace sinter {

using llvm::Error;
using reference::Array;
using reference::Ints;
using reference::Value;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The numbers of a stored weight. q4_1 adds a minimum to a product, which f32
/// would round.
static llvm::Expected<Value> numbersOf(const WeightData &data) {
  size_t count = Array<float>::count(data.shape);
  std::vector<float> values(count);
  if (data.type != ElementType::Q4_1) {
    if (!dequantize(data.type, data.bytes(), values))
      return failure("weights of type " + std::string(nameOf(data.type)) +
                     " cannot be read");
    return reference::makeValue(Array<float>(data.shape, std::move(values)));
  }
  std::vector<double> exact(count);
  constexpr size_t blockValues = 32, blockBytes = 20;
  for (size_t block = 0; block < count / blockValues; ++block) {
    auto bytes = data.bytes().subspan(block * blockBytes, blockBytes);
    // The two halves as f32, read through the format's own reader.
    float scales[2];
    if (!dequantize(ElementType::F16, bytes.first(4), scales))
      return failure("weights of type q4_1 cannot be read");
    for (size_t i = 0; i < 16; ++i) {
      auto pair = unsigned(bytes[4 + i]);
      exact[block * 32 + i] = double(scales[0]) * (pair & 15) + scales[1];
      exact[block * 32 + 16 + i] = double(scales[0]) * (pair >> 4) + scales[1];
    }
  }
  return reference::makeValue(Array<double>(data.shape, std::move(exact)));
}

//===----------------------------------------------------------------------===//
// The backend
//===----------------------------------------------------------------------===//

namespace {

class InterpreterBackend : public Backend {
public:
  InterpreterBackend(mlir::ModuleOp module, reference::Interpreter interpreter,
                     int64_t batch, int64_t capacity, Recorder *recorder)
      : module(module), interpreter(std::move(interpreter)), batch(batch),
        capacity(capacity), recorder(recorder) {
    if (recorder)
      this->interpreter.onOp(
          [recorder](auto... seen) { recorder->see(seen...); });
  }

  Failure run(const EntryDescription &entry, SinterCall &call) override;
  void clearCaches() override { caches.clear(); }

private:
  Value argument(const EntryDescription &entry, const EntryTensor &input,
                 mlir::Type type, const void *values, const SinterCall &call);

  mlir::ModuleOp module;
  reference::Interpreter interpreter;
  int64_t batch;
  int64_t capacity;
  Recorder *recorder;
  llvm::StringMap<Value> caches; ///< by name
};

} // namespace

Value InterpreterBackend::argument(const EntryDescription &entry,
                                   const EntryTensor &input, mlir::Type type,
                                   const void *values, const SinterCall &call) {
  if (auto cache = mlir::dyn_cast<CacheType>(type)) {
    auto [held, isNew] = caches.try_emplace(input.name);
    // No more than a ring must have, so that too little shows.
    int64_t ring = cache.getRing();
    int64_t tokens =
        ring ? std::min(capacity, ring - 1 + call.chunk) : capacity;
    if (isNew)
      held->second = reference::Interpreter::makeCache(cache, batch, tokens);
    // Those that come back are moved, so that appending need not copy.
    bool changes = llvm::any_of(entry.outputs, [&](const EntryTensor &output) {
      return output.name == input.name;
    });
    return changes ? std::exchange(held->second, Value()) : held->second;
  }
  if (type.isIndex())
    return Value(call.last);
  std::vector<int64_t> shape = {call.batch};
  if (!input.isOfSequences())
    shape.push_back(input.isOfTokens() ? call.tokens : call.capacity);
  const auto *ids = static_cast<const int32_t *>(values);
  std::vector<int64_t> wide(ids, ids + Ints::count(shape));
  return reference::makeValue(Ints(std::move(shape), std::move(wide)));
}

/// The numbers of a tensor of floats in either precision.
static void copyFloats(const Value &value, float *target) {
  if (auto *wide = std::get_if<std::shared_ptr<Array<double>>>(&value))
    std::copy((*wide)->data.begin(), (*wide)->data.end(), target);
  else if (auto *narrow = std::get_if<std::shared_ptr<Array<float>>>(&value))
    std::copy((*narrow)->data.begin(), (*narrow)->data.end(), target);
}

Failure InterpreterBackend::run(const EntryDescription &entry,
                                SinterCall &call) {
  if (recorder)
    recorder->beginStep(entry, call);
  auto function = module.lookupSymbol<mlir::func::FuncOp>(entry.name);
  // As a program does, so that clones for one token are checked too.
  if (call.batch == 1 && call.tokens == 1)
    if (auto one = module.lookupSymbol<mlir::func::FuncOp>(entry.name + "_one"))
      function = one;
  llvm::SmallVector<Value> arguments;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    arguments.push_back(
        argument(entry, entry.inputs[i], type, call.inputs[i], call));
  auto results = interpreter.call(function.getName(), arguments);
  if (!results)
    return Failure(llvm::toString(results.takeError()));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (mlir::isa<CacheType>(type))
      caches[entry.outputs[i].name] = std::move((*results)[i]);
    else
      copyFloats((*results)[i], static_cast<float *>(call.outputs[i]));
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

llvm::Expected<Manifest> manifestOf(mlir::ModuleOp module) {
  auto attribute = module->getAttr("sinter.manifest");
  if (!attribute)
    return failure("the module has no attribute sinter.manifest");
  Result<Manifest> manifest = Manifest::parse(toJson(attribute));
  if (!manifest)
    return failure(manifest.message());
  for (const EntryDescription &entry : manifest->entries) {
    auto function = module.lookupSymbol<mlir::func::FuncOp>(entry.name);
    if (!function || function.getNumArguments() != entry.inputs.size() ||
        function.getNumResults() != entry.outputs.size())
      return failure("the module has no function @" + entry.name +
                     " that is as its manifest says");
  }
  return std::move(*manifest);
}

std::unique_ptr<Backend>
makeInterpreter(mlir::ModuleOp module,
                std::shared_ptr<const WeightSource> weights,
                reference::Precision precision, int64_t batch, int64_t capacity,
                Recorder *recorder) {
  reference::WeightProvider provider =
      [weights](llvm::StringRef symbol,
                int64_t layer) -> llvm::Expected<Value> {
    if (!weights)
      return failure("the model's weights are not given");
    llvm::Expected<WeightData> data =
        weights->read(symbol, std::max<int64_t>(layer, 0));
    if (!data)
      return data.takeError();
    return numbersOf(*data);
  };
  return std::make_unique<InterpreterBackend>(
      module, reference::Interpreter(module, precision, std::move(provider)),
      batch, capacity, recorder);
}

Error interpretTensors(mlir::ModuleOp module,
                       std::shared_ptr<const WeightSource> weights,
                       reference::Precision precision,
                       const TensorRunOptions &options, Recorder *recorder) {
  llvm::Expected<Manifest> manifest = manifestOf(module);
  if (!manifest)
    return manifest.takeError();
  auto makeSession = [&](const SessionShape &shape) {
    SessionShape sizes = Session::bounded(shape);
    return Session::create(
        *manifest,
        makeInterpreter(module, weights, precision, sizes.batch,
                        Session::roomFor(*manifest, sizes), recorder),
        shape);
  };
  if (Failure wrong = runTensors(*manifest, options, makeSession))
    return failure(wrong.message());
  return Error::success();
}

} // namespace sinter
