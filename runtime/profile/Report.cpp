//===- Report.cpp - Kernels beside what the machine can do ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Report.h"

#include "runtime/profile/Text.h"

namespace sinter {

std::string jsonString(const std::string &text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      quoted += print("\\u%04x", c);
    else
      quoted += c;
  }
  return quoted + "\"";
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

namespace {
/// A line with what follows of it.
struct Row {
  const ReportLine *line;
  double least = 0; ///< seconds, 0 if the machine is not known
  std::string bound;
};
} // namespace

static std::vector<Row> rowsOf(const ReportPart &part, const Machine &machine) {
  std::vector<Row> rows;
  for (const ReportLine &line : part.lines) {
    Row &row = rows.emplace_back(Row{&line, 0, ""});
    if (machine.known())
      row.least = machine.seconds(line.work, line.kernel->unit, row.bound);
  }
  return rows;
}

/// Kernel, its work, then what the machine makes of it and what was reached.
static std::string textOf(const ReportLine &line, int width, double least,
                          const std::string &bound, double share,
                          bool measured) {
  double seconds = line.seconds();
  std::string text = print("%-*.*s %-5s %7lld %10.2f %9.3f %9.2f", width, width,
                           line.kernel->name.c_str(), line.kernel->unit.c_str(),
                           (long long)line.calls, line.work.flops / 1e6,
                           line.work.memory / 1e6, line.work.intensity());
  if (measured)
    text += print(" %9.3f %8.3f %8.1f %8.2f", line.busy * 1e3, line.waits * 1e3,
                  line.work.flops / seconds / 1e9,
                  line.work.memory / seconds / 1e9);
  if (least > 0)
    text += print(" %9.3f %-6s", least * 1e3, bound.c_str());
  if (measured && least > 0)
    text += print(" %5.1f%%", 100 * least / seconds);
  else
    text += print(" %5.1f%%", 100 * share);
  return text + "\n";
}

static std::string headOf(int width, bool measured, bool known) {
  std::string text = print("%-*s %-5s %7s %10s %9s %9s", width, "kernel",
                           "unit", "calls", "MFLOP", "MB", "FLOP/byte");
  if (measured)
    text += print(" %9s %8s %8s %8s", "ms", "waits ms", "GFLOP/s", "GB/s");
  if (known)
    text += print(" %9s %-6s", "least ms", "bound");
  return text + print(" %6s\n", measured && known ? "of it" : "share");
}

/// Columns for the longest name of all kernels, within reason.
static int nameWidth(const std::vector<ReportPart> &parts) {
  size_t width = 24;
  for (const ReportPart &part : parts)
    for (const ReportLine &line : part.lines)
      width = std::max(width, line.kernel->name.size());
  return int(std::min<size_t>(width, 60));
}

std::string Report::table() const {
  std::string text;
  int width = nameWidth(parts);
  if (machine.known())
    text += "machine, " + counted(machine.threads, "thread") +
            print(": memory %.1f GB/s, near %.1f GB/s, "
                  "f32 %.1f, bf16 %.1f, int8 %.1f billion operations/s\n",
                  machine.memoryBandwidth / 1e9, machine.nearBandwidth / 1e9,
                  machine.f32 / 1e9, machine.bf16 / 1e9, machine.int8 / 1e9);
  for (const ReportPart &part : parts) {
    std::vector<Row> rows = rowsOf(part, machine);
    ReportLine total;
    Kernel sum;
    sum.name = "together";
    total.kernel = &sum;
    double least = 0;
    for (const Row &row : rows) {
      total.calls += row.line->calls;
      total.work += row.line->work;
      total.busy += row.line->busy;
      total.waits += row.line->waits;
      least += row.least;
    }
    auto share = [&](const ReportLine &line, double leastOfLine) {
      if (measured)
        return line.seconds() / std::max(total.seconds(), 1e-12);
      return machine.known() ? leastOfLine / std::max(least, 1e-12)
                             : line.work.flops / total.work.flops;
    };
    text += "\n" + part.name + ": " + counted(part.steps, "step") + ", " +
            counted(part.tokens, "token");
    if (measured)
      text += print(", %.3f s", part.seconds);
    text += "\n" + headOf(width, measured, machine.known());
    for (const Row &row : rows)
      text += textOf(*row.line, width, row.least, row.bound,
                     share(*row.line, row.least), measured);
    text += textOf(total, width, least, "", 1, measured);
  }
  return text;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static std::string jsonOf(const Row &row, bool measured) {
  const ReportLine &line = *row.line;
  std::string text =
      "{\"name\": " + jsonString(line.kernel->name) +
      ", \"function\": " + jsonString(line.kernel->function) +
      ", \"kind\": " + jsonString(line.kernel->kind) +
      ", \"unit\": " + jsonString(line.kernel->unit) +
      print(", \"calls\": %lld, \"flops\": %.0f, \"memory_bytes\": %.0f, "
            "\"near_bytes\": %.0f, \"intensity\": %.4f",
            (long long)line.calls, line.work.flops, line.work.memory,
            line.work.near, line.work.intensity());
  if (measured)
    text += print(", \"seconds\": %.9f, \"wait_seconds\": %.9f", line.busy,
                  line.waits);
  if (row.least > 0)
    text += print(", \"least_seconds\": %.9f, \"bound\": ", row.least) +
            jsonString(row.bound);
  if (row.least > 0 && measured)
    text += print(", \"share_of_limit\": %.4f",
                  row.least / std::max(line.seconds(), 1e-12));
  return text + "}";
}

std::string Report::json() const {
  std::string text = "{\"model\": " + jsonString(model);
  if (threads)
    text += print(", \"threads\": %lld", (long long)threads);
  if (machine.known())
    text += ",\n \"machine\": " + machine.json();
  text += ",\n \"parts\": [";
  for (const ReportPart &part : parts) {
    text += (&part == &parts[0] ? "\n  {\"name\": " : ",\n  {\"name\": ") +
            jsonString(part.name) +
            print(", \"steps\": %lld, \"tokens\": %lld", (long long)part.steps,
                  (long long)part.tokens);
    if (measured)
      text += print(", \"seconds\": %.9f", part.seconds);
    text += ", \"kernels\": [";
    std::vector<Row> rows = rowsOf(part, machine);
    for (const Row &row : rows)
      text += (&row == &rows[0] ? "\n   " : ",\n   ") + jsonOf(row, measured);
    text += "]}";
  }
  return text + "]}\n";
}

} // namespace sinter
