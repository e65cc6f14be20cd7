//===- Weights.h - Packed weights in memory ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A token reads all weights from memory, so their pages matter: prefetchers of
// the CPU stop where a page of 4 KiB ends. A copy in huge pages is read a tenth
// faster, for a start that is later by the time of one read.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_WEIGHTS_H
#define SINTER_RUNTIME_CORE_WEIGHTS_H

#include "runtime/core/Memory.h"
#include "runtime/core/Team.h"

#include <span>

namespace sinter {

class Weights {
public:
  Weights() = default;
  /// Of the pages of a file that are mapped as long as this lives.
  explicit Weights(std::span<const std::byte> mapped);

  /// Goes on with a copy in huge pages if the system gives huge pages and the
  /// copy takes at most half of the memory that is available.
  void copyIfAmple(Team &team);

  std::span<const std::byte> bytes() const { return used; }

private:
  std::span<const std::byte> used;
  Memory copy;
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_WEIGHTS_H
