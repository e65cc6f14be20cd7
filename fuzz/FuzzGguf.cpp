//===- FuzzGguf.cpp - Everything that a GGUF file's reader does -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"
#include "formats/Checkpoint.h"

using namespace sinter;

namespace {

/// Reads an array as every kind of elements; one of them is right.
void readArray(const GgufFile &gguf, const GgufArray &array, int depth) {
  (void)gguf.readInts(array);
  (void)gguf.readFloats(array);
  (void)gguf.readBools(array);
  (void)gguf.readStrings(array);
  if (depth > 8)
    abort(); // The reader promised less.
  if (auto inner = gguf.readArrays(array))
    for (const GgufArray &element : *inner)
      readArray(gguf, element, depth + 1);
}

void readTensor(const StoredTensor &tensor) {
  // What the reader said of each tensor must hold.
  if (tensor.data().size() != tensor.bytes ||
      bytesFor(tensor.type, tensor.count) != tensor.bytes ||
      countOf(tensor.shape) != tensor.count || !tensor.readAsF32())
    abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  InputFile file(data, size);
  Result<GgufFile> gguf = GgufFile::open(file.path());
  if (!gguf)
    return 0;
  for (const GgufEntry &entry : gguf->entries()) {
    (void)gguf->getInt(entry.key);
    (void)gguf->getFloat(entry.key);
    (void)gguf->getString(entry.key);
    if (Result<GgufArray> array = gguf->getArray(entry.key))
      readArray(*gguf, *array, 0);
  }
  for (const StoredTensor &tensor : gguf->tensors())
    readTensor(tensor);
  // Fails for bools and integers that the file has wrong; never throws.
  if (auto checkpoint = Checkpoint::open(file.path()))
    (void)checkpoint->config().dump();
  return 0;
}
