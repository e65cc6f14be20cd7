//===- Harness.h - Linear kernels, compiled to be called --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Builds a function around one linear kernel and compiles it for a target, in
// this process or to assembly: for tests and benchmarks of kernels alone.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_LINEAR_HARNESS_H
#define SINTER_TEST_CODEGEN_LINEAR_HARNESS_H

#include "codegen/cpu/Pack.h"
#include "codegen/cpu/Target.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

enum class InputKind { F32, BF16, F16, A8, A16 };

/// Whether activations are integers in blocks.
inline bool isBlockInput(InputKind input) {
  return input == InputKind::A8 || input == InputKind::A16;
}

/// A kernel to compile: each group is a list of matrices of `rows` rows whose
/// products are multiplied with each other, and stored.
struct KernelShape {
  struct Group {
    int64_t rows;
    std::vector<ElementType> matrices;
  };
  std::vector<Group> groups;
  int64_t columns;
  InputKind input;
  int64_t tileTokens; ///< 0: row-major
  bool packed = true;
  std::optional<int64_t> tokens = {}; ///< known when compiling
  bool forMatrixUnit = false;         ///< tiles of activations

  /// Features of a token that stay together in a tile.
  int64_t together() const {
    if (forMatrixUnit)
      return 32;
    if (tileTokens <= 1)
      return 1;
    return isBlockInput(input) ? 4 : input == InputKind::BF16 ? 2 : 1;
  }
  PackedMatrix matrix(const Target &target, size_t group, size_t index) const;
};

/// args: input, the matrices of all groups, outputs (tokens, rows) f32 of all
/// groups.
using KernelFunction = void (*)(void *const *args, int64_t tokens,
                                int64_t thread, int64_t threads);

class CompiledKernel {
public:
  CompiledKernel();
  ~CompiledKernel();
  CompiledKernel(CompiledKernel &&);
  KernelFunction function = nullptr;

private:
  friend CompiledKernel compileKernel(const KernelShape &, const Target &);
  struct State;
  std::unique_ptr<State> state;
};

/// For the machine at hand, which must have the target's features.
CompiledKernel compileKernel(const KernelShape &shape, const Target &target);
std::string kernelAssembly(const KernelShape &shape, const Target &target);

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_LINEAR_HARNESS_H
