//===- VerifyTokens.cpp - Verifiers of positions, pooling and experts -----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Labels (name_ck) are the numbered constraints of the ops'
// descriptions; a test checks that each stands here and in the tests.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Verify.h"

using namespace mlir;
using namespace sinter;

/// `shape` followed by `dims`.
static SmallVector<int64_t> append(ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> dims) {
  SmallVector<int64_t> result(shape);
  result.append(dims.begin(), dims.end());
  return result;
}

/// Twice a dimension that may be dynamic.
static int64_t twice(int64_t dim) {
  return ShapedType::isDynamic(dim) ? dim : 2 * dim;
}

/// ids are (batch, tokens), past (if any) is a vector over the batch.
static LogicalResult verifyPast(Operation *op, Value ids, Value past) {
  if (failed(verifyIds(op, "ids", ids)))
    return failure();
  if (!past)
    return success();
  return verifyLength(op, "past", past.getType(), shapeOf(ids)[0],
                      "batch of ids");
}

LogicalResult PositionsOp::verify() {
  // positions_c1
  if (failed(verifyPast(*this, getIds(), getPast())))
    return failure();
  // positions_c2
  return verifyShape(*this, "result", getResult().getType(), shapeOf(getIds()),
                     "shape of ids");
}

LogicalResult MaskPositionsOp::verify() {
  // mask_positions_c1
  if (failed(verifyPast(*this, getIds(), getPast())))
    return failure();
  SmallVector<int64_t> shape(shapeOf(getIds()));
  if (getPast())
    shape[1] = ShapedType::kDynamic;
  if (failed(verifyShape(*this, "mask", getMask().getType(), shape,
                         getPast() ? "batch of ids, keys" : "shape of ids")))
    return failure();
  // mask_positions_c2
  return verifyShape(*this, "result", getResult().getType(), shapeOf(getIds()),
                     "shape of ids");
}

LogicalResult RopeAnglesOp::verify() {
  ArrayRef<int64_t> frequencies = shapeOf(getFrequencies());
  ArrayRef<int64_t> positions = shapeOf(getPositions());
  // rope_angles_c2
  bool isOfBatch = frequencies.size() == 2 && !positions.empty() &&
                   !ShapedType::isDynamic(frequencies[1]) &&
                   frequencies[0] == positions[0];
  if (frequencies.size() != 1 && !isOfBatch)
    return emitOpError() << "frequencies must be (pairs) or (batch, pairs) "
                            "with the batch of positions, but have shape "
                         << describeShape(frequencies);
  // rope_angles_c3
  if (getGrowth() && failed(verifyLength(*this, "growth", getGrowth().getType(),
                                         frequencies.back(), "frequencies")))
    return failure();
  // rope_angles_c1
  if (failed(verifyIds(*this, "positions", getPositions())))
    return failure();
  return verifyShape(*this, "result", getResult().getType(),
                     append(positions, {frequencies.back(), 2}),
                     "positions, frequencies, cosine and sine");
}

LogicalResult RopeOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), angles = shapeOf(getAngles());
  // rope_c2
  if (input.size() != 4)
    return emitOpError() << "input must be (batch, tokens, heads, features), "
                            "but has shape "
                         << describeShape(input);
  int64_t pairs = angles.size() == 4 ? angles[2] : ShapedType::kDynamic;
  if (failed(verifyShape(*this, "angles", getAngles().getType(),
                         append(input.take_front(2), {pairs, 2}),
                         "batch, tokens, pairs, cosine and sine")))
    return failure();
  // rope_c3
  int64_t offset = getOffset();
  if (ShapedType::isDynamic(pairs) || ShapedType::isDynamic(input[3]))
    return emitOpError("pairs and features must be static");
  if (offset < 0 || pairs > (input[3] - offset) / 2)
    return emitOpError() << "must rotate a part of " << input[3]
                         << " features (last dimension of input), but "
                            "rotates "
                         << pairs << " pairs at " << offset;
  return success();
}

