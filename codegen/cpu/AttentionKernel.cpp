//===- AttentionKernel.cpp - Tiles of queries against their keys ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Which rows and keys meet, and what goes in and out. The steps of a block are
// in the files beside this one.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttentionKernel.h"

#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

/// Tokens of a tile: enough accumulators to hide latency, few enough for
/// registers.
static int64_t tokensOfTile(Emitter &e) {
  return e.lanes >= 16 ? 8 : e.lanes >= 8 ? 4 : 2;
}

AttentionKernel::AttentionKernel(Emitter &emitter, AttentionOp op,
                                 KernelOperands &operands)
    : e(emitter), op(op), operands(operands),
      isCausal(op.getMask() == Mask::Causal) {
  auto queryType = cast<RankedTensorType>(op.getQuery().getType());
  auto resultType = cast<RankedTensorType>(op.getType());
  queryHeads = queryType.getDimSize(2);
  keySize = queryType.getDimSize(3);
  valueSize = resultType.getDimSize(3);
  queryElement = queryType.getElementType();
  resultElement = resultType.getElementType();
  keyCache = dyn_cast<CacheType>(op.getKey().getType());
  valueCache = dyn_cast<CacheType>(op.getValue().getType());
  if (keyCache) {
    keyHeads = keyCache.getHeads();
    valueHeads = valueCache.getHeads();
    keyElement = keyCache.getElementType();
    valueElement = valueCache.getElementType();
  } else {
    auto keyType = cast<RankedTensorType>(op.getKey().getType());
    keyHeads = keyType.getDimSize(2);
    keyElement = keyType.getElementType();
    auto valueType = cast<RankedTensorType>(op.getValue().getType());
    valueHeads = valueType.getDimSize(2);
    valueElement = valueType.getElementType();
  }
  // One token: the heads that share keys. Else tokens of one head.
  int64_t group = queryHeads / keyHeads;
  bool oneToken = Emitter::known(e.tokens) == 1;
  heads = oneToken ? std::min<int64_t>(group, e.lanes >= 16 ? 12 : 6) : 1;
  while (group % heads)
    --heads;
  tokens = oneToken ? 1 : tokensOfTile(e);
  rows = heads * tokens;
}

void AttentionKernel::findOperands() {
  query = operands.address(op.getQuery());
  key = operands.address(op.getKey());
  value = operands.address(op.getValue());
  result = operands.address(op.getResult());
  slot = op.getSlot() ? operands.scalar(op.getSlot()) : e.i64(0);
  window = op.getWindow() ? operands.scalar(op.getWindow()) : Value();
  auto optional = [&](Value ids) {
    return ids ? operands.address(ids) : Value();
  };
  past = optional(op.getPast());
  prefix = optional(op.getPrefix());
  firstKeys = optional(op.getFirst());
  keyCounts = optional(op.getKeys());
  keyMask = optional(op.getKeyMask());
  keyTokens = e.tokens;
  if (auto type = dyn_cast<RankedTensorType>(op.getKey().getType()))
    if (!type.isDynamicDim(1))
      keyTokens = e.i64(type.getDimSize(1));
  queries = e.stackBuffer(4 * rows * keySize);
  scores = e.stackBuffer(4 * rows * kBlock);
  sums = e.stackBuffer(4 * rows * valueSize);
  maxima = e.stackBuffer(4 * rows);
  weights = e.stackBuffer(4 * rows * kLanes);
  factors = e.stackBuffer(4 * rows);
  if (!keyCache)
    packedKeys = e.stackBuffer(4 * keySize * kBlock);
  if (keyMask)
    blockMask = e.stackBuffer(4 * kBlock);
  if (keyCache && op.getRelQueries())
    plainKeys = e.stackBuffer(4 * keySize * kBlock);
}

void AttentionKernel::emit() {
  findOperands();
  if (Value parts = operands.workspace(op))
    return emitSplit(parts);
  emitTiles();
}

/// Items count blocks of queries first, then heads, then sequences. Early and
/// late blocks take turns: with a causal mask, late ones have more keys, and
/// each thread is to have its share of both.
void AttentionKernel::emitTiles() {
  Value blocks = e.ceilDiv(e.tokens, tokens);
  Value tiles = e.mul(e.mul(e.batch, queryHeads / heads), blocks);
  auto [first, end] = e.myShare(tiles);
  e.loop(first, end, 1, [&](Value tile) {
    Value turn = e.rem(tile, blocks), rest = e.div(tile, blocks);
    Value half = e.div(turn, 2);
    Value isEarly = e.equal(e.rem(turn, 2), e.i64(0));
    Value block = e.select(isEarly, half, e.sub(e.sub(blocks, 1), half));
    locateTokens(e.div(rest, queryHeads / heads), e.mul(block, tokens));
    locateHead(e.mul(e.rem(rest, queryHeads / heads), heads));
    loadQueries();
    attendKeys(low, high);
    emitResults();
  });
}

