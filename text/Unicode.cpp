//===- Unicode.cpp - Reading ICU's data -----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/Unicode.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace sinter::text {

static constexpr uint32_t lastCode = 0x10ffff;

//===----------------------------------------------------------------------===//
// Sets
//===----------------------------------------------------------------------===//

static CodeSet rangesOf(const icu::UnicodeSet &set) {
  CodeSet ranges;
  for (int32_t i = 0; i < set.getRangeCount(); ++i)
    ranges.push_back({static_cast<uint32_t>(set.getRangeStart(i)),
                      static_cast<uint32_t>(set.getRangeEnd(i))});
  return ranges;
}

static icu::UnicodeSet icuSet(const CodeSet &ranges) {
  icu::UnicodeSet set;
  for (const CodeRange &range : ranges)
    set.add(static_cast<UChar32>(range.first),
            static_cast<UChar32>(range.last));
  return set;
}

std::optional<CodeSet> propertySet(std::string_view name) {
  auto isNameCharacter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '=' || c == '-' ||
           c == ' ';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), isNameCharacter))
    return std::nullopt;
  icu::UnicodeString pattern("[:");
  pattern.append(icu::UnicodeString(name.data(),
                                    static_cast<int32_t>(name.size()), US_INV));
  pattern.append(icu::UnicodeString(":]"));
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeSet set(pattern, status);
  if (U_FAILURE(status))
    return std::nullopt;
  set.removeAllStrings();
  return rangesOf(set);
}

CodeSet complementOf(const CodeSet &set) {
  CodeSet result;
  uint32_t next = 0;
  for (const CodeRange &range : set) {
    if (range.first > next)
      result.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= lastCode)
    result.push_back({next, lastCode});
  return result;
}

CodeSet unionOf(const CodeSet &a, const CodeSet &b) {
  CodeSet all(a);
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end(), [](const CodeRange &x, const CodeRange &y) {
    return x.first < y.first;
  });
  CodeSet result;
  for (const CodeRange &range : all) {
    if (!result.empty() && range.first <= result.back().last + 1)
      result.back().last = std::max(result.back().last, range.last);
    else
      result.push_back(range);
  }
  return result;
}

CodeSet intersectionOf(const CodeSet &a, const CodeSet &b) {
  return complementOf(unionOf(complementOf(a), complementOf(b)));
}

CodeSet caseClosureOf(const CodeSet &set) {
  icu::UnicodeSet closed = icuSet(set);
  closed.closeOver(USET_CASE_INSENSITIVE);
  closed.removeAllStrings();
  return rangesOf(closed);
}

//===----------------------------------------------------------------------===//
// Mappings
//===----------------------------------------------------------------------===//

static void addMapping(MappingTables &tables, std::vector<CodeMapping> &to,
                       uint32_t from, const icu::UnicodeString &codes) {
  CodeMapping mapping{from, static_cast<uint32_t>(tables.codes.size()), 0};
  for (int32_t i = 0; i < codes.length(); i = codes.moveIndex32(i, 1)) {
    tables.codes.push_back(static_cast<uint32_t>(codes.char32At(i)));
    ++mapping.length;
  }
  to.push_back(mapping);
}

static bool isHangul(uint32_t code) { return code >= 0xac00 && code <= 0xd7a3; }

static void addDecompositions(MappingTables &tables, bool compatible) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2 *form = compatible
                                     ? icu::Normalizer2::getNFKDInstance(status)
                                     : icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString codes;
  for (uint32_t code = 0; code <= lastCode && U_SUCCESS(status); ++code)
    if (!isHangul(code) &&
        form->getDecomposition(static_cast<UChar32>(code), codes))
      addMapping(tables,
                 compatible ? tables.compatibility : tables.decompositions,
                 code, codes);
}

static void addCompositions(MappingTables &tables) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2 *form = icu::Normalizer2::getNFCInstance(status);
  icu::UnicodeString codes;
  for (uint32_t code = 0; code <= lastCode && U_SUCCESS(status); ++code) {
    if (isHangul(code) ||
        !form->getRawDecomposition(static_cast<UChar32>(code), codes) ||
        codes.countChar32() != 2)
      continue;
    UChar32 first = codes.char32At(0);
    UChar32 second = codes.char32At(codes.moveIndex32(0, 1));
    if (form->composePair(first, second) == static_cast<UChar32>(code))
      tables.compositions.push_back(
          {static_cast<uint32_t>(first), static_cast<uint32_t>(second), code});
  }
  std::sort(tables.compositions.begin(), tables.compositions.end(),
            [](const Composition &a, const Composition &b) {
              return std::pair(a.first, a.second) <
                     std::pair(b.first, b.second);
            });
}

static void addCombining(MappingTables &tables) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2 *form = icu::Normalizer2::getNFDInstance(status);
  for (uint32_t code = 0; code <= lastCode && U_SUCCESS(status); ++code) {
    uint32_t thisClass = form->getCombiningClass(static_cast<UChar32>(code));
    if (thisClass == 0)
      continue;
    auto &ranges = tables.combining;
    if (!ranges.empty() && ranges.back().last + 1 == code &&
        ranges.back().combiningClass == thisClass)
      ranges.back().last = code;
    else
      ranges.push_back({code, code, thisClass});
  }
}

static void addLowercase(MappingTables &tables) {
  for (uint32_t code = 0; code <= lastCode; ++code) {
    if (code >= 0xd800 && code <= 0xdfff)
      continue;
    icu::UnicodeString text(static_cast<UChar32>(code));
    icu::UnicodeString lower(text);
    lower.toLower(icu::Locale::getRoot());
    if (lower != text)
      addMapping(tables, tables.lowercase, code, lower);
  }
}

MappingTables makeMappings(const MappingNeeds &needs) {
  MappingTables tables;
  if (needs.canonical)
    addDecompositions(tables, false);
  if (needs.compatible)
    addDecompositions(tables, true);
  if (needs.canonical || needs.compatible)
    addCombining(tables);
  if (needs.composition)
    addCompositions(tables);
  if (needs.lowercase)
    addLowercase(tables);
  return tables;
}

} // namespace sinter::text
