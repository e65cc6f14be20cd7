//===- OutputFile.cpp - A file that appears when complete -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/OutputFile.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sinter {

namespace {

Failure systemFailure(const std::string &path, const char *what) {
  return Failure(path + ": error: " + what + ": " + strerror(errno));
}

/// Where symbolic links lead, so that a link is kept and its file replaced.
std::string resolveLinks(const std::string &path) {
  std::unique_ptr<char, void (*)(void *)> resolved(
      realpath(path.c_str(), nullptr), free);
  return resolved ? std::string(resolved.get()) : path;
}

} // namespace

Result<OutputFile> OutputFile::create(const std::string &path, unsigned mode) {
  OutputFile file;
  file.target = path;
  struct stat status;
  bool exists = stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    return Failure(path + ": error: cannot write: is a folder");
  if (exists && !S_ISREG(status.st_mode)) {
    file.descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor < 0)
      return systemFailure(path, "cannot write");
    return file;
  }
  if (exists)
    file.target = resolveLinks(path);
  // The name only has to differ from what other processes and earlier,
  // interrupted ones left.
  constexpr int attempts = 100;
  std::string stem = file.target + ".tmp" + std::to_string(getpid()) + "-";
  for (int i = 0; i < attempts && file.descriptor < 0; ++i) {
    file.temporary = stem + std::to_string(i);
    file.descriptor = open(file.temporary.c_str(),
                           O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file.descriptor < 0 && errno != EEXIST)
      break;
  }
  if (file.descriptor < 0) {
    file.temporary.clear();
    return systemFailure(path, "cannot create");
  }
  return file;
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : target(std::move(other.target)),
      temporary(std::exchange(other.temporary, {})),
      descriptor(std::exchange(other.descriptor, -1)) {}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
  std::swap(target, other.target);
  std::swap(temporary, other.temporary);
  std::swap(descriptor, other.descriptor);
  return *this;
}

OutputFile::~OutputFile() { abandon(); }

void OutputFile::abandon() {
  if (descriptor >= 0)
    close(std::exchange(descriptor, -1));
  if (!temporary.empty())
    unlink(std::exchange(temporary, {}).c_str());
}

Failure OutputFile::write(uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    size_t part = std::min<size_t>(bytes.size(), 1u << 30);
    ssize_t wrote = pwrite(descriptor, bytes.data(), part, off_t(offset));
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0)
      return systemFailure(target, "cannot write");
    offset += uint64_t(wrote);
    bytes = bytes.subspan(size_t(wrote));
  }
  return Failure::none();
}

Failure OutputFile::finish() {
  // A device has nothing to flush and refuses to; a full disk may show only
  // here or when closing.
  if (!temporary.empty() && fsync(descriptor) != 0)
    return systemFailure(target, "cannot write");
  if (close(std::exchange(descriptor, -1)) != 0)
    return systemFailure(target, "cannot write");
  if (temporary.empty())
    return Failure::none();
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return systemFailure(target, "cannot replace");
  temporary.clear();
  return Failure::none();
}

} // namespace sinter
