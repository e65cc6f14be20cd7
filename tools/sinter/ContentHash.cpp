//===- ContentHash.cpp - What is in a file, remembered --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ContentHash.h"
#include "formats/MappedFile.h"
#include "formats/OutputFile.h"
#include "tools/sinter/Driver.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <sys/stat.h>

namespace sinter {

// Pieces of a file that are hashed at once, each by a thread.
static constexpr size_t kPiece = size_t(16) << 20;
// Smaller files are read as fast as what is remembered of them.
static constexpr uint64_t kLarge = uint64_t(1) << 20;
// Time stamps are coarse; some file systems count seconds by twos.
static constexpr int64_t kSettled = 3;

static uint64_t hashOf(const void *bytes, size_t size) {
  return llvm::xxh3_64bits(
      llvm::ArrayRef(static_cast<const uint8_t *>(bytes), size));
}

static llvm::Expected<uint64_t> hashFile(const std::string &file) {
  Result<std::shared_ptr<const MappedFile>> mapped = MappedFile::open(file);
  if (!mapped)
    return failure(mapped.message());
  std::span<const std::byte> bytes = (*mapped)->data();
  std::vector<uint64_t> hashes((bytes.size() + kPiece - 1) / kPiece);
  llvm::parallelFor(0, hashes.size(), [&](size_t i) {
    auto piece =
        bytes.subspan(i * kPiece, std::min(kPiece, bytes.size() - i * kPiece));
    hashes[i] = hashOf(piece.data(), piece.size());
  });
  return hashOf(hashes.data(), hashes.size() * sizeof(uint64_t));
}

/// The name under which a file's hash is kept; none for small files and those
/// that have just changed.
static std::optional<std::string> memoName(const std::string &file) {
  struct stat status;
  if (stat(file.c_str(), &status) != 0 || uint64_t(status.st_size) < kLarge ||
      status.st_ctime > time(nullptr) - kSettled)
    return std::nullopt;
  const int64_t identity[] = {
      int64_t(status.st_dev),          int64_t(status.st_ino),
      int64_t(status.st_size),         int64_t(status.st_mtim.tv_sec),
      int64_t(status.st_mtim.tv_nsec), int64_t(status.st_ctim.tv_sec),
      int64_t(status.st_ctim.tv_nsec)};
  llvm::XXH128_hash_t name = llvm::xxh3_128bits(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(identity), sizeof(identity)));
  return llvm::utohexstr(name.high64) + llvm::utohexstr(name.low64);
}

/// Keeps a hash; where that cannot be, it is computed again next time.
static void remember(const std::string &memo, const std::string &name,
                     uint64_t hash) {
  if (llvm::sys::fs::create_directories(memo))
    return;
  Result<OutputFile> file = OutputFile::create(memo + "/" + name);
  std::string text = llvm::utohexstr(hash);
  if (file && !file->write(0, std::as_bytes(std::span(text)))) [[maybe_unused]]
    Failure failure = file->finish();
}

llvm::Expected<uint64_t> contentHash(const std::string &file,
                                     const std::string &memo) {
  std::optional<std::string> name = memoName(file);
  uint64_t hash;
  if (name)
    if (Result<std::string> text = readFile(memo + "/" + *name, 16))
      if (!llvm::StringRef(*text).getAsInteger(16, hash))
        return hash;
  llvm::Expected<uint64_t> computed = hashFile(file);
  // It may have changed while it was read.
  if (computed && name && memoName(file) == name)
    remember(memo, *name, *computed);
  return computed;
}

} // namespace sinter
