//===- Evaluator.cpp - Control flow, constants, weights -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Evaluator.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace sinter::reference {

/// Calls deeper than this are taken for an endless recursion.
static constexpr int64_t maxDepth = 64;

Error errorAt(Operation *op, const Twine &message) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Location location = op->getLoc();
  if (auto place = location->findInstanceOf<FileLineColLoc>())
    stream << place.getFilename().getValue() << ':' << place.getLine() << ':'
           << place.getColumn() << ": ";
  else if (auto name = location->findInstanceOf<NameLoc>())
    stream << name.getName().getValue() << ": ";
  stream << '\'' << op->getName() << "' " << message;
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

Narrow narrowOf(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (auto cache = dyn_cast<CacheType>(type))
    element = cache.getElementType();
  return isa<BFloat16Type>(element)  ? Narrow::BF16
         : isa<Float16Type>(element) ? Narrow::F16
                                     : Narrow::None;
}

static std::string describe(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t dim : shape) {
    if (!text.empty())
      text += 'x';
    text += ShapedType::isDynamic(dim) ? "?" : std::to_string(dim);
  }
  return text.empty() ? "scalar" : text;
}

/// The array of T that holds a tensor of floats of either width.
template <typename T> static Value toReal(const Value &value) {
  return std::visit(
      [](const auto &held) -> Value {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::shared_ptr<Array<float>>> ||
                      std::is_same_v<Held, std::shared_ptr<Array<double>>>) {
          if constexpr (std::is_same_v<Held, std::shared_ptr<Array<T>>>)
            return held;
          else
            return std::make_shared<Array<T>>(
                held->shape,
                std::vector<T>(held->data.begin(), held->data.end()));
        } else {
          return std::monostate();
        }
      },
      value);
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

template <typename T> const Array<T> &Evaluator<T>::real(mlir::Value operand) {
  Value &held = (*frame)[operand];
  if (!std::holds_alternative<std::shared_ptr<Array<T>>>(held))
    held = toReal<T>(held);
  return *std::get<std::shared_ptr<Array<T>>>(held);
}

template <typename T>
const Array<T> *Evaluator<T>::maybeReal(mlir::Value operand) {
  return operand ? &real(operand) : nullptr;
}

template <typename T> const Ints &Evaluator<T>::ints(mlir::Value operand) {
  return *std::get<std::shared_ptr<Ints>>((*frame)[operand]);
}

template <typename T> const Ints *Evaluator<T>::maybeInts(mlir::Value operand) {
  return operand ? &ints(operand) : nullptr;
}

template <typename T> int64_t Evaluator<T>::index(mlir::Value operand) {
  return std::get<int64_t>((*frame)[operand]);
}

template <typename T> double Evaluator<T>::number(mlir::Value operand) {
  return std::get<double>((*frame)[operand]);
}

template <typename T> Weight Evaluator<T>::stored(mlir::Value operand) {
  Value &held = (*frame)[operand];
  if (auto *narrow = std::get_if<std::shared_ptr<Array<float>>>(&held))
    return *narrow;
  return std::get<std::shared_ptr<Array<double>>>(held);
}

template <typename T>
Error Evaluator<T>::expect(Operation *op, StringRef name,
                           const std::vector<int64_t> &found,
                           const std::vector<int64_t> &required) {
  if (found == required)
    return Error::success();
  return errorAt(op, Twine(name) + " must have shape " + describe(required) +
                         ", but has shape " + describe(found));
}

