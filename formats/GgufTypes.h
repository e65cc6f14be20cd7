//===- GgufTypes.h - GGUF's numbers for tensor types ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to Gguf*.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_GGUFTYPES_H
#define SINTER_FORMATS_GGUFTYPES_H

#include "formats/ElementType.h"

#include <optional>
#include <string_view>

namespace sinter {

struct GgufTensorType {
  uint32_t number;
  std::string_view name; ///< for messages
  std::optional<ElementType> type;
};

constexpr GgufTensorType ggufTensorTypes[] = {
    {0, "f32", ElementType::F32},    {1, "f16", ElementType::F16},
    {2, "q4_0", ElementType::Q4_0},  {3, "q4_1", ElementType::Q4_1},
    {6, "q5_0", ElementType::Q5_0},  {7, "q5_1", ElementType::Q5_1},
    {8, "q8_0", ElementType::Q8_0},  {9, "q8_1", std::nullopt},
    {10, "q2_k", ElementType::Q2_K}, {11, "q3_k", ElementType::Q3_K},
    {12, "q4_k", ElementType::Q4_K}, {13, "q5_k", ElementType::Q5_K},
    {14, "q6_k", ElementType::Q6_K}, {15, "q8_k", std::nullopt},
    {16, "iq2_xxs", std::nullopt},   {17, "iq2_xs", std::nullopt},
    {18, "iq3_xxs", std::nullopt},   {19, "iq1_s", std::nullopt},
    {20, "iq4_nl", std::nullopt},    {21, "iq3_s", std::nullopt},
    {22, "iq2_s", std::nullopt},     {23, "iq4_xs", std::nullopt},
    {24, "i8", ElementType::I8},     {25, "i16", ElementType::I16},
    {26, "i32", ElementType::I32},   {27, "i64", ElementType::I64},
    {28, "f64", ElementType::F64},   {29, "iq1_m", std::nullopt},
    {30, "bf16", ElementType::BF16}, {34, "tq1_0", std::nullopt},
    {35, "tq2_0", std::nullopt},     {39, "mxfp4", ElementType::MXFP4},
};

/// Null for numbers that we have never heard of.
inline const GgufTensorType *ggufTensorType(uint32_t number) {
  for (const GgufTensorType &entry : ggufTensorTypes)
    if (entry.number == number)
      return &entry;
  return nullptr;
}

} // namespace sinter

#endif // SINTER_FORMATS_GGUFTYPES_H
