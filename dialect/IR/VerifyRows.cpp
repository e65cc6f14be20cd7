//===- VerifyRows.cpp - Verifiers of linears, norms, element-wise, shape --===//
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

static Type elementOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

/// Whether the element type is a block, and whether it is one of activations.
static bool isBlock(Value value) { return isa<BlockType>(elementOf(value)); }
static bool isActivationBlock(Value value) {
  auto block = dyn_cast<BlockType>(elementOf(value));
  return block && block.isOfActivations();
}

/// crest is a number of at least 0.
static LogicalResult verifyCrest(Operation *op, const APFloat &crest) {
  if (crest.isFinite() && !crest.isNegative())
    return success();
  return op->emitOpError() << "crest must be a number of at least 0, but is "
                           << crest.convertToFloat();
}

/// `shape` with another last dimension.
static SmallVector<int64_t> withLast(ArrayRef<int64_t> shape, int64_t last) {
  SmallVector<int64_t> result(shape.drop_back());
  result.push_back(last);
  return result;
}

static LogicalResult verifyMatrix(Operation *op, StringRef name, Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  if (shape.size() == 2 && llvm::none_of(shape, ShapedType::isDynamic))
    return success();
  return op->emitOpError() << name
                           << " must be a matrix of known size, but has shape "
                           << describeShape(shapeOf(value));
}

LogicalResult EmbedOp::verify() {
  // embed_c1
  if (failed(verifyMatrix(*this, "table", getTable())))
    return failure();
  // embed_c2
  if (failed(verifyIds(*this, "ids", getIds())))
    return failure();
  SmallVector<int64_t> shape(shapeOf(getIds()));
  shape.push_back(shapeOf(getTable())[1]);
  return verifyShape(*this, "result", getResult().getType(), shape,
                     "shape of ids, columns of table");
}

LogicalResult LinearOp::verify() {
  // linear_c1
  if (failed(verifyMatrix(*this, "weight", getWeight())))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput()), weight = shapeOf(getWeight());
  // linear_c2
  if (input.size() != 3)
    return emitOpError() << "input must be (batch, tokens, features), but has "
                            "shape "
                         << describeShape(input);
  if (!mayEqual(weight[1], input.back()))
    return emitOpError() << "weight must have " << input.back()
                         << " columns (last dimension of input), but has "
                         << weight[1];
  // linear_c3
  if (failed(verifyShape(*this, "result", getResult().getType(),
                         withLast(input, weight[0]),
                         "leading dimensions of input, rows of weight")))
    return failure();
  // linear_c4
  if (getBias() && failed(verifyLength(*this, "bias", getBias().getType(),
                                       weight[0], "rows of weight")))
    return failure();
  // linear_c5
  bool blocks = isBlock(getInput());
  if (blocks && !isActivationBlock(getInput()))
    return emitOpError()
           << "input must be floats or blocks of a8 or a16, but is "
           << getInput().getType();
  if (isActivationBlock(getWeight()) || (blocks && !isBlock(getWeight())))
    return emitOpError() << "weight must be "
                         << (blocks ? "weight blocks (input is blocks)"
                                    : "floats or weight blocks")
                         << ", but is " << getWeight().getType();
  return success();
}

LogicalResult QuantizeOp::verify() {
  // quantize_c1
  if (failed(verifyFeatures(*this, "input", shapeOf(getInput()))))
    return failure();
  if (failed(verifyShape(*this, "result", getResult().getType(),
                         shapeOf(getInput()), "shape of input")))
    return failure();
  // quantize_c2
  if (isBlock(getResult()) && !isActivationBlock(getResult()))
    return emitOpError()
           << "result must be blocks of a8 or a16 or floats, but is "
           << getResult().getType();
  // quantize_c3
  if (isBlock(getResult()) && shapeOf(getResult()).back() % 32 != 0)
    return emitOpError() << "last dimension must be a multiple of 32 (for "
                            "blocks), but is "
                         << describeShape(shapeOf(getResult()).take_back());
  // quantize_c4
  if (failed(verifyCrest(*this, getCrest())))
    return failure();
  auto block = dyn_cast<BlockType>(elementOf(getResult()));
  if (!getCrest().isZero() && (!block || block.getFormat() != BlockFormat::A16))
    return emitOpError() << "crest needs a result of a16, but it is "
                         << getResult().getType();
  return success();
}