LogicalResult SinusoidsOp::verify() {
  // sinusoids_c1
  if (failed(verifyIds(*this, "positions", getPositions())))
    return failure();
  int64_t features = twice(shapeOf(getFrequencies())[0]);
  ArrayRef<int64_t> result = shapeOf(getResult());
  // Of an odd number of features, the last pair has the sine alone.
  if (!ShapedType::isDynamic(features) && !result.empty() &&
      result.back() == features - 1)
    --features;
  return verifyShape(*this, "result", getResult().getType(),
                     append(shapeOf(getPositions()), {features}),
                     "positions, twice the frequencies");
}

LogicalResult PositionFactorsOp::verify() {
  // position_factors_c1
  if (failed(verifyShape(*this, "result", getResult().getType(),
                         shapeOf(getPositions()), "shape of positions")))
    return failure();
  // position_factors_c2
  int64_t length = getLength();
  if (length < 2)
    return emitOpError() << "length must be at least 2, but is " << length;
  return success();
}

LogicalResult LengthFrequenciesOp::verify() {
  ArrayRef<int64_t> result = shapeOf(getResult());
  // length_frequencies_c1
  if (shapeOf(getLengths()).size() != 1 || result.size() != 2 ||
      !mayEqual(result[0], shapeOf(getLengths())[0]) ||
      result[1] != shapeOf(getBelow())[0])
    return emitOpError() << "result must be (lengths, pairs), but has shape "
                         << describeShape(result) << " for lengths of shape "
                         << describeShape(shapeOf(getLengths())) << " and "
                         << shapeOf(getBelow())[0] << " pairs";
  // length_frequencies_c2
  if (int64_t(getTrained()) < 1)
    return emitOpError("trained must be positive");
  return success();
}

LogicalResult NtkFrequenciesOp::verify() {
  ArrayRef<int64_t> result = shapeOf(getResult());
  // ntk_frequencies_c1
  if (shapeOf(getLengths()).size() != 1 || result.size() != 2 ||
      !mayEqual(result[0], shapeOf(getLengths())[0]) || result[1] < 2)
    return emitOpError() << "result must be (lengths, pairs) with at least "
                            "two pairs, but has shape "
                         << describeShape(result) << " for lengths of shape "
                         << describeShape(shapeOf(getLengths()));
  // ntk_frequencies_c2
  if (!(getTheta() > APFloat(0.0)) || !(getFactor() > APFloat(0.0)) ||
      int64_t(getTrained()) < 1)
    return emitOpError("theta, trained and factor must be positive");
  return success();
}

LogicalResult PoolOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  if (input.size() < 2)
    return emitOpError() << "input must be (batch, tokens, ...), but has "
                            "shape "
                         << describeShape(input);
  // pool_c1
  SmallVector<int64_t> shape(input);
  shape[1] = 1;
  if (failed(verifyShape(*this, "result", getResult().getType(), shape,
                         "input with one token")))
    return failure();
  // pool_c2
  if (!getMask())
    return success();
  return verifyShape(*this, "mask", getMask().getType(), input.take_front(2),
                     "first two dimensions of input");
}

LogicalResult RouteOp::verify() {
  ArrayRef<int64_t> logits = shapeOf(getLogits());
  int64_t topK = getTopK(), groups = getGroups(), keep = getKeep();
  // route_c1
  if (logits.size() != 3 || ShapedType::isDynamic(logits[2]))
    return emitOpError() << "logits must be (batch, tokens, experts), but "
                            "have shape "
                         << describeShape(logits);
  SmallVector<int64_t> shape = append(logits.take_front(2), {topK});
  for (auto [name, value] :
       {std::pair("ids", Value(getIds())), {"weights", getWeights()}})
    if (failed(verifyShape(*this, name, value.getType(), shape,
                           "batch, tokens, top_k")))
      return failure();
  // route_c4
  int64_t experts = logits[2];
  if (groups < 1 || experts % groups != 0 || keep < 1 || keep > groups)
    return emitOpError() << "groups (" << groups << ") must divide " << experts
                         << " experts, and keep (" << keep
                         << ") must be 1 to groups";
  int64_t each = experts / groups;
  if (groups > 1 && getGroupScore() == GroupScore::BestTwo && each < 2)
    return emitOpError("best_two needs groups of two experts at least");
  // route_c2
  if (topK < 1 || topK > keep * each)
    return emitOpError() << "top_k must be 1 to " << keep * each
                         << " (experts to choose from), but is " << topK;
  // route_c5
  if (getWithin() &&
      (getWithin()->isNegative() || getScore() != RouteScore::Successive))
    return emitOpError("within must not be negative, and needs successive");
  // route_c6
  if (getGains() && failed(verifyLength(*this, "gains", getGains().getType(),
                                        experts, "experts of logits")))
    return failure();
  // route_c3
  if (!getBias())
    return success();
  return verifyLength(*this, "bias", getBias().getType(), experts,
                      "experts of logits");
}

