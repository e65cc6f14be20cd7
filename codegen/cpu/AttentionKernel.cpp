//===- AttentionKernel.cpp - Online softmax over blocks of keys -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// An item of work is a tile of rows: some tokens times some heads that share
// their keys. A row's block of keys is scored (16 keys are the lanes of a
// vector, the query's features are broadcast), exponentiated against the
// running maximum, and multiplied with the values. Blocks begin at multiples of
// their size wherever a row's keys begin, so that a row's result does not
// depend on the other rows of its tile, nor on how a prompt was cut.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

constexpr int64_t kLanes = 16; ///< keys of a vector, as caches hold them
constexpr int64_t kBlocks = 4; ///< vectors of keys in a block
constexpr int64_t kBlock = kLanes * kBlocks;
/// Stands for minus infinity in the running maximum: differences stay finite.
constexpr double kNoMaximum = -1e30;

/// Emits one attention op.
class AttentionKernel {
public:
  AttentionKernel(Emitter &emitter, AttentionOp op, KernelOperands &operands);
  void emit();

private:
  void emitItem(Value item);
  void locate(Value item);
  void loadQueries();
  void packKeys(Value first);
  Value keyVector(Value block, Value feature);
  void emitScores(Value first);
  void emitScoreTile(Value block, int64_t together);
  void emitSoftmax(Value first);
  Value sinkOf(int64_t row);
  Value visible(int64_t row, Value keys);
  bool hasTerms();
  void emitTerms(Value first);
  Value termOf(Value row, Value key, Value score);
  Value ofSequence(Value ids);
  Value relativeDot(Value vectors, Type element, Value row, Value index,
                    Value keyNumber, Value headNumber);
  void emitValues(Value first);
  void emitResults();
  Value rowToken(int64_t row);
  Value rowHead(int64_t row) { return e.add(head, row % heads); }
  Value at(Value buffer, Value index) { return e.at(buffer, e.mul(index, 4)); }
  Value at(Value buffer, int64_t index) { return e.at(buffer, 4 * index); }

  Emitter &e;
  AttentionOp op;
  KernelOperands &operands;
  int64_t queryHeads, keyHeads, keySize, valueSize;
  Type queryElement, keyElement, valueElement, resultElement;
  CacheType keyCache, valueCache; ///< null: plain tensors
  int64_t heads, tokens, rows;    ///< of a tile; rows = heads * tokens

  Value query, key, value, result, past, slot, window; ///< as the op has them
  Value prefix, firstKeys, keyCounts; ///< for each sequence; null if absent
  Value keyTokens;                    ///< of a sequence, for plain tensors
  // Memory of this thread: queries (keySize, rows), scores (rows, kBlock),
  // sums (rows, valueSize), running maximum (rows) and sums (rows, 16), factor
  // by which older sums shrink (rows), keys of a plain tensor.
  Value queries, scores, sums, maxima, weights, factors, packedKeys;
  // Of the item: sequence, first query head and token, key head, past tokens,
  // and [low, high): the keys that any row may see.
  Value sequence, head, token, keyHead, before, low, high;
  Value limit;      ///< keys that there are
  Value prefixKeys; ///< keys of the prefix, or null
  Value keyBase, valueBase;
};

} // namespace

/// Rows at once: enough accumulators to hide latency, few enough for registers.
static int64_t rowsOfTile(Emitter &e) { return e.lanes >= 16 ? 8 : 4; }

AttentionKernel::AttentionKernel(Emitter &emitter, AttentionOp op,
                                 KernelOperands &operands)
    : e(emitter), op(op), operands(operands) {
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
    keyElement = keyCache.getElementType();
    valueElement = valueCache.getElementType();
  } else {
    auto keyType = cast<RankedTensorType>(op.getKey().getType());
    keyHeads = keyType.getDimSize(2);
    keyElement = keyType.getElementType();
    valueElement =
        cast<RankedTensorType>(op.getValue().getType()).getElementType();
  }
  // One token: the heads that share keys. Else tokens of one head.
  int64_t group = queryHeads / keyHeads;
  bool oneToken = Emitter::known(e.tokens) == 1;
  heads = oneToken ? group : 1;
  while (heads > 12 || group % heads)
    --heads;
  tokens = oneToken ? 1 : rowsOfTile(e);
  rows = heads * tokens;
}

