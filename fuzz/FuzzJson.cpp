//===- FuzzJson.cpp - JSON: configurations, indices, tokenizers -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Json.h"

#include <cstdlib>

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  Result<nlohmann::json> tree = parseJson(text, "input");
  if (!tree)
    return 0;
  // What we accepted is written (it is valid UTF-8) and means the same again.
  Result<nlohmann::json> again = parseJson(tree->dump(), "output");
  if (!again || *again != *tree)
    abort();
  return 0;
}
