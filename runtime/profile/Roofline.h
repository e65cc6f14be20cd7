//===- Roofline.h - A roofline plot -----------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_ROOFLINE_H
#define SINTER_RUNTIME_PROFILE_ROOFLINE_H

#include "runtime/profile/Report.h"

namespace sinter {

/// Room for a plot, in pixels of CSS.
struct PlotSize {
  double width, height;
  double font;
  double circle; ///< radius of a kernel that takes all of the time

  static PlotSize wide() { return {1040, 520, 12, 21}; }
  static PlotSize narrow() { return {358, 430, 11, 14}; } ///< of a phone
};

/// Seconds of a line: measured, or else the least that the machine allows.
double secondsOf(const Report &report, const ReportLine &line);

/// An SVG: operations for each byte from memory against operations a second,
/// both logarithmic, under what the machine allows. Colours are the classes
/// p0 to p3 of the parts; `kind` is a class of the SVG.
std::string rooflineSvg(const Report &report, const PlotSize &size,
                        const char *kind);

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_ROOFLINE_H
