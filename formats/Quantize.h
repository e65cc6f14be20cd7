//===- Quantize.h - Between stored types and f32 ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The exact meaning of stored numbers. Results are bit-equal to ggml's
// reference (the gguf package's quants module is the oracle of our tests), on
// every machine: a tool that reads our numbers elsewhere finds the same bits.
// These loops define values and are not meant to be fast.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_QUANTIZE_H
#define SINTER_FORMATS_QUANTIZE_H

#include "formats/ElementType.h"

#include <cstddef>
#include <span>

namespace sinter {

/// Whether dequantize() reads `type`: every type of the table. f64 and wide
/// integers are rounded to nearest, bool gives 0 and 1, all else is exact up
/// to ggml's own f32 arithmetic.
bool canDequantize(ElementType type);

/// Whether quantize() writes `type`: f32 f16 bf16 q8_0 q4_0 q4_1.
bool canQuantize(ElementType type);

/// Writes out.size() values from `stored`, which holds exactly
/// bytesFor(type, out.size()) bytes at any alignment. False, with `out`
/// untouched, when sizes disagree or values are not whole blocks.
[[nodiscard]] bool dequantize(ElementType type,
                              std::span<const std::byte> stored,
                              std::span<float> out);

/// The reverse; `stored` has exactly bytesFor(type, values.size()) bytes.
/// False when sizes disagree or canQuantize(type) is false. Values that are
/// not finite give unspecified (but deterministic) block contents.
[[nodiscard]] bool quantize(ElementType type, std::span<const float> values,
                            std::span<std::byte> stored);

} // namespace sinter

#endif // SINTER_FORMATS_QUANTIZE_H
