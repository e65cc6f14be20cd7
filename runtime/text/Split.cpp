//===- Split.cpp - Applying split steps -----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Split.h"
#include "runtime/text/Matcher.h"
#include "runtime/text/Utf8.h"

#include <algorithm>

namespace sinter::text {

namespace {
/// A stretch of a piece: a match of the pattern, or what lies between.
struct Stretch {
  size_t begin, end;
  bool matched;
};
} // namespace

/// Cuts `piece` at the matches of program `program`, leaving out no byte.
static void cut(const TablesView &tables, uint32_t program, bool invert,
                std::string_view piece, std::vector<Stretch> &out) {
  Matcher matcher(tables, program, piece);
  size_t done = 0, from = 0;
  Matcher::Match match;
  while (from < piece.size() && matcher.find(from, match)) {
    if (match.begin > done)
      out.push_back({done, match.begin, invert});
    if (match.end > match.begin)
      out.push_back({match.begin, match.end, !invert});
    done = from = match.end;
    if (match.begin == match.end && from < piece.size())
      from += sizeAt(piece, from);
  }
  if (done < piece.size())
    out.push_back({done, piece.size(), invert});
}

/// Joins or drops stretches as `behavior` says; the rest become pieces, whose
/// place is counted from `origin`.
static void keep(std::vector<Stretch> &stretches, SplitBehavior behavior,
                 size_t origin, std::vector<Pieces::Range> &out) {
  size_t first = out.size();
  bool before = false; // the stretch before was a match
  auto add = [&](const Stretch &stretch, bool join) {
    if (join && out.size() > first) {
      out.back().begin = std::min(out.back().begin, origin + stretch.begin);
      out.back().end = std::max(out.back().end, origin + stretch.end);
    } else {
      out.push_back({origin + stretch.begin, origin + stretch.end});
    }
    before = stretch.matched;
  };
  if (behavior == SplitBehavior::MergedWithNext) {
    for (auto it = stretches.rbegin(); it != stretches.rend(); ++it)
      add(*it, it->matched && !before);
    std::reverse(out.begin() + first, out.end());
    return;
  }
  for (const Stretch &stretch : stretches) {
    if (behavior == SplitBehavior::Removed && stretch.matched)
      continue;
    add(stretch, (behavior == SplitBehavior::MergedWithPrevious &&
                  stretch.matched && !before) ||
                     (behavior == SplitBehavior::Contiguous &&
                      stretch.matched == before));
  }
}

static void splitPattern(const TablesView &tables, const TextStep &step,
                         Pieces &pieces) {
  std::vector<Pieces::Range> result;
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < pieces.ranges.size(); ++i) {
    stretches.clear();
    cut(tables, step.a, step.c != 0, pieces[i], stretches);
    keep(stretches, static_cast<SplitBehavior>(step.b), pieces.ranges[i].begin,
         result);
  }
  pieces.ranges = std::move(result);
}

/// Rewrites each piece's text.
static void changeText(const TablesView &tables, const TextStep &step,
                       TextPlace place, Pieces &pieces) {
  Pieces result;
  for (size_t i = 0; i < pieces.ranges.size(); ++i) {
    size_t begin = result.text.size();
    std::string_view piece = pieces[i];
    if (step.kind == StepKind::PrefixPiece) {
      std::string_view prefix = stepText(tables, step.a, step.b);
      bool atStart = i == 0 && place == TextPlace::Start;
      bool inside = i == 0 && place == TextPlace::Inside;
      if (!piece.starts_with(prefix) && (step.c == 0 ? !inside : atStart))
        result.text.append(prefix, /*isMarked=*/false);
      result.text.append(pieces.text, piece);
    } else {
      result.text.append(applyStep(tables, step, pieces.text.part(piece)));
    }
    if (result.text.size() > begin)
      result.ranges.push_back({begin, result.text.size()});
  }
  pieces = std::move(result);
}

Pieces splitText(const TablesView &tables, MarkedText text, TextPlace place) {
  Pieces pieces;
  pieces.text = std::move(text);
  if (!pieces.text.empty())
    pieces.ranges.push_back({0, pieces.text.size()});
  for (const TextStep &step :
       tables.section<TextStep>(SectionKind::SplitSteps)) {
    if (step.kind == StepKind::SplitPattern)
      splitPattern(tables, step, pieces);
    else
      changeText(tables, step, place, pieces);
  }
  return pieces;
}

} // namespace sinter::text
