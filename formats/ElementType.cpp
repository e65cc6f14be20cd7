//===- ElementType.cpp - How numbers are stored ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/ElementType.h"

#include <array>
#include <limits>

namespace sinter {

namespace {

constexpr uint64_t maxBytes = uint64_t(std::numeric_limits<int64_t>::max());

/// In the order of the enumeration.
constexpr std::array<ElementTypeInfo, 24> table = {{
    {"f64", ElementClass::Float, 1, 8},
    {"f32", ElementClass::Float, 1, 4},
    {"f16", ElementClass::Float, 1, 2},
    {"bf16", ElementClass::Float, 1, 2},
    {"i64", ElementClass::Integer, 1, 8},
    {"i32", ElementClass::Integer, 1, 4},
    {"i16", ElementClass::Integer, 1, 2},
    {"i8", ElementClass::Integer, 1, 1},
    {"u64", ElementClass::Integer, 1, 8},
    {"u32", ElementClass::Integer, 1, 4},
    {"u16", ElementClass::Integer, 1, 2},
    {"u8", ElementClass::Integer, 1, 1},
    {"bool", ElementClass::Bool, 1, 1},
    {"q8_0", ElementClass::Block, 32, 34},
    {"q4_0", ElementClass::Block, 32, 18},
    {"q4_1", ElementClass::Block, 32, 20},
    {"q5_0", ElementClass::Block, 32, 22},
    {"q5_1", ElementClass::Block, 32, 24},
    {"q2_k", ElementClass::Block, 256, 84},
    {"q3_k", ElementClass::Block, 256, 110},
    {"q4_k", ElementClass::Block, 256, 144},
    {"q5_k", ElementClass::Block, 256, 176},
    {"q6_k", ElementClass::Block, 256, 210},
    {"mxfp4", ElementClass::Block, 32, 17},
}};
static_assert(size_t(ElementType::MXFP4) + 1 == table.size());

} // namespace

const ElementTypeInfo &infoOf(ElementType type) { return table[size_t(type)]; }

bool isWeightType(ElementType type) {
  switch (type) {
  case ElementType::F32:
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::Q8_0:
  case ElementType::Q4_0:
  case ElementType::Q4_1:
    return true;
  default:
    return false;
  }
}

std::optional<ElementType> elementTypeByName(std::string_view name) {
  for (size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name)
      return ElementType(i);
  return std::nullopt;
}

std::optional<uint64_t> bytesFor(ElementType type, uint64_t count) {
  const ElementTypeInfo &info = infoOf(type);
  if (count % info.blockSize != 0)
    return std::nullopt;
  uint64_t bytes;
  if (__builtin_mul_overflow(count / info.blockSize, info.blockBytes, &bytes) ||
      bytes > maxBytes)
    return std::nullopt;
  return bytes;
}

std::optional<uint64_t> countOf(std::span<const int64_t> shape) {
  uint64_t count = 1;
  bool empty = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return std::nullopt;
    // A zero must not hide that the other dimensions overflow.
    empty |= dim == 0;
    if (dim != 0 && (__builtin_mul_overflow(count, uint64_t(dim), &count) ||
                     count > maxBytes))
      return std::nullopt;
  }
  return empty ? 0 : count;
}

} // namespace sinter
