//===- LinearKernel.cpp - Loops around products with weights --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Many tokens: large blocks of tokens outside, then panels, then register tiles
// of tokens, so that panels stay in a core's own caches. Sums go through a
// small buffer, from which an inner loop finishes them: the element-wise code
// exists once, however many register tiles there are.
//
// One token: several panels at once, far from each other, each a stream of its
// own to the prefetcher.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearKernel.h"

#include "codegen/cpu/LinearMatrix.h"

using namespace mlir;
using namespace sinter;

namespace {

struct PackedLinears {
  Emitter &e;
  const LinearPlan &plan;
  int64_t R = plan.groups[0].matrices[0].panelRows;
  Value buffer = {}; ///< sums of a register tile: (panel, matrix, token, R)
  SmallVector<Value, 2> unpacked = {}; ///< quants of a panel of each matrix
  Value lists = {}; ///< listSecondParts of each unit of a block of tokens

  const LinearInput &input() const { return plan.input; }
  /// One that suits all matrices.
  RegisterTile registerTile() const {
    RegisterTile least = {64, 64};
    for (const LinearGroup &group : plan.groups)
      for (const WeightMatrix &matrix : group.matrices) {
        RegisterTile tile = sinter::registerTile(e.target, input(), matrix);
        least.tokens = std::min(least.tokens, tile.tokens);
        least.panels = std::min(least.panels, tile.panels);
      }
    return least;
  }

  /// The panels of a group that this thread has, [first, end); `whole` leaves
  /// out a last one with missing rows.
  struct Share {
    Value first, end;
    Value hasPartial; ///< i1, null when no rows are missing
  };

  Share share(size_t group, Value first, Value end, int64_t before) {
    int64_t rows = plan.groups[group].rows();
    int64_t panels = plan.groups[group].matrices[0].panels();
    Value low = e.min(e.max(e.sub(first, before), 0), panels);
    Value high = e.min(e.max(e.sub(end, before), 0), panels);
    Share share{low, high, {}};
    if (rows % R) {
      share.hasPartial = e.less(low, high);
      Value hasLast = e.equal(high, e.i64(panels));
      share.hasPartial =
          e.select(share.hasPartial, hasLast, e.integer(e.b.getI1Type(), 0));
      share.end = e.min(high, panels - 1);
      share.first = e.min(low, share.end);
    }
    return share;
  }

  /// Panel `panel` (i64) of each matrix of a group.
  void addPanels(SmallVectorImpl<PanelAddress> &panels, size_t group,
                 Value panel, bool streamed = false) {
    for (const WeightMatrix &matrix : plan.groups[group].matrices)
      panels.push_back({&matrix,
                        e.at(matrix.base, e.mul(panel, matrix.panelBytes())),
                        streamed});
  }

  /// emitDot, in parts when float and block weights are mixed.
  Emitter::Values dot(Value tile, ArrayRef<PanelAddress> panels, int64_t tokens,
                      bool withSecond = false) {
    bool blocks = panels[0].matrix->isBlocks();
    bool mixed = llvm::any_of(panels, [&](const PanelAddress &panel) {
      return panel.matrix->isBlocks() != blocks ||
             (!blocks && panel.matrix->element != panels[0].matrix->element);
    });
    if (!mixed)
      return emitDot(e, input(), tile, panels, tokens, withSecond);
    Emitter::Values all;
    for (const PanelAddress &panel : panels)
      all.append(emitDot(e, input(), tile, panel, tokens, withSecond));
    return all;
  }

  //===--------------------------------------------------------------------===//
  // One token
  //===--------------------------------------------------------------------===//

  Emitter::Values dotToken(ArrayRef<PanelAddress> panels) {
    return dot(input().base, panels, 1, input().hasSecond());
  }

  void finishPanels(size_t group, ArrayRef<Value> products,
                    ArrayRef<Value> panels) {
    size_t count = plan.groups[group].matrices.size();
    for (auto [index, panel] : llvm::enumerate(panels)) {
      Place place{e.i64(0), e.mul(panel, R), R};
      plan.finish(group, products.slice(index * count, count), place);
    }
  }

  void oneTokenStep(size_t group, ArrayRef<Value> which) {
    SmallVector<PanelAddress> panels;
    for (Value panel : which)
      addPanels(panels, group, panel, /*streamed=*/true);
    finishPanels(group, dotToken(panels), which);
  }

