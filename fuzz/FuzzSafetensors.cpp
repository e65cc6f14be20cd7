//===- FuzzSafetensors.cpp - The safetensors reader -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"
#include "formats/Safetensors.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  InputFile file(data, size);
  Result<Safetensors> read = readSafetensors(file.path());
  if (!read)
    return 0;
  uint64_t bytes = 0;
  for (const StoredTensor &tensor : read->tensors) {
    bytes += tensor.bytes;
    if (tensor.data().size() != tensor.bytes || !tensor.readAsF32() ||
        bytesFor(tensor.type, tensor.count) != tensor.bytes)
      abort(); // What the reader said of each tensor must hold.
  }
  if (bytes > size)
    abort();
  return 0;
}
