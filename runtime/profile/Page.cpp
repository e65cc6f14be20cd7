//===- Page.cpp - A report as a page --------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One file without scripts or anything from elsewhere; light or dark as the
// reader's system is, and readable on a phone: names stand above their bars
// there, the plot is drawn a second time for its width, and tables scroll.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/PageStyle.h"
#include "runtime/profile/Report.h"
#include "runtime/profile/Roofline.h"
#include "runtime/profile/Text.h"

#include <map>

namespace sinter {

std::string escapeHtml(const std::string &text) {
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
    case '\'':
      escaped += "&#39;";
      break;
    default:
      escaped += c;
    }
  return escaped;
}

/// Parts have four colours.
static std::string colourOf(size_t part) { return print("p%zu", part % 4); }

static std::string timeText(double seconds) {
  if (seconds < 1e-3)
    return print("%.1f &micro;s", seconds * 1e6);
  return seconds < 1 ? print("%.1f ms", seconds * 1e3)
                     : print("%.2f s", seconds);
}

//===----------------------------------------------------------------------===//
// Bars
//===----------------------------------------------------------------------===//

namespace {
/// Kernels of one name in a part.
struct Bar {
  std::string name;
  double busy = 0, waits = 0, least = 0;

  double seconds() const { return busy + waits; }
};
} // namespace

static std::vector<Bar> barsOf(const Report &report, const ReportPart &part) {
  std::vector<Bar> bars;
  std::map<std::string, size_t> known;
  for (const ReportLine &line : part.lines) {
    const std::string &name = line.kernel->name;
    auto [at, isNew] = known.emplace(name, bars.size());
    if (isNew)
      bars.push_back({name, 0, 0, 0});
    Bar &bar = bars[at->second];
    std::string bound;
    double least = report.machine.seconds(line.work, line.kernel->unit, bound);
    bar.busy += report.measured ? line.busy : least;
    bar.waits += line.waits;
    bar.least += least;
  }
  std::stable_sort(bars.begin(), bars.end(), [](const Bar &a, const Bar &b) {
    return a.seconds() > b.seconds();
  });
  return bars;
}

/// The last bar stands for those that are too short to see.
static void joinShort(std::vector<Bar> &bars, double total) {
  constexpr double kShort = 0.005;
  size_t first = bars.size();
  while (first && bars[first - 1].seconds() < kShort * total)
    --first;
  if (bars.size() - first < 2)
    return;
  Bar rest{print("%zu others", bars.size() - first), 0, 0, 0};
  for (size_t i = first; i < bars.size(); ++i) {
    rest.busy += bars[i].busy;
    rest.waits += bars[i].waits;
    rest.least += bars[i].least;
  }
  bars.resize(first);
  bars.push_back(rest);
}

static std::string barHtml(const Bar &bar, double longest, double total,
                           bool measured) {
  auto percent = [&](double seconds) {
    return std::min(100.0, 100 * seconds / longest);
  };
  std::string text = "<li><span class='name'>" + escapeHtml(bar.name) +
                     print("</span><span class='bar'><i style='width:%.2f%%'>"
                           "</i>",
                           percent(bar.busy));
  if (bar.waits > 0)
    text +=
        print("<i class='wait' style='width:%.2f%%'></i>", percent(bar.waits));
  if (measured)
    text += print("<u style='left:%.2f%%'></u>", percent(bar.least));
  return text + "</span><span class='time'><b>" + timeText(bar.seconds()) +
         print("</b> %.1f%%</span></li>\n", 100 * bar.seconds() / total);
}

static std::string barsHtml(const Report &report, const ReportPart &part) {
  std::vector<Bar> bars = barsOf(report, part);
  double total = 1e-12, longest = 1e-12;
  for (const Bar &bar : bars) {
    total += bar.seconds();
    longest = std::max(longest, bar.seconds());
  }
  joinShort(bars, total);
  std::string text;
  if (report.measured)
    text = "<p><span class='key'></span>computing<span class='key wait'></span>"
           "waiting for other threads<span class='key least'></span>the least "
           "that this machine allows</p>\n";
  else
    text = "<p>The least time that this machine allows, by kernel.</p>\n";
  text += "<ul class='bars'>\n";
  for (const Bar &bar : bars)
    text += barHtml(bar, longest, total, report.measured);
  return text + "</ul>\n";
}

//===----------------------------------------------------------------------===//
// The table of a part
//===----------------------------------------------------------------------===//

static std::string cell(const std::string &text) { return "<td>" + text; }

