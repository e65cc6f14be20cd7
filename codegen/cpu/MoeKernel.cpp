//===- MoeKernel.cpp - Mixture of experts ---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A "choice" is a token with one of the experts chosen for it: there are N * K,
// and choice c is of token c / K. A "slot" is a place in the order of experts.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/MoeKernel.h"

#include "codegen/cpu/LinearKernel.h"
#include "codegen/cpu/TiledStore.h"
#include "codegen/cpu/VectorMath.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static Type elementOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

namespace {
/// The numbers of a moe.
struct Sizes {
  int64_t features, width, experts, chosen, tile;

  explicit Sizes(MoeOp op)
      : features(shapeOf(op.getInput())[2]), width(shapeOf(op.getUp())[1]),
        experts(shapeOf(op.getUp())[0]), chosen(shapeOf(op.getIds())[2]),
        tile(op.getTile()) {}
};
} // namespace

/// Activations as linears of experts read them, where these are stored.
static Type gatheredElement(MoeOp op) {
  if (!op.getQuantized())
    return Float32Type::get(op.getContext());
  return BlockType::get(op.getContext(),
                        op.getCrest() ? BlockFormat::A16 : BlockFormat::A8);
}

static int64_t gatheredBytes(MoeOp op, int64_t features) {
  return storedBytes(gatheredElement(op), features);
}

MoeMemory::MoeMemory(MoeOp op) {
  Sizes sizes(op);
  auto ofChoices = [&](int64_t bytes, int64_t padding) {
    return Part{sizes.chosen * bytes, padding * bytes};
  };
  // Each expert's tiles have a last one that is not full.
  int64_t padding = sizes.experts * (sizes.tile - 1);
  tables = {0, (3 * sizes.experts + 2) * 8};
  order = ofChoices(4, 0);
  input = ofChoices(
      std::max(gatheredBytes(op, sizes.features), sizes.features * 4), padding);
  inner = ofChoices(sizes.width * 4, 0);
  if (op.getQuantized() || sizes.tile > 1)
    gathered = ofChoices(gatheredBytes(op, sizes.width), padding);
}

MoeMemory::Part MoeMemory::total() const {
  Part all;
  for (const Part &part : {tables, order, input, inner, gathered}) {
    all.bytes += part.bytes;
    all.extra += part.extra + 63; // each starts at a multiple of 64
  }
  return all;
}

namespace {

class MoeKernel {
public:
  MoeKernel(Emitter &emitter, MoeOp op, KernelOperands &operands)
      : e(emitter), op(op), operands(operands), sizes(op) {}

  void emit();

private:
  /// The choices of one expert: slots first .. first + count, whose rows begin
  /// with tile `tile`.
  struct Group {
    Value expert, first, tile, count;
  };
  using Body = function_ref<void(const Group &)>;

  void placeMemory();
  LinearInput gathered(Value base, int64_t features);
  WeightMatrix matrixOf(Value weights, Value expert);
  Value expertOf(Value choice);
  Value isExpert(Value choice);
  void whenExpert(Value choice, function_ref<void()> body);
  Value slots();
  Value weightOf(Value choice, int64_t lanes);
  Value biasOf(Value biases, Value expert, const Place &place);

  void sortChoices();
  Group groupOf(Value expert);
  void eachGroup(Body body);
  void storeRows(Value count, const LinearInput &to,
                 function_ref<Value(Value slot)> target,
                 function_ref<Value(Value slot, Value at, int64_t lanes)> read);
  Value tiledSlot(Value slot);
  void gatherInputs();
  void gatherInner();
  void linears(const Group &group, const LinearInput &input,
               ArrayRef<Value> weights,
               function_ref<void(ArrayRef<Value>, const Place &)> finish);
  void innerOf(const Group &group);
  void downOf(const Group &group);
  Value activate(const Group &group, ArrayRef<Value> products,
                 const Place &place);
  void finishDown(const Group &group, Value product, const Place &place);
  Value tokensOf(Value token, Value feature, int64_t lanes);
  void startSums();
  void addChoices();
  bool isOne() { return Emitter::known(rows) == 1; }
  /// Whether experts read activations that were stored for them.
  bool storesInputs() {
    return op.getQuantized() || op.getWeighInput() || !isOne();
  }
  bool storesInner() {
    return op.getQuantized() || (sizes.tile > 1 && !isOne());
  }

  Emitter &e;
  MoeOp op;
  KernelOperands &operands;
  Sizes sizes;
  Value rows;    ///< N
  Value choices; ///< N * K
  Value starts, tiles, next, order, inputs, inner, innerTiles;
};

} // namespace

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

