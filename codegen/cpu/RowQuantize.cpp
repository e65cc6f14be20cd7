//===- RowQuantize.cpp - Activations as matmuls read them -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Results that are stored into tiles (see #sinter.tiled), in blocks of integers
// or as floats.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/TiledStore.h"

using namespace mlir;
using namespace sinter;

/// The result in memory.
LinearInput RowKernel::tilesOf(QuantizeOp quantize) {
  auto tiles = LinearInput::of(cast<RankedTensorType>(quantize.getType()),
                               operands.address(quantize.getResult()));
  tiles.features = featuresOf(quantize.getType());
  return tiles;
}

LogicalResult RowKernel::emitQuantize(QuantizeOp quantize) {
  auto type = cast<RankedTensorType>(quantize.getType());
  if (isa<BlockType>(type.getElementType()))
    return forValues(
        quantize.getInput(),
        [&](const Place &place) { storeQuantized(quantize, place); }, 0, 32);
  return forValues(quantize.getInput(),
                   [&](const Place &place) { storeTiled(quantize, place); });
}

void RowKernel::storeTiled(QuantizeOp quantize, const Place &place) {
  Value vector = evaluate(quantize.getInput(), place);
  storeSideResults(place);
  storeTiledFloats(e, tilesOf(quantize), token, place.feature, vector);
}

void RowKernel::storeQuantized(QuantizeOp quantize, const Place &block) {
  int64_t lanes = std::min<int64_t>(e.lanes, 32);
  SmallVector<Value> parts;
  for (int64_t i = 0; i < 32; i += lanes) {
    Place place = block;
    place.lanes = lanes;
    place.feature = e.add(block.feature, i);
    place.inner = e.add(block.inner, i);
    clear();
    parts.push_back(evaluate(quantize.getInput(), place));
    storeSideResults(place);
  }
  storeTiledBlock(e, tilesOf(quantize), token, block.feature, parts,
                  quantize.getCrest().convertToFloat());
}
