//===- Program.h - A compiled model as a program ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What all ways to use a program share: the model, its weights and tokenizer,
// the team, the options. One file a way: Generate.cpp, TensorIo.cpp,
// Perplexity.cpp, Bench.cpp, and runtime/repl for dialogues.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_PROGRAM_H
#define SINTER_RUNTIME_CORE_PROGRAM_H

#include "formats/OutputFile.h"
#include "runtime/core/Options.h"
#include "runtime/core/ProgramFile.h"
#include "runtime/core/Session.h"
#include "runtime/core/Weights.h"
#include "runtime/profile/Profile.h"
#include "runtime/text/Tokenizer.h"

#include <memory>
#include <optional>

namespace sinter {

struct Program {
  const SinterModel *model = nullptr;
  std::string name; ///< as the user called it
  ProgramOptions options;
  Manifest manifest;
  SamplerOptions sampler; ///< by the options and the manifest
  std::optional<ProgramFile> file;
  Weights weights;
  std::optional<text::Tokenizer> tokenizer;
  std::unique_ptr<Team> team;
  std::unique_ptr<Profile> profile; ///< with --profile
  std::optional<OutputFile> profileFile;
  bool interrupted = false; ///< an answer was ended by Ctrl-C

  /// Most tokens of a sequence: --context, else the model's up to 8192.
  int64_t context() const;
  /// Most tokens of an answer: -n, else the model's wish, else a context.
  int64_t answerTokens() const;
  Result<Session> session(const SessionShape &shape) const;
  /// A session for one sequence of `context` tokens.
  Result<Session> session(int64_t context) const;
  /// Fails when there is no tokenizer.
  Failure needTokenizer(const char *option) const;
};

/// Takes weights and tokenizer from the file that carries them, and starts the
/// threads that the options ask for.
Failure loadProgram(Program &program, Result<ProgramFile> file);

/// Runs a program's main(): returns its exit code.
int runProgram(const SinterModel &model, int argc, char **argv);

/// Prepares what --profile asks for, if it does, and writes it after all steps;
/// in between the team's steps are timed. Ends the team.
Failure startProfile(Program &program);
Failure finishProfile(Program &program);

/// The ways to use a program. Failures are for standard error.
Failure runPrompt(Program &program);
Failure runEmbed(Program &program);
Failure runChat(Program &program);
Failure runPerplexity(Program &program);
Failure runBench(Program &program);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_PROGRAM_H