/// The checks of both norms: a factor or bias for each feature, and eps.
static LogicalResult verifyNorm(Operation *op, Value input, Value weight,
                                Value bias, const APFloat &eps) {
  if (failed(verifyFeatures(op, "input", shapeOf(input))))
    return failure();
  int64_t features = shapeOf(input).back();
  for (auto [name, value] : {std::pair("weight", weight), {"bias", bias}})
    if (value && failed(verifyLength(op, name, value.getType(), features,
                                     "last dimension of input")))
      return failure();
  if (eps.isNegative() || !eps.isFinite())
    return op->emitOpError() << "eps must be a number of at least 0, but is "
                             << eps.convertToFloat();
  return success();
}

LogicalResult RmsNormOp::verify() {
  // rms_norm_c2, rms_norm_c3
  return verifyNorm(*this, getInput(), getWeight(), {}, getEps());
}

LogicalResult LayerNormOp::verify() {
  // layer_norm_c2, layer_norm_c3
  return verifyNorm(*this, getInput(), getWeight(), getBias(), getEps());
}

static LogicalResult verifyBinary(Operation *op, Value lhs, Value rhs) {
  ArrayRef<int64_t> left = shapeOf(lhs), right = shapeOf(rhs);
  bool isVector = right.size() == 1 && left.size() >= 3;
  if (mayEqual(left, right) ||
      (isVector && mayEqual(left.back(), right.back())))
    return success();
  return op->emitOpError()
         << "rhs must have shape " << describeShape(left)
         << " (of lhs) or that of its features, but has shape "
         << describeShape(right);
}

LogicalResult AddOp::verify() {
  return verifyBinary(*this, getLhs(), getRhs()); // add_c2
}

LogicalResult SubOp::verify() {
  return verifyBinary(*this, getLhs(), getRhs()); // sub_c2
}

LogicalResult MulOp::verify() {
  return verifyBinary(*this, getLhs(), getRhs()); // mul_c2
}

LogicalResult SoftCapOp::verify() {
  // soft_cap_c2
  if (getCap() > APFloat(0.0f))
    return success();
  return emitOpError() << "cap must be positive, but is "
                       << getCap().convertToFloat();
}

LogicalResult ClampOp::verify() {
  // clamp_c2
  if (getLow() <= getHigh())
    return success();
  return emitOpError() << "low must be at most high ("
                       << getHigh().convertToFloat() << "), but is "
                       << getLow().convertToFloat();
}

LogicalResult LogSoftmaxOp::verify() {
  // log_softmax_c2
  return verifyFeatures(*this, "input", shapeOf(getInput()));
}

LogicalResult ScaleTokensOp::verify() {
  // scale_tokens_c2
  return verifyShape(*this, "factors", getFactors().getType(),
                     shapeOf(getInput()).take_front(2),
                     "first two dimensions of input");
}

LogicalResult MixOp::verify() {
  // mix_c1
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getResult());
  if (input.size() != 4)
    return emitOpError() << "input must be (batch, tokens, parts, features), "
                            "but has shape "
                         << describeShape(input);
  SmallVector<int64_t> wanted(input);
  wanted[2] = result.size() == 4 ? result[2] : ShapedType::kDynamic;
  if (failed(verifyShape(*this, "result", getResult().getType(), wanted,
                         "those of input but for the parts")))
    return failure();
  if (getInput().getType().getElementType() !=
      getResult().getType().getElementType())
    return emitOpError("input and result must have the same element type");
  if (ShapedType::isDynamic(input[2]) || ShapedType::isDynamic(input[3]) ||
      ShapedType::isDynamic(wanted[2]))
    return emitOpError("parts and features must be static");
  // mix_c2
  SmallVector<int64_t> numbers;
  if (shapeOf(getWeights()).size() != 1)
    llvm::append_range(numbers, input.take_front(2));
  numbers.push_back(wanted[2] * input[2]);
  return verifyShape(*this, "weights", getWeights().getType(), numbers,
                     "a number for each part of input and of result");
}

/// The number of values in `dims`, or "dynamic".
static int64_t product(ArrayRef<int64_t> dims) {
  int64_t total = 1;
  for (int64_t dim : dims)
    if (ShapedType::isDynamic(dim) || llvm::MulOverflow(total, dim, total))
      return ShapedType::kDynamic;
  return total;
}

