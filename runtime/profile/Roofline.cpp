//===- Roofline.cpp - A roofline plot -------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// (Williams, Waterman and Patterson 2009)
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Roofline.h"

#include "runtime/profile/Labels.h"
#include "runtime/profile/Text.h"

#include <cmath>
#include <set>

namespace sinter {

/// Kernels of rows compute next to nothing: they would fill the plot.
static bool isDrawn(const ReportLine &line) {
  return line.kernel->kind != "rows" && line.work.intensity() > 0 &&
         line.work.flops > 0;
}

double secondsOf(const Report &report, const ReportLine &line) {
  if (report.measured)
    return line.seconds();
  std::string bound;
  return report.machine.seconds(line.work, line.kernel->unit, bound);
}

namespace {

/// A kernel to draw.
struct Point {
  const ReportLine *line;
  const std::string *part;
  size_t colour;
  double rate, share; ///< operations a second; of the part's time
  double x, y, radius;
};

/// What to draw, and the ranges of the axes as powers of ten.
class Plot {
public:
  Plot(const Report &report, const PlotSize &size);
  std::string svg(const char *kind);

private:
  double x(double intensity) const {
    double at = (std::log10(intensity) - lowX) / (highX - lowX);
    return area.left + at * (area.right - area.left);
  }
  double y(double rate) const {
    double at = (std::log10(rate) - lowY) / (highY - lowY);
    return area.bottom - at * (area.bottom - area.top);
  }
  /// Letters have one width; browsers are told which (textLength).
  double widthOf(const std::string &text) const {
    return 0.6 * size.font * double(text.size());
  }
  void findPoints();
  std::string label(const Box &box, const std::string &text,
                    const std::string &kind) const;
  std::string axes() const;
  std::string roof(const char *unit, double peak);
  std::string circles() const;
  std::string names();

