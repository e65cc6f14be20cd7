//===- AttentionTerms.cpp - What is added to scores, and what is hidden ---===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttentionKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace sinter;

static Type elementOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// Terms that depend on rows of a table
//===----------------------------------------------------------------------===//

/// A block of a cache's keys, each with its features side by side.
void AttentionKernel::copyKeys(Value count) {
  int64_t size = Emitter::bytesOf(keyElement);
  e.loop(e.i64(0), count, 1, [&](Value index) {
    Value lane = e.add(e.mul(e.div(index, kLanes), keySize * kLanes),
                       e.rem(index, kLanes));
    Value target = at(plainKeys, e.mul(index, keySize));
    e.loop(e.i64(0), e.i64(keySize), 1, [&](Value feature) {
      Value place = e.add(lane, e.mul(feature, kLanes));
      Value x = e.loadFloats(keyElement, e.at(keyBlock, e.mul(place, size)), 1);
      e.store(x, at(target, feature));
    });
  });
}

/// One score after another: each reads another row of the tables.
void AttentionKernel::emitScalarTerms(Value first, Value count) {
  if (plainKeys)
    copyKeys(count);
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    e.loop(e.i64(0), count, 1, [&](Value index) {
      Value place = at(scores, e.add(e.mul(row, kBlock), index));
      Value score = e.load(e.f32Type(), place);
      e.store(e.addF(score, tableTerms(row, first, index)), place);
    });
  });
}

/// scale * x . y over the features of a key.
Value AttentionKernel::scaledDot(Value x, Type xElement, Value y,
                                 Type yElement) {
  auto load = [&](Value base, Type element, Value feature, int64_t lanes) {
    Value offset = e.mul(feature, Emitter::bytesOf(element));
    return e.loadFloats(element, e.at(base, offset), lanes);
  };
  Value total =
      e.reduceFeatures(keySize, e.splat(0.0, e.lanes),
                       [&](Value feature, int64_t lanes, Value total) {
                         return e.fma(load(x, xElement, feature, lanes),
                                      load(y, yElement, feature, lanes), total);
                       });
  return e.mulF(e.sumLanes(total), e.f32(op.getScale().convertToDouble()));
}

/// Which row of a table stands for the distance of the block's key `index`.
Value AttentionKernel::tableRow(Value map, Value row, Value first,
                                Value index) {
  int64_t reach = cast<RankedTensorType>(map.getType()).getDimSize(0) / 2;
  Value away = e.sub(e.add(first, index), indexOf(row));
  Value entry = e.add(e.max(e.min(away, reach), e.i64(-reach)), reach);
  Value place = e.at(operands.address(map), e.mul(entry, 4));
  return e.toI64(e.load(e.b.getI32Type(), place));
}

/// Where a table (1, rows, groups of heads, features) has the features of the
/// distance of the block's key `index`.
Value AttentionKernel::relativeRow(Value table, Value row, Value first,
                                   Value index) {
  auto type = cast<RankedTensorType>(table.getType());
  int64_t groups = type.getDimSize(2);
  Value r = tableRow(op.getRelMap() ? op.getRelMap() : op.getMap(), row, first,
                     index);
  r = e.add(e.mul(r, groups), e.div(headOf(row), queryHeads / groups));
  int64_t bytes = type.getDimSize(3) * Emitter::bytesOf(type.getElementType());
  return e.at(operands.address(table), e.mul(r, bytes));
}

/// Bias and products with relative keys and queries, for the block's key
/// `index`.
Value AttentionKernel::tableTerms(Value row, Value first, Value index) {
  Value sum = e.f32(0.0);
  if (Value bias = op.getBias()) {
    Value r = tableRow(op.getMap(), row, first, index);
    sum = loadFloat(bias, e.add(e.mul(r, queryHeads), headOf(row)));
  }
  auto rowAt = [&](Value base, Type element, Value row) {
    return e.at(base, e.mul(row, keySize * Emitter::bytesOf(element)));
  };
  if (Value keys = op.getRelKeys()) {
    Value from = op.getRelQuery() ? operands.address(op.getRelQuery()) : query;
    Value p = rowAt(from, queryElement, queryRow(row));
    Value k = relativeRow(keys, row, first, index);
    sum = e.addF(sum, scaledDot(p, queryElement, k, elementOf(keys)));
  }
  if (Value queries = op.getRelQueries()) {
    Value p = relativeRow(queries, row, first, index);
    Type element = plainKeys ? e.f32Type() : keyElement;
    Value k = plainKeys ? rowAt(plainKeys, element, index)
                        : rowAt(keyBlock, element, e.mul(index, keyHeads));
    sum = e.addF(sum, scaledDot(p, elementOf(queries), k, element));
  }
  return sum;
}

