//===- SpecSearch.h - Finds the spec of a checkpoint ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_SPECSEARCH_H
#define SINTER_SPEC_SPECSEARCH_H

#include "formats/Checkpoint.h"
#include "spec/Yaml.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter {

struct SpecFile {
  std::string path;
  /// What locations refer to: this file, and those that it is `like`. They stay
  /// put when the SpecFile moves.
  std::vector<std::shared_ptr<const std::string>> names;
  YamlNode root;
};

/// Reads the spec at `path`, or, if that is empty, finds the one in `folders`
/// whose `matches` has the checkpoint's "model_type" or "general.architecture".
/// Fails when there is none or more than one in the first folder that has any.
llvm::Expected<SpecFile> findSpec(const Checkpoint &checkpoint,
                                  const std::string &path,
                                  const std::vector<std::string> &folders);

} // namespace sinter

#endif // SINTER_SPEC_SPECSEARCH_H