static std::string rowHtml(const Report &report, const ReportLine &line) {
  std::string bound;
  double least = report.machine.seconds(line.work, line.kernel->unit, bound);
  std::string text = "<tr>" + cell(escapeHtml(line.kernel->name)) +
                     cell(escapeHtml(line.kernel->unit)) +
                     print("<td>%lld<td>%.2f<td>%.3f<td>%.2f",
                           (long long)line.calls, line.work.flops / 1e6,
                           line.work.memory / 1e6, line.work.intensity());
  double seconds = std::max(line.seconds(), 1e-12);
  if (report.measured)
    text += print("<td>%.3f<td>%.3f<td>%.1f<td>%.2f", line.busy * 1e3,
                  line.waits * 1e3, line.work.flops / seconds / 1e9,
                  line.work.memory / seconds / 1e9);
  text += print("<td>%.3f", least * 1e3) + cell(escapeHtml(bound));
  if (report.measured)
    text += print("<td>%.1f%%", 100 * least / seconds);
  return text + "</tr>\n";
}

static std::string tableHtml(const Report &report, const ReportPart &part) {
  std::string text = "<div class='scroll'><table><tr><th>kernel<th>unit"
                     "<th>calls<th>MFLOP<th>MB<th>FLOP/byte";
  if (report.measured)
    text += "<th>ms<th>waits ms<th>GFLOP/s<th>GB/s";
  text += "<th>least ms<th>bound by";
  if (report.measured)
    text += "<th>of the limit";
  text += "</tr>\n";
  for (const ReportLine &line : part.lines)
    text += rowHtml(report, line);
  return text + "</table></div>\n";
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

static std::string machineHtml(const Machine &machine) {
  std::string text = "<div class='machine'>";
  auto add = [&](const std::string &value, const char *what) {
    text += "<div><b>" + value + "</b>" + what + "</div>";
  };
  add(print("%lld", (long long)machine.threads),
      machine.threads == 1 ? "thread" : "threads");
  add(print("%.1f", machine.memoryBandwidth / 1e9), "GB/s of memory");
  if (machine.nearBandwidth > 0)
    add(print("%.1f", machine.nearBandwidth / 1e9), "GB/s of caches");
  for (auto [unit, rate] : {std::pair("f32 GFLOP/s", machine.f32),
                            std::pair("bf16 GFLOP/s", machine.bf16),
                            std::pair("int8 GOP/s", machine.int8)})
    if (rate > 0)
      add(print("%.0f", rate / 1e9), unit);
  return text + "</div>\n";
}

static std::string factsHtml(const std::vector<Fact> &facts) {
  if (facts.empty())
    return "";
  std::string text = "<dl class='facts'>\n";
  for (const Fact &fact : facts) {
    text += fact.isPart ? "<dt class='of'>" : "<dt>";
    text += escapeHtml(fact.name) + "</dt><dd>";
    for (const std::string &line : fact.lines)
      text += (&line == &fact.lines[0] ? "" : "<br>") + escapeHtml(line);
    text += "</dd>\n";
  }
  return text + "</dl>\n";
}

static std::string partHtml(const Report &report, size_t index) {
  const ReportPart &part = report.parts[index];
  std::string text = "<section class='" + colourOf(index) +
                     "'><h2><span class='dot'></span>" + escapeHtml(part.name) +
                     "</h2>\n<p>" + counted(part.steps, "step") + ", " +
                     counted(part.tokens, "token");
  if (report.measured && part.seconds > 0)
    text += ", " + timeText(part.seconds) +
            print(", %.1f tokens a second", double(part.tokens) / part.seconds);
  return text + "</p>\n" + barsHtml(report, part) + tableHtml(report, part) +
         "</section>\n";
}

static std::string plotHtml(const Report &report) {
  std::string text = "<section><h2>Roofline</h2>\n<p>";
  text += report.measured ? "Circles are what was measured"
                          : "Circles are what the machine allows";
  text += "; their area is the share of the time. Kernels of rows are in the "
          "tables only.</p>\n<p>";
  for (size_t i = 0; i < report.parts.size(); ++i)
    text += "<span class='" + colourOf(i) + "'><span class='dot'></span>" +
            escapeHtml(report.parts[i].name) + "</span>&ensp; ";
  return text + "</p>\n" + rooflineSvg(report, PlotSize::wide(), "wide") +
         rooflineSvg(report, PlotSize::narrow(), "narrow") + "</section>\n";
}

std::string Report::html() const {
  std::string text =
      "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
      "<title>" +
      escapeHtml(model) + "</title>\n<style>" + kPageStyle +
      "</style></head>\n<body>\n<h1>" + escapeHtml(model) + "</h1>\n" +
      machineHtml(machine) + factsHtml(facts);
  for (size_t i = 0; i < parts.size(); ++i)
    text += partHtml(*this, i);
  return text + plotHtml(*this) + "</body></html>\n";
}

} // namespace sinter