void MoeKernel::placeMemory() {
  MoeMemory memory(op);
  Value at = operands.workspace(op);
  auto take = [&](const MoeMemory::Part &part) {
    Value here = at;
    Value bytes = e.add(e.mul(rows, part.bytes), part.extra);
    at = e.at(at, e.mul(e.ceilDiv(bytes, 64), 64));
    return here;
  };
  starts = take(memory.tables);
  tiles = e.at(starts, 8 * (sizes.experts + 1));
  next = e.at(tiles, 8 * (sizes.experts + 1));
  order = take(memory.order);
  inputs = take(memory.input);
  inner = take(memory.inner);
  innerTiles = take(memory.gathered);
}

/// Rows of activations as linears of experts read them.
LinearInput MoeKernel::gathered(Value base, int64_t features) {
  LinearInput input;
  input.element = gatheredElement(op);
  input.features = features;
  input.tileTokens = isOne() ? 1 : sizes.tile;
  input.together = input.tileTokens > 1 ? featuresTogether(input.element) : 1;
  input.base = base;
  return input;
}

/// The matrix of one expert.
WeightMatrix MoeKernel::matrixOf(Value weights, Value expert) {
  auto type = cast<RankedTensorType>(weights.getType());
  auto one = RankedTensorType::get(type.getShape().drop_front(),
                                   type.getElementType(), type.getEncoding());
  WeightMatrix matrix = WeightMatrix::of(one, {});
  int64_t bytes = matrix.isPacked() ? matrix.panels() * matrix.panelBytes()
                                    : matrix.rows * matrix.rowBytes();
  matrix.base = e.at(operands.address(weights), e.mul(expert, bytes));
  return matrix;
}

static Value idOf(Emitter &e, Value ids, Value choice) {
  Value address = e.at(ids, e.mul(choice, 4));
  return e.toI64(e.load(e.b.getI32Type(), address));
}

Value MoeKernel::expertOf(Value choice) {
  Value expert = idOf(e, operands.address(op.getIds()), choice);
  return e.min(e.max(expert, 0), sizes.experts - 1);
}

/// Whether a choice is an expert, and not the token itself.
Value MoeKernel::isExpert(Value choice) {
  return e.less(idOf(e, operands.address(op.getIds()), choice),
                e.i64(sizes.experts));
}

void MoeKernel::whenExpert(Value choice, function_ref<void()> body) {
  if (op.getIdentities())
    e.when(isExpert(choice), body);
  else
    body();
}

/// How many slots there are: choices that are experts, of one token all.
Value MoeKernel::slots() {
  if (isOne() || !op.getIdentities())
    return choices;
  return e.load(e.i64Type(), e.at(starts, 8 * sizes.experts));
}

Value MoeKernel::weightOf(Value choice, int64_t lanes) {
  Type element = elementOf(op.getWeights());
  Value address = e.at(operands.address(op.getWeights()),
                       e.mul(choice, Emitter::bytesOf(element)));
  return e.loadSplat(element, address, lanes);
}

/// Of the expert's row of biases.
Value MoeKernel::biasOf(Value biases, Value expert, const Place &place) {
  Type element = elementOf(biases);
  Value index = e.add(e.mul(expert, shapeOf(biases)[1]), place.feature);
  return e.loadFloats(
      element,
      e.at(operands.address(biases), e.mul(index, Emitter::bytesOf(element))),
      place.lanes);
}

//===----------------------------------------------------------------------===//
// Choices by expert
//===----------------------------------------------------------------------===//

/// Counts, adds up and places: one thread, as the whole is a few thousand
/// numbers.
void MoeKernel::sortChoices() {
  Type i64 = e.i64Type();
  auto entry = [&](Value table, Value index) {
    return e.at(table, e.mul(index, 8));
  };
  e.loop(e.i64(0), e.i64(sizes.experts), 1,
         [&](Value expert) { e.store(e.i64(0), entry(next, expert)); });
  e.loop(e.i64(0), choices, 1, [&](Value choice) {
    whenExpert(choice, [&] {
      Value count = entry(next, expertOf(choice));
      e.store(e.add(e.load(i64, count), 1), count);
    });
  });
  Emitter::Values ends =
      e.loop(e.i64(0), e.i64(sizes.experts), 1, {e.i64(0), e.i64(0)},
             [&](Value expert, ValueRange sums) -> Emitter::Values {
               Value count = e.load(i64, entry(next, expert));
               e.store(sums[0], entry(starts, expert));
               e.store(sums[0], entry(next, expert));
               e.store(sums[1], entry(tiles, expert));
               return {e.add(sums[0], count),
                       e.add(sums[1], e.ceilDiv(count, sizes.tile))};
             });
  e.store(ends[0], entry(starts, e.i64(sizes.experts)));
  e.loop(e.i64(0), choices, 1, [&](Value choice) {
    whenExpert(choice, [&] {
      Value place = entry(next, expertOf(choice));
      Value slot = e.load(i64, place);
      e.store(e.add(slot, 1), place);
      e.store(arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), choice),
              e.at(order, e.mul(slot, 4)));
    });
  });
}

