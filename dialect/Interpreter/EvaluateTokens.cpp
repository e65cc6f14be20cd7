//===- EvaluateTokens.cpp - Positions, attention, experts -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Verify.h"
#include "dialect/Interpreter/Evaluator.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace sinter::reference {

template <typename T> Expected<Results> Evaluator<T>::visit(PositionsOp op) {
  const Ints &ids = ints(op.getIds()), &past = ints(op.getPast());
  SINTER_CHECK(expect(op, "past", past.shape, {ids.shape[0]}));
  return Results{makeValue(positions(past, ids, op.getOffset()))};
}

template <typename T>
Expected<Results> Evaluator<T>::visit(MaskPositionsOp op) {
  const Ints &mask = ints(op.getMask()), &ids = ints(op.getIds());
  Ints none({ids.shape[0]});
  const Ints &past = op.getPast() ? ints(op.getPast()) : none;
  SINTER_CHECK(expect(op, "past", past.shape, {ids.shape[0]}));
  SINTER_CHECK(expect(op, "mask", mask.shape, {ids.shape[0], mask.last()}));
  for (int64_t tokens : past.data)
    if (tokens < 0 || tokens + ids.shape[1] > mask.last())
      return errorAt(op, "mask has " + Twine(mask.last()) +
                             " tokens, but there are " +
                             Twine(tokens + ids.shape[1]));
  return Results{makeValue(maskPositions(mask, past, ids, op.getOffset()))};
}

