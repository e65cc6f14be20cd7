//===- Closest.h - Which name was meant -------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_CLOSEST_H
#define SINTER_RUNTIME_CORE_CLOSEST_H

#include <span>
#include <string_view>

namespace sinter {

/// The one of `names` that is nearest to `word`, by letters that were put in,
/// left out, changed, or exchanged with the next; empty when none is near.
std::string_view closest(std::string_view word,
                         std::span<const std::string_view> names);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_CLOSEST_H
