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
  const char *limit = errno == EFBIG ? " (see ulimit -f)" : "";
  return Failure(path + ": error: " + what + ": " + strerror(errno) + limit);
}

/// Where symbolic links lead, so that a link is kept and its file replaced.
std::string resolveLinks(const std::string &path) {
  std::unique_ptr<char, void (*)(void *)> resolved(
      realpath(path.c_str(), nullptr), free);
  return resolved ? std::string(resolved.get()) : path;
}

constexpr int nameAttempts = 100;

/// The name only has to differ from what other processes and earlier,
/// interrupted ones left.
std::string temporaryName(const std::string &target, int attempt) {
  return target + ".tmp" + std::to_string(getpid()) + "-" +
         std::to_string(attempt);
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
    file.inPlace = true;
    return file;
  }
  if (exists)
    file.target = resolveLinks(path);
  size_t slash = file.target.rfind('/');
  file.openBeside(slash == std::string::npos ? "."
                                             : file.target.substr(0, slash + 1),
                  mode);
  if (file.descriptor >= 0)
    return file;
  file.temporary.clear();
  return systemFailure(path, "cannot create");
}

/// Opens a file without a name, which vanishes with the process however that
/// ends; where file systems have none such, one with a name.
void OutputFile::openBeside(const std::string &folder, unsigned mode) {
  if (access("/proc/self/fd", X_OK) == 0)
    descriptor = open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
  for (int i = 0; i < nameAttempts && descriptor < 0; ++i) {
    temporary = temporaryName(target, i);
    descriptor =
        open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno != EEXIST)
      break;
  }
}

/// Gives a file without a name the one that will be renamed to the target's,
/// which replaces what is there: linking does not.
Failure OutputFile::giveName() {
  std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  for (int i = 0; i < nameAttempts; ++i) {
    std::string name = temporaryName(target, i);
    if (linkat(AT_FDCWD, link.c_str(), AT_FDCWD, name.c_str(),
               AT_SYMLINK_FOLLOW) == 0) {
      temporary = std::move(name);
      return Failure::none();
    }
    if (errno != EEXIST)
      break;
  }
  return systemFailure(target, "cannot create");
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : target(std::move(other.target)),
      temporary(std::exchange(other.temporary, {})), inPlace(other.inPlace),
      descriptor(std::exchange(other.descriptor, -1)) {}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
  std::swap(target, other.target);
  std::swap(temporary, other.temporary);
  std::swap(inPlace, other.inPlace);
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
  if (!inPlace && fsync(descriptor) != 0)
    return systemFailure(target, "cannot write");
  if (!inPlace && temporary.empty())
    if (Failure failure = giveName())
      return failure;
  if (close(std::exchange(descriptor, -1)) != 0)
    return systemFailure(target, "cannot write");
  if (inPlace)
    return Failure::none();
  if (rename(temporary.c_str(), target.c_str()) != 0)
    return systemFailure(target, "cannot replace");
  temporary.clear();
  return Failure::none();
}

} // namespace sinter
