//===- StoredLayout.cpp - Bytes of stored tensors -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/StoredLayout.h"

#include "dialect/IR/Sinter.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace sinter {

Type typeOf(MLIRContext *context, ElementType type) {
  Builder b(context);
  switch (type) {
  case ElementType::F32:
    return b.getF32Type();
  case ElementType::F16:
    return b.getF16Type();
  case ElementType::BF16:
    return b.getBF16Type();
  case ElementType::Q8_0:
    return BlockType::get(context, BlockFormat::Q8_0);
  case ElementType::Q4_0:
    return BlockType::get(context, BlockFormat::Q4_0);
  case ElementType::Q4_1:
    return BlockType::get(context, BlockFormat::Q4_1);
  default:
    return {};
  }
}

int64_t storedBytes(Type element, int64_t count) {
  auto block = dyn_cast<BlockType>(element);
  if (!block)
    return count * (element.getIntOrFloatBitWidth() / 8);
  switch (block.getFormat()) {
  case BlockFormat::Q8_0:
    return count / 32 * 34;
  case BlockFormat::Q4_0:
    return count / 32 * 18;
  case BlockFormat::Q4_1:
    return count / 32 * 20;
  case BlockFormat::A8:
    return count / 32 * 40;
  case BlockFormat::A16:
    return count / 32 * 80;
  }
  llvm_unreachable("unknown block format");
}

int64_t panelBytes(Type element, int64_t panelRows, int64_t columns) {
  // Half floats are stored in pairs of columns.
  if (!isa<BlockType>(element) && element.getIntOrFloatBitWidth() == 16)
    columns = llvm::alignTo(columns, 2);
  return llvm::alignTo(panelRows * storedBytes(element, columns),
                       kWeightAlignment);
}

int64_t weightBytes(RankedTensorType type) {
  auto packed = dyn_cast_or_null<PackedAttr>(type.getEncoding());
  Type element = type.getElementType();
  if (!packed)
    return llvm::alignTo(storedBytes(element, type.getNumElements()),
                         kWeightAlignment);
  int64_t columns = type.getShape().back();
  int64_t rows = type.getShape().drop_back().back();
  int64_t matrices = 1;
  for (int64_t dim : type.getShape().drop_back(2))
    matrices *= dim;
  return matrices * llvm::divideCeil(rows, packed.getRows()) *
         panelBytes(element, packed.getRows(), columns);
}

int64_t featuresTogether(Type element) {
  return isa<BlockType>(element) ? 4 : element.isBF16() ? 2 : 1;
}

int64_t featuresTogether(RankedTensorType activations) {
  auto tiled = dyn_cast_or_null<TiledAttr>(activations.getEncoding());
  if (!tiled || tiled.getTokens() == 1)
    return 1;
  if (tiled.getTogether())
    return tiled.getTogether();
  return featuresTogether(activations.getElementType());
}

int64_t tokenBytes(RankedTensorType activations) {
  int64_t features = 1;
  for (int64_t size : activations.getShape().drop_front(2))
    features *= size;
  return storedBytes(activations.getElementType(),
                     llvm::alignTo(features, featuresTogether(activations)));
}

} // namespace sinter