//===----------------------------------------------------------------------===//
// Rows and keys
//===----------------------------------------------------------------------===//

/// Finds the keys that the tile's rows may see, and those that all of them see.
void AttentionKernel::locateTokens(Value sequenceNumber, Value firstToken) {
  sequence = sequenceNumber;
  token = firstToken;
  before = past ? ofSequence(past) : e.i64(0);
  limit = keyCache ? e.add(before, e.tokens) : keyTokens;
  if (keyCounts)
    limit = keyCache && !past ? ofSequence(keyCounts)
                              : e.min(limit, ofSequence(keyCounts));
  Value first = e.add(before, token);
  Value last = e.add(before, e.sub(e.min(e.add(token, tokens), e.tokens), 1));
  low = allLow = e.i64(0);
  high = isCausal ? e.min(e.add(last, 1), limit) : limit;
  allHigh = isCausal ? e.min(e.add(first, 1), limit) : limit;
  if (window) {
    Value none = e.equal(window, e.i64(0));
    Value reach = isCausal ? e.sub(window, 1) : window;
    low = e.select(none, low, e.max(e.sub(first, reach), 0));
    allLow = e.select(none, allLow, e.max(e.sub(last, reach), 0));
    if (!isCausal) {
      Value past = e.add(window, 1);
      high = e.select(none, high, e.min(high, e.add(last, past)));
      allHigh = e.select(none, allHigh, e.min(allHigh, e.add(first, past)));
    }
  }
  if (int64_t chunk = op.getChunk()) {
    auto begin = [&](Value i) { return e.mul(e.div(i, chunk), chunk); };
    low = e.max(low, begin(first));
    allLow = e.max(allLow, begin(last));
    high = e.min(high, e.add(begin(last), chunk));
    allHigh = e.min(allHigh, e.add(begin(first), chunk));
  }
  prefixKeys = prefix ? ofSequence(prefix) : Value();
  if (prefix) {
    low = e.i64(0);
    high = e.min(e.max(high, prefixKeys), limit);
  }
  auto hideBefore = [&](Value start) {
    low = e.max(low, start);
    allLow = e.max(allLow, start);
  };
  if (int64_t memory = op.getMemory())
    hideBefore(e.sub(before, memory));
  if (firstKeys)
    hideBefore(ofSequence(firstKeys));
  low = e.mul(e.div(low, kBlock), kBlock);
}

void AttentionKernel::locateHead(Value firstHead) {
  head = firstHead;
  keyHead = e.div(head, queryHeads / keyHeads);
  Value valueHead = e.div(head, queryHeads / valueHeads);
  if (keyCache) {
    keyBase = headOfCache(e, keyCache, key, slot, sequence, keyHead);
    valueBase = headOfCache(e, valueCache, value, slot, sequence, valueHead);
    return;
  }
  auto base = [&](Value tensor, Value head, int64_t heads, int64_t headBytes) {
    Value index = e.mul(e.mul(sequence, keyTokens), heads);
    return e.at(tensor, e.mul(e.add(index, head), headBytes));
  };
  keyBase =
      base(key, keyHead, keyHeads, keySize * Emitter::bytesOf(keyElement));
  valueBase = base(value, valueHead, valueHeads,
                   valueSize * Emitter::bytesOf(valueElement));
}

Value AttentionKernel::tokenOf(Value row) {
  return e.min(e.add(token, e.div(row, heads)), e.sub(e.tokens, 1));
}

Value AttentionKernel::headOf(Value row) {
  return e.add(head, e.rem(row, heads));
}

Value AttentionKernel::queryRow(Value row) {
  Value index = e.add(e.mul(sequence, e.tokens), tokenOf(row));
  return e.add(e.mul(index, queryHeads), headOf(row));
}

Value AttentionKernel::ofSequence(Value ids) {
  return e.toI64(e.load(e.b.getI32Type(), e.at(ids, e.mul(sequence, 4))));
}

Value AttentionKernel::loadFloat(Value tensor, Value index) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value offset = e.mul(index, Emitter::bytesOf(element));
  Value pointer = e.at(operands.address(tensor), offset);
  return e.lane(e.loadFloats(element, pointer, 1), 0);
}