template <typename T>
Results Evaluator<T>::give(Operation *op, Array<T> result) {
  Narrow narrow = narrowOf(op->getResult(0).getType());
  if (narrow != Narrow::None)
    for (T &value : result.data)
      value = roundTo(value, narrow);
  return {makeValue(std::move(result))};
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Whether `shape` fits the dimensions that `type` fixes.
static bool fits(ArrayRef<int64_t> shape, ArrayRef<int64_t> type) {
  if (shape.size() != type.size())
    return false;
  for (auto [found, required] : llvm::zip(shape, type))
    if (found < 0 || (!ShapedType::isDynamic(required) && found != required))
      return false;
  return true;
}

/// Makes an argument what its type wants, or says why it is not.
template <typename T>
Error Evaluator<T>::accept(func::FuncOp function, unsigned index,
                           Value &value) {
  Type type = function.getArgumentTypes()[index];
  auto wrong = [&](const Twine &found) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return errorAt(function, "@" + function.getName() + ": argument " +
                                 Twine(index) + " must be " + text +
                                 ", but is " + found);
  };
  if (isa<IndexType>(type))
    return std::holds_alternative<int64_t>(value) ? Error::success()
                                                  : wrong("no index");
  if (isa<FloatType>(type))
    return std::holds_alternative<double>(value) ? Error::success()
                                                 : wrong("no number");
  SmallVector<int64_t> shape;
  bool isReal = true;
  if (auto cache = dyn_cast<CacheType>(type)) {
    shape = {cache.getSlots(), ShapedType::kDynamic, ShapedType::kDynamic,
             cache.getHeads(), cache.getDim()};
  } else if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    isReal = !isa<IntegerType>(tensor.getElementType());
  } else {
    return wrong("of a type that the interpreter does not know");
  }
  if (isReal) {
    value = toReal<T>(value);
    auto *array = std::get_if<std::shared_ptr<Array<T>>>(&value);
    if (!array || !*array)
      return wrong("no tensor of floats");
    return fits((*array)->shape, shape)
               ? Error::success()
               : wrong("of shape " + describe((*array)->shape));
  }
  auto *array = std::get_if<std::shared_ptr<Ints>>(&value);
  if (!array || !*array)
    return wrong("no tensor of integers");
  return fits((*array)->shape, shape)
             ? Error::success()
             : wrong("of shape " + describe((*array)->shape));
}

template <typename T>
Expected<Results> Evaluator<T>::call(func::FuncOp function,
                                     MutableArrayRef<Value> arguments) {
  if (function.isExternal())
    return errorAt(function, "@" + function.getName() + " has no body");
  if (arguments.size() != function.getNumArguments())
    return errorAt(function, "@" + function.getName() + " takes " +
                                 Twine(function.getNumArguments()) +
                                 " arguments, but is given " +
                                 Twine(arguments.size()));
  if (depth >= maxDepth)
    return errorAt(function, "calls are nested too deeply");
  Frame inner;
  for (auto [index, value] : llvm::enumerate(arguments)) {
    SINTER_CHECK(accept(function, index, value));
    inner[function.getArgument(index)] = std::move(value);
  }
  Frame *outer = std::exchange(frame, &inner);
  ++depth;
  Expected<Results> results = run(function.getBody().front());
  --depth;
  frame = outer;
  return results;
}

template <typename T> Expected<Results> Evaluator<T>::run(Block &block) {
  for (Operation &op : block) {
    if (isa<func::ReturnOp, YieldOp>(op)) {
      Results results;
      for (mlir::Value operand : op.getOperands())
        results.push_back((*frame)[operand]);
      return results;
    }
    Expected<Results> results = evaluate(&op);
    if (!results)
      return results.takeError();
    if (context.observer)
      context.observer(&op, layer, *results);
    for (auto [result, value] : llvm::zip(op.getResults(), *results))
      (*frame)[result] = std::move(value);
  }
  return Results();
}

template <typename T> Expected<Results> Evaluator<T>::evaluate(Operation *op) {
  return llvm::TypeSwitch<Operation *, Expected<Results>>(op)
      .template Case<func::CallOp, StackOp, FusedOp, WeightOp, LayerValueOp>(
          [&](auto op) { return visit(op); })
      .template Case<EmbedOp, LinearOp, QuantizeOp, RmsNormOp, LayerNormOp,
                     UnaryOp, AddOp, SubOp, MulOp, ScaleOp, ScaleByOp,
                     SoftCapOp, ClampOp, LogSoftmaxOp, ScaleTokensOp, MixOp,
                     CopyOp, ReshapeOp, SliceOp, ConcatOp, LastOp>(
          [&](auto op) { return visit(op); })
      .template Case<PositionsOp, MaskPositionsOp, RopeAnglesOp, RopeOp,
                     SinusoidsOp, PositionFactorsOp, NtkFrequenciesOp,
                     LengthFrequenciesOp, PoolOp, AppendOp, AttentionOp,
                     RouteOp, MoeOp>([&](auto op) { return visit(op); })
      .template Case<arith::ConstantOp>([&](auto op) { return constant(op); })
      .Default([&](Operation *op) { return builtin(op); });
}