void AttentionKernel::emit() {
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
  Value items =
      e.mul(e.mul(e.batch, queryHeads / heads), e.ceilDiv(e.tokens, tokens));
  auto [first, end] = e.myShare(items);
  e.loop(first, end, 1, [&](Value item) { emitItem(item); });
}

/// Items count blocks of queries first, then heads, then sequences. The last
/// blocks of a causal mask have most keys: they come first, which changes
/// nothing but the order.
void AttentionKernel::locate(Value item) {
  Value blocks = e.ceilDiv(e.tokens, tokens);
  Value rest = e.div(item, blocks);
  token = e.mul(e.rem(item, blocks), tokens);
  head = e.mul(e.rem(rest, queryHeads / heads), heads);
  sequence = e.div(rest, queryHeads / heads);
  keyHead = e.div(head, queryHeads / keyHeads);
  before = past ? ofSequence(past) : e.i64(0);
  limit = keyCache ? e.add(before, e.tokens) : keyTokens;
  if (keyCounts)
    limit = keyCache && !past ? ofSequence(keyCounts)
                              : e.min(limit, ofSequence(keyCounts));
  Value firstIndex = e.add(before, token);
  Value lastIndex =
      e.add(before, e.sub(e.min(e.add(token, tokens), e.tokens), 1));
  bool causal = op.getMask() == Mask::Causal;
  high = causal ? e.min(e.add(lastIndex, 1), limit) : limit;
  low = e.i64(0);
  if (window) {
    Value none = e.equal(window, e.i64(0));
    Value start = e.sub(firstIndex, causal ? e.sub(window, 1) : window);
    low = e.select(none, low, e.max(start, 0));
    Value end = e.min(high, e.add(e.add(lastIndex, window), 1));
    high = causal ? high : e.select(none, high, end);
  }
  prefixKeys = prefix ? ofSequence(prefix) : Value();
  if (prefix) {
    low = e.i64(0);
    high = e.min(e.max(high, prefixKeys), limit);
  }
  low = e.mul(e.div(low, kBlock), kBlock);
  if (keyCache) {
    keyBase = addressInCache(e, keyCache, key, slot, sequence, keyHead);
    valueBase = addressInCache(e, valueCache, value, slot, sequence, keyHead);
    return;
  }
  auto base = [&](Value tensor, Type element, int64_t size) {
    Value index = e.mul(e.mul(sequence, keyTokens), keyHeads);
    index = e.mul(e.add(index, keyHead), size * Emitter::bytesOf(element));
    return e.at(tensor, index);
  };
  keyBase = base(key, keyElement, keySize);
  valueBase = base(value, valueElement, valueSize);
}

/// Token of a row of the tile; rows past the last token repeat it.
Value AttentionKernel::rowToken(int64_t row) {
  return e.min(e.add(token, row / heads), e.sub(e.tokens, 1));
}

/// Scaled queries, feature by feature.
void AttentionKernel::loadQueries() {
  double scale = op.getScale().convertToDouble();
  int64_t size = Emitter::bytesOf(queryElement);
  for (int64_t row = 0; row < rows; ++row) {
    Value index = e.add(e.mul(sequence, e.tokens), rowToken(row));
    index = e.add(e.mul(index, queryHeads), rowHead(row));
    Value source = e.at(query, e.mul(index, keySize * size));
    e.features(keySize, [&](Value feature, int64_t lanes) {
      Value x =
          e.loadFloats(queryElement, e.at(source, e.mul(feature, size)), lanes);
      x = e.mulF(x, e.splat(scale, lanes));
      for (int64_t i = 0; i < lanes; ++i) {
        Value place = e.add(e.mul(e.add(feature, i), rows), row);
        e.store(e.lane(x, i), at(queries, place));
      }
    });
    e.features(valueSize, [&](Value feature, int64_t lanes) {
      e.store(e.splat(0.0, lanes), at(sums, e.add(feature, row * valueSize)));
    });
    e.store(e.f32(kNoMaximum), at(maxima, row));
    e.store(e.splat(0.0, kLanes), at(weights, row * kLanes));
  }
}

