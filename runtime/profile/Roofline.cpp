//===- Roofline.cpp - A page with a roofline plot -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Both axes are logarithmic: operations for each byte from memory, operations a
// second. (Williams, Waterman and Patterson 2009)
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinter {

static constexpr double kWidth = 960, kHeight = 540, kLeft = 70, kRight = 20,
                        kTop = 20, kBottom = 50;
static const char *const kColours[] = {"#1f6fb4", "#d1610a", "#2c8a3d",
                                       "#8b44ac", "#a03030", "#5b5b5b"};

static std::string escape(const std::string &text) {
  std::string escaped;
  for (char c : text)
    switch (c) {
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    case '&':
      escaped += "&amp;";
      break;
    case '"':
      escaped += "&quot;";
      break;
    default:
      escaped += c;
    }
  return escaped;
}

template <typename... Args>
static std::string print(const char *format, Args... args) {
  char text[512];
  int length = snprintf(text, sizeof(text), format, args...);
  return std::string(text, size_t(std::clamp(length, 0, 511)));
}

/// Kernels of rows compute next to nothing: they would fill the plot.
static bool isDrawn(const ReportLine &line) {
  return line.kernel->kind != "rows" && line.work.intensity() > 0 &&
         line.work.flops > 0;
}

namespace {

/// What to draw, and the ranges of the axes as powers of ten.
class Plot {
public:
  explicit Plot(const Report &report);
  std::string svg() const;

private:
  double x(double intensity) const {
    double at = (std::log10(intensity) - lowX) / (highX - lowX);
    return kLeft + at * (kWidth - kLeft - kRight);
  }
  double y(double rate) const {
    double at = (std::log10(rate) - lowY) / (highY - lowY);
    return kHeight - kBottom - at * (kHeight - kTop - kBottom);
  }
  double rateOf(const ReportLine &line) const;
  std::string axes() const;
  std::string roof(const char *unit, double peak) const;
  std::string points() const;

  const Report &report;
  double lowX = -1, highX = 3, lowY = 9, highY = 12;
};

} // namespace

/// Operations a second: measured, or else the most that the machine allows.
double Plot::rateOf(const ReportLine &line) const {
  if (report.measured)
    return line.work.flops / std::max(line.seconds(), 1e-12);
  std::string bound;
  double least = report.machine.seconds(line.work, line.kernel->unit, bound);
  return line.work.flops / std::max(least, 1e-12);
}

Plot::Plot(const Report &report) : report(report) {
  double smallest = 1e12, largest = report.machine.f32;
  for (double peak : {report.machine.bf16, report.machine.int8})
    largest = std::max(largest, peak);
  for (const ReportPart &part : report.parts)
    for (const ReportLine &line : part.lines) {
      if (!isDrawn(line))
        continue;
      double exponent = std::log10(line.work.intensity());
      lowX = std::min(lowX, std::floor(exponent));
      highX = std::max(highX, std::ceil(exponent));
      smallest = std::min(smallest, rateOf(line));
      largest = std::max(largest, rateOf(line));
    }
  highY = std::ceil(std::log10(largest));
  lowY = std::min(highY - 2, std::floor(std::log10(smallest)));
}

std::string Plot::axes() const {
  std::string text;
  auto line = [&](double x1, double y1, double x2, double y2) {
    text += print("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' "
                  "stroke='#ddd'/>\n",
                  x1, y1, x2, y2);
  };
  for (double power = lowX; power <= highX; ++power) {
    double at = x(std::pow(10, power));
    line(at, kTop, at, kHeight - kBottom);
    text += print("<text x='%.1f' y='%.1f' text-anchor='middle'>%g</text>\n",
                  at, kHeight - kBottom + 18, std::pow(10, power));
  }
  for (double power = lowY; power <= highY; ++power) {
    double at = y(std::pow(10, power));
    line(kLeft, at, kWidth - kRight, at);
    text += print("<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n",
                  kLeft - 8, at + 4, std::pow(10, power - 9));
  }
  return text +
         print("<text x='%.1f' y='%.1f' text-anchor='middle'>operations for "
               "each byte from memory</text>\n"
               "<text transform='translate(16 %.1f) rotate(-90)' "
               "text-anchor='middle'>billion operations a second</text>\n",
               (kLeft + kWidth - kRight) / 2, kHeight - 10,
               (kTop + kHeight - kBottom) / 2);
}

/// The bandwidth's slope up to a unit's peak.
std::string Plot::roof(const char *unit, double peak) const {
  if (peak <= 0)
    return "";
  double bandwidth = report.machine.memoryBandwidth;
  double first = std::max(std::pow(10, lowX), std::pow(10, lowY) / bandwidth);
  double knee = std::clamp(peak / bandwidth, first, std::pow(10, highX));
  return print("<polyline fill='none' stroke='#333' stroke-width='1.5' "
               "points='%.1f,%.1f %.1f,%.1f %.1f,%.1f'/>\n",
               x(first), y(first * bandwidth), x(knee), y(peak),
               x(std::pow(10, highX)), y(peak)) +
         print("<text x='%.1f' y='%.1f' text-anchor='end'>%s %.0f</text>\n",
               kWidth - kRight - 4, y(peak) - 5, unit, peak / 1e9);
}

/// A name beside a circle, on the side that has room for it.
static std::string label(double x, double y, double distance,
                         const std::string &name) {
  bool left = x > kWidth - 200;
  return print("<text x='%.1f' y='%.1f' text-anchor='%s' class='name'>",
               left ? x - distance : x + distance, y + 4,
               left ? "end" : "start") +
         escape(name) + "</text>\n";
}

/// A circle for each kernel, its area by the share of the time.
std::string Plot::points() const {
  std::string text;
  size_t colour = 0;
  for (const ReportPart &part : report.parts) {
    double total = 1e-12;
    for (const ReportLine &line : part.lines)
      total += line.work.flops / rateOf(line);
    const char *fill = kColours[colour++ % std::size(kColours)];
    for (const ReportLine &line : part.lines) {
      if (!isDrawn(line))
        continue;
      double rate = rateOf(line), share = line.work.flops / rate / total;
      text += print("<circle cx='%.1f' cy='%.1f' r='%.1f' fill='%s' "
                    "fill-opacity='0.6' stroke='%s'><title>",
                    x(line.work.intensity()), y(rate),
                    3 + 18 * std::sqrt(share), fill, fill) +
              escape(line.kernel->name + " (" + part.name + ")") +
              print("\n%.1f GFLOP/s, %.2f FLOP/byte, %.1f%% of the time"
                    "</title></circle>\n",
                    rate / 1e9, line.work.intensity(), 100 * share);
      if (share > 0.04)
        text += label(x(line.work.intensity()), y(rate),
                      5 + 18 * std::sqrt(share), line.kernel->name);
    }
    text += print("<circle cx='%.1f' cy='%.1f' r='5' fill='%s'/>"
                  "<text x='%.1f' y='%.1f'>",
                  kLeft + 14, kTop + 14 + 18.0 * double(colour - 1), fill,
                  kLeft + 24, kTop + 18 + 18.0 * double(colour - 1)) +
            escape(part.name) + "</text>\n";
  }
  return text;
}

std::string Plot::svg() const {
  return print("<svg viewBox='0 0 %.0f %.0f' width='%.0f' height='%.0f' "
               "xmlns='http://www.w3.org/2000/svg'>\n",
               kWidth, kHeight, kWidth, kHeight) +
         axes() + roof("f32", report.machine.f32) +
         roof("bf16", report.machine.bf16) + roof("int8", report.machine.int8) +
         points() + "</svg>\n";
}

static std::string tableOf(const Report &report, const ReportPart &part) {
  std::string text =
      "<h2>" + escape(part.name) +
      print(": %lld steps, %lld tokens</h2>\n<table><tr><th>kernel<th>unit"
            "<th>calls<th>MFLOP<th>MB<th>FLOP/byte",
            (long long)part.steps, (long long)part.tokens);
  if (report.measured)
    text += "<th>ms<th>waits ms<th>GFLOP/s<th>GB/s";
  text += "<th>least ms<th>bound by";
  if (report.measured)
    text += "<th>of the limit";
  text += "</tr>\n";
  for (const ReportLine &line : part.lines) {
    std::string bound;
    double least = report.machine.seconds(line.work, line.kernel->unit, bound);
    text += "<tr><td>" + escape(line.kernel->name) + "<td>" +
            escape(line.kernel->unit) +
            print("<td>%lld<td>%.2f<td>%.3f<td>%.2f", (long long)line.calls,
                  line.work.flops / 1e6, line.work.memory / 1e6,
                  line.work.intensity());
    double seconds = std::max(line.seconds(), 1e-12);
    if (report.measured)
      text += print("<td>%.3f<td>%.3f<td>%.1f<td>%.2f", line.busy * 1e3,
                    line.waits * 1e3, line.work.flops / seconds / 1e9,
                    line.work.memory / seconds / 1e9);
    text += print("<td>%.3f<td>", least * 1e3) + bound;
    if (report.measured)
      text += print("<td>%.1f%%", 100 * least / seconds);
    text += "</tr>\n";
  }
  return text + "</table>\n";
}

std::string Report::html() const {
  std::string text =
      "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>" +
      escape(model) +
      "</title>\n<style>\nbody { font: 14px sans-serif; margin: 2em auto; "
      "max-width: 1100px; color: #222 }\nsvg text { font: 12px sans-serif; "
      "fill: #333 }\nsvg .name { font-size: 11px; paint-order: stroke; stroke: "
      "#fff; stroke-width: 3px }\ntable { border-collapse: collapse }\ntd, th "
      "{ padding: 2px 8px; text-align: right; border-bottom: 1px solid #eee }\n"
      "td:first-child, th:first-child { text-align: left }\n</style></head>"
      "<body>\n<h1>" +
      escape(model) + "</h1>\n<p>" +
      print("%lld threads: memory %.1f GB/s, caches %.1f GB/s; billion "
            "operations a second: f32 %.1f, bf16 %.1f, int8 %.1f. %s</p>\n",
            (long long)machine.threads, machine.memoryBandwidth / 1e9,
            machine.nearBandwidth / 1e9, machine.f32 / 1e9, machine.bf16 / 1e9,
            machine.int8 / 1e9,
            measured ? "Circles are what was measured; kernels of rows "
                       "are in the tables only."
                     : "Circles are what the machine allows; kernels of "
                       "rows are in the tables only.");
  text += Plot(*this).svg();
  if (!preface.empty())
    text += "<pre>" + escape(preface) + "</pre>\n";
  for (const ReportPart &part : parts)
    text += tableOf(*this, part);
  return text + "</body></html>\n";
}

} // namespace sinter
