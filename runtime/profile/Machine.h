//===- Machine.h - What this machine can do at most -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_MACHINE_H
#define SINTER_RUNTIME_PROFILE_MACHINE_H

#include "runtime/core/Team.h"
#include "runtime/profile/Kernel.h"
#include "runtime/support/Result.h"

#include <string>
#include <string_view>

namespace sinter {

/// Rates a second, of `threads` threads together. Zero: not known.
struct Machine {
  int64_t threads = 0;
  double memoryBandwidth = 0; ///< bytes read of what no cache holds
  double nearBandwidth = 0;   ///< bytes read of 256 KiB for each thread
  /// Operations on registers, 2 for a multiply-add, by the fastest instructions
  /// of the machine: FMA, products of bf16 pairs, of int8 quads.
  double f32 = 0, bf16 = 0, int8 = 0;

  bool known() const { return memoryBandwidth > 0 && f32 > 0; }
  double peak(std::string_view unit) const;

  /// The least seconds that work can take; `bound` says what it waits for:
  /// "memory", "cache" or the unit.
  double seconds(const Work &work, const std::string &unit,
                 std::string &bound) const;

  /// {"threads": 2, "memory_bandwidth": ..., "near_bandwidth": ..., "f32": ...,
  /// "bf16": ..., "int8": ...}; all but the bandwidth and f32 may be missing.
  static Result<Machine> parse(std::string_view text, const std::string &file);
  std::string json() const;

  /// Measures for about half a second.
  static Result<Machine> probe(Team &team);
};

/// Best of some rounds over 512 MiB, in bytes a second.
Result<double> memoryBandwidth(Team &team);

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_MACHINE_H
