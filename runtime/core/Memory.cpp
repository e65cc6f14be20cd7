//===- Memory.cpp - Pages from the system ---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Memory.h"

#include <cstring>
#include <sys/mman.h>
#include <sys/sysinfo.h>

namespace sinter {

static constexpr size_t kHugePage = size_t(2) << 20;

static std::string inMiB(uint64_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB";
}

Result<Memory> Memory::allocate(int64_t bytes, Use use,
                                const std::string &purpose) {
  Memory memory;
  if (bytes == 0)
    return memory;
  struct sysinfo info;
  uint64_t present = UINT64_MAX;
  if (sysinfo(&info) == 0)
    present = (uint64_t(info.totalram) + info.totalswap) * info.mem_unit;
  if (bytes < 0 || uint64_t(bytes) > present)
    return Failure("needs " + inMiB(uint64_t(bytes)) + " of memory for " +
                   purpose + ", this machine has " + inMiB(present));
  // A start at a huge page's boundary costs address space only.
  bool huge = use == Use::Dense && size_t(bytes) >= kHugePage;
  size_t slack = huge ? kHugePage : 0;
  void *mapped = mmap(nullptr, size_t(bytes) + slack, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return Failure("cannot get " + inMiB(uint64_t(bytes)) + " of memory for " +
                   purpose);
  auto *start = static_cast<std::byte *>(mapped);
  if (huge) {
    size_t head = (kHugePage - reinterpret_cast<uintptr_t>(start)) % kHugePage;
    if (head)
      munmap(start, head);
    if (head < slack)
      munmap(start + head + ((size_t(bytes) + 4095) & ~size_t(4095)),
             slack - head);
    start += head;
  }
  madvise(start, size_t(bytes), huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  memory.base = start;
  memory.bytes = size_t(bytes);
  return memory;
}

Failure Memory::grow(int64_t wanted, Use use, const std::string &purpose) {
  if (wanted >= 0 && uint64_t(wanted) <= bytes)
    return Failure::none();
  *this = Memory();
  Result<Memory> larger = allocate(wanted, use, purpose);
  if (!larger)
    return larger.failure();
  *this = std::move(*larger);
  return Failure::none();
}

void Memory::gather(std::byte *begin, size_t bytes) {
  constexpr int kCollapse = 25; // MADV_COLLAPSE, unknown to older headers
  madvise(begin, bytes, kCollapse);
}

void Memory::clear() {
  // Anonymous pages that are given back are zeros when touched again.
  if (base && madvise(base, bytes, MADV_DONTNEED))
    std::memset(base, 0, bytes);
}

Memory::~Memory() {
  if (base)
    munmap(base, bytes);
}

} // namespace sinter