/// The weights and biases of experts must fit each other and the input.
static LogicalResult verifyExperts(MoeOp op, int64_t features) {
  // moe_c3
  ArrayRef<int64_t> up = shapeOf(op.getUp());
  if (up.size() != 3 || llvm::any_of(up, ShapedType::isDynamic))
    return op.emitOpError() << "up must be (experts, width, features) of known "
                               "size, but has shape "
                            << describeShape(up);
  int64_t experts = up[0], width = up[1];
  struct Part {
    StringRef name;
    Value value;
    SmallVector<int64_t> shape;
    StringRef meaning;
  };
  for (const Part &part :
       {Part{"up",
             op.getUp(),
             {experts, width, features},
             "experts, width, features of input"},
        Part{"gate",
             op.getGate(),
             {experts, width, features},
             "experts, width, features of input"},
        Part{"down",
             op.getDown(),
             {experts, features, width},
             "experts, features of input, width"},
        // moe_c4
        Part{"gate_bias", op.getGateBias(), {experts, width}, "experts, width"},
        Part{"up_bias", op.getUpBias(), {experts, width}, "experts, width"},
        Part{"down_bias",
             op.getDownBias(),
             {experts, features},
             "experts, features of input"}})
    if (part.value && failed(verifyShape(op, part.name, part.value.getType(),
                                         part.shape, part.meaning)))
      return failure();
  if (op.getGateBias() && !op.getGate())
    return op.emitOpError("gate_bias needs gate");
  return success();
}

LogicalResult MoeOp::verify() {
  // moe_c2
  ArrayRef<int64_t> input = shapeOf(getInput()), ids = shapeOf(getIds());
  if (input.size() != 3)
    return emitOpError() << "input must be (batch, tokens, features), but "
                            "has shape "
                         << describeShape(input);
  int64_t chosen = ids.size() == 3 ? ids[2] : ShapedType::kDynamic;
  SmallVector<int64_t> shape = append(input.take_front(2), {chosen});
  for (auto [name, value] :
       {std::pair("ids", Value(getIds())), {"weights", getWeights()}})
    if (failed(verifyShape(*this, name, value.getType(), shape,
                           "batch, tokens, chosen experts")))
      return failure();
  if (failed(verifyExperts(*this, input[2])))
    return failure();
  // moe_c5
  for (Value weight : {getGate(), getUp(), getDown()}) {
    if (!weight)
      continue;
    auto block = dyn_cast<BlockType>(
        cast<RankedTensorType>(weight.getType()).getElementType());
    bool isOfActivations = block && block.isOfActivations();
    if (isOfActivations || (getQuantized() && !block))
      return emitOpError() << "weights of experts must be "
                           << (getQuantized() ? "weight blocks (quantized)"
                                              : "floats or weight blocks")
                           << ", but one is " << weight.getType();
  }
  // moe_c6
  if (getLimit().isNegative() || getLimit().isNaN())
    return emitOpError() << "limit must be at least 0, but is "
                         << getLimit().convertToFloat();
  // moe_c7
  if (int64_t(getTile()) < 1 || int64_t(getTile()) > 1024)
    return emitOpError() << "tile must be 1 to 1024, but is "
                         << int64_t(getTile());
  // moe_c9
  if (!getBeta().isFiniteNonZero())
    return emitOpError() << "beta must be finite and not 0, but is "
                         << getBeta().convertToFloat();
  // moe_c8
  if (std::optional<APFloat> crest = getCrest()) {
    if (!crest->isFinite() || crest->isNegative())
      return emitOpError() << "crest must be a number of at least 0, but is "
                           << crest->convertToFloat();
    if (!getQuantized())
      return emitOpError("crest needs quantized");
  }
  return success();
}
