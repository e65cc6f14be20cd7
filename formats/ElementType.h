//===- ElementType.h - How numbers are stored -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One table of the element types that checkpoint files hold, under the names
// that the IR uses too. A block type stores `blockSize` consecutive values of
// the last dimension in `blockBytes` bytes (layouts: Quantize.cpp); to every
// other type a block is one value. All numbers are little-endian.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_ELEMENTTYPE_H
#define SINTER_FORMATS_ELEMENTTYPE_H

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sinter {

enum class ElementType : uint8_t {
  F64,
  F32,
  F16,
  BF16,
  I64,
  I32,
  I16,
  I8,
  U64,
  U32,
  U16,
  U8,
  Bool,
  Q8_0,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q2_K,
  Q3_K,
  Q4_K,
  Q5_K,
  Q6_K,
  MXFP4,
};

/// What a type's values are, for checks such as "weights must be real numbers".
enum class ElementClass : uint8_t { Float, Integer, Bool, Block };

/// A row of the table.
struct ElementTypeInfo {
  std::string_view name; ///< "f32", "q4_0": as in the IR
  ElementClass kind;
  uint32_t blockSize;  ///< values in a block; 1 unless kind is Block
  uint32_t blockBytes; ///< bytes of a block
};

const ElementTypeInfo &infoOf(ElementType type);

inline std::string_view nameOf(ElementType type) { return infoOf(type).name; }
inline bool isBlockType(ElementType type) {
  return infoOf(type).kind == ElementClass::Block;
}
/// Has exact f32 values through dequantize(): floats and block types.
inline bool isRealType(ElementType type) {
  return infoOf(type).kind == ElementClass::Float || isBlockType(type);
}

/// Whether weights may have it in the IR and in programs; others become f32,
/// which is exact for each (MXFP4: q8_0 or bf16, exact too).
bool isWeightType(ElementType type);

/// The type of that name; none when there is none.
std::optional<ElementType> elementTypeByName(std::string_view name);

/// Bytes of `count` values; none when they are not whole blocks or when the
/// result does not fit 63 bits.
std::optional<uint64_t> bytesFor(ElementType type, uint64_t count);

/// The product of the dimensions, 1 for a scalar; none on a negative dimension
/// or when it does not fit 63 bits.
std::optional<uint64_t> countOf(std::span<const int64_t> shape);

} // namespace sinter

#endif // SINTER_FORMATS_ELEMENTTYPE_H
