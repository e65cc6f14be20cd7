//===- RunModel.h - A spec, compiled and interpreted ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_RANDOM_RUNMODEL_H
#define SINTER_TEST_RANDOM_RUNMODEL_H

#include "test/random/Vocabulary.h"

#include <functional>

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

struct RunOptions {
  std::string scratch;   ///< path of files, to which endings are added
  bool readOnly = false; ///< reads the spec and builds IR, no more
  bool plantBug = false; ///< native code forgets sinks
};

/// Compiles a model with random weights, feeds it the same random tokens in the
/// same cuts natively and in the interpreter, and compares all results.
Outcome runHere(const Choice &choice, const RunOptions &options);

/// Runs models in several processes, one after the other in each, and tells
/// `done` of each outcome as it comes. What ends a process, or takes too long,
/// is an outcome as well: nothing that happens there ends this one.
void runModels(
    const std::vector<Choice> &choices, const RunOptions &options,
    const std::function<void(size_t at, const Outcome &outcome)> &done);

/// The same for one model.
Outcome runModel(const Choice &choice, const RunOptions &options);

} // namespace sinter::random_models

#endif // SINTER_TEST_RANDOM_RUNMODEL_H
