//===- Normalize.cpp - Unicode normalization from tables ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Normalize.h"
#include "runtime/text/CharsMap.h"
#include "runtime/text/Matcher.h"
#include "runtime/text/Utf8.h"

#include <algorithm>
#include <vector>

namespace sinter::text {

/// Hangul syllables compose by arithmetic (Unicode 3.12), not by table.
static constexpr uint32_t hangulBase = 0xac00, leadBase = 0x1100,
                          vowelBase = 0x1161, trailBase = 0x11a7,
                          leadCount = 19, vowelCount = 21, trailCount = 28,
                          hangulCount = leadCount * vowelCount * trailCount;

/// Code points; the highest bit is set where one is marked.
using Codes = std::vector<uint32_t>;
static constexpr uint32_t markBit = 0x80000000;

/// What `code` maps to, or an empty span.
static std::span<const uint32_t> mapped(const TablesView &tables,
                                        SectionKind mappings, uint32_t code) {
  auto all = tables.section<CodeMapping>(mappings);
  auto found = std::lower_bound(
      all.begin(), all.end(), code,
      [](const CodeMapping &map, uint32_t code) { return map.from < code; });
  if (found == all.end() || found->from != code)
    return {};
  return tables.section<uint32_t>(SectionKind::MappingCodes)
      .subspan(found->offset, found->length);
}

static uint32_t combiningClass(const TablesView &tables, uint32_t code) {
  code &= ~markBit;
  auto all = tables.section<CombiningRange>(SectionKind::CombiningRanges);
  auto found = std::upper_bound(all.begin(), all.end(), code,
                                [](uint32_t code, const CombiningRange &range) {
                                  return code < range.first;
                                });
  if (found == all.begin() || code > (--found)->last)
    return 0;
  return found->combiningClass;
}

static void decomposeHangul(uint32_t index, Codes &out) {
  out.push_back(leadBase + index / (vowelCount * trailCount));
  out.push_back(vowelBase + index / trailCount % vowelCount);
  if (uint32_t trail = index % trailCount)
    out.push_back(trailBase + trail);
}

/// Marks the code points from `first` on if the character they were made of,
/// at `pos`, was.
static void carryMark(const MarkedText &text, size_t pos, size_t first,
                      Codes &out) {
  if (text.isMarked(pos, pos + 1))
    for (size_t i = first; i < out.size(); ++i)
      out[i] |= markBit;
}

/// Full decomposition in canonical order. The tables are closed: what a code
/// point maps to needs no further mapping.
static Codes decompose(const TablesView &tables, const MarkedText &marked,
                       SectionKind mappings) {
  std::string_view text = marked.bytes;
  Codes out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size(); pos += sizeAt(text, pos)) {
    uint32_t code = codeAt(text, pos);
    size_t first = out.size();
    auto codes = mapped(tables, mappings, code);
    if (code - hangulBase < hangulCount)
      decomposeHangul(code - hangulBase, out);
    else if (codes.empty())
      out.push_back(code);
    else
      out.insert(out.end(), codes.begin(), codes.end());
    carryMark(marked, pos, first, out);
  }
  // Runs of combining marks are sorted by class, equal ones as they stood.
  for (size_t i = 0; i < out.size();) {
    size_t end = i;
    while (end < out.size() && combiningClass(tables, out[end]) != 0)
      ++end;
    if (end - i > 1)
      std::stable_sort(
          out.begin() + i, out.begin() + end, [&](uint32_t a, uint32_t b) {
            return combiningClass(tables, a) < combiningClass(tables, b);
          });
    i = end > i ? end : i + 1;
  }
  return out;
}

/// The primary composite of two code points, or 0.
static uint32_t compositeOf(const TablesView &tables, uint32_t first,
                            uint32_t second) {
  if (first - leadBase < leadCount && second - vowelBase < vowelCount)
    return hangulBase +
           ((first - leadBase) * vowelCount + second - vowelBase) * trailCount;
  if (first - hangulBase < hangulCount &&
      (first - hangulBase) % trailCount == 0 && second > trailBase &&
      second < trailBase + trailCount)
    return first + second - trailBase;
  auto all = tables.section<Composition>(SectionKind::Compositions);
  auto found = std::lower_bound(
      all.begin(), all.end(), std::pair(first, second),
      [](const Composition &entry, const std::pair<uint32_t, uint32_t> &key) {
        return std::pair(entry.first, entry.second) < key;
      });
  if (found == all.end() || found->first != first || found->second != second)
    return 0;
  return found->composed;
}