MoeKernel::Group MoeKernel::groupOf(Value expert) {
  auto load = [&](Value table, Value index) {
    return e.load(e.i64Type(), e.at(table, e.mul(index, 8)));
  };
  Value first = load(starts, expert);
  return {expert, first, load(tiles, expert),
          e.sub(load(starts, e.add(expert, 1)), first)};
}

/// Experts in order, or with one token its choices in order.
void MoeKernel::eachGroup(Body body) {
  if (isOne()) {
    Value none = e.i64(0), one = e.i64(1);
    e.loop(none, e.i64(sizes.chosen), 1, [&](Value choice) {
      whenExpert(choice,
                 [&] { body({expertOf(choice), choice, choice, one}); });
    });
    return;
  }
  e.loop(e.i64(0), e.i64(sizes.experts), 1, [&](Value expert) {
    Group group = groupOf(expert);
    e.when(e.less(e.i64(0), group.count), [&] { body(group); });
  });
}

/// The choice in a slot.
static Value choiceIn(Emitter &e, Value order, Value slot) {
  Value address = e.at(order, e.mul(slot, 4));
  return e.toI64(e.load(e.b.getI32Type(), address));
}

/// The row of a slot among the experts' tiles.
Value MoeKernel::tiledSlot(Value slot) {
  if (isOne())
    return slot;
  Group group = groupOf(expertOf(choiceIn(e, order, slot)));
  return e.add(e.mul(group.tile, sizes.tile), e.sub(slot, group.first));
}

//===----------------------------------------------------------------------===//
// Activations of experts
//===----------------------------------------------------------------------===//

/// Stores rows 0 .. count, cut by rows and features; `read` gives f32 vectors.
void MoeKernel::storeRows(Value count, const LinearInput &to,
                          function_ref<Value(Value)> target,
                          function_ref<Value(Value, Value, int64_t)> read) {
  bool blocks = to.isBlocks();
  // Whole rows where there are many, else parts of them.
  int64_t parts = blocks && isOne() ? to.features / 32 : 1;
  auto [first, end] = e.myShare(e.mul(count, parts));
  int64_t lanes = std::min<int64_t>(e.lanes, 32);
  float crest = op.getCrest() ? op.getCrest()->convertToFloat() : 0;
  e.loop(first, end, 1, [&](Value part) {
    Value slot = e.div(part, parts), row = target(slot);
    auto block = [&](Value feature) {
      SmallVector<Value> vectors;
      for (int64_t i = 0; i < 32; i += lanes)
        vectors.push_back(read(slot, e.add(feature, i), lanes));
      storeTiledBlock(e, to, row, feature, vectors, crest);
    };
    if (!blocks)
      e.features(to.features, [&](Value feature, int64_t lanes) {
        storeTiledFloats(e, to, row, feature, read(slot, feature, lanes));
      });
    else if (parts > 1)
      block(e.mul(e.rem(part, parts), 32));
    else
      e.loop(e.i64(0), e.i64(to.features), 32, block);
  });
}

void MoeKernel::gatherInputs() {
  Type element = elementOf(op.getInput());
  Value x = operands.address(op.getInput());
  bool weighs = op.getWeighInput();
  // One token that is not weighed is the same for all of its experts.
  Value count = isOne() && !weighs ? e.i64(1) : slots();
  auto read = [&](Value slot, Value feature, int64_t lanes) {
    Value choice = isOne() ? slot : choiceIn(e, order, slot);
    Value token = isOne() ? e.i64(0) : e.div(choice, sizes.chosen);
    Value index = e.add(e.mul(token, sizes.features), feature);
    Value vector = e.loadFloats(
        element, e.at(x, e.mul(index, Emitter::bytesOf(element))), lanes);
    return weighs ? e.mulF(weightOf(choice, lanes), vector) : vector;
  };
  storeRows(
      count, gathered(inputs, sizes.features),
      [&](Value slot) { return tiledSlot(slot); }, read);
}

