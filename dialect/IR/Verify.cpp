//===- Verify.cpp - What verifiers share ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Verify.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace sinter {

std::string describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (auto [index, dim] : llvm::enumerate(shape)) {
    if (index)
      text += 'x';
    text += ShapedType::isDynamic(dim) ? "?" : std::to_string(dim);
  }
  return text;
}

bool mayEqual(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

bool mayEqual(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  return a.size() == b.size() &&
         llvm::all_of_zip(a, b,
                          [](int64_t x, int64_t y) { return mayEqual(x, y); });
}

LogicalResult verifyShape(Operation *op, StringRef name, Type type,
                          ArrayRef<int64_t> shape, StringRef meaning) {
  ArrayRef<int64_t> found = cast<RankedTensorType>(type).getShape();
  if (mayEqual(found, shape))
    return success();
  return op->emitOpError() << name << " must have shape "
                           << describeShape(shape) << " (" << meaning
                           << "), but has shape " << describeShape(found);
}

LogicalResult verifyLength(Operation *op, StringRef name, Type type,
                           int64_t length, StringRef source) {
  ArrayRef<int64_t> found = cast<RankedTensorType>(type).getShape();
  if (found.size() != 1)
    return op->emitOpError() << name << " must be a vector, but has shape "
                             << describeShape(found);
  if (mayEqual(found[0], length))
    return success();
  return op->emitOpError() << name << " must have length " << length << " ("
                           << source << "), but has length " << found[0];
}

LogicalResult verifyFeatures(Operation *op, StringRef name,
                             ArrayRef<int64_t> shape) {
  if (shape.size() >= 3)
    return success();
  return op->emitOpError() << name
                           << " must be (batch, tokens, features...), but has "
                              "shape "
                           << describeShape(shape);
}

LogicalResult verifyIds(Operation *op, StringRef name, Value ids) {
  ArrayRef<int64_t> shape = shapeOf(ids);
  if (shape.size() == 2)
    return success();
  return op->emitOpError() << name
                           << " must be (batch, tokens), but have shape "
                           << describeShape(shape);
}

bool isOfPossibleSize(ArrayRef<int64_t> shape) {
  int64_t total = 1;
  for (int64_t dim : shape)
    if (!ShapedType::isDynamic(dim) &&
        (llvm::MulOverflow(total, dim, total) || total > kMostNumbers))
      return false;
  return true;
}

LogicalResult verifyTokenTensors(Operation *op) {
  auto verify = [&](Type type, StringRef what, unsigned number) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return success();
    ArrayRef<int64_t> shape = tensor.getShape();
    // Vectors of numbers are of features, those of ids are of sequences.
    bool isVector =
        shape.size() == 1 && isa<FloatType>(tensor.getElementType());
    size_t first = isVector ? 0 : std::min<size_t>(2, shape.size());
    bool isKnown =
        llvm::none_of(shape.drop_front(first), ShapedType::isDynamic);
    if (!isOfPossibleSize(shape))
      return LogicalResult(op->emitOpError()
                           << what << " " << number
                           << " must have at most 2^40 numbers, but has shape "
                           << describeShape(shape));
    if (isKnown && !llvm::is_contained(shape, 0))
      return success();
    return LogicalResult(
        op->emitOpError()
        << what << " " << number
        << " must have features of known sizes (after batch and tokens), and "
           "at least one number, but has shape "
        << describeShape(shape));
  };
  bool reads = false;
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    reads |= isa<RankedTensorType>(operand.getType());
    if (failed(verify(operand.getType(), "operand", unsigned(number))))
      return failure();
  }
  for (auto [number, result] : llvm::enumerate(op->getResults())) {
    if (failed(verify(result.getType(), "result", unsigned(number))))
      return failure();
    auto tensor = dyn_cast<RankedTensorType>(result.getType());
    if (reads && tensor && tensor.getRank() < 2)
      return op->emitOpError()
             << "result " << number
             << " must be (batch, tokens, ...), but has shape "
             << describeShape(tensor.getShape());
  }
  return success();
}

/// Whether `user` runs after `op`. They may stand in different regions: the
/// question is then which of the ops around them comes first.
static bool runsAfter(Operation *user, Operation *op) {
  for (Operation *outer = op; outer; outer = outer->getParentOp()) {
    Operation *peer = outer->getBlock()
                          ? outer->getBlock()->findAncestorOpInBlock(*user)
                          : nullptr;
    if (peer && peer != outer)
      return outer->isBeforeInBlock(peer);
    if (peer)
      return false;
  }
  return false;
}

LogicalResult verifyLastUse(Operation *op, Value value, StringRef name) {
  for (Operation *user : value.getUsers()) {
    if (user == op || !runsAfter(user, op))
      continue;
    InFlightDiagnostic diagnostic =
        op->emitOpError() << name
                          << " is overwritten here and must have no later "
                             "use, but '"
                          << user->getName() << "' uses it";
    diagnostic.attachNote(user->getLoc()) << "the later use is here";
    return diagnostic;
  }
  return success();
}

} // namespace sinter