template <typename T> Expected<Results> Evaluator<T>::visit(RopeAnglesOp op) {
  const Ints &at = ints(op.getPositions());
  const Array<T> &f = real(op.getFrequencies());
  if (f.rank() == 2)
    SINTER_CHECK(expect(op, "frequencies", f.shape, {at.shape[0], f.last()}));
  const Array<T> *growth = maybeReal(op.getGrowth());
  if (growth)
    SINTER_CHECK(expect(op, "growth", growth->shape, {f.last()}));
  return give(op, ropeAngles<T>(at, f, op.getScale().convertToFloat(), growth,
                                op.getOrigin()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(RopeOp op) {
  const Array<T> &x = real(op.getInput()), &angles = real(op.getAngles());
  SINTER_CHECK(expect(op, "angles", angles.shape,
                      {x.shape[0], x.shape[1], angles.shape[2], 2}));
  return give(op, rope(x, angles, op.getPairs(), op.getOffset()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(SinusoidsOp op) {
  return give(op, sinusoids(ints(op.getPositions()), real(op.getFrequencies()),
                            op.getType().getDimSize(2), op.getPairs()));
}

template <typename T>
Expected<Results> Evaluator<T>::visit(PositionFactorsOp op) {
  return give(op, positionFactors<T>(ints(op.getPositions()), op.getKind(),
                                     int64_t(op.getLength()),
                                     op.getGain().convertToFloat()));
}

template <typename T>
Expected<Results> Evaluator<T>::visit(LengthFrequenciesOp op) {
  return give(op,
              lengthFrequencies(ints(op.getLengths()), real(op.getBelow()),
                                real(op.getAbove()), int64_t(op.getTrained())));
}
template <typename T>
Expected<Results> Evaluator<T>::visit(NtkFrequenciesOp op) {
  return give(op, ntkFrequencies<T>(ints(op.getLengths()), op.getKind(),
                                    op.getTheta().convertToDouble(),
                                    op.getTrained(),
                                    op.getFactor().convertToDouble(),
                                    op.getResult().getType().getShape()[1]));
}

template <typename T> Expected<Results> Evaluator<T>::visit(PoolOp op) {
  const Array<T> &x = real(op.getInput());
  const Ints *mask = maybeInts(op.getMask());
  if (mask)
    SINTER_CHECK(expect(op, "mask", mask->shape, {x.shape[0], x.shape[1]}));
  return give(op, pool(op.getKind(), x, mask));
}

//===----------------------------------------------------------------------===//
// Caches and attention
//===----------------------------------------------------------------------===//

template <typename T> Expected<Results> Evaluator<T>::visit(AppendOp op) {
  const Array<T> &x = real(op.getInput());
  const Ints &past = ints(op.getPast());
  int64_t slot = index(op.getSlot());
  bool ring = op.getCache().getType().getRing() > 0;
  // Taken out of the frame: as there is no later use, the array is only
  // copied where someone outside holds it too.
  Value held = std::exchange((*frame)[op.getCache()], std::monostate());
  auto *shared = std::get_if<std::shared_ptr<Array<T>>>(&held);
  if (!shared || !*shared)
    return errorAt(op, "cache was overwritten before");
  const std::vector<int64_t> &shape = (*shared)->shape;
  SINTER_CHECK(expect(op, "past", past.shape, {x.shape[0]}));
  if (x.shape[0] > shape[1])
    return errorAt(op, "cache has room for " + Twine(shape[1]) +
                           " sequences, but there are " + Twine(x.shape[0]));
  if (slot < 0 || slot >= shape[0])
    return errorAt(op,
                   "slot " + Twine(slot) + " is not below " + Twine(shape[0]));
  for (int64_t tokens : past.data)
    if (tokens < 0 || (ring && shape[2] < x.shape[1]) ||
        (!ring && tokens + x.shape[1] > shape[2]))
      return errorAt(op, "cache has room for " + Twine(shape[2]) +
                             " tokens, but there are " +
                             Twine(tokens + x.shape[1]));
  if (shared->use_count() > 1)
    *shared = std::make_shared<Array<T>>(**shared);
  Narrow narrow = narrowOf(op.getCache().getType());
  if (narrow == Narrow::None) {
    append(x, **shared, slot, past, ring);
    return Results{held};
  }
  Array<T> rounded = x;
  for (T &value : rounded.data)
    value = roundTo(value, narrow);
  append(rounded, **shared, slot, past, ring);
  return Results{held};
}

/// A tensor, or the slot of a cache, as attention reads it.
template <typename T>
static KeyView<T> viewOf(const Array<T> &array, int64_t slot) {
  const std::vector<int64_t> &shape = array.shape;
  if (shape.size() == 4)
    return {array.data.data(), shape[1], shape[2], shape[3]};
  int64_t slotSize = shape[1] * shape[2] * shape[3] * shape[4];
  return {array.data.data() + slot * slotSize, shape[2], shape[3], shape[4]};
}

/// Finds keys and values and checks that each key asked for is there.
template <typename T>
Error Evaluator<T>::keyViews(AttentionOp op, AttentionInputs<T> &in) {
  const Array<T> &key = real(op.getKey()), &value = real(op.getValue());
  in.cached = key.rank() == 5;
  int64_t slot = op.getSlot() ? index(op.getSlot()) : 0;
  if (in.cached && (slot < 0 || slot >= key.shape[0] || slot >= value.shape[0]))
    return errorAt(op, "slot " + Twine(slot) + " is not below " +
                           Twine(std::min(key.shape[0], value.shape[0])));
  in.key = viewOf(key, slot);
  in.value = viewOf(value, slot);
  int64_t batch = in.query->shape[0];
  int64_t keyBatch = key.shape[in.cached], valueBatch = value.shape[in.cached];
  if (keyBatch != valueBatch || keyBatch < batch ||
      (!in.cached && keyBatch != batch) || in.key.capacity != in.value.capacity)
    return errorAt(op, "key and value must agree with each other and with "
                       "query in batch and tokens");
  return Error::success();
}

/// Checks the operands that say which keys count.
template <typename T>
Error Evaluator<T>::checkVisible(AttentionOp op, const AttentionInputs<T> &in) {
  int64_t batch = in.query->shape[0], tokens = in.query->shape[1];
  for (auto [name, operand] : {std::pair("past", in.past),
                               {"keys", in.keys},
                               {"first", in.first},
                               {"prefix", in.prefix}})
    if (operand)
      SINTER_CHECK(expect(op, name, operand->shape, {batch}));
  auto cache = dyn_cast<CacheType>(op.getKey().getType());
  int64_t ring = cache ? cache.getRing() : 0;
  if (ring && !seesAtMost(op, in.window, ring))
    return errorAt(op, "a window of " + Twine(in.window) +
                           " does not fit a ring of " + Twine(ring) +
                           " tokens");
  int64_t needed = in.key.capacity;
  if (in.past || in.cached) {
    needed = 0;
    for (int64_t b = 0; b < batch; ++b) {
      int64_t past = in.past ? in.past->data[b] : 0;
      int64_t keys = in.past ? past + tokens : in.keys->data[b];
      int64_t held = ring ? std::min(keys, ring - 1 + tokens) : keys;
      if (past < 0 || held > in.key.capacity)
        return errorAt(op, "needs " + Twine(held) + " keys, but there are " +
                               Twine(in.key.capacity));
      needed = std::max(needed, keys);
    }
  }
  if (!in.keyMask)
    return Error::success();
  if (in.keyMask->shape[0] != batch || in.keyMask->shape[1] < needed)
    return errorAt(op, "key_mask must have shape " + Twine(batch) + "x" +
                           Twine(needed) + " (batch, keys), but has shape " +
                           Twine(in.keyMask->shape[0]) + "x" +
                           Twine(in.keyMask->shape[1]));
  return Error::success();
}

/// Checks the operands that add to the scores.
template <typename T>
Error Evaluator<T>::checkTerms(AttentionOp op, const AttentionInputs<T> &in) {
  int64_t heads = in.query->shape[2], dim = in.query->shape[3];
  for (auto [name, operand] :
       {std::pair("slopes", in.slopes), {"sinks", in.sinks}})
    if (operand)
      SINTER_CHECK(expect(op, name, operand->shape, {heads}));
  if (in.relQuery)
    SINTER_CHECK(expect(op, "rel_query", in.relQuery->shape, in.query->shape));
  if (!in.map)
    return Error::success();
  const Ints &relMap = in.relMap ? *in.relMap : *in.map;
  if (in.map->data.size() % 2 == 0 || relMap.data.size() % 2 == 0)
    return errorAt(op, "map and rel_map must have odd lengths");
  // Tables of (rows, heads), or of (1, rows, groups of heads, features).
  for (auto [name, operand, features, map] :
       {std::tuple("bias", in.bias, int64_t(0), in.map),
        {"rel_keys", in.relKeys, dim, &relMap},
        {"rel_queries", in.relQueries, dim, &relMap},
        {"rel_values", in.relValues, in.value.dim, &relMap}}) {
    if (!operand)
      continue;
    int64_t rows = operand->shape[features ? 1 : 0];
    std::vector<int64_t> required = {rows, heads};
    if (features) {
      int64_t groups = operand->shape[2];
      bool fits = groups > 0 && heads % groups == 0;
      required = {1, rows, fits ? groups : heads, features};
    }
    SINTER_CHECK(expect(op, name, operand->shape, required));
    for (int64_t row : map->data)
      if (row < 0 || row >= rows)
        return errorAt(op, "map names row " + Twine(row) + " of " +
                               Twine(rows) + " rows of " + name);
  }
  return Error::success();
}

template <typename T> Expected<Results> Evaluator<T>::visit(AttentionOp op) {
  AttentionInputs<T> in;
  in.query = &real(op.getQuery());
  in.scale = op.getScale().convertToFloat();
  in.softCap = op.getSoftCap().convertToFloat();
  in.mask = op.getMask();
  in.window = op.getWindow() ? index(op.getWindow()) : 0;
  in.chunk = op.getChunk();
  in.memory = op.getMemory();
  in.past = maybeInts(op.getPast());
  in.keys = maybeInts(op.getKeys());
  in.first = maybeInts(op.getFirst());
  in.keyMask = maybeInts(op.getKeyMask());
  in.prefix = maybeInts(op.getPrefix());
  in.map = maybeInts(op.getMap());
  in.relMap = maybeInts(op.getRelMap());
  in.slopes = maybeReal(op.getSlopes());
  in.sinks = maybeReal(op.getSinks());
  in.bias = maybeReal(op.getBias());
  in.relQuery = maybeReal(op.getRelQuery());
  in.relKeys = maybeReal(op.getRelKeys());
  in.relQueries = maybeReal(op.getRelQueries());
  in.relValues = maybeReal(op.getRelValues());
  SINTER_CHECK(keyViews(op, in));
  SINTER_CHECK(checkVisible(op, in));
  SINTER_CHECK(checkTerms(op, in));
  return give(op, attention(in));
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

template <typename T> Expected<Results> Evaluator<T>::visit(RouteOp op) {
  RouteOptions options{op.getScore(),
                       int64_t(op.getTopK()),
                       int64_t(op.getGroups()),
                       int64_t(op.getKeep()),
                       op.getGroupScore(),
                       op.getNormalize(),
                       op.getFactor().convertToFloat(),
                       {},
                       op.getByLogits()};
  if (op.getWithin())
    options.within = op.getWithin()->convertToFloat();
  const Array<T> *bias = maybeReal(op.getBias());
  auto [ids, weights] =
      route(real(op.getLogits()), bias, maybeReal(op.getGains()), options);
  for (T &value : weights.data)
    value = roundTo(value, narrowOf(op.getWeights().getType()));
  return Results{makeValue(std::move(ids)), makeValue(std::move(weights))};
}

/// Rounding to the type of the activations, without state.
static double keep(double x) { return x; }
static double toBF16(double x) { return roundTo(x, Narrow::BF16); }
static double toF16(double x) { return roundTo(x, Narrow::F16); }

template <typename T> Expected<Results> Evaluator<T>::visit(MoeOp op) {
  MoeInputs<T> in;
  Weight gate, up = stored(op.getUp()), down = stored(op.getDown());
  if (op.getGate())
    gate = stored(op.getGate());
  in.kind = op.getKind();
  in.gate = op.getGate() ? &gate : nullptr;
  in.up = &up;
  in.down = &down;
  in.gateBias = maybeReal(op.getGateBias());
  in.upBias = maybeReal(op.getUpBias());
  in.downBias = maybeReal(op.getDownBias());
  in.limit = op.getLimit().convertToFloat();
  in.upOffset = op.getUpOffset().convertToFloat();
  in.beta = op.getBeta().convertToFloat();
  in.weighInput = op.getWeighInput();
  in.identities = op.getIdentities();
  in.quantized = op.getQuantized();
  if (std::optional<APFloat> crest = op.getCrest())
    in.crest = crest->convertToFloat();
  const Array<T> &x = real(op.getInput()), &weights = real(op.getWeights());
  const Ints &ids = ints(op.getIds());
  SINTER_CHECK(
      expect(op, "ids", ids.shape, {x.shape[0], x.shape[1], ids.last()}));
  SINTER_CHECK(expect(op, "weights", weights.shape, ids.shape));
  Narrow narrow = narrowOf(op.getInput().getType());
  auto *round = narrow == Narrow::BF16  ? toBF16
                : narrow == Narrow::F16 ? toF16
                                        : keep;
  return give(op, moe(x, ids, weights, in, round));
}

template class Evaluator<double>;
template class Evaluator<float>;

} // namespace sinter::reference
