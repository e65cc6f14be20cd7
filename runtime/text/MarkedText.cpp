//===- MarkedText.cpp - Text that knows what came from outside ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/MarkedText.h"

#include <algorithm>

namespace sinter::text {

/// The first mark that ends behind `at`.
static std::span<const Mark>::iterator firstBehind(std::span<const Mark> marks,
                                                   size_t at) {
  return std::upper_bound(
      marks.begin(), marks.end(), at,
      [](size_t at, const Mark &mark) { return at < mark.end; });
}

bool anyMarked(std::span<const Mark> marks, size_t begin, size_t end) {
  auto mark = firstBehind(marks, begin);
  return mark != marks.end() && mark->begin < end;
}

bool allMarked(std::span<const Mark> marks, size_t begin, size_t end) {
  for (auto mark = firstBehind(marks, begin);
       mark != marks.end() && mark->begin <= begin; ++mark) {
    begin = mark->end;
    if (begin >= end)
      return true;
  }
  return begin >= end;
}

MarkedText MarkedText::marked(std::string bytes, uint32_t origin) {
  MarkedText text{std::move(bytes), {}};
  text.mark(0, text.size(), origin);
  return text;
}

void MarkedText::mark(size_t begin, size_t end, uint32_t origin) {
  if (begin == end)
    return;
  if (!marks.empty() && marks.back().end == begin &&
      marks.back().origin == origin)
    marks.back().end = end;
  else
    marks.push_back({begin, end, origin});
}

void MarkedText::append(const MarkedText &text, std::string_view part) {
  if (part.empty())
    return;
  size_t base = size(), begin = part.data() - text.bytes.data();
  size_t end = begin + part.size();
  bytes += part;
  std::span<const Mark> from = text.marks;
  for (auto old = firstBehind(from, begin);
       old != from.end() && old->begin < end; ++old)
    mark(base + std::max(old->begin, begin) - begin,
         base + std::min(old->end, end) - begin, old->origin);
}

void MarkedText::append(std::string_view more, bool isMarked) {
  size_t base = size();
  bytes += more;
  if (isMarked)
    mark(base, size(), 0);
}

MarkedText MarkedText::part(std::string_view part) const {
  MarkedText copy;
  copy.append(*this, part);
  return copy;
}

} // namespace sinter::text
