//===- OutputFile.h - A file that appears when complete ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Bytes go to a temporary neighbour of the target, which takes the target's
// name only when everything has been written: an interrupted or failed run
// leaves the old file as it was.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_OUTPUTFILE_H
#define SINTER_FORMATS_OUTPUTFILE_H

#include "runtime/support/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sinter {

class OutputFile {
public:
  /// Creates the temporary file; `mode` is masked by the process's umask (0777
  /// for programs). A target that exists and is a device (/dev/null) is written
  /// in place; one that is a directory is an error. Symbolic links are
  /// followed.
  static Result<OutputFile> create(const std::string &path,
                                   unsigned mode = 0666);

  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&other) noexcept;
  /// Removes the temporary file unless finish() succeeded.
  ~OutputFile();

  /// Writes at a byte offset; parts may come in any order.
  Failure write(uint64_t offset, std::span<const std::byte> bytes);

  /// Flushes to disk, closes, and renames to the target.
  Failure finish();

  const std::string &path() const { return target; }
  /// Where the bytes are until finish(); empty when that has no name, so that
  /// nothing can be left over.
  const std::string &temporaryPath() const { return temporary; }

private:
  OutputFile() = default;
  void openBeside(const std::string &folder, unsigned mode);
  Failure giveName();
  void abandon();

  std::string target;
  std::string temporary;
  bool inPlace = false; ///< the target is a device
  int descriptor = -1;
};

} // namespace sinter

#endif // SINTER_FORMATS_OUTPUTFILE_H