  void oneToken(size_t group, const Share &share) {
    int64_t matrices = plan.groups[group].matrices.size();
    int64_t streams = std::max<int64_t>(1, e.target.streams / matrices);
    Value apart = e.div(e.sub(share.end, share.first), streams);
    e.loop(e.i64(0), apart, 1, [&](Value index) {
      SmallVector<Value> which;
      for (int64_t s = 0; s < streams; ++s)
        which.push_back(e.add(e.add(share.first, e.mul(apart, s)), index));
      oneTokenStep(group, which);
    });
    if (streams > 1)
      e.loop(e.add(share.first, e.mul(apart, streams)), share.end, 1,
             [&](Value panel) { oneTokenStep(group, panel); });
    if (share.hasPartial)
      e.when(share.hasPartial, [&] {
        const LinearGroup &of = plan.groups[group];
        Value last = e.i64(of.matrices[0].panels() - 1);
        SmallVector<PanelAddress> panels;
        addPanels(panels, group, last);
        storeSums(dotToken(panels), 1, 1);
        finishTile(group, last, 1, e.i64(0), e.i64(1), of.rows() % R);
      });
  }

  //===--------------------------------------------------------------------===//
  // Tiles of tokens
  //===--------------------------------------------------------------------===//

  Value sumAt(int64_t index, int64_t tokens, Value token) {
    return e.at(buffer, e.mul(e.add(token, index * tokens), 4 * R));
  }

  /// Of `tokens` tokens from number `first` of a tile on.
  void storeSums(ArrayRef<Value> sums, int64_t stride, int64_t tokens,
                 int64_t first = 0) {
    for (size_t i = 0; i < sums.size(); ++i)
      e.store(sums[i], sumAt(i / tokens, stride, e.i64(first + i % tokens)));
  }

  /// Finishes `count` (i64) tokens from `token` on, of panels `which`.
  void finishTile(size_t group, ArrayRef<Value> which, int64_t stride,
                  Value token, Value count, int64_t rows) {
    size_t matrices = plan.groups[group].matrices.size();
    e.loop(e.i64(0), count, 1, [&](Value m) {
      for (auto [index, panel] : llvm::enumerate(which))
        e.features(
            rows,
            [&](Value lane, int64_t lanes) {
              SmallVector<Value> products;
              for (size_t i = 0; i < matrices; ++i) {
                Value sums = sumAt(index * matrices + i, stride, m);
                products.push_back(
                    e.load(e.f32Vector(lanes), e.at(sums, e.mul(lane, 4))));
              }
              Place place{e.add(token, m), e.add(e.mul(panel, R), lane), lanes};
              plan.finish(group, products, place);
            },
            R);
    });
  }

  /// The products of `panels` with `most` tokens of a tile from token `first`
  /// on, into the buffer.
  void dotPiece(Value tile, ArrayRef<PanelAddress> panels, int64_t stride,
                int64_t first, int64_t most) {
    Value start = e.at(tile, first * input().tokenBytes());
    storeSums(dot(start, panels, most), stride, most, first);
  }

  /// The products of `panels` with the first `count` (i64, up to `most`)
  /// tokens of a tile. A tile is padded, so that the next larger piece can be
  /// used; or a half and a quarter, unless these have too few sums at once to
  /// keep multipliers busy.
  void dotSome(Value tile, ArrayRef<PanelAddress> panels, int64_t stride,
               int64_t most, Value count) {
    constexpr int64_t kLeast = 3;
    int64_t half = most / 2;
    int64_t quarter = half / 2 >= kLeast ? half / 2 : 0;
    auto whole = [&] {
      dotPiece(tile, panels, stride, 0, most);
      return Emitter::Values{};
    };
    auto parts = [&] {
      if (quarter)
        e.when(e.less(e.i64(half), count),
               [&] { dotPiece(tile, panels, stride, half, quarter); });
      dotSome(tile, panels, stride, half, count);
      return Emitter::Values{};
    };
    if (half == 0)
      whole();
    else
      e.choose(e.less(e.i64(half + quarter), count), {}, whole, parts);
  }

  /// Units of `unit` tokens: register tiles in tiles of activations.
  struct Units {
    int64_t unit;
    Value first, end; ///< those of the present block of tokens
  };