  const Report &report;
  PlotSize size;
  Box area;
  Labels labels;
  std::vector<Point> points;
  double lowX = -1, highX = 3, lowY = 9, highY = 12;
};

} // namespace

Plot::Plot(const Report &report, const PlotSize &size)
    : report(report), size(size),
      area{4.5 * size.font, size.font, size.width - size.font,
           size.height - 4 * size.font},
      labels(area) {
  findPoints();
  double smallest = 1e12, largest = report.machine.f32;
  for (double peak : {report.machine.bf16, report.machine.int8})
    largest = std::max(largest, peak);
  for (const Point &point : points) {
    double exponent = std::log10(point.line->work.intensity());
    lowX = std::min(lowX, std::floor(exponent));
    highX = std::max(highX, std::ceil(exponent));
    smallest = std::min(smallest, point.rate);
    largest = std::max(largest, point.rate);
  }
  highY = std::ceil(std::log10(largest));
  lowY = std::min(highY - 2, std::floor(std::log10(smallest)));
  for (Point &point : points) {
    point.x = x(point.line->work.intensity());
    point.y = y(point.rate);
    point.radius = 3 + (size.circle - 3) * std::sqrt(point.share);
    labels.avoid({point.x - point.radius, point.y - point.radius,
                  point.x + point.radius, point.y + point.radius});
  }
}

void Plot::findPoints() {
  for (size_t p = 0; p < report.parts.size(); ++p) {
    const ReportPart &part = report.parts[p];
    double total = 1e-12;
    for (const ReportLine &line : part.lines)
      total += secondsOf(report, line);
    for (const ReportLine &line : part.lines) {
      double seconds = std::max(secondsOf(report, line), 1e-12);
      if (isDrawn(line))
        points.push_back({&line, &part.name, p % 4, line.work.flops / seconds,
                          seconds / total, 0, 0, 0});
    }
  }
  // The longest are named first, and small circles lie on large ones.
  std::stable_sort(
      points.begin(), points.end(),
      [](const Point &a, const Point &b) { return a.share > b.share; });
}

std::string Plot::label(const Box &box, const std::string &text,
                        const std::string &kind) const {
  return print("<text class='label %s' x='%.1f' y='%.1f' textLength='%.1f' "
               "lengthAdjust='spacingAndGlyphs'>",
               kind.c_str(), box.left, box.bottom - 0.3 * size.font,
               box.right - box.left) +
         escapeHtml(text) + "</text>\n";
}

std::string Plot::axes() const {
  std::string text;
  auto line = [&](double x1, double y1, double x2, double y2) {
    text += print("<line class='grid' x1='%.1f' y1='%.1f' x2='%.1f' "
                  "y2='%.1f'/>\n",
                  x1, y1, x2, y2);
  };
  for (double power = lowX; power <= highX; ++power) {
    double at = x(std::pow(10, power));
    line(at, area.top, at, area.bottom);
    text += print("<text x='%.1f' y='%.1f' text-anchor='%s'>%g</text>\n", at,
                  area.bottom + 1.4 * size.font,
                  power == highX ? "end" : "middle", std::pow(10, power));
  }
  for (double power = lowY; power <= highY; ++power) {
    double at = y(std::pow(10, power));
    line(area.left, at, area.right, at);
    text +=
        print("<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n",
              area.left - 6, at + 0.35 * size.font, std::pow(10, power - 9));
  }
  return text +
         print("<text x='%.1f' y='%.1f' text-anchor='middle'>operations for "
               "each byte from memory</text>\n"
               "<text transform='translate(%.1f %.1f) rotate(-90)' "
               "text-anchor='middle'>billion operations a second</text>\n",
               (area.left + area.right) / 2, size.height - size.font, size.font,
               (area.top + area.bottom) / 2);
}

/// The bandwidth's slope up to a unit's peak.
std::string Plot::roof(const char *unit, double peak) {
  if (peak <= 0)
    return "";
  double bandwidth = report.machine.memoryBandwidth;
  double end = std::pow(10, highX);
  double first = std::max(std::pow(10, lowX), std::pow(10, lowY) / bandwidth);
  double knee = std::clamp(peak / bandwidth, first, std::max(first, end));
  std::string text =
      print("<polyline class='roof' points='%.1f,%.1f %.1f,%.1f %.1f,%.1f'/>\n",
            x(first), y(first * bandwidth), x(knee),
            y(std::min(peak, knee * bandwidth)), x(end),
            y(std::min(peak, end * bandwidth)));
  std::string name = print("%s %.0f", unit, peak / 1e9);
  double width = widthOf(name), height = 1.2 * size.font;
  std::vector<Box> boxes;
  for (double right = area.right; right - width > area.left; right -= width)
    for (double top : {y(peak) - height - 1, y(peak) + 1})
      boxes.push_back({right - width, top, right, top + height});
  if (std::optional<Box> box = labels.place(boxes))
    text += label(*box, name, "unit");
  return text;
}

/// A circle for each kernel, its area by the share of the time.
std::string Plot::circles() const {
  std::string text;
  for (const Point &point : points)
    text += print("<circle class='p%zu' cx='%.1f' cy='%.1f' r='%.1f'><title>",
                  point.colour, point.x, point.y, point.radius) +
            escapeHtml(point.line->kernel->name + " (" + *point.part + ")") +
            print("\n%.1f GFLOP/s, %.2f FLOP/byte, %.1f%% of the time"
                  "</title></circle>\n",
                  point.rate / 1e9, point.line->work.intensity(),
                  100 * point.share);
  return text;
}

/// The names of kernels that count, each once in a part.
std::string Plot::names() {
  constexpr double kLeastShare = 0.04;
  std::string lines, texts;
  std::set<std::pair<size_t, std::string>> done;
  for (const Point &point : points) {
    const std::string &name = point.line->kernel->name;
    if (point.share < kLeastShare || !done.insert({point.colour, name}).second)
      continue;
    std::optional<Box> box = labels.place(labels.beside(
        point.x, point.y, point.radius, widthOf(name), 1.2 * size.font));
    if (!box)
      continue;
    double middle = (box->top + box->bottom) / 2;
    double near = box->left > point.x ? box->left - 2 : box->right + 2;
    if (std::abs(middle - point.y) > 1)
      lines += print("<line class='lead' x1='%.1f' y1='%.1f' x2='%.1f' "
                     "y2='%.1f'/>\n",
                     point.x, point.y, near, middle);
    texts += label(*box, name, print("p%zu", point.colour));
  }
  return lines + texts;
}

std::string Plot::svg(const char *kind) {
  std::string text =
      print("<svg class='%s' viewBox='0 0 %.0f %.0f' font-size='%g' role='img' "
            "aria-label='Roofline: operations a second of each kernel' "
            "xmlns='http://www.w3.org/2000/svg'>\n",
            kind, size.width, size.height, size.font) +
      axes();
  for (auto [unit, peak] : {std::pair("int8", report.machine.int8),
                            std::pair("bf16", report.machine.bf16),
                            std::pair("f32", report.machine.f32)})
    text += roof(unit, peak);
  return text + circles() + names() + "</svg>\n";
}

std::string rooflineSvg(const Report &report, const PlotSize &size,
                        const char *kind) {
  return Plot(report, size).svg(kind);
}

} // namespace sinter
