//===- Mxfp4.h - 4-bit floats that share powers of two ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The OCP's microscaling format MXFP4: 32 values of E2M1 (0 0.5 1 1.5 2 3 4 6
// and a sign) times 2^(e - 127). GGUF stores blocks of e and 16 bytes, the
// first half in the low nibbles; other files keep exponents apart, and
// neighbours in a byte.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_MXFP4_H
#define SINTER_FORMATS_MXFP4_H

#include "formats/StoredTensor.h"

namespace sinter {

/// Whether q8_0 has each value of the blocks: it does where no scale but that
/// of zeros is beyond those of f16.
bool fitsQ8_0(std::span<const std::byte> blocks);

/// The same values as q8_0, for blocks that fit.
std::vector<std::byte> mxfp4ToQ8_0(std::span<const std::byte> blocks);

/// The blocks of a tensor whose values (u8[... x blocks x 16], neighbours in a
/// byte, the first one low) and exponents (u8[... x blocks]) are apart. Fails
/// as StoredTensor::read() does. Shapes are those of describeMxfp4().
Result<std::vector<std::byte>> joinMxfp4(const StoredTensor &values,
                                         const StoredTensor &scales);

/// The tensor mxfp4[... x 32 * blocks] that `values` and `scales` are together;
/// its bytes are what joinMxfp4() gives, data() is not to be used. Fails when
/// types and shapes are not those of such a pair.
Result<StoredTensor> describeMxfp4(const StoredTensor &values,
                                   const StoredTensor &scales);

} // namespace sinter

#endif // SINTER_FORMATS_MXFP4_H