/// Scaled queries, feature by feature; nothing is summed yet.
void AttentionKernel::loadQueries() {
  double scale = op.getScale().convertToDouble();
  int64_t size = Emitter::bytesOf(queryElement);
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    Value source = e.at(query, e.mul(queryRow(row), keySize * size));
    e.features(keySize, [&](Value feature, int64_t lanes) {
      Value x =
          e.loadFloats(queryElement, e.at(source, e.mul(feature, size)), lanes);
      x = e.mulF(x, e.splat(scale, lanes));
      Value target = at(queries, e.add(e.mul(feature, rows), row));
      if (rows == 1)
        return e.store(x, target);
      for (int64_t i = 0; i < lanes; ++i)
        e.store(e.lane(x, i), at(target, i * rows));
    });
    Value rowSums = at(sums, e.mul(row, valueSize));
    e.features(valueSize, [&](Value feature, int64_t lanes) {
      e.store(e.splat(0.0, lanes), at(rowSums, feature));
    });
    e.store(e.f32(kNoMaximum), at(maxima, row));
    e.store(e.splat(0.0, kLanes), at(weights, e.mul(row, kLanes)));
  });
}

/// Brings keys [from, to) to the rows, block by block; from is at a block's
/// start.
void AttentionKernel::attendKeys(Value from, Value to) {
  e.loop(from, to, kBlock, [&](Value first) {
    Value count = e.min(e.sub(to, first), kBlock);
    Value block = e.div(first, kBlock);
    int64_t keyBytes = keySize * Emitter::bytesOf(keyElement);
    int64_t valueBytes = valueSize * Emitter::bytesOf(valueElement);
    keyBlock = keyCache ? blockOfCache(e, keyCache, keyBase, block)
                        : e.at(keyBase, e.mul(first, keyHeads * keyBytes));
    valueBlock = keyCache
                     ? blockOfCache(e, valueCache, valueBase, block)
                     : e.at(valueBase, e.mul(first, valueHeads * valueBytes));
    if (streamsKeys()) {
      // Blocks are short streams: the processor's own prefetcher has hardly
      // begun when one ends.
      nextKeys = blockOfCache(e, keyCache, keyBase, e.add(block, 1));
      nextValues = blockOfCache(e, valueCache, valueBase, e.add(block, 1));
    }
    if (!keyCache)
      packKeys(count);
    emitScores(count);
    if (op.getBias() || op.getRelKeys() || op.getRelQueries())
      emitScalarTerms(first, count);
    emitMask(first, count);
    emitSoftmax(first);
    emitValues(count);
    if (op.getRelValues())
      addRelativeValues(first, count);
  });
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void AttentionKernel::emitResults() {
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    Value wanted = e.less(e.add(token, e.div(row, heads)), e.tokens);
    e.when(wanted, [&] {
      Value powers =
          e.load(e.f32Vector(kLanes), at(weights, e.mul(row, kLanes)), 64);
      storeResult(row, e.sumLanes(powers), e.load(e.f32Type(), at(maxima, row)),
                  at(sums, e.mul(row, valueSize)));
    });
  });
}

/// The weight of the key that has no value.
Value AttentionKernel::sinkOf(Value row, Value maximum) {
  Value sink = loadFloat(op.getSinks(), headOf(row));
  return e.lane(emitExp(e, e.splat(e.subF(sink, maximum), 1)), 0);
}

/// rowSums / total, or zeros if the row saw nothing.
void AttentionKernel::storeResult(Value row, Value total, Value maximum,
                                  Value rowSums) {
  int64_t size = Emitter::bytesOf(resultElement);
  if (op.getSinks())
    total = e.addF(total, sinkOf(row, maximum));
  Value some = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT,
                                     total, e.f32(0.0));
  Value factor = e.divF(e.f32(1.0), e.select(some, total, e.f32(1.0)));
  Value target = e.at(result, e.mul(queryRow(row), valueSize * size));
  e.features(valueSize, [&](Value feature, int64_t lanes) {
    Value x = e.load(e.f32Vector(lanes), at(rowSums, feature));
    e.storeFloats(e.mulF(x, e.splat(factor, lanes)), resultElement,
                  e.at(target, e.mul(feature, size)));
  });
}

LogicalResult sinter::emitAttentionKernel(Emitter &e, AttentionOp attention,
                                          KernelOperands &operands) {
  AttentionKernel(e, attention, operands).emit();
  return success();
}
