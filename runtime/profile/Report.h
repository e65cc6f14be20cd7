//===- Report.h - Kernels beside what the machine can do --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What `sinter explain` expects of kernels and what --profile measured, in the
// same forms: a table, JSON, a page with a roofline plot.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_REPORT_H
#define SINTER_RUNTIME_PROFILE_REPORT_H

#include "runtime/profile/Kernel.h"
#include "runtime/profile/Machine.h"

#include <string>
#include <vector>

namespace sinter {

/// All calls of a kernel.
struct ReportLine {
  const Kernel *kernel = nullptr;
  int64_t calls = 0;
  Work work; ///< of all calls
  /// Seconds, a mean over the threads: computing, and waiting for those who
  /// were still at it. Measured reports only.
  double busy = 0, waits = 0;

  double seconds() const { return busy + waits; }
};

/// The kernels of some steps.
struct ReportPart {
  std::string name; ///< "forward, one token"
  int64_t steps = 0;
  int64_t tokens = 0;
  double seconds = 0; ///< measured reports only
  std::vector<ReportLine> lines;
};

/// Something that is known of a model: "parameters", "134.5 million".
struct Fact {
  std::string name;
  std::vector<std::string> lines;
  bool isPart = false; ///< of the fact before
};

struct Report {
  std::string model;
  std::vector<Fact> facts; ///< for the page
  Machine machine;
  int64_t threads = 0;
  bool measured = false;
  std::vector<ReportPart> parts;

  std::string table() const;
  std::string json() const;
  /// A page that needs nothing else: time by kernel, tables, a roofline plot.
  std::string html() const;
};

/// `text` as a string of JSON.
std::string jsonString(const std::string &text);

/// Writes events in the Trace Event Format.
class TraceWriter {
public:
  explicit TraceWriter(int64_t threads);
  /// A kernel, or waiting (null), in nanoseconds.
  void add(int64_t thread, int64_t begin, int64_t length, const Kernel *kernel,
           int64_t layer);
  std::string finish();

private:
  std::string text;
};

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_REPORT_H
