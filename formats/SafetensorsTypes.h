//===- SafetensorsTypes.h - safetensors' words for types --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to Safetensors*.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_SAFETENSORSTYPES_H
#define SINTER_FORMATS_SAFETENSORSTYPES_H

#include "formats/ElementType.h"

#include <optional>
#include <string_view>

namespace sinter {

/// The reference implementation's limit on the header's length, in bytes.
constexpr uint64_t maxSafetensorsHeader = 100'000'000;

struct SafetensorsType {
  std::string_view name;
  ElementType type;
};

constexpr SafetensorsType safetensorsTypes[] = {
    {"F64", ElementType::F64},   {"F32", ElementType::F32},
    {"F16", ElementType::F16},   {"BF16", ElementType::BF16},
    {"I64", ElementType::I64},   {"I32", ElementType::I32},
    {"I16", ElementType::I16},   {"I8", ElementType::I8},
    {"U64", ElementType::U64},   {"U32", ElementType::U32},
    {"U16", ElementType::U16},   {"U8", ElementType::U8},
    {"BOOL", ElementType::Bool},
};

inline std::optional<ElementType> safetensorsTypeByName(std::string_view name) {
  for (const SafetensorsType &entry : safetensorsTypes)
    if (entry.name == name)
      return entry.type;
  return std::nullopt;
}

/// Empty for types that the format does not have.
inline std::string_view safetensorsNameOf(ElementType type) {
  for (const SafetensorsType &entry : safetensorsTypes)
    if (entry.type == type)
      return entry.name;
  return {};
}

} // namespace sinter

#endif // SINTER_FORMATS_SAFETENSORSTYPES_H
