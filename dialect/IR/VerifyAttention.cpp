//===- VerifyAttention.cpp - Verifiers of caches and attention ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Labels (name_ck) are the numbered constraints of the ops'
// descriptions; a test checks that each stands here and in the tests.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Verify.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sinter;

LogicalResult AppendOp::verify() {
  // append_c1
  CacheType cache = getCache().getType();
  ArrayRef<int64_t> input = shapeOf(getInput());
  int64_t batch = input.empty() ? ShapedType::kDynamic : input[0];
  if (failed(verifyShape(
          *this, "input", getInput().getType(),
          {batch, ShapedType::kDynamic, cache.getHeads(), cache.getDim()},
          "batch, tokens, heads and dim of cache")))
    return failure();
  if (failed(verifyLength(*this, "past", getPast().getType(), batch,
                          "batch of input")))
    return failure();
  // append_c2
  return verifyLastUse(*this, getCache(), "cache");
}

namespace {
/// What attention knows of its keys or values: (batch, tokens, heads, dim).
struct KeyShape {
  int64_t batch = ShapedType::kDynamic;
  int64_t tokens = ShapedType::kDynamic;
  int64_t heads = 0;
  int64_t dim = 0;
};
} // namespace

static FailureOr<KeyShape> keyShape(AttentionOp op, StringRef name,
                                    Value value) {
  if (auto cache = dyn_cast<CacheType>(value.getType()))
    return KeyShape{ShapedType::kDynamic, ShapedType::kDynamic,
                    cache.getHeads(), cache.getDim()};
  ArrayRef<int64_t> shape = shapeOf(value);
  if (shape.size() != 4)
    return op.emitOpError() << name
                            << " must be a cache or (batch, keys, heads, "
                               "dim), but has shape "
                            << describeShape(shape);
  return KeyShape{shape[0], shape[1], shape[2], shape[3]};
}

/// Keys and values must fit each other, the query and the result.
static LogicalResult verifyKeys(AttentionOp op, KeyShape &key) {
  // attention_c1
  ArrayRef<int64_t> query = shapeOf(op.getQuery());
  if (query.size() != 4)
    return op.emitOpError() << "query must be (batch, tokens, heads, dim), "
                               "but has shape "
                            << describeShape(query);
  // attention_c2
  if (isa<CacheType>(op.getKey().getType()) !=
      isa<CacheType>(op.getValue().getType()))
    return op.emitOpError("key and value must both be caches or tensors");
  FailureOr<KeyShape> keys = keyShape(op, "key", op.getKey());
  FailureOr<KeyShape> values = keyShape(op, "value", op.getValue());
  if (failed(keys) || failed(values))
    return failure();
  if (!mayEqual(keys->batch, query[0]) || !mayEqual(values->batch, query[0]) ||
      !mayEqual(keys->tokens, values->tokens))
    return op.emitOpError()
           << "key and value must agree in batch and keys, but are "
           << op.getKey().getType() << " and " << op.getValue().getType();
  if (keys->heads < 1 || query[2] % keys->heads != 0)
    return op.emitOpError()
           << "heads of key (" << keys->heads
           << ") must divide those of query (" << query[2] << ")";
  if (values->heads < 1 || keys->heads % values->heads != 0)
    return op.emitOpError()
           << "heads of value (" << values->heads
           << ") must divide those of key (" << keys->heads << ")";
  // attention_c3
  if (!mayEqual(keys->dim, query[3]))
    return op.emitOpError() << "key must have dim " << query[3]
                            << " (of query), but has " << keys->dim;
  key = *keys;
  // attention_c4
  return verifyShape(op, "result", op.getResult().getType(),
                     {query[0], query[1], query[2], values->dim},
                     "batch, tokens, heads of query, dim of value");
}

/// Operands that say which keys count.
static LogicalResult verifyVisible(AttentionOp op, const KeyShape &key) {
  int64_t batch = shapeOf(op.getQuery())[0];
  // attention_c5
  bool cached = isa<CacheType>(op.getKey().getType());
  if (cached && !(op.getSlot() && (op.getPast() || op.getKeys())))
    return op.emitOpError("caches need a slot, and past or keys");
  if (!cached && op.getSlot())
    return op.emitOpError("a slot needs caches, but key and value are tensors");
  // attention_c6
  for (auto [name, value] : {std::pair("past", op.getPast()),
                             {"prefix", op.getPrefix()},
                             {"first", op.getFirst()},
                             {"keys", op.getKeys()}})
    if (value && failed(verifyLength(op, name, value.getType(), batch,
                                     "batch of query")))
      return failure();
  if (op.getKeyMask() &&
      failed(verifyShape(op, "key_mask", op.getKeyMask().getType(),
                         {batch, key.tokens}, "batch, keys")))
    return failure();
  // attention_c11
  if (int64_t(op.getChunk()) < 0 || int64_t(op.getMemory()) < 0 ||
      op.getSoftCap().isNegative())
    return op.emitOpError("chunk, memory and soft_cap must be at least 0");
  if (op.getMemory() != 0 && !op.getPast())
    return op.emitOpError("memory needs past");
  return success();
}

