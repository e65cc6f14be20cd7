//===- StoredTensor.h - A tensor in a checkpoint file -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What every weight file's reader hands out: a name, a type, a shape, and the
// place of the bytes. Readers have checked that the bytes lie in the file and
// that their number follows from type and shape.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_STOREDTENSOR_H
#define SINTER_FORMATS_STOREDTENSOR_H

#include "formats/ElementType.h"
#include "formats/MappedFile.h"
#include "runtime/support/Result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sinter {

struct StoredTensor {
  std::string name; ///< valid UTF-8
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape; ///< row-major, [out, in] for a linear's weight
  uint64_t count = 0;         ///< product of shape
  uint64_t bytes = 0;         ///< bytesFor(type, count)
  uint64_t offset = 0;        ///< of the first byte, in `file`
  std::shared_ptr<const MappedFile> file;

  /// The stored bytes, mapped; MappedFile.h says what happens when the file
  /// shrinks.
  std::span<const std::byte> data() const {
    return file->data().subspan(offset, bytes);
  }

  /// Copies stored bytes [begin, begin + out.size()); fails when the file has
  /// shrunk or the range is not within the tensor.
  Failure read(uint64_t begin, std::span<std::byte> out) const;

  /// All values as f32, copied (see dequantize()); fails as read() does, and
  /// when there is not enough memory.
  Result<std::vector<float>> readAsF32() const;
};

/// "f32[4x64]", for messages.
std::string describe(ElementType type, std::span<const int64_t> shape);

} // namespace sinter

#endif // SINTER_FORMATS_STOREDTENSOR_H