void AttentionKernel::emitItem(Value item) {
  locate(item);
  loadQueries();
  e.loop(low, high, kBlock, [&](Value first) {
    if (!keyCache)
      packKeys(first);
    emitScores(first);
    if (hasTerms())
      emitTerms(first);
    emitSoftmax(first);
    emitValues(first);
  });
  emitResults();
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Brings a block of a plain tensor's keys into the layout of caches.
void AttentionKernel::packKeys(Value first) {
  int64_t size = Emitter::bytesOf(keyElement);
  Value count = e.min(e.sub(high, first), kBlock);
  e.loop(e.i64(0), count, 1, [&](Value index) {
    Value row = e.mul(e.add(first, index), keyHeads * keySize * size);
    Value source = e.at(keyBase, row);
    Value lane = e.add(e.mul(e.div(index, kLanes), keySize * kLanes),
                       e.rem(index, kLanes));
    e.features(keySize, [&](Value feature, int64_t lanes) {
      Value x =
          e.loadFloats(keyElement, e.at(source, e.mul(feature, size)), lanes);
      Value target = at(packedKeys, e.add(lane, e.mul(feature, kLanes)));
      for (int64_t i = 0; i < lanes; ++i)
        e.store(e.lane(x, i), at(target, i * kLanes));
    });
  });
}

/// A feature of the 16 keys of block `block` (of the cache, or of the packed
/// block).
Value AttentionKernel::keyVector(Value block, Value feature) {
  Value index = e.mul(e.add(e.mul(block, keySize), feature), kLanes);
  if (!keyCache)
    return e.load(e.f32Vector(kLanes), at(packedKeys, index));
  Value pointer = e.at(keyBase, e.mul(index, Emitter::bytesOf(keyElement)));
  return e.loadFloats(keyElement, pointer, kLanes);
}

/// Scores of a block of keys; vectors of keys that begin after the last key are
/// left out, and masked by the softmax.
void AttentionKernel::emitScores(Value first) {
  int64_t together = rows >= 6 ? 1 : rows >= 3 ? 2 : 4;
  Value count = e.min(e.ceilDiv(e.sub(high, first), kLanes), kBlocks);
  e.loop(e.i64(0), count, together, [&](Value index) {
    Value start = keyCache ? e.add(e.div(first, kLanes), index) : index;
    Value lastBlock = keyCache ? e.sub(e.add(e.div(first, kLanes), count), 1)
                               : e.sub(count, 1);
    SmallVector<Value> blocks;
    for (int64_t i = 0; i < together; ++i)
      blocks.push_back(e.min(e.add(start, i), lastBlock));
    Emitter::Values zeros(rows * together, e.splat(0.0, kLanes));
    auto step = [&](Value feature, ValueRange carried) {
      Emitter::Values next;
      SmallVector<Value> keys;
      for (Value block : blocks)
        keys.push_back(keyVector(block, feature));
      for (int64_t row = 0; row < rows; ++row) {
        Value q = e.loadSplat(
            e.f32Type(), at(queries, e.add(e.mul(feature, rows), row)), kLanes);
        for (int64_t i = 0; i < together; ++i)
          next.push_back(e.fma(q, keys[i], carried[row * together + i]));
      }
      return next;
    };
    auto totals = e.loop(e.i64(0), e.i64(keySize), 1, zeros, step);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = 0; i < together; ++i) {
        Value place = e.mul(e.add(index, i), kLanes);
        e.store(totals[row * together + i],
                at(scores, e.add(place, row * kBlock)));
      }
  });
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// The number of the item's sequence in a vector of them.
Value AttentionKernel::ofSequence(Value ids) {
  return e.toI64(e.load(e.b.getI32Type(), e.at(ids, e.mul(sequence, 4))));
}

/// Which of 16 keys (their numbers) a row sees.
Value AttentionKernel::visible(int64_t row, Value keys) {
  auto words = cast<VectorType>(keys.getType());
  auto splat = [&](Value number) {
    return e.splat(
        arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), number),
        words.getDimSize(0));
  };
  auto both = [&](Value x, Value y) -> Value {
    return arith::AndIOp::create(e.b, e.loc, x, y);
  };
  auto from = [&](Value start) { return e.less(splat(e.sub(start, 1)), keys); };
  bool causal = op.getMask() == Mask::Causal;
  Value index = e.add(before, rowToken(row));
  Value end = causal ? e.min(e.add(index, 1), limit) : limit;
  Value start;
  if (window) {
    Value none = e.equal(window, e.i64(0));
    start = e.sub(index, causal ? e.sub(window, 1) : window);
    start = e.select(none, e.i64(0), start);
    if (!causal)
      end = e.select(none, end, e.min(end, e.add(e.add(index, window), 1)));
  }
  if (int64_t chunk = op.getChunk()) {
    Value begin = e.mul(e.div(index, chunk), chunk);
    start = start ? e.max(start, begin) : begin;
    end = e.min(end, e.add(begin, chunk));
  }
  Value seen = e.less(keys, splat(end));
  if (start)
    seen = both(seen, from(start));
  if (prefix)
    seen = arith::OrIOp::create(e.b, e.loc, seen,
                                e.less(keys, splat(e.min(prefixKeys, limit))));
  if (int64_t memory = op.getMemory())
    seen = both(seen, from(e.sub(before, memory)));
  if (firstKeys)
    seen = both(seen, from(ofSequence(firstKeys)));
  return seen;
}

