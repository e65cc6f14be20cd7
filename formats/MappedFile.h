//===- MappedFile.h - A file, mapped for reading ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Weights are far larger than what we want to copy, so they are mapped. A file
// may shrink while it is mapped, and touching a page past its new end raises
// SIGBUS. Hence two ways to its bytes:
//
//  - read() copies through pread(2): a shrunken file is a Failure. Everything
//    that decides what happens next (headers, lengths, offsets, names) goes
//    this way, as does any reader that looks at bytes once (the packer).
//  - data() is the mapping itself, for bytes that are only computed with. A
//    program that uses it on files it does not own calls
//    exitOnVanishedPages() first, which turns SIGBUS into a message and exit
//    code 1.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_MAPPEDFILE_H
#define SINTER_FORMATS_MAPPEDFILE_H

#include "runtime/support/Result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sinter {

/// A regular file opened for reading and mapped whole. Shared by the tensors
/// that lie in it; immutable, so any thread may use it.
class MappedFile {
public:
  /// Fails when `path` cannot be opened, is not a regular file, or cannot be
  /// mapped. Never blocks (a FIFO is refused, not waited for).
  static Result<std::shared_ptr<const MappedFile>> open(std::string path);

  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  /// As given to open(); used in messages.
  const std::string &path() const { return filePath; }
  /// In bytes, when the file was opened.
  uint64_t size() const { return fileSize; }
  /// All size() bytes; see above for files that shrink.
  std::span<const std::byte> data() const { return {base, fileSize}; }

  /// Copies bytes [offset, offset + length) to `out`. Fails when they are not
  /// all in the file, also if they were when it was opened.
  Failure read(uint64_t offset, void *out, uint64_t length) const;

private:
  MappedFile() = default;

  std::string filePath;
  int descriptor = -1;
  const std::byte *base = nullptr;
  uint64_t fileSize = 0;
};

/// The whole file as a string; fails when it cannot be read or has more than
/// `maxBytes` bytes.
Result<std::string> readFile(const std::string &path, uint64_t maxBytes);

/// For the main() of programs that read mapped files: a page that is gone
/// because its file shrank ends the process with a message and exit code 1
/// instead of a core dump. Installs a SIGBUS handler.
void exitOnVanishedPages();

} // namespace sinter

#endif // SINTER_FORMATS_MAPPEDFILE_H
