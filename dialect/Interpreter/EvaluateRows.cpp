//===- EvaluateRows.cpp - Linears, norms, element-wise, shape -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Evaluator.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace sinter::reference {

/// The first two dimensions, (batch, tokens).
static std::vector<int64_t> leading(const std::vector<int64_t> &shape) {
  return {shape.begin(), shape.begin() + std::min<size_t>(2, shape.size())};
}

template <typename T> Expected<Results> Evaluator<T>::visit(EmbedOp op) {
  Weight table = stored(op.getTable());
  if (std::visit([](const auto &rows) { return rows->data.empty(); }, table))
    return errorAt(op, "table is empty");
  return give(op, embed<T>(ints(op.getIds()), table));
}

template <typename T> Expected<Results> Evaluator<T>::visit(LinearOp op) {
  const Array<T> &x = real(op.getInput());
  const Array<T> *bias = maybeReal(op.getBias());
  Weight weight = stored(op.getWeight());
  std::vector<int64_t> shape =
      std::visit([](const auto &w) { return w->shape; }, weight);
  SINTER_CHECK(expect(op, "weight", shape, {shape[0], x.last()}));
  if (bias)
    SINTER_CHECK(expect(op, "bias", bias->shape, {shape[0]}));
  return give(op, linear(x, weight, bias));
}

template <typename T> Expected<Results> Evaluator<T>::visit(QuantizeOp op) {
  const Array<T> &x = real(op.getInput());
  auto block =
      dyn_cast<BlockType>(getElementTypeOrSelf(op.getResult().getType()));
  if (!block)
    return give(op, x);
  if (x.last() % 32 != 0)
    return errorAt(op, "last dimension must be a multiple of 32, but is " +
                           Twine(x.last()));
  if (block.getFormat() == BlockFormat::A16)
    return give(op, quantizeA16(x, op.getCrest().convertToFloat()));
  return give(op, quantizeA8(x));
}

template <typename T> Expected<Results> Evaluator<T>::visit(RmsNormOp op) {
  const Array<T> &x = real(op.getInput());
  const Array<T> *weight = maybeReal(op.getWeight());
  if (weight)
    SINTER_CHECK(expect(op, "weight", weight->shape, {x.last()}));
  return give(op, rmsNorm<T>(x, weight, op.getEps().convertToFloat(),
                             op.getPlusOne() ? 1 : 0));
}

template <typename T> Expected<Results> Evaluator<T>::visit(LayerNormOp op) {
  const Array<T> &x = real(op.getInput());
  const Array<T> *weight = maybeReal(op.getWeight());
  const Array<T> *bias = maybeReal(op.getBias());
  if (weight)
    SINTER_CHECK(expect(op, "weight", weight->shape, {x.last()}));
  if (bias)
    SINTER_CHECK(expect(op, "bias", bias->shape, {x.last()}));
  return give(op, layerNorm<T>(x, weight, bias, op.getEps().convertToFloat(),
                               op.getPlusOne() ? 1 : 0));
}

template <typename T> Expected<Results> Evaluator<T>::visit(UnaryOp op) {
  return give(op, unary(op.getKind(), real(op.getInput())));
}

template <typename T>
template <typename Op>
Expected<Results>
Evaluator<T>::binary(Op op, Array<T> (*meaning)(Array<T>, const Array<T> &)) {
  const Array<T> &lhs = real(op.getLhs()), &rhs = real(op.getRhs());
  if (rhs.shape != std::vector<int64_t>{lhs.last()})
    SINTER_CHECK(expect(op, "rhs", rhs.shape, lhs.shape));
  return give(op, meaning(lhs, rhs));
}

template <typename T> Expected<Results> Evaluator<T>::visit(AddOp op) {
  return binary(op, add<T>);
}

template <typename T> Expected<Results> Evaluator<T>::visit(SubOp op) {
  return binary(op, sub<T>);
}

template <typename T> Expected<Results> Evaluator<T>::visit(MulOp op) {
  return binary(op, mul<T>);
}

template <typename T> Expected<Results> Evaluator<T>::visit(ScaleOp op) {
  return give(op,
              scale<T>(real(op.getInput()), op.getFactor().convertToFloat()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(ScaleByOp op) {
  return give(op, scale<T>(real(op.getInput()), number(op.getFactor())));
}

template <typename T> Expected<Results> Evaluator<T>::visit(SoftCapOp op) {
  return give(op,
              softCap<T>(real(op.getInput()), op.getCap().convertToFloat()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(ClampOp op) {
  return give(op, clamp<T>(real(op.getInput()), op.getLow().convertToFloat(),
                           op.getHigh().convertToFloat()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(LogSoftmaxOp op) {
  return give(op, logSoftmax(real(op.getInput())));
}

template <typename T> Expected<Results> Evaluator<T>::visit(ScaleTokensOp op) {
  const Array<T> &x = real(op.getInput()), &factors = real(op.getFactors());
  SINTER_CHECK(expect(op, "factors", factors.shape, leading(x.shape)));
  return give(op, scaleTokens(x, factors));
}

template <typename T> Expected<Results> Evaluator<T>::visit(MixOp op) {
  const Array<T> &x = real(op.getInput()), &weights = real(op.getWeights());
  int64_t parts = op.getResult().getType().getShape()[2];
  std::vector<int64_t> required = {parts * x.shape[2]};
  if (weights.shape.size() != 1)
    required.insert(required.begin(), {x.shape[0], x.shape[1]});
  SINTER_CHECK(expect(op, "weights", weights.shape, required));
  return give(op, mix(x, weights, parts));
}

template <typename T> Expected<Results> Evaluator<T>::visit(CopyOp op) {
  return give(op, real(op.getInput()));
}

// The same values; the dimensions after (B, T) are those of the type.
template <typename T> Expected<Results> Evaluator<T>::visit(ReshapeOp op) {
  const Array<T> &x = real(op.getInput());
  std::vector<int64_t> shape = leading(x.shape);
  for (int64_t dim : op.getResult().getType().getShape().drop_front(2))
    shape.push_back(dim);
  if (llvm::is_contained(shape, ShapedType::kDynamic))
    return errorAt(op, "result must have static features");
  if (Array<T>::count(shape) != x.data.size())
    return errorAt(op, "input has another number of values");
  return give(op, Array<T>(shape, x.data));
}

template <typename T> Expected<Results> Evaluator<T>::visit(SliceOp op) {
  return give(op, slice<T>(real(op.getInput()), op.getOffset(),
                           op.getResult().getType().getShape().back()));
}

template <typename T> Expected<Results> Evaluator<T>::visit(ConcatOp op) {
  std::vector<const Array<T> *> inputs;
  for (mlir::Value input : op.getInputs()) {
    inputs.push_back(&real(input));
    std::vector<int64_t> required = inputs.front()->shape;
    required.back() = inputs.back()->last();
    SINTER_CHECK(expect(op, "input", inputs.back()->shape, required));
  }
  return give(op, concat(inputs));
}

template <typename T> Expected<Results> Evaluator<T>::visit(LastOp op) {
  const Array<T> &x = real(op.getInput());
  int64_t count = index(op.getCount());
  if (count < 1 || count > x.shape[1])
    return errorAt(op, "count must be 1 to " + Twine(x.shape[1]) +
                           " (tokens), but is " + Twine(count));
  return give(op, last(x, count));
}

template class Evaluator<double>;
template class Evaluator<float>;

} // namespace sinter::reference
