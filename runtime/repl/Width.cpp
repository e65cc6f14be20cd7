//===- Width.cpp - Columns of characters on a terminal --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The C library knows widths, in a locale of UTF-8. A program does not depend
// on which locales are installed: without that one, a short table does.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Width.h"
#include "runtime/text/Utf8.h"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <iterator>
#include <locale.h>

namespace sinter {

namespace {

struct Range {
  uint32_t first, last;
};

constexpr uint32_t kJoiner = 0x200d;

/// Marks that stand on others, of the scripts that are written most.
constexpr Range kJoining[] = {
    {0x300, 0x36f},   {0x483, 0x489},     {0x591, 0x5bd},   {0x5bf, 0x5bf},
    {0x5c1, 0x5c2},   {0x5c4, 0x5c5},     {0x5c7, 0x5c7},   {0x610, 0x61a},
    {0x64b, 0x65f},   {0x670, 0x670},     {0x6d6, 0x6dc},   {0x6df, 0x6e4},
    {0x6e7, 0x6e8},   {0x6ea, 0x6ed},     {0x900, 0x902},   {0x93a, 0x93a},
    {0x93c, 0x93c},   {0x941, 0x948},     {0x94d, 0x94d},   {0x951, 0x957},
    {0x962, 0x963},   {0x981, 0x981},     {0x9bc, 0x9bc},   {0x9c1, 0x9c4},
    {0x9cd, 0x9cd},   {0xbcd, 0xbcd},     {0xe31, 0xe31},   {0xe34, 0xe3a},
    {0xe47, 0xe4e},   {0x1160, 0x11ff},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200b, 0x200f}, {0x202a, 0x202e},   {0x2060, 0x2064}, {0x20d0, 0x20f0},
    {0x302a, 0x302d}, {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

/// East Asian characters and pictures.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},
    {0x26f2, 0x26f3},   {0x26f5, 0x26f5},   {0x26fa, 0x26fa},
    {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},
    {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},
    {0x2b55, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1b000, 0x1b2ff},
    {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e},
    {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca},
    {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4},
    {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc},
    {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567},
    {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4},
    {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc},
    {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7}, {0x1f6dc, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb},
    {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

bool isIn(const Range *begin, const Range *end, uint32_t code) {
  const Range *range = std::lower_bound(
      begin, end, code, [](Range r, uint32_t code) { return r.last < code; });
  return range != end && range->first <= code;
}

/// Without a locale.
int widthOfTable(uint32_t code) {
  if (isIn(std::begin(kJoining), std::end(kJoining), code))
    return 0;
  return isIn(std::begin(kWide), std::end(kWide), code) ? 2 : 1;
}

} // namespace

int widthOf(uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0))
    return -1;
  if (code < 0x300)
    return 1;
  // Those that turn the direction of what follows; those between lines.
  if ((code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029)
    return -1;
  static const locale_t utf8 =
      newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
  if (!utf8)
    return widthOfTable(code);
  locale_t before = uselocale(utf8);
  int width = wcwidth(wchar_t(code));
  uselocale(before);
  // Unknown to an older library: perhaps known to the table.
  return width < 0 ? widthOfTable(code) : width;
}

size_t afterCharacter(std::string_view text, size_t pos) {
  uint32_t last = text::codeAt(text, pos);
  pos += text::sizeAt(text, pos);
  while (pos < text.size() && last != '\n') {
    uint32_t next = text::codeAt(text, pos);
    if (widthOf(next) != 0 && (last != kJoiner || next == '\n'))
      break;
    last = next;
    pos += text::sizeAt(text, pos);
  }
  return pos;
}

size_t beforeCharacter(std::string_view text, size_t pos) {
  // Joins depend on what is before alone: begin where none can be.
  size_t line = text.substr(0, pos - 1).rfind('\n');
  size_t begin = line == std::string_view::npos ? 0 : line + 1;
  for (;;) {
    size_t end = afterCharacter(text, begin);
    if (end >= pos)
      return begin;
    begin = end;
  }
}

} // namespace sinter
