//===- CacheLayout.cpp - Where keys and values are ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

using namespace mlir;
using namespace sinter;

static int64_t bytesOfBlock(CacheType type) {
  return kCacheBlock * type.getDim() * Emitter::bytesOf(type.getElementType());
}

Value sinter::capacityOf(Emitter &e, CacheType type) {
  if (!type.getRing())
    return e.capacity;
  // A step's first token sees the tokens of the ring before it.
  Value tokens = e.add(e.chunk, type.getRing() - 1);
  tokens = e.mul(e.ceilDiv(tokens, kCacheBlock), kCacheBlock);
  return e.min(tokens, e.capacity);
}

Value sinter::headOfCache(Emitter &e, CacheType type, Value base, Value slot,
                          Value sequence, Value head) {
  Value row = e.add(e.mul(slot, e.batch), sequence);
  row = e.add(e.mul(row, type.getHeads()), head);
  return e.at(base, e.mul(row, bytesOfBlock(type)));
}

Value sinter::blockOfCache(Emitter &e, CacheType type, Value first,
                           Value block) {
  if (type.getRing())
    block = e.rem(block, e.div(capacityOf(e, type), kCacheBlock));
  int64_t heads = type.getSlots() * type.getHeads();
  Value stride = e.mul(e.batch, heads * bytesOfBlock(type));
  return e.at(first, e.mul(block, stride));
}

/// Keys go to the lanes of their block, values to rows of their own.
LogicalResult RowKernel::emitAppend(AppendOp append) {
  auto type = cast<CacheType>(append.getCache().getType());
  Type element = type.getElementType();
  int64_t size = Emitter::bytesOf(element), dim = type.getDim();
  Value sequence = e.div(token, e.tokens);
  Value past = operands.address(append.getPast());
  past = e.load(e.b.getI32Type(), e.at(past, e.mul(sequence, 4)));
  Value position = e.add(e.toI64(past), e.rem(token, e.tokens));
  Value block = e.div(position, kCacheBlock);
  Value inBlock = e.rem(position, kCacheBlock);
  Value slot = operands.scalar(append.getSlot());
  Value base = operands.address(append.getCache());
  bool keys = operands.isKeyCache(append.getCache());
  auto store = [&](const Place &place) {
    Value vector = evaluate(append.getInput(), place);
    storeSideResults(place);
    Value head = e.div(e.sub(place.feature, place.inner), dim);
    Value start = headOfCache(e, type, base, slot, sequence, head);
    start = blockOfCache(e, type, start, block);
    if (!keys) {
      Value index = e.add(e.mul(inBlock, dim), place.inner);
      return e.storeFloats(vector, element, e.at(start, e.mul(index, size)));
    }
    Value index = e.add(e.mul(e.div(inBlock, 16), dim), place.inner);
    index = e.add(e.mul(index, 16), e.rem(inBlock, 16));
    Value at = e.at(start, e.mul(index, size));
    vector = e.narrow(vector, element);
    for (int64_t i = 0; i < place.lanes; ++i)
      e.store(e.lane(vector, i), e.at(at, 16 * size * i));
  };
  return forValues(append.getInput(), store, dim);
}
