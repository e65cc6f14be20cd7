//===- Labels.h - Labels that do not overlap --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_LABELS_H
#define SINTER_RUNTIME_PROFILE_LABELS_H

#include <optional>
#include <vector>

namespace sinter {

/// A rectangle of a plot; y grows downwards.
struct Box {
  double left, top, right, bottom;

  bool overlaps(const Box &other) const;
  bool contains(const Box &other) const;
};

/// Finds places for the labels of a plot, the most important first.
class Labels {
public:
  explicit Labels(const Box &area) : area(area) {}

  /// Labels avoid it while there is another place.
  void avoid(const Box &box) { avoided.push_back(box); }

  /// The first of these boxes that lies in the area and touches no label. It is
  /// a label from then on.
  std::optional<Box> place(const std::vector<Box> &candidates);

  /// Places for a label of this size beside a circle: on its right, on its
  /// left, then line by line above and below.
  std::vector<Box> beside(double x, double y, double radius, double width,
                          double height) const;

private:
  bool isFree(const Box &box, bool strict) const;

  Box area;
  std::vector<Box> avoided, placed;
};

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_LABELS_H