LogicalResult ReshapeOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getResult());
  // reshape_c1
  if (input.size() < 2 || result.size() < 2 ||
      !mayEqual(input.take_front(2), result.take_front(2)) ||
      elementOf(getInput()) != elementOf(getResult()))
    return emitOpError() << "result must agree with input in element type and "
                            "in the first two dimensions, but input is "
                         << getInput().getType() << " and result is "
                         << getResult().getType();
  // reshape_c2
  int64_t before = product(input.drop_front(2));
  int64_t after = product(result.drop_front(2));
  if (!mayEqual(before, after))
    return emitOpError() << "result must have " << before
                         << " features a token (as input), but has " << after;
  return success();
}

LogicalResult CopyOp::verify() {
  // copy_c2
  if (!getInput().getType().getEncoding())
    return success();
  return emitOpError() << "input must have no layout, but is "
                       << getInput().getType();
}

LogicalResult LastOp::verify() {
  // last_c1
  ArrayRef<int64_t> input = shapeOf(getInput());
  SmallVector<int64_t> shape(input);
  if (shape.size() < 2)
    return emitOpError() << "input must be (batch, tokens, ...), but has shape "
                         << describeShape(input);
  shape[1] = ShapedType::kDynamic;
  if (failed(verifyShape(*this, "result", getResult().getType(), shape,
                         "batch, count, features of input")))
    return failure();
  // last_c2
  int64_t tokens = shapeOf(getResult())[1];
  APInt constant;
  if (matchPattern(getCount(), m_ConstantInt(&constant))) {
    int64_t count = constant.getSExtValue();
    if (count >= 1 && mayEqual(tokens, count))
      return success();
    return emitOpError() << "result must have as many tokens as count ("
                         << count << ", at least 1), but has shape "
                         << describeShape(shapeOf(getResult()));
  }
  if (!isa<BlockArgument>(getCount()))
    return emitOpError("count must be a constant or an argument");
  if (ShapedType::isDynamic(tokens) || (tokens == 1 && input[1] == 1))
    return success();
  return emitOpError() << "result must have a dynamic number of tokens (count "
                          "is an argument), but has shape "
                       << describeShape(shapeOf(getResult()));
}

/// Checks that `value` is `reference` but for the last dimension.
static LogicalResult verifyLeading(Operation *op, StringRef name, Value value,
                                   StringRef referenceName, Value reference) {
  ArrayRef<int64_t> shape = shapeOf(value), other = shapeOf(reference);
  if (!shape.empty() && !other.empty() &&
      mayEqual(shape.drop_back(), other.drop_back()) &&
      elementOf(value) == elementOf(reference))
    return success();
  return op->emitOpError() << name << " must agree with " << referenceName
                           << " in element type and in all dimensions but "
                              "the last, but they are "
                           << value.getType() << " and " << reference.getType();
}

LogicalResult SliceOp::verify() {
  // slice_c1
  if (failed(verifyFeatures(*this, "input", shapeOf(getInput()))))
    return failure();
  if (failed(verifyLeading(*this, "result", getResult(), "input", getInput())))
    return failure();
  // slice_c2
  int64_t from = shapeOf(getInput()).back(),
          length = shapeOf(getResult()).back();
  if (ShapedType::isDynamic(from) || ShapedType::isDynamic(length))
    return emitOpError("last dimensions must be static");
  int64_t offset = getOffset();
  if (offset < 0 || offset > from - length)
    return emitOpError() << "must take a part of " << from
                         << " features (last dimension of input), but takes "
                         << length << " at " << offset;
  return success();
}

LogicalResult ConcatOp::verify() {
  // concat_c1
  if (getInputs().empty())
    return emitOpError("must have an input");
  if (failed(verifyFeatures(*this, "result", shapeOf(getResult()))))
    return failure();
  int64_t total = 0;
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    if (failed(verifyLeading(*this, "input " + std::to_string(index), input,
                             "result", getResult())))
      return failure();
    int64_t last = shapeOf(input).back();
    if (ShapedType::isDynamic(last) || llvm::AddOverflow(total, last, total))
      return emitOpError("last dimensions must be static");
  }
  // concat_c2
  if (shapeOf(getResult()).back() != total)
    return emitOpError() << "result must have last dimension " << total
                         << " (sum of those of the inputs), but has "
                         << describeShape(shapeOf(getResult()).take_back());
  return success();
}
