//===- Memory.h - Pages from the system -------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Planned memory is taken from the system in few large pieces, once. It is
// zero, aligned to a page, and takes no room until it is touched.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_MEMORY_H
#define SINTER_RUNTIME_CORE_MEMORY_H

#include "runtime/support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace sinter {

class Memory {
public:
  /// Whether neighbouring bytes are touched together (worth huge pages) or
  /// each sequence grows at many places (not worth their zeroing).
  enum class Use { Dense, Sparse };

  /// Fails with `purpose` in the message when there is not so much memory.
  static Result<Memory> allocate(int64_t bytes, Use use,
                                 const std::string &purpose);

  /// Makes it at least so large, by other memory if need be.
  Failure grow(int64_t wanted, Use use, const std::string &purpose);

  Memory() = default;
  Memory(Memory &&other) noexcept
      : base(std::exchange(other.base, nullptr)),
        bytes(std::exchange(other.bytes, 0)) {}
  Memory &operator=(Memory &&other) noexcept {
    std::swap(base, other.base);
    std::swap(bytes, other.bytes);
    return *this;
  }
  ~Memory();

  /// Moves touched bytes of dense memory to huge pages where the system had
  /// only small ones at hand; where it cannot (before Linux 6.1), they stay.
  static void gather(std::byte *begin, size_t bytes);

  /// Makes all bytes 0 again and gives their memory back until it is touched.
  void clear();

  std::byte *data() const { return base; }
  size_t size() const { return bytes; }
  template <typename T> T *as() const { return reinterpret_cast<T *>(base); }

private:
  std::byte *base = nullptr;
  size_t bytes = 0;
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_MEMORY_H
