//===- Labels.cpp - Labels that do not overlap ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Labels.h"

#include <algorithm>

namespace sinter {

bool Box::overlaps(const Box &other) const {
  return left < other.right && other.left < right && top < other.bottom &&
         other.top < bottom;
}

bool Box::contains(const Box &other) const {
  return left <= other.left && other.right <= right && top <= other.top &&
         other.bottom <= bottom;
}

bool Labels::isFree(const Box &box, bool strict) const {
  auto touches = [&](const Box &other) { return box.overlaps(other); };
  return area.contains(box) &&
         std::none_of(placed.begin(), placed.end(), touches) &&
         (!strict || std::none_of(avoided.begin(), avoided.end(), touches));
}

std::optional<Box> Labels::place(const std::vector<Box> &candidates) {
  for (bool strict : {true, false})
    for (const Box &box : candidates)
      if (isFree(box, strict)) {
        placed.push_back(box);
        return box;
      }
  return std::nullopt;
}

std::vector<Box> Labels::beside(double x, double y, double radius, double width,
                                double height) const {
  constexpr double kGap = 4;
  std::vector<Box> boxes;
  int lines = int((area.bottom - area.top) / height);
  for (int line = 0; line <= lines; ++line)
    for (int sign : {-1, 1}) {
      // A line above or below is farther away: room for one that leads there.
      double away = radius + (line ? 4 * kGap : kGap);
      double top = y - height / 2 + sign * line * height;
      boxes.push_back({x + away, top, x + away + width, top + height});
      boxes.push_back({x - away - width, top, x - away, top + height});
    }
  return boxes;
}

} // namespace sinter
