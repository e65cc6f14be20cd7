//===- InputFiles.h - What a command reads ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// An output that takes the place of an input destroys what may exist nowhere
// else. Whoever writes files says first what it reads, and asks here.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_INPUTFILES_H
#define SINTER_FORMATS_INPUTFILES_H

#include "runtime/support/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sinter {

class InputFiles {
public:
  /// Adds a file. What is missing or special (a pipe, a device) is passed over.
  void add(const std::string &path);
  /// Adds a model: a file, or those files in a folder, and in folders in it,
  /// that models are read from.
  void addModel(const std::string &path);

  /// Fails when writing `output` would replace one of them, whatever name or
  /// link leads there.
  Failure check(const std::string &output) const;

private:
  using Identity = std::pair<uint64_t, uint64_t>; ///< device, file
  std::map<Identity, std::string> files;
};

/// The files in a folder and in the folders in it, sorted; or the file itself.
/// Fails when a folder cannot be read; a path where nothing is gives none.
Result<std::vector<std::string>> filesIn(const std::string &path);

/// Whether a file of this name may be part of a model.
bool isModelFile(const std::string &path);

} // namespace sinter

#endif // SINTER_FORMATS_INPUTFILES_H
