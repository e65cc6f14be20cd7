//===- CpuFeatures.h - What this processor can do ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The runtime is built for the baseline; generated code is not. Before it runs
// its needs are checked here, so that nobody sees an illegal instruction.
// Feature names are LLVM's ("avx512vnni", "amx-int8").
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_CPUFEATURES_H
#define SINTER_RUNTIME_CORE_CPUFEATURES_H

#include "runtime/support/Result.h"

#include <string_view>

namespace sinter {

/// True when processor and operating system allow the feature; false for
/// unknown names.
bool cpuHas(std::string_view feature);

/// Checks a comma-separated list ("avx2,fma"; a leading '+' is allowed) and
/// asks the system for AMX tiles when they are needed. The failure names the
/// first feature that is missing.
Failure requireCpuFeatures(std::string_view features);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_CPUFEATURES_H