/// sums += powers * the values of distances.
void AttentionKernel::addRelativeValues(Value first, Value count) {
  Value table = op.getRelValues();
  Type element = elementOf(table);
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    e.loop(e.i64(0), count, 1, [&](Value index) {
      Value source = relativeRow(table, row, first, index);
      Value place = at(scores, e.add(e.mul(row, kBlock), index));
      Value power = e.load(e.f32Type(), place);
      Value rowSums = at(sums, e.mul(row, valueSize));
      e.features(valueSize, [&](Value feature, int64_t lanes) {
        Value offset = e.mul(feature, Emitter::bytesOf(element));
        Value x = e.loadFloats(element, e.at(source, offset), lanes);
        Value sum = e.load(e.f32Vector(lanes), at(rowSums, feature));
        e.store(e.fma(x, e.splat(power, lanes), sum), at(rowSums, feature));
      });
    });
  });
}

//===----------------------------------------------------------------------===//
// Terms of vectors of keys
//===----------------------------------------------------------------------===//

Value AttentionKernel::splatInt(Value number) {
  return e.splat(arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), number),
                 kLanes);
}

/// Numbers of the 16 keys from `first` on.
Value AttentionKernel::keyNumbers(Value first) {
  SmallVector<int32_t> counting(kLanes);
  for (int64_t i = 0; i < kLanes; ++i)
    counting[i] = i;
  return arith::AddIOp::create(e.b, e.loc, e.constantVector(counting),
                               splatInt(first));
}

/// score - slope * |key - index|.
Value AttentionKernel::slopeTerm(Value row, Value keys, Value score) {
  Value away = arith::SubIOp::create(e.b, e.loc, keys, splatInt(indexOf(row)));
  Value distance =
      arith::SIToFPOp::create(e.b, e.loc, e.f32Vector(kLanes), away);
  distance = math::AbsFOp::create(e.b, e.loc, distance);
  Value slope = loadFloat(op.getSlopes(), headOf(row));
  return e.subF(score, e.mulF(e.splat(slope, kLanes), distance));
}

//===----------------------------------------------------------------------===//
// What is hidden
//===----------------------------------------------------------------------===//

/// Hides keys of a block from the rows that do not see them; most blocks of a
/// causal mask have none.
void AttentionKernel::emitMask(Value first, Value count) {
  Value isSeen =
      arith::AndIOp::create(e.b, e.loc, e.lessEqual(allLow, first),
                            e.lessEqual(e.add(first, kBlock), allHigh));
  Value isPartial = arith::XOrIOp::create(
      e.b, e.loc, isSeen, arith::ConstantIntOp::create(e.b, e.loc, 1, 1));
  if (keyMask) {
    isPartial = arith::ConstantIntOp::create(e.b, e.loc, 1, 1);
    // A row of the mask may end within a vector.
    Value stride = keyCache ? e.capacity : keyTokens;
    Value start = e.add(e.mul(sequence, stride), first);
    e.loop(e.i64(0), count, 1, [&](Value index) {
      Value bit = e.load(e.b.getI32Type(), at(keyMask, e.add(start, index)));
      e.store(bit, at(blockMask, index));
    });
  }
  e.when(isPartial, [&] {
    Value none = e.splat(-std::numeric_limits<double>::infinity(), kLanes);
    e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
      for (int64_t i = 0; i < kBlock; i += kLanes) {
        Value place = at(scores, e.add(e.mul(row, kBlock), i));
        Value seen = visible(row, keyNumbers(e.add(first, i)));
        if (keyMask) {
          auto type = Emitter::vectorType(e.b.getI32Type(), kLanes);
          Value bits = e.load(type, at(blockMask, i), 64);
          Value real = arith::CmpIOp::create(
              e.b, e.loc, arith::CmpIPredicate::ne, bits, e.integer(type, 0));
          seen = arith::AndIOp::create(e.b, e.loc, seen, real);
        }
        Value score = e.load(e.f32Vector(kLanes), place, 64);
        e.store(e.select(seen, score, none), place, 64);
      }
    });
  });
}

/// Which of 16 keys (their numbers) a row sees, but for key_mask.
Value AttentionKernel::visible(Value row, Value keys) {
  auto both = [&](Value x, Value y) -> Value {
    return arith::AndIOp::create(e.b, e.loc, x, y);
  };
  auto from = [&](Value start) {
    return e.less(splatInt(e.sub(start, 1)), keys);
  };
  Value index = indexOf(row);
  Value end = isCausal ? e.min(e.add(index, 1), limit) : limit;
  Value start;
  if (window) {
    Value none = e.equal(window, e.i64(0));
    start = e.sub(index, isCausal ? e.sub(window, 1) : window);
    start = e.select(none, e.i64(0), start);
    if (!isCausal)
      end = e.select(none, end, e.min(end, e.add(e.add(index, window), 1)));
  }
  if (int64_t chunk = op.getChunk()) {
    Value begin = e.mul(e.div(index, chunk), chunk);
    start = start ? e.max(start, begin) : begin;
    end = e.min(end, e.add(begin, chunk));
  }
  Value seen = e.less(keys, splatInt(end));
  if (start)
    seen = both(seen, from(start));
  if (prefix) {
    Value known = splatInt(e.min(prefixKeys, limit));
    seen = arith::OrIOp::create(e.b, e.loc, seen, e.less(keys, known));
  }
  if (int64_t memory = op.getMemory())
    seen = both(seen, from(e.sub(before, memory)));
  if (firstKeys)
    seen = both(seen, from(ofSequence(firstKeys)));
  return seen;
}
