//===- RunModel.h - A spec, compiled and interpreted ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_RANDOM_RUNMODEL_H
#define SINTER_TEST_RANDOM_RUNMODEL_H

#include "test/random/Vocabulary.h"

namespace sinter::random_models {

enum class Verdict : int {
  Equal,
  Refused, ///< by the spec's reader, with a message
  Differs, ///< native code and interpreter
  Broken,  ///< it did not come to a comparison
};

struct Outcome {
  Verdict verdict = Verdict::Broken;
  std::string message;
};

/// Compiles a model with random weights, feeds it the same random tokens in the
/// same cuts natively and in the interpreter, and compares all results. Runs in
/// a process of its own, so that nothing that happens there ends this one.
Outcome runModel(const Choice &choice, const std::string &scratch);

} // namespace sinter::random_models

#endif // SINTER_TEST_RANDOM_RUNMODEL_H