bool sinter::seesAtMost(AttentionOp op, int64_t window, int64_t tokens) {
  auto isWithin = [&](int64_t bound) { return bound >= 1 && bound <= tokens; };
  int64_t memory = op.getMemory();
  return isWithin(window) || isWithin(int64_t(op.getChunk())) ||
         (memory > 0 && isWithin(memory + 1));
}

/// A ring has the last tokens only: nobody may look at others.
static LogicalResult verifyRing(AttentionOp op) {
  // attention_c12
  auto key = dyn_cast<CacheType>(op.getKey().getType());
  auto value = dyn_cast<CacheType>(op.getValue().getType());
  if (!key || !value || (!key.getRing() && !value.getRing()))
    return success();
  if (key.getRing() != value.getRing())
    return op.emitOpError() << "key and value must be rings of one length, but "
                               "are "
                            << key << " and " << value;
  if (op.getMask() != Mask::Causal || !op.getPast() || op.getPrefix())
    return op.emitOpError("rings need past, a causal mask and no prefix");
  APInt window(64, 0);
  if (op.getWindow() && !matchPattern(op.getWindow(), m_ConstantInt(&window)))
    return success(); // from a table: stack_c5
  if (seesAtMost(op, window.getSExtValue(), key.getRing()))
    return success();
  return op.emitOpError() << "a ring of " << key.getRing()
                          << " tokens needs a window, chunk or memory + 1 of 1 "
                             "to "
                          << key.getRing();
}

/// Tables with features for distances: their heads stand for equal groups of
/// the query's.
static LogicalResult verifyRelative(AttentionOp op) {
  int64_t heads = shapeOf(op.getQuery())[2], dim = shapeOf(op.getQuery())[3];
  int64_t valueDim = shapeOf(op.getResult())[3];
  for (auto [name, value, features, ofWhat] :
       {std::tuple("rel_keys", op.getRelKeys(), dim, "query"),
        {"rel_queries", op.getRelQueries(), dim, "query"},
        {"rel_values", op.getRelValues(), valueDim, "value"}}) {
    if (!value)
      continue;
    ArrayRef<int64_t> shape = shapeOf(value);
    int64_t groups = shape.size() == 4 ? shape[2] : 0;
    if (groups < 1 || heads % groups)
      groups = heads;
    if (failed(verifyShape(op, name, value.getType(),
                           {1, ShapedType::kDynamic, groups, features},
                           std::string("1, rows, groups of heads and dim of ") +
                               ofWhat)))
      return failure();
  }
  return success();
}

/// Operands that add to the scores.
static LogicalResult verifyTerms(AttentionOp op) {
  ArrayRef<int64_t> query = shapeOf(op.getQuery());
  // attention_c7
  for (auto [name, value] :
       {std::pair("slopes", op.getSlopes()), {"sinks", op.getSinks()}})
    if (value && failed(verifyLength(op, name, value.getType(), query[2],
                                     "heads of query")))
      return failure();
  // attention_c8
  bool isRelative = op.getRelKeys() || op.getRelQueries() || op.getRelValues();
  if ((op.getBias() || isRelative) != bool(op.getMap()))
    return op.emitOpError("bias, rel_keys, rel_queries and rel_values need "
                          "map, and map needs one of them");
  if (op.getRelMap() && !(op.getBias() && isRelative))
    return op.emitOpError("rel_map needs bias, and rel_keys, rel_queries or "
                          "rel_values");
  for (auto [name, value] :
       {std::pair("map", op.getMap()), {"rel_map", op.getRelMap()}}) {
    if (!value)
      continue;
    ArrayRef<int64_t> map = shapeOf(value);
    if (map.size() != 1 || ShapedType::isDynamic(map[0]) || map[0] % 2 == 0)
      return op.emitOpError() << name
                              << " must be a vector of odd length, but has "
                                 "shape "
                              << describeShape(map);
  }
  // attention_c9
  if (op.getBias() && failed(verifyShape(op, "bias", op.getBias().getType(),
                                         {ShapedType::kDynamic, query[2]},
                                         "rows, heads of query")))
    return failure();
  if (op.getBias() &&
      !cast<RankedTensorType>(op.getBias().getType()).hasStaticShape())
    return op.emitOpError() << "bias must have a known size, but has shape "
                            << describeShape(shapeOf(op.getBias()));
  // attention_c10
  if (failed(verifyRelative(op)))
    return failure();
  if (op.getRelQuery() && (!op.getRelKeys() || op.getRelQuery().getType() !=
                                                   op.getQuery().getType()))
    return op.emitOpError("rel_query needs rel_keys and the type of query");
  return success();
}

LogicalResult AttentionOp::verify() {
  KeyShape key;
  if (failed(verifyKeys(*this, key)) || failed(verifyVisible(*this, key)) ||
      failed(verifyRing(*this)))
    return failure();
  return verifyTerms(*this);
}
