//===- ObserveNative.cpp - What native code computes on its way -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ObserveNative.h"

#include "passes/PlanMemory/PlanMemory.h"
#include "runtime/core/CpuFeatures.h"
#include "tools/sinter/Driver.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

namespace sinter {

//===----------------------------------------------------------------------===//
// Results of kernels
//===----------------------------------------------------------------------===//

KernelResults::KernelResults(mlir::ModuleOp module) {
  module.walk([&](mlir::Operation *op) {
    auto number = op->getAttrOfType<mlir::IntegerAttr>("sinter.kernel");
    if (!number)
      return;
    for (mlir::OpResult result : op->getResults()) {
      auto type = mlir::dyn_cast<mlir::RankedTensorType>(result.getType());
      if (!type || type.getRank() < 2 || !type.getElementType().isF32())
        continue;
      Result &made = results[{number.getInt(), result.getResultNumber()}];
      mlir::Operation *maker = makerOf(result);
      made.part = partOf(maker);
      made.place = placeOf(maker);
      made.form = op->getParentOfType<mlir::func::FuncOp>().getName().str();
      made.rows = plannedRows(result);
      made.features.assign(type.getShape().begin() + 2, type.getShape().end());
      if (auto tiled = mlir::dyn_cast_or_null<TiledAttr>(type.getEncoding())) {
        made.tile = tiled.getTokens();
        made.together = std::max<int64_t>(tiled.getTogether(), 1);
      }
    }
  });
}

const KernelResults::Result *KernelResults::find(int64_t kernel,
                                                 int64_t result) const {
  auto found = results.find({kernel, result});
  return found == results.end() ? nullptr : &found->second;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {

/// Records what kernels show.
class KernelRecorder {
public:
  explicit KernelRecorder(const KernelResults &results) : results(results) {}

  void beginStep(const EntryDescription &entry, const SinterCall &call) {
    recording.beginStep(entry, call);
  }
  void see(const SinterCall &call, int64_t kernel, int64_t layer,
           int64_t result, const float *data);
  Recording take() { return std::move(recording); }

private:
  const KernelResults &results;
  Recording recording;
};

/// What sinter_observe is given: a call that knows who records.
struct ObservedCall : SinterCall {
  KernelRecorder *recorder;
};

/// Native code, step by step.
class ObservedBackend : public Backend {
public:
  ObservedBackend(std::unique_ptr<Backend> native, KernelRecorder &recorder)
      : native(std::move(native)), recorder(recorder) {}

  Failure run(const EntryDescription &entry, SinterCall &call) override {
    ObservedCall observed{call, &recorder};
    recorder.beginStep(entry, observed);
    return native->run(entry, observed);
  }
  void clearCaches() override { native->clearCaches(); }

private:
  std::unique_ptr<Backend> native;
  KernelRecorder &recorder;
};

} // namespace

/// Rows of each of `batch` sequences; a plain number is of all together.
static std::pair<int64_t, int64_t> sizesOf(const Rows &rows,
                                           const SinterCall &call) {
  switch (rows.kind) {
  case Rows::Tokens:
    return {call.batch, call.tokens};
  case Rows::Last:
    return {call.batch, call.last};
  case Rows::PerSequence:
    return {call.batch, rows.count};
  case Rows::Known:
    return {1, rows.count};
  }
  llvm_unreachable("a kind of rows");
}

void KernelRecorder::see(const SinterCall &call, int64_t kernel, int64_t layer,
                         int64_t result, const float *data) {
  const KernelResults::Result *made = results.find(kernel, result);
  if (!made)
    return;
  Intermediate value;
  value.name = nameIn(made->form, layer, made->part);
  value.place = made->place;
  value.key = llvm::formatv("{0} {1} {2}", kernel, layer, result);
  value.step = recording.steps.size() - 1;
  auto [batch, tokens] = sizesOf(made->rows, call);
  value.shape = {batch, tokens};
  llvm::append_range(value.shape, made->features);
  int64_t features = 1, tile = made->tile, together = made->together;
  for (int64_t size : made->features)
    features *= size;
  int64_t padded = (features + together - 1) / together * together;
  value.values.reserve(batch * tokens * features);
  for (int64_t row = 0; row < batch * tokens; ++row)
    for (int64_t f = 0; f < features; ++f)
      value.values.push_back(tile == 1
                                 ? data[row * features + f]
                                 : data[row / tile * tile * padded +
                                        f / together * together * tile +
                                        row % tile * together + f % together]);
  recording.values.push_back(std::move(value));
}

static void observe(const SinterCall *call, int64_t thread, int64_t kernel,
                    int64_t layer, int64_t result, const float *data) {
  if (thread == 0)
    static_cast<const ObservedCall *>(call)->recorder->see(*call, kernel, layer,
                                                           result, data);
}

llvm::Expected<Recording>
observeNative(mlir::ModuleOp module, const Target &target,
              const ProgramSection &weights, const KernelResults &results,
              int64_t threads, const TensorRunOptions &options) {
  if (Failure missing = requireCpuFeatures(target.requiredFeatures()))
    return failure(missing.message());
  auto compiled = CompiledModel::create(
      module, target, sinter_barrier, llvm::CodeGenOptLevel::Default, observe);
  if (!compiled)
    return compiled.takeError();
  sinter::Result<Memory> packed =
      Memory::allocate(int64_t(weights.bytes), Memory::Use::Dense, "weights");
  if (!packed)
    return failure(packed.message());
  llvm::Error wrong = weights.write(
      [&](uint64_t offset, llvm::ArrayRef<char> bytes) -> llvm::Error {
        llvm::copy(bytes, packed->as<char>() + offset);
        return llvm::Error::success();
      });
  if (wrong)
    return wrong;
  sinter::Result<Manifest> manifest = Manifest::read(compiled->model());
  if (!manifest)
    return failure(manifest.message());
  sinter::Result<std::unique_ptr<Team>> team = Team::create(threads);
  if (!team)
    return failure(team.message());

  KernelRecorder recorder(results);
  auto makeSession = [&](const SessionShape &shape) -> sinter::Result<Session> {
    SessionShape sizes = Session::bounded(shape);
    auto native = makeNativeBackend(compiled->model(), *manifest,
                                    {packed->data(), weights.bytes}, **team,
                                    sizes, Session::roomFor(*manifest, sizes));
    if (!native)
      return native.failure();
    return Session::create(
        *manifest,
        std::make_unique<ObservedBackend>(std::move(*native), recorder), shape);
  };
  if (Failure failed = runTensors(*manifest, options, makeSession))
    return failure(failed.message());
  return recorder.take();
}

} // namespace sinter
