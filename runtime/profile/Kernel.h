//===- Kernel.h - What a kernel has to do -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The compiler describes each kernel in the manifest (sinter-describe-kernels);
// here that becomes the work of a step, and the least time that it can take.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_KERNEL_H
#define SINTER_RUNTIME_PROFILE_KERNEL_H

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sinter {

/// What a kernel does in a call or in many.
struct Work {
  double flops = 0;
  double memory = 0; ///< bytes of weights, tables and caches
  double near = 0;   ///< bytes of activations, which CPU caches mostly hold

  Work &operator+=(const Work &other);
  /// FLOPs for each byte from memory; 0 when there are none.
  double intensity() const { return memory > 0 ? flops / memory : 0; }
};

/// The sizes of a step that work depends on.
struct StepSizes {
  int64_t batch = 1;
  int64_t tokens = 1; ///< of each sequence
  int64_t last = 1;   ///< positions of each sequence whose outputs are wanted
};

/// A row of the manifest's `kernels`. See docs/passes.md.
struct Kernel {
  std::string name;
  std::string function;
  std::string kind; ///< "linear", "rows", "attention", "moe"
  std::string unit; ///< "f32", "bf16", "int8"
  std::string rows;
  std::string past; ///< input, or empty
  std::string keys; ///< input, or empty
  bool causal = false;
  double flops = 0, memory = 0, memoryRow = 0, nearRow = 0; // of a row
  double pairFlops = 0, keyBytes = 0;
  std::vector<int64_t> windows;
  double experts = 0, chosen = 0, expertBytes = 0;

  /// Of one call. `before` are the values of the input `past` or `keys`, one
  /// for each sequence. Experts count as if all were equally likely.
  Work work(const StepSizes &sizes, std::span<const int32_t> before) const;
};

/// Reads the table; what is missing or of another type counts as nothing.
std::vector<Kernel> readKernels(const nlohmann::json &manifest);

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_KERNEL_H