//===----------------------------------------------------------------------===//
// Terms added to scores
//===----------------------------------------------------------------------===//

bool AttentionKernel::hasTerms() {
  return op.getSlopes() || op.getBias() || op.getRelKeys() ||
         op.getRelQueries() || op.getKeyMask();
}

/// scale * vectors[0, index, head, :] . (the query, or the key `keyNumber`).
Value AttentionKernel::relativeDot(Value vectors, Type element, Value row,
                                   Value index, Value keyNumber,
                                   Value headNumber) {
  Value offset = e.add(e.mul(index, queryHeads), headNumber);
  int64_t size = Emitter::bytesOf(element);
  Value base = e.at(vectors, e.mul(offset, keySize * size));
  Value total = e.loop(
      e.i64(0), e.i64(keySize), 1, e.splat(0.0, 1),
      [&](Value feature, ValueRange carried) -> Emitter::Values {
        Value x = e.loadFloats(element, e.at(base, e.mul(feature, size)), 1);
        Value y;
        if (keyNumber) {
          Value block = keyCache ? keyNumber : e.rem(keyNumber, kBlock);
          Value place = e.mul(
              e.add(e.mul(e.div(block, kLanes), keySize), feature), kLanes);
          place = e.add(place, e.rem(keyNumber, kLanes));
          y = keyCache ? e.loadFloats(
                             keyElement,
                             e.at(keyBase,
                                  e.mul(place, Emitter::bytesOf(keyElement))),
                             1)
                       : e.load(e.f32Vector(1), at(packedKeys, place));
        } else {
          Value place =
              e.mul(e.add(row, feature), Emitter::bytesOf(queryElement));
          Value from =
              op.getRelQuery() ? operands.address(op.getRelQuery()) : query;
          y = e.loadFloats(queryElement, e.at(from, place), 1);
        }
        return {e.fma(x, y, carried[0])};
      })[0];
  return e.mulF(e.lane(total, 0), e.f32(op.getScale().convertToDouble()));
}