void MoeKernel::gatherInner() {
  storeRows(
      slots(), gathered(innerTiles, sizes.width),
      [&](Value slot) { return tiledSlot(slot); },
      [&](Value slot, Value feature, int64_t lanes) {
        Value index = e.add(e.mul(slot, sizes.width), feature);
        return e.loadFloats(e.f32Type(), e.at(inner, e.mul(index, 4)), lanes);
      });
}

//===----------------------------------------------------------------------===//
// Linears of experts
//===----------------------------------------------------------------------===//

void MoeKernel::linears(
    const Group &group, const LinearInput &input, ArrayRef<Value> weights,
    function_ref<void(ArrayRef<Value>, const Place &)> finish) {
  LinearPlan plan;
  plan.input = input;
  plan.tokens = group.count;
  LinearGroup &matrices = plan.groups.emplace_back();
  for (Value weight : weights)
    matrices.matrices.push_back(matrixOf(weight, group.expert));
  plan.finish = [&](size_t, ArrayRef<Value> products, const Place &place) {
    finish(products, place);
  };
  emitLinears(e, plan);
}

/// act(beta x) / beta.
static Value activated(Emitter &e, MoeOp op, Value x, int64_t lanes) {
  double beta = op.getBeta().convertToFloat();
  if (beta == 1)
    return emitUnary(e, op.getKind(), x);
  x = emitUnary(e, op.getKind(), e.mulF(x, e.splat(beta, lanes)));
  return e.mulF(x, e.splat(1 / beta, lanes));
}

/// act(g) * (u + up_offset), or act(u).
Value MoeKernel::activate(const Group &group, ArrayRef<Value> products,
                          const Place &place) {
  auto splat = [&](double value) { return e.splat(value, place.lanes); };
  auto biased = [&](Value product, Value biases) {
    return biases ? e.addF(product, biasOf(biases, group.expert, place))
                  : product;
  };
  double limit = op.getLimit().convertToFloat();
  double offset = op.getUpOffset().convertToFloat();
  Value up = biased(products.back(), op.getUpBias());
  if (limit > 0)
    up = e.minF(splat(limit), e.maxF(splat(-limit), up));
  if (!op.getGate())
    return activated(e, op, up, place.lanes);
  Value gate = biased(products.front(), op.getGateBias());
  if (limit > 0)
    gate = e.minF(splat(limit), gate);
  if (offset != 0)
    up = e.addF(up, splat(offset));
  return e.mulF(activated(e, op, gate, place.lanes), up);
}

void MoeKernel::innerOf(const Group &group) {
  LinearInput input;
  if (storesInputs()) {
    input = gathered(inputs, sizes.features);
    bool shared = isOne() && !op.getWeighInput();
    Value tile = shared ? e.i64(0) : group.tile;
    input.base = e.at(inputs, e.mul(tile, input.tileBytes()));
  } else {
    input = LinearInput::of(cast<RankedTensorType>(op.getInput().getType()),
                            operands.address(op.getInput()));
  }
  SmallVector<Value> weights;
  if (op.getGate())
    weights.push_back(op.getGate());
  weights.push_back(op.getUp());
  Type element = elementOf(op.getInput());
  linears(group, input, weights,
          [&](ArrayRef<Value> products, const Place &place) {
            Value h = activate(group, products, place);
            // As wide as x, in f32.
            h = e.round(h, element);
            Value slot = e.add(group.first, place.token);
            Value index = e.add(e.mul(slot, sizes.width), place.feature);
            e.store(h, e.at(inner, e.mul(index, 4)));
          });
}

void MoeKernel::downOf(const Group &group) {
  LinearInput input = gathered(innerTiles, sizes.width);
  if (storesInner()) {
    input.base = e.at(innerTiles, e.mul(group.tile, input.tileBytes()));
  } else {
    input.tileTokens = 1;
    input.base = e.at(inner, e.mul(group.first, sizes.width * 4));
  }
  linears(group, input, op.getDown(),
          [&](ArrayRef<Value> products, const Place &place) {
            finishDown(group, products[0], place);
          });
}

/// Of many tokens, each choice's result is kept; of one, they add up at once,
/// as each thread has the same features of all experts.
void MoeKernel::finishDown(const Group &group, Value product,
                           const Place &place) {
  if (op.getDownBias())
    product = e.addF(product, biasOf(op.getDownBias(), group.expert, place));
  Value slot = e.add(group.first, place.token);
  Value choice = isOne() ? slot : choiceIn(e, order, slot);
  if (!op.getWeighInput())
    product = e.mulF(weightOf(choice, place.lanes), product);
  if (!isOne()) {
    Value index = e.add(e.mul(choice, sizes.features), place.feature);
    return e.store(product, e.at(inputs, e.mul(index, 4)));
  }
  Type element = elementOf(op.getResult());
  Value y = operands.address(op.getResult());
  // Sums are f32: of a narrower result they stand where the inputs were.
  Value sums = e.at(element.isF32() ? y : inputs, e.mul(place.feature, 4));
  Value before = e.load(e.f32Vector(place.lanes), sums);
  Value sum = e.addF(before, product);
  if (!op.getIdentities()) // else sums have begun
    sum = e.select(e.equal(choice, e.i64(0)), product, sum);
  e.store(sum, sums);
  if (!element.isF32())
    e.storeFloats(sum, element,
                  e.at(y, e.mul(place.feature, Emitter::bytesOf(element))));
}