template <typename T> Expected<Results> Evaluator<T>::visit(func::CallOp op) {
  auto function =
      symbols.lookupNearestSymbolFrom<func::FuncOp>(op, op.getCalleeAttr());
  Results arguments;
  for (mlir::Value operand : op.getOperands())
    arguments.push_back((*frame)[operand]);
  return call(function, arguments);
}

// For l = 0, 1, ...: carried = forms[layers[l]](carried..., l, shared...).
template <typename T> Expected<Results> Evaluator<T>::visit(StackOp op) {
  Results carried;
  for (mlir::Value operand : op.getCarried())
    carried.push_back(isa<CacheType>(operand.getType())
                          ? std::move((*frame)[operand])
                          : (*frame)[operand]);
  int64_t outer = layer;
  for (auto [l, form] : llvm::enumerate(op.getLayers())) {
    auto function = symbols.lookupNearestSymbolFrom<func::FuncOp>(
        op, cast<FlatSymbolRefAttr>(op.getForms()[form]));
    Results arguments = std::move(carried);
    arguments.push_back(int64_t(l));
    for (mlir::Value operand : op.getShared())
      arguments.push_back((*frame)[operand]);
    layer = l;
    Expected<Results> results = call(function, arguments);
    layer = outer;
    if (!results)
      return results.takeError();
    carried = std::move(*results);
  }
  return carried;
}

template <typename T> Expected<Results> Evaluator<T>::visit(FusedOp op) {
  return run(op.getBody().front());
}

//===----------------------------------------------------------------------===//
// Weights, constants, arithmetic on indices
//===----------------------------------------------------------------------===//

template <typename T> Expected<Results> Evaluator<T>::visit(WeightOp op) {
  auto param = symbols.lookupNearestSymbolFrom<ParamOp>(op, op.getParamAttr());
  int64_t l = op.getLayer() ? index(op.getLayer()) : -1;
  if (op.getLayer() && (l < 0 || l >= int64_t(*param.getLayers())))
    return errorAt(op, "layer " + Twine(l) + " is not below " +
                           Twine(*param.getLayers()));
  auto [entry, isNew] =
      weights.try_emplace({op.getParam().str(), l}, std::monostate());
  if (!isNew)
    return Results{entry->second};
  Expected<Value> given = context.weights(op.getParam(), l);
  if (!given)
    return given.takeError();
  ArrayRef<int64_t> shape = cast<RankedTensorType>(param.getType()).getShape();
  std::vector<int64_t> required(shape.begin(), shape.end()), found = {-1};
  if (auto *array = std::get_if<std::shared_ptr<Array<float>>>(&*given))
    found = (*array)->shape;
  if (auto *array = std::get_if<std::shared_ptr<Array<double>>>(&*given))
    found = (*array)->shape;
  SINTER_CHECK(
      expect(op, ("the tensor of @" + op.getParam()).str(), found, required));
  entry->second = *given;
  return Results{*given};
}

template <typename T> Expected<Results> Evaluator<T>::visit(LayerValueOp op) {
  auto table =
      symbols.lookupNearestSymbolFrom<LayerTableOp>(op, op.getTableAttr());
  int64_t l = index(op.getLayer());
  if (l < 0 || l >= int64_t(table.getValues().size()))
    return errorAt(op, "layer " + Twine(l) + " is not in the table of " +
                           Twine(table.getValues().size()) + " layers");
  Attribute value = table.getValues()[l];
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return Results{integer.getInt()};
  return Results{cast<FloatAttr>(value).getValueAsDouble()};
}

