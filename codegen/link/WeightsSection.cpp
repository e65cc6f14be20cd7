//===- WeightsSection.cpp - The packed weights of a module ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/WeightsSection.h"
#include "codegen/cpu/Pack.h"
#include "dialect/IR/Sinter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Parallel.h"

namespace sinter {

using llvm::Error;

namespace {

/// A weight and where it goes.
struct Placement {
  std::string symbol;
  int64_t layer;
  uint64_t offset;
  /// The layout; panelRows 0: row-major, as stored.
  PackedMatrix matrix;
  int64_t matrices; ///< leading dimensions
};

// Panels of about so many bytes are packed by one thread at a time.
constexpr int64_t kPieceBytes = int64_t(1) << 20;

} // namespace

static ElementType elementTypeOf(mlir::Type type) {
  if (auto block = mlir::dyn_cast<BlockType>(type))
    return *elementTypeByName(stringifyBlockFormat(block.getFormat()).str());
  if (type.isBF16())
    return ElementType::BF16;
  return type.isF16() ? ElementType::F16 : ElementType::F32;
}

static PackedMatrix matrixOf(mlir::RankedTensorType type) {
  PackedMatrix matrix{elementTypeOf(type.getElementType()), 0, 0, 0, false};
  auto packed = mlir::dyn_cast_or_null<PackedAttr>(type.getEncoding());
  if (!packed)
    return matrix;
  matrix.rows = type.getShape().drop_back().back();
  matrix.columns = type.getShape().back();
  matrix.panelRows = packed.getRows();
  matrix.biased = packed.getBiased();
  return matrix;
}

static std::vector<Placement> placementsOf(mlir::ModuleOp module) {
  std::vector<Placement> placements;
  for (auto param : module.getOps<ParamOp>()) {
    auto type = mlir::cast<mlir::RankedTensorType>(param.getType());
    int64_t matrices = 1;
    if (type.getRank() > 2)
      for (int64_t dim : type.getShape().drop_back(2))
        matrices *= dim;
    llvm::ArrayRef<int64_t> offsets =
        param.getOffsets().value_or(llvm::ArrayRef<int64_t>());
    for (auto [layer, offset] : llvm::enumerate(offsets))
      if (offset >= 0)
        placements.push_back({param.getSymName().str(), int64_t(layer),
                              uint64_t(offset), matrixOf(type), matrices});
  }
  llvm::sort(placements, [](const Placement &a, const Placement &b) {
    return a.offset < b.offset;
  });
  return placements;
}

static llvm::ArrayRef<char> chars(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// Packs and writes all of a weight.
static Error writePacked(const Placement &place, const WeightData &data,
                         const SectionWriter &write) {
  const PackedMatrix &matrix = place.matrix;
  if (Failure failure = checkPackable(matrix))
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "weight " + place.symbol + ": " +
                                       failure.message());
  std::vector<std::byte> packed(size_t(matrix.bytes()));
  int64_t step = std::max<int64_t>(1, kPieceBytes / matrix.panelBytes());
  int64_t pieces = (matrix.panels() + step - 1) / step;
  int64_t storedMatrix = matrix.rows * matrix.storedRowBytes();
  for (int64_t m = 0; m < place.matrices; ++m) {
    const std::byte *stored = data.bytes().data() + m * storedMatrix;
    llvm::parallelFor(0, size_t(pieces), [&](size_t piece) {
      int64_t first = int64_t(piece) * step;
      packPanels(matrix,
                 stored + first * matrix.panelRows * matrix.storedRowBytes(),
                 first, std::min(step, matrix.panels() - first),
                 packed.data() + first * matrix.panelBytes());
    });
    if (Error error =
            write(place.offset + uint64_t(m * matrix.bytes()), chars(packed)))
      return error;
  }
  return Error::success();
}

static Error writeAll(const std::vector<Placement> &placements,
                      const WeightSource &source, const SectionWriter &write) {
  for (const Placement &place : placements) {
    llvm::Expected<WeightData> data = source.read(place.symbol, place.layer);
    if (!data)
      return data.takeError();
    if (data->type != place.matrix.type)
      return llvm::createStringError(
          llvm::inconvertibleErrorCode(),
          "weight " + place.symbol + ": expected elements of " +
              std::string(nameOf(place.matrix.type)) + ", found " +
              std::string(nameOf(data->type)));
    if (Error error = place.matrix.panelRows
                          ? writePacked(place, *data, write)
                          : write(place.offset, chars(data->bytes())))
      return error;
  }
  return Error::success();
}

llvm::Expected<ProgramSection>
weightsSection(mlir::ModuleOp module,
               std::shared_ptr<const WeightSource> source) {
  auto total = module->getAttrOfType<mlir::IntegerAttr>("sinter.weights_bytes");
  if (!total)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "the module's weights have no places");
  ProgramSection section;
  section.name = "weights";
  section.bytes = uint64_t(total.getInt());
  section.write = [source, placements = placementsOf(module)](
                      const SectionWriter &write) -> Error {
    return writeAll(placements, *source, write);
  };
  return section;
}

} // namespace sinter
