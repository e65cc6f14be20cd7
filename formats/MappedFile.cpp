//===- MappedFile.cpp - A file, mapped for reading ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/MappedFile.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sinter {

namespace {

Failure systemFailure(const std::string &path, const char *what) {
  const char *limit = errno == EMFILE   ? " (see ulimit -n)"
                      : errno == ENOMEM ? " (see ulimit -v)"
                                        : "";
  return Failure(path + ": error: " + what + ": " + strerror(errno) + limit);
}

/// Opens a regular file; its size goes to `size`.
Result<int> openRegular(const std::string &path, uint64_t &size) {
  // O_NONBLOCK only matters for what we refuse next: a FIFO without a writer.
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return systemFailure(path, "cannot open");
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    Failure failure = systemFailure(path, "cannot get the size");
    close(descriptor);
    return failure;
  }
  if (!S_ISREG(status.st_mode)) {
    close(descriptor);
    return Failure(path + ": error: expected a regular file, but this is " +
                   (S_ISDIR(status.st_mode) ? "a folder" : "a special file"));
  }
  size = uint64_t(status.st_size);
  return descriptor;
}

} // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(std::string path) {
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->filePath = std::move(path);
  Result<int> descriptor = openRegular(file->filePath, file->fileSize);
  if (!descriptor)
    return descriptor.failure();
  file->descriptor = *descriptor;
  if (file->fileSize != 0) { // mmap refuses a length of zero.
    void *mapping = mmap(nullptr, file->fileSize, PROT_READ, MAP_PRIVATE,
                         file->descriptor, 0);
    if (mapping == MAP_FAILED)
      return systemFailure(file->filePath, "cannot map");
    file->base = static_cast<const std::byte *>(mapping);
  }
  return std::shared_ptr<const MappedFile>(std::move(file));
}

MappedFile::~MappedFile() {
  if (base)
    munmap(const_cast<std::byte *>(base), fileSize);
  if (descriptor >= 0)
    close(descriptor);
}

Failure MappedFile::read(uint64_t offset, void *out, uint64_t length) const {
  if (offset > fileSize || length > fileSize - offset)
    return Failure(filePath + ": error: expected " + std::to_string(length) +
                   " bytes at byte " + std::to_string(offset) +
                   ", but the file has " + std::to_string(fileSize) + " bytes");
  auto *cursor = static_cast<std::byte *>(out);
  while (length > 0) {
    // One call transfers less than 2 GiB.
    size_t part = size_t(std::min<uint64_t>(length, 1u << 30));
    ssize_t got = pread(descriptor, cursor, part, off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return systemFailure(filePath, "cannot read");
    if (got == 0)
      return Failure(filePath + ": error: the file shrank while it was read: " +
                     std::to_string(fileSize) + " bytes when opened, now " +
                     std::to_string(offset) + " or less");
    cursor += got;
    offset += uint64_t(got);
    length -= uint64_t(got);
  }
  return Failure::none();
}

Result<std::string> readFile(const std::string &path, uint64_t maxBytes) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.failure();
  uint64_t size = (*file)->size();
  if (size > maxBytes)
    return Failure(path + ": error: expected at most " +
                   std::to_string(maxBytes) + " bytes, but the file has " +
                   std::to_string(size));
  std::string text(size, '\0');
  if (Failure failure = (*file)->read(0, text.data(), size))
    return failure;
  return text;
}

void exitOnVanishedPages() {
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  action.sa_sigaction = [](int, siginfo_t *info, void *) {
    // Any other cause comes again on return, now with the default action.
    if (info->si_code != BUS_ADRERR)
      return;
    constexpr char message[] = "error: a mapped file shrank or became "
                               "unreadable while it was in use\n";
    [[maybe_unused]] ssize_t ignored =
        ::write(STDERR_FILENO, message, sizeof(message) - 1);
    _exit(1);
  };
  sigaction(SIGBUS, &action, nullptr);
}

} // namespace sinter