  /// The tile of a unit, and which of its tokens is the unit's first.
  std::pair<Value, Value> placeOf(Value unit, int64_t tokens) {
    int64_t perTile = input().tileTokens / tokens;
    return {
        e.at(input().base, e.mul(e.div(unit, perTile), input().tileBytes())),
        e.mul(e.rem(unit, perTile), tokens)};
  }

  /// Tokens of a unit whose second parts are taken together: a matrix unit
  /// takes all, else outliers are rarely at the same place.
  int64_t listedTogether() const {
    return input().isForMatrixUnit() ? unitTokens() : 1;
  }

  int64_t listBytes() const {
    int64_t groups = unitTokens() / listedTogether();
    return (input().features / 32 * groups + 1) * 4;
  }

  Value listOf(Value unit, const Units &units) {
    if (!lists)
      return {};
    return e.at(lists, e.mul(e.sub(unit, units.first), listBytes()));
  }

  /// Lists the second parts of a block of tokens.
  void listParts(const Units &units) {
    int64_t together = listedTogether();
    e.loop(units.first, units.end, 1, [&](Value unit) {
      auto [tile, inside] = placeOf(unit, units.unit);
      // Scales of tokens are 4 bytes apart whatever the tile.
      listSecondParts(e, input(), e.at(tile, e.mul(inside, 4)),
                      units.unit / together, together, listOf(unit, units));
    });
  }

  /// Adds the products of `panels` with listed parts of a unit of tokens to
  /// those in the buffer.
  void addListed(ArrayRef<PanelAddress> panels, int64_t unit, Value tile,
                 Value list) {
    forListed(e, list, {}, [&](Value entry, ValueRange) -> Emitter::Values {
      Value token = e.rem(entry, unit);
      Emitter::Values sums;
      for (size_t i = 0; i < panels.size(); ++i)
        sums.push_back(e.load(e.f32Vector(R), sumAt(i, unit, token)));
      Value first = e.at(tile, e.mul(token, input().tokenBytes()));
      addSecondPart(e, input(), first, panels, e.div(entry, unit), sums);
      for (auto [i, sum] : llvm::enumerate(sums))
        e.store(sum, sumAt(i, unit, token));
      return {};
    });
  }

  /// The products of `panels` with `count` tokens from token `inside` of
  /// `tile` on, into the buffer.
  void dotUnit(ArrayRef<PanelAddress> panels, int64_t unit, Value tile,
               Value inside, Value count, Value list) {
    if (!input().isForMatrixUnit()) {
      Value first = e.at(tile, e.mul(inside, input().tokenBytes()));
      dotSome(first, panels, unit, unit, count);
      if (list)
        addListed(panels, unit, first, list);
      return;
    }
    for (auto [index, panel] : llvm::enumerate(panels)) {
      Value quants = input().isBlocks() ? unpacked[index] : Value();
      emitMatrixDot(e, input(), tile, inside, panel, quants, list,
                    sumAt(index, unit, e.i64(0)));
    }
  }

  /// Memory of what finishTile will store.
  void prefetchTile(size_t group, ArrayRef<Value> which, Value token,
                    Value count) {
    e.loop(e.i64(0), count, 1, [&](Value m) {
      for (Value panel : which)
        plan.prefetch(group, Place{e.add(token, m), e.mul(panel, R), R});
    });
  }

  /// All units of tokens with panels `which`, of which `rows` rows exist.
  void panelStep(size_t group, ArrayRef<Value> which, const Units &units,
                 int64_t rows) {
    SmallVector<PanelAddress> panels;
    for (Value panel : which)
      addPanels(panels, group, panel);
    if (input().isForMatrixUnit() && input().isBlocks())
      for (auto [panel, out] : llvm::zip(panels, unpacked))
        unpackPanel(e, panel, out);
    e.loop(units.first, units.end, 1, [&](Value unit) {
      auto [tile, inside] = placeOf(unit, units.unit);
      Value token = e.mul(unit, units.unit);
      Value count = e.min(e.sub(plan.tokens, token), units.unit);
      if (plan.prefetch)
        prefetchTile(group, which, token, count);
      dotUnit(panels, units.unit, tile, inside, count, listOf(unit, units));
      finishTile(group, which, units.unit, token, count, rows);
    });
  }