/// A row's score with all terms for a key.
Value AttentionKernel::termOf(Value row, Value keyNumber, Value score) {
  auto load = [&](Value values, Value index) {
    Type element = cast<RankedTensorType>(values.getType()).getElementType();
    Value pointer =
        e.at(operands.address(values), e.mul(index, Emitter::bytesOf(element)));
    return e.lane(e.loadFloats(element, pointer, 1), 0);
  };
  auto elementOf = [](Value values) {
    return cast<RankedTensorType>(values.getType()).getElementType();
  };
  double cap = op.getSoftCap().convertToDouble();
  if (cap > 0)
    score = e.lane(emitSoftCap(e, e.splat(score, 1), cap), 0);
  Value t = e.min(e.add(token, e.div(row, heads)), e.sub(e.tokens, 1));
  Value h = e.add(head, e.rem(row, heads));
  Value away = e.sub(keyNumber, e.add(before, t));
  if (op.getSlopes()) {
    Value size = e.max(away, e.sub(e.i64(0), away));
    Value distance = arith::SIToFPOp::create(e.b, e.loc, e.f32Type(), size);
    score = e.subF(score, e.mulF(load(op.getSlopes(), h), distance));
  }
  if (op.getMap()) {
    int64_t reach =
        cast<RankedTensorType>(op.getMap().getType()).getDimSize(0) / 2;
    Value index = e.add(e.max(e.min(away, reach), e.i64(-reach)), reach);
    Value map = operands.address(op.getMap());
    Value r = e.toI64(e.load(e.b.getI32Type(), e.at(map, e.mul(index, 4))));
    Value queryRow = e.add(e.mul(sequence, e.tokens), t);
    queryRow = e.mul(e.add(e.mul(queryRow, queryHeads), h), keySize);
    if (op.getBias())
      score = e.addF(score, load(op.getBias(), e.add(e.mul(r, queryHeads), h)));
    if (Value keys = op.getRelKeys())
      score = e.addF(score, relativeDot(operands.address(keys), elementOf(keys),
                                        queryRow, r, Value(), h));
    if (Value queries = op.getRelQueries())
      score = e.addF(score,
                     relativeDot(operands.address(queries), elementOf(queries),
                                 queryRow, r, keyNumber, h));
  }
  if (op.getKeyMask()) {
    // Over a cache, masks have as many places as the cache.
    Value width = keyCache ? e.capacity : keyTokens;
    Value place = e.add(e.mul(sequence, width), keyNumber);
    Value mask =
        e.load(e.b.getI32Type(),
               e.at(operands.address(op.getKeyMask()), e.mul(place, 4)));
    Value hidden = e.equal(mask, e.i32(0));
    score = e.select(hidden, e.f32(-std::numeric_limits<double>::infinity()),
                     score);
  }
  return score;
}

/// One score after another: these terms belong to small models.
void AttentionKernel::emitTerms(Value first) {
  Value count = e.min(e.sub(high, first), kBlock);
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    e.loop(e.i64(0), count, 1, [&](Value index) {
      Value place = at(scores, e.add(e.mul(row, kBlock), index));
      Value score = e.load(e.f32Type(), place);
      e.store(termOf(row, e.add(first, index), score), place);
    });
  });
}

