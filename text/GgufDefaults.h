//===- GgufDefaults.h - What GGUF files leave unsaid ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_GGUFDEFAULTS_H
#define SINTER_TEXT_GGUFDEFAULTS_H

#include "text/GgufTokenizer.h"

#include <string>

namespace sinter::text {

/// Gives `to` what the catalog knows of its kind of files: ids of roles, and
/// which tokens take white space with them. `model` is tokenizer.ggml.model.
void complete(GgufTokenizer &to, const std::string &model,
              const PatternCatalog &catalog);

} // namespace sinter::text

#endif // SINTER_TEXT_GGUFDEFAULTS_H
