//===- Weights.cpp - Packed weights in memory -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Weights.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/mman.h>

namespace sinter {

// Less is in caches, or a small part of the time.
static constexpr size_t kLeastCopied = size_t(8) << 20;
static constexpr int64_t kPiece = int64_t(2) << 20;

/// The beginning of one of the system's files, at most 4 KiB; else empty.
static std::string systemText(const char *path) {
  std::string text(4096, '\0');
  FILE *file = fopen(path, "re");
  text.resize(file ? fread(text.data(), 1, text.size(), file) : 0);
  if (file)
    fclose(file);
  return text;
}

/// Whether madvise gets huge pages.
static bool hasHugePages() {
  std::string text = systemText("/sys/kernel/mm/transparent_hugepage/enabled");
  return !text.empty() && text.find("[never]") == std::string::npos;
}

/// Bytes that can be had without giving up others', here or in the container.
static uint64_t availableMemory() {
  std::string text = systemText("/proc/meminfo");
  constexpr const char *kKey = "MemAvailable:";
  size_t at = text.find(kKey);
  if (at == std::string::npos)
    return 0;
  uint64_t bytes = strtoull(text.c_str() + at + strlen(kKey), nullptr, 10)
                   << 10;
  // "max" or a number.
  std::string limit = systemText("/sys/fs/cgroup/memory.max");
  uint64_t most = strtoull(limit.c_str(), nullptr, 10);
  return most ? std::min(bytes, most) : bytes;
}

/// Drops pages of the file that were read: they count as this program's.
static void dropPages(const std::byte *begin, int64_t bytes) {
  madvise(const_cast<std::byte *>(begin), size_t(bytes), MADV_DONTNEED);
}

/// Copies the call's `tokens` bytes of weights to its scratch.
static void copyStep(const SinterCall *call, int64_t thread) {
  for (int64_t begin = thread * kPiece; begin < call->tokens;
       begin += call->threads * kPiece) {
    int64_t bytes = std::min(kPiece, call->tokens - begin);
    memcpy(call->scratch + begin, call->weights + begin, size_t(bytes));
    dropPages(call->weights + begin, bytes);
    // Pages of the file crowd out huge ones, one of ten or more.
    Memory::gather(call->scratch + begin, size_t(bytes));
  }
}

Weights::Weights(std::span<const std::byte> mapped) : used(mapped) {
  if (!used.empty())
    madvise(const_cast<std::byte *>(used.data()), used.size(), MADV_WILLNEED);
}

void Weights::copyIfAmple(Team &team) {
  if (used.size() < kLeastCopied || used.size() > availableMemory() / 2 ||
      !hasHugePages())
    return;
  Result<Memory> memory =
      Memory::allocate(int64_t(used.size()), Memory::Use::Dense, "weights");
  if (!memory)
    return;
  SinterCall call{};
  call.weights = used.data();
  call.scratch = memory->data();
  call.tokens = int64_t(used.size());
  team.run(copyStep, call);
  copy = std::move(*memory);
  used = {copy.data(), used.size()};
}

} // namespace sinter