/// Turns scores into powers of their difference to the running maximum.
void AttentionKernel::emitSoftmax(Value first) {
  SmallVector<int32_t> counting(kLanes);
  for (int64_t i = 0; i < kLanes; ++i)
    counting[i] = i;
  Value numbers = e.constantVector(counting);
  Value none = e.splat(-std::numeric_limits<double>::infinity(), kLanes);
  double cap = op.getSoftCap().convertToDouble();
  for (int64_t row = 0; row < rows; ++row) {
    Value scoreRow = at(scores, row * kBlock);
    SmallVector<Value> parts;
    Value largest;
    for (int64_t i = 0; i < kBlocks; ++i) {
      Value s = e.load(e.f32Vector(kLanes), at(scoreRow, i * kLanes), 64);
      if (cap > 0 && !hasTerms())
        s = emitSoftCap(e, s, cap);
      Value start = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                            e.add(first, i * kLanes));
      Value keys = e.add(numbers, e.splat(start, kLanes));
      s = e.select(visible(row, keys), s, none);
      parts.push_back(s);
      largest = largest ? e.maxF(s, largest) : s;
    }
    Value old = e.load(e.f32Type(), at(maxima, row));
    Value maximum = e.maxF(e.maxLanes(largest), old);
    e.store(maximum, at(maxima, row));
    Value shrink = emitExp(e, e.splat(e.subF(old, maximum), kLanes));
    e.store(e.lane(shrink, 0), at(factors, row));
    Value total = e.mulF(
        e.load(e.f32Vector(kLanes), at(weights, row * kLanes), 64), shrink);
    Value reference = e.splat(maximum, kLanes);
    for (int64_t i = 0; i < kBlocks; ++i) {
      Value p = emitExp(e, e.subF(parts[i], reference));
      e.store(p, at(scoreRow, i * kLanes), 64);
      total = e.addF(total, p);
    }
    e.store(total, at(weights, row * kLanes), 64);
  }
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// sums = factor * sums + powers * values, some vectors of features at a time.
/// Values after the last key are not read: they may be anything.
void AttentionKernel::emitValues(Value first) {
  int64_t size = Emitter::bytesOf(valueElement);
  int64_t stride = valueSize * size * (valueCache ? 1 : keyHeads);
  Value count = e.min(e.sub(high, first), kBlock);
  Value base = e.at(valueBase, e.mul(first, stride));
  int64_t together = std::max<int64_t>(1, (e.lanes >= 16 ? 16 : 8) / rows);
  auto chunk = [&](Value feature, int64_t lanes, int64_t vectors) {
    Emitter::Values initial;
    for (int64_t row = 0; row < rows; ++row) {
      Value factor = e.loadSplat(e.f32Type(), at(factors, row), lanes);
      for (int64_t i = 0; i < vectors; ++i)
        initial.push_back(e.mulF(
            e.load(e.f32Vector(lanes),
                   at(sums, e.add(feature, row * valueSize + i * lanes))),
            factor));
    }
    auto totals = e.loop(
        e.i64(0), count, 1, initial, [&](Value index, ValueRange carried) {
          Emitter::Values next;
          SmallVector<Value> values;
          Value row =
              e.at(base, e.add(e.mul(index, stride), e.mul(feature, size)));
          for (int64_t i = 0; i < vectors; ++i)
            values.push_back(
                e.loadFloats(valueElement, e.at(row, i * lanes * size), lanes));
          for (int64_t r = 0; r < rows; ++r) {
            Value p = e.loadSplat(e.f32Type(),
                                  at(scores, e.add(index, r * kBlock)), lanes);
            for (int64_t i = 0; i < vectors; ++i)
              next.push_back(e.fma(p, values[i], carried[r * vectors + i]));
          }
          return next;
        });
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = 0; i < vectors; ++i)
        e.store(totals[row * vectors + i],
                at(sums, e.add(feature, row * valueSize + i * lanes)));
  };
  int64_t wide = e.lanes * together;
  int64_t whole = valueSize / wide * wide;
  e.loop(e.i64(0), e.i64(whole), wide,
         [&](Value feature) { chunk(feature, e.lanes, together); });
  e.features(valueSize - whole, [&](Value feature, int64_t lanes) {
    chunk(e.add(feature, whole), lanes, 1);
  });
}

/// The weight of the key that has no value.
Value AttentionKernel::sinkOf(int64_t row) {
  Type element =
      cast<RankedTensorType>(op.getSinks().getType()).getElementType();
  Value pointer = e.at(operands.address(op.getSinks()),
                       e.mul(rowHead(row), Emitter::bytesOf(element)));
  Value sink = e.lane(e.loadFloats(element, pointer, 1), 0);
  Value maximum = e.load(e.f32Type(), at(maxima, row));
  return e.lane(emitExp(e, e.splat(e.subF(sink, maximum), 1)), 0);
}

void AttentionKernel::emitResults() {
  int64_t size = Emitter::bytesOf(resultElement);
  for (int64_t row = 0; row < rows; ++row) {
    Value wanted = e.less(e.add(token, row / heads), e.tokens);
    e.when(wanted, [&] {
      Value total = e.sumLanes(
          e.load(e.f32Vector(kLanes), at(weights, row * kLanes), 64));
      if (op.getSinks())
        total = e.addF(total, sinkOf(row));
      Value some = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OGT,
                                         total, e.f32(0.0));
      Value factor = e.divF(e.f32(1.0), e.select(some, total, e.f32(1.0)));
      Value index = e.add(e.mul(sequence, e.tokens), rowToken(row));
      index = e.add(e.mul(index, queryHeads), rowHead(row));
      Value target = e.at(result, e.mul(index, valueSize * size));
      e.features(valueSize, [&](Value feature, int64_t lanes) {
        Value x = e.load(e.f32Vector(lanes),
                         at(sums, e.add(feature, row * valueSize)));
        e.storeFloats(e.mulF(x, e.splat(factor, lanes)), resultElement,
                      e.at(target, e.mul(feature, size)));
      });
    });
  }
}

LogicalResult sinter::emitAttentionKernel(Emitter &e, AttentionOp attention,
                                          KernelOperands &operands) {
  AttentionKernel(e, attention, operands).emit();
  return success();
}
