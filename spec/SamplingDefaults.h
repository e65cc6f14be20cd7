//===- SamplingDefaults.h - How authors want tokens chosen ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_SAMPLINGDEFAULTS_H
#define SINTER_SPEC_SAMPLINGDEFAULTS_H

#include "formats/Checkpoint.h"
#include "spec/Diagnostics.h"

namespace sinter {

/// The manifest's `sampling` (docs/architecture.md), of generation_config.json
/// or of the keys general.sampling.* of a GGUF file; empty where those want the
/// likeliest token. Warns of values that cannot be, which do not count, and of
/// wishes that programs do not fulfil.
nlohmann::json readSamplingDefaults(const Checkpoint &checkpoint,
                                    Diagnostics &diagnostics);

} // namespace sinter

#endif // SINTER_SPEC_SAMPLINGDEFAULTS_H