  void tokenBlock(size_t group, const Share &share, const Units &units) {
    int64_t matrices = plan.groups[group].matrices.size();
    int64_t wide = std::max<int64_t>(1, registerTile().panels / matrices);
    Value whole =
        e.sub(share.end, e.rem(e.sub(share.end, share.first), e.i64(wide)));
    e.loop(share.first, whole, wide, [&](Value first) {
      SmallVector<Value> which;
      for (int64_t p = 0; p < wide; ++p)
        which.push_back(e.add(first, p));
      panelStep(group, which, units, R);
    });
    if (wide > 1)
      e.loop(whole, share.end, 1,
             [&](Value panel) { panelStep(group, panel, units, R); });
    const LinearGroup &of = plan.groups[group];
    Value last = e.i64(of.matrices[0].panels() - 1);
    if (share.hasPartial)
      e.when(share.hasPartial,
             [&] { panelStep(group, last, units, of.rows() % R); });
  }

  /// Tokens of a register tile: they divide a tile of activations.
  int64_t unitTokens() const {
    int64_t tile = input().tileTokens;
    int64_t unit = std::min<int64_t>(registerTile().tokens, tile);
    while (tile % unit)
      --unit;
    return unit;
  }

  /// The most units of a block of tokens. Its activations are read once for
  /// each step of panels, and these once for each block: a large block, read
  /// from the last cache, costs less than weights read again from memory. What
  /// lists second parts is on the stack and wants small ones; few of these
  /// parts are read.
  int64_t mostUnits() const {
    int64_t cache = input().hasSecond() ? e.target.l2Bytes : e.target.l3Bytes;
    int64_t bytes =
        input().isBlocks() ? input().partBytes() : input().tileBytes();
    int64_t tiles = std::max<int64_t>(1, cache / 2 / bytes);
    return tiles * (input().tileTokens / unitTokens());
  }

  /// Blocks of about the same size.
  void manyTokens(size_t group, const Share &share) {
    int64_t unit = unitTokens();
    Value units = e.ceilDiv(plan.tokens, unit);
    Value blocks = e.max(e.ceilDiv(units, mostUnits()), 1);
    Value size = e.div(e.add(units, e.sub(blocks, e.i64(1))), blocks);
    e.loop(e.i64(0), blocks, 1, [&](Value index) {
      Value first = e.min(e.mul(index, size), units);
      Units block{unit, first, e.min(e.add(first, size), units)};
      if (lists)
        listParts(block);
      tokenBlock(group, share, block);
    });
  }

  //===--------------------------------------------------------------------===//
  // Threads
  //===--------------------------------------------------------------------===//

  void emit() {
    int64_t total = 0, matrices = 1;
    for (const LinearGroup &group : plan.groups) {
      total += group.matrices[0].panels();
      matrices = std::max<int64_t>(matrices, group.matrices.size());
    }
    int64_t most = std::max<int64_t>(registerTile().panels, matrices);
    buffer = e.stackBuffer(most * unitTokens() * R * 4);
    if (input().isForMatrixUnit() && input().isBlocks())
      for (int64_t i = 0; i < matrices; ++i)
        unpacked.push_back(e.stackBuffer(input().features * R));
    auto [first, end] = e.myShare(e.i64(total));
    int64_t before = 0;
    if (input().isForMatrixUnit())
      configureMatrixUnit(e, input());
    bool one = Emitter::known(plan.tokens) == 1;
    if (input().hasSecond() && !one)
      lists = e.stackBuffer(listBytes() * mostUnits());
    for (size_t group = 0; group < plan.groups.size(); ++group) {
      Share mine = share(group, first, end, before);
      if (one)
        oneToken(group, mine);
      else
        manyTokens(group, mine);
      before += plan.groups[group].matrices[0].panels();
    }
    if (input().isForMatrixUnit())
      releaseMatrixUnit(e);
  }
};

} // namespace

void sinter::emitLinears(Emitter &e, const LinearPlan &plan) {
  int64_t R = plan.groups[0].matrices[0].panelRows;
  bool packed = llvm::all_of(plan.groups, [&](const LinearGroup &group) {
    return llvm::all_of(group.matrices, [&](const WeightMatrix &matrix) {
      return canDot(plan.input, matrix) && matrix.panelRows == R;
    });
  });
  if (!packed)
    return emitPlainLinears(e, plan);
  PackedLinears{e, plan}.emit();
}
