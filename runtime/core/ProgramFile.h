//===- ProgramFile.h - A program's own data ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Finds the sections behind the ELF image (Trailer.h) of a program, or in
// PROGRAM.weights beside it, and maps them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_PROGRAMFILE_H
#define SINTER_RUNTIME_CORE_PROGRAMFILE_H

#include "formats/MappedFile.h"
#include "runtime/support/Result.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sinter {

class ProgramFile {
public:
  /// Opens the file at `path`; messages call it `name`, and external sections
  /// are looked for in `name`.weights. Fails on anything but a whole program.
  static Result<ProgramFile> open(const std::string &path,
                                  const std::string &name);

  /// The program that this process runs.
  static Result<ProgramFile> openSelf();

  /// The bytes of a section, mapped as long as this object lives; none when
  /// the program has no such section.
  std::optional<std::span<const std::byte>>
  section(const std::string &name) const;

  /// As given to open(), or the running program's path.
  const std::string &name() const { return programName; }

private:
  ProgramFile() = default;
  Failure read(std::shared_ptr<const MappedFile> file, const std::string &where,
               bool external);

  std::string programName;
  std::string id;
  std::vector<std::shared_ptr<const MappedFile>> files;
  std::map<std::string, std::span<const std::byte>> sections;
  std::map<std::string, uint64_t> awaited; ///< external: bytes by name
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_PROGRAMFILE_H
