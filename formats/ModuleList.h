//===- ModuleList.h - What makes an embedding of a text ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Folders of the library sentence-transformers have a file modules.json: the
// parts, in order, of which a transformer is the first, pooling another.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_MODULELIST_H
#define SINTER_FORMATS_MODULELIST_H

#include "runtime/support/Result.h"

#include <string>
#include <vector>

namespace sinter {

struct Module {
  std::string type; ///< "sentence_transformers.models.Pooling"
  std::string path; ///< its folder, within that of modules.json; may be empty

  /// The last word of the type where that is the library's own; otherwise
  /// empty: code that only the checkpoint has.
  std::string kind() const;
};

/// The modules of a folder; none where it has no modules.json.
Result<std::vector<Module>> readModules(const std::string &folder);

} // namespace sinter

#endif // SINTER_FORMATS_MODULELIST_H