template <typename T>
Expected<Results> Evaluator<T>::constant(arith::ConstantOp op) {
  Attribute value = op.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return Results{integer.getInt()};
  if (auto number = dyn_cast<FloatAttr>(value))
    return Results{number.getValueAsDouble()};
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements)
    return errorAt(op, "is a constant that the interpreter does not know");
  ArrayRef<int64_t> shape = elements.getShapedType().getShape();
  std::vector<int64_t> dims(shape.begin(), shape.end());
  if (isa<FloatType>(elements.getElementType())) {
    auto numbers = elements.tryGetValues<APFloat>();
    if (!numbers)
      return errorAt(op, "has elements that cannot be read");
    Array<T> array(dims);
    for (auto [at, number] : llvm::enumerate(*numbers))
      array.data[at] =
          FloatAttr::get(elements.getElementType(), number).getValueAsDouble();
    return Results{makeValue(std::move(array))};
  }
  auto numbers = elements.tryGetValues<APInt>();
  if (!numbers)
    return errorAt(op, "has elements that cannot be read");
  Ints array(dims);
  for (auto [at, number] : llvm::enumerate(*numbers))
    array.data[at] = number.getSExtValue();
  return Results{makeValue(std::move(array))};
}

/// The size of a dimension of a tensor of any kind, or -1.
static int64_t dimOf(const Value &value, int64_t dim) {
  return std::visit(
      [&](const auto &held) -> int64_t {
        if constexpr (requires { held->shape; })
          return dim >= 0 && dim < held->rank() ? held->shape[dim] : -1;
        else
          return -1;
      },
      value);
}

static std::optional<bool> compare(arith::CmpIPredicate predicate, int64_t a,
                                   int64_t b) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  default:
    return std::nullopt; // indices are not compared as unsigned here
  }
}

/// arith on indices, and tensor.dim; by name, to need no other dialect.
template <typename T> Expected<Results> Evaluator<T>::builtin(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (op->getNumResults() != 1)
    return foreign(op);
  if (name == "tensor.dim") {
    int64_t dim = dimOf((*frame)[op->getOperand(0)], index(op->getOperand(1)));
    if (dim < 0)
      return errorAt(op, "has no such dimension");
    return Results{dim};
  }
  for (mlir::Value operand : op->getOperands())
    if (!std::holds_alternative<int64_t>((*frame)[operand]))
      return foreign(op);
  if (name == "arith.index_cast" || name == "arith.index_castui")
    return Results{index(op->getOperand(0))};
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return Results{index(index(select.getCondition())
                             ? select.getTrueValue()
                             : select.getFalseValue())};
  if (op->getNumOperands() != 2)
    return foreign(op);
  uint64_t a = index(op->getOperand(0)), b = index(op->getOperand(1));
  int64_t left = a, right = b;
  if (name == "arith.addi")
    return Results{int64_t(a + b)};
  if (name == "arith.subi")
    return Results{int64_t(a - b)};
  if (name == "arith.muli")
    return Results{int64_t(a * b)};
  if (name == "arith.minsi")
    return Results{std::min(left, right)};
  if (name == "arith.maxsi")
    return Results{std::max(left, right)};
  if (name == "arith.divsi" || name == "arith.remsi") {
    if (right == 0 || right == -1)
      return errorAt(op, "divides by " + Twine(right));
    return Results{name == "arith.divsi" ? left / right : left % right};
  }
  if (auto cmp = dyn_cast<arith::CmpIOp>(op))
    if (std::optional<bool> holds = compare(cmp.getPredicate(), left, right))
      return Results{int64_t(*holds)};
  return foreign(op);
}

template <typename T> Expected<Results> Evaluator<T>::foreign(Operation *op) {
  // A target's order between kernels: there is one worker here.
  if (op->hasTrait<BesideKernels>() && op->getNumOperands() == 0 &&
      op->getNumResults() == 0)
    return Results();
  if (!context.extension || op->getNumResults() != 0)
    return errorAt(op, "has no meaning in the interpreter");
  Results operands;
  for (mlir::Value operand : op->getOperands())
    operands.push_back((*frame)[operand]);
  SINTER_CHECK(context.extension(op, operands));
  return Results();
}

template class Evaluator<double>;
template class Evaluator<float>;

} // namespace sinter::reference
