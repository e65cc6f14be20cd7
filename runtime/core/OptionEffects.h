//===- OptionEffects.h - Options that would do nothing ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_OPTIONEFFECTS_H
#define SINTER_RUNTIME_CORE_OPTIONEFFECTS_H

#include "runtime/core/Options.h"

namespace sinter {

/// Fails when one of the options given has no effect on what the others ask
/// for: nobody may think that it had.
Failure checkEffects(const ProgramOptions &options,
                     std::span<const std::string_view> given);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_OPTIONEFFECTS_H