static void compose(const TablesView &tables, Codes &codes) {
  size_t kept = 0;
  size_t starter = SIZE_MAX; // index of the last code point of class 0
  uint32_t lastClass = 0;    // of the code point before, once kept
  for (uint32_t code : codes) {
    uint32_t thisClass = combiningClass(tables, code);
    bool adjacent = starter != SIZE_MAX && starter + 1 == kept;
    bool reachable = starter != SIZE_MAX && (adjacent || lastClass < thisClass);
    uint32_t composite =
        reachable
            ? compositeOf(tables, codes[starter] & ~markBit, code & ~markBit)
            : 0;
    if (composite) {
      codes[starter] = composite | ((codes[starter] | code) & markBit);
      continue;
    }
    if (thisClass == 0)
      starter = kept;
    lastClass = thisClass;
    codes[kept++] = code;
  }
  codes.resize(kept);
}

static void appendCode(uint32_t code, bool isMarked, MarkedText &out) {
  if (!isMarked)
    return appendUtf8(code, out.bytes);
  std::string bytes;
  appendUtf8(code, bytes);
  out.append(bytes, true);
}

static MarkedText toText(const Codes &codes) {
  MarkedText text;
  text.bytes.reserve(codes.size());
  for (uint32_t code : codes)
    appendCode(code & ~markBit, code & markBit, text);
  return text;
}

static MarkedText lowercase(const TablesView &tables, const MarkedText &text) {
  MarkedText out;
  out.bytes.reserve(text.size());
  for (size_t pos = 0; pos < text.size(); pos += sizeAt(text.bytes, pos)) {
    uint32_t code = codeAt(text.bytes, pos);
    bool isMarked = text.isMarked(pos, pos + 1);
    auto codes = mapped(tables, SectionKind::Lowercase, code);
    if (codes.empty())
      appendCode(code, isMarked, out);
    for (uint32_t lower : codes)
      appendCode(lower, isMarked, out);
  }
  return out;
}

static MarkedText replace(const TablesView &tables, const TextStep &step,
                          const MarkedText &marked) {
  MarkedText out;
  std::string_view text = marked.bytes;
  Matcher matcher(tables, step.a, text);
  std::string_view with = stepText(tables, step.b, step.c);
  size_t done = 0, from = 0;
  Matcher::Match match;
  while (from <= text.size() && matcher.find(from, match)) {
    out.append(marked, text.substr(done, match.begin - done));
    out.append(with, marked.isMarked(match.begin, match.end));
    done = from = match.end;
    if (match.begin == match.end) // go on behind an empty match
      from += from < text.size() ? sizeAt(text, from) : 1;
  }
  out.append(marked, text.substr(done));
  return out;
}

static MarkedText prepend(std::string_view before, const MarkedText &text) {
  MarkedText out;
  if (!text.empty())
    out.append(before, /*isMarked=*/false);
  out.append(text);
  return out;
}

MarkedText applyStep(const TablesView &tables, const TextStep &step,
                     const MarkedText &text) {
  bool compatible = step.kind == StepKind::ComposeCompatible ||
                    step.kind == StepKind::DecomposeCompatible;
  switch (step.kind) {
  case StepKind::ComposeCanonical:
  case StepKind::DecomposeCanonical:
  case StepKind::ComposeCompatible:
  case StepKind::DecomposeCompatible: {
    Codes codes = decompose(tables, text,
                            compatible ? SectionKind::Compatibility
                                       : SectionKind::Decompositions);
    if (step.kind == StepKind::ComposeCanonical ||
        step.kind == StepKind::ComposeCompatible)
      compose(tables, codes);
    return toText(codes);
  }
  case StepKind::Lowercase:
    return lowercase(tables, text);
  case StepKind::PrependText:
    return prepend(stepText(tables, step.a, step.b), text);
  case StepKind::ReplacePattern:
    return replace(tables, step, text);
  case StepKind::ApplyCharsMap:
    return applyCharsMap(tables.bytes(SectionKind::CharsMap), text);
  default: // splitters do not change text
    return text;
  }
}

MarkedText normalize(const TablesView &tables, MarkedText text,
                     TextPlace place) {
  for (const TextStep &step :
       tables.section<TextStep>(SectionKind::NormalizeSteps))
    if (step.kind != StepKind::PrependText || place != TextPlace::Inside)
      text = applyStep(tables, step, text);
  return text;
}

} // namespace sinter::text