/// What choices that are the token itself give.
Value MoeKernel::tokensOf(Value token, Value feature, int64_t lanes) {
  Type element = elementOf(op.getInput());
  Value index = e.add(e.mul(token, sizes.features), feature);
  Value x = e.loadFloats(element,
                         e.at(operands.address(op.getInput()),
                              e.mul(index, Emitter::bytesOf(element))),
                         lanes);
  Value none = e.splat(0.0, lanes);
  Value first = e.mul(token, sizes.chosen);
  auto add = [&](Value number, ValueRange sums) -> Emitter::Values {
    Value choice = e.add(first, number);
    Value mine = e.mulF(weightOf(choice, lanes), x);
    return {e.addF(sums[0], e.select(isExpert(choice), none, mine))};
  };
  return e.loop(e.i64(0), e.i64(sizes.chosen), 1, {none}, add)[0];
}

/// What a token's sums begin with, where `down` adds to them at once.
void MoeKernel::startSums() {
  if (!isOne() || !op.getIdentities())
    return;
  Type element = elementOf(op.getResult());
  Value y = operands.address(op.getResult());
  Value sums = element.isF32() ? y : inputs;
  e.when(e.equal(e.thread, e.i64(0)), [&] {
    e.features(sizes.features, [&](Value feature, int64_t lanes) {
      Value sum = tokensOf(e.i64(0), feature, lanes);
      e.store(sum, e.at(sums, e.mul(feature, 4)));
      // All choices may be the token.
      if (!element.isF32())
        e.storeFloats(sum, element,
                      e.at(y, e.mul(feature, Emitter::bytesOf(element))));
    });
  });
  e.barrier();
}

/// Adds up the results of each token's choices, in their order.
void MoeKernel::addChoices() {
  Type element = elementOf(op.getResult());
  Value y = operands.address(op.getResult());
  auto [first, end] = e.myShare(rows);
  e.loop(first, end, 1, [&](Value token) {
    e.features(sizes.features, [&](Value feature, int64_t lanes) {
      auto result = [&](Value choice) {
        Value row = e.add(e.mul(token, sizes.chosen), choice);
        Value index = e.add(e.mul(row, sizes.features), feature);
        Value made = e.load(e.f32Vector(lanes), e.at(inputs, e.mul(index, 4)));
        return op.getIdentities()
                   ? e.select(isExpert(row), made, e.splat(0.0, lanes))
                   : made;
      };
      auto addTo = [&](Value before, int64_t first) {
        return e.loop(e.i64(first), e.i64(sizes.chosen), 1, {before},
                      [&](Value choice, ValueRange sums) -> Emitter::Values {
                        return {e.addF(sums[0], result(choice))};
                      })[0];
      };
      Value sum = op.getIdentities() ? addTo(tokensOf(token, feature, lanes), 0)
                                     : addTo(result(e.i64(0)), 1);
      Value index = e.add(e.mul(token, sizes.features), feature);
      e.storeFloats(sum, element,
                    e.at(y, e.mul(index, Emitter::bytesOf(element))));
    });
  });
}

void MoeKernel::emit() {
  rows = operands.rowsOf(op.getInput());
  choices = e.mul(rows, sizes.chosen);
  placeMemory();
  if (!isOne()) {
    e.when(e.equal(e.thread, e.i64(0)), [&] { sortChoices(); });
    e.barrier();
  }
  if (storesInputs()) {
    gatherInputs();
    e.barrier();
  }
  eachGroup([&](const Group &group) { innerOf(group); });
  e.barrier();
  if (storesInner()) {
    gatherInner();
    e.barrier();
  }
  startSums();
  eachGroup([&](const Group &group) { downOf(group); });
  if (!isOne()) {
    e.barrier();
    addChoices();
  }
}

LogicalResult sinter::emitMoeKernel(Emitter &e, MoeOp op,
                                    KernelOperands &operands) {
  MoeKernel(e, op, operands).emit();
  return success();
}
