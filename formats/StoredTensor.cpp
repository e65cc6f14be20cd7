//===- StoredTensor.cpp - A tensor in a checkpoint file -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/StoredTensor.h"

#include "formats/Quantize.h"
#include "formats/Text.h"

#include <exception>

namespace sinter {

Failure StoredTensor::read(uint64_t begin, std::span<std::byte> out) const {
  if (begin > bytes || out.size() > bytes - begin)
    return Failure(file->path() + ": error: tensor " + quote(name) + " has " +
                   std::to_string(bytes) + " bytes, but " +
                   std::to_string(out.size()) + " were asked for at byte " +
                   std::to_string(begin));
  return file->read(offset + begin, out.data(), out.size());
}

Result<std::vector<float>> StoredTensor::readAsF32() const try {
  std::vector<std::byte> stored(bytes);
  if (Failure failure = read(0, stored))
    return failure;
  std::vector<float> values(count);
  if (!dequantize(type, stored, values))
    return Failure(file->path() + ": error: tensor " + quote(name) +
                   ": no f32 values for " + describe(type, shape));
  return values;
} catch (const std::exception &) {
  // A file with holes holds tensors of any size on any disk.
  return Failure(file->path() + ": error: tensor " + quote(name) +
                 ": not enough memory for " + describe(type, shape));
}

std::string describe(ElementType type, std::span<const int64_t> shape) {
  std::string text(nameOf(type));
  text += '[';
  for (size_t i = 0; i < shape.size(); ++i) {
    text += i == 0 ? "" : "x";
    text += std::to_string(shape[i]);
  }
  return text + ']';
}

} // namespace sinter
