//===- Profiling.cpp - A program's --profile ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "runtime/core/Console.h"
#include "runtime/core/Program.h"

#include <cstdio>

namespace sinter {

Failure startProfile(Program &program) {
  const ProgramOptions &options = program.options;
  if (!options.profile)
    return Failure::none();
  // A file that cannot be written is better known now than later.
  if (!options.profileFile.empty()) {
    Result<OutputFile> file = OutputFile::create(options.profileFile);
    if (!file)
      return file.failure();
    program.profileFile = std::move(*file);
  }
  Result<std::unique_ptr<Profile>> profile = Profile::create(
      program.manifest, program.team->size(), *options.profile == "trace");
  if (!profile)
    return profile.failure();
  program.profile = std::move(*profile);
  program.team->profile = program.profile.get();
  return Failure::none();
}

/// What was measured, in the chosen form.
static Result<std::string> profileText(Program &program) {
  const std::string &format = *program.options.profile;
  if (format == "trace") {
    if (int64_t lost = program.profile->lostEvents())
      report(program.name, "the trace had no room for its last " +
                               std::to_string(lost) + " events");
    return program.profile->traceJson();
  }
  Result<std::unique_ptr<Team>> team =
      Team::create(program.profile->threadCount());
  if (!team)
    return team.failure();
  Result<Machine> machine = Machine::probe(**team);
  if (!machine)
    return machine.failure();
  Report report = program.profile->report(*machine);
  report.model = printable(program.manifest.name);
  return format == "json"   ? report.json()
         : format == "html" ? report.html()
                            : report.table();
}

Failure finishProfile(Program &program) {
  if (!program.profile)
    return Failure::none();
  // Its threads write their last times before they end.
  program.team.reset();
  Result<std::string> text = profileText(program);
  if (!text)
    return text.failure();
  if (!program.profileFile) {
    fputs(printable(*text).c_str(), stderr);
    return Failure::none();
  }
  auto bytes = std::as_bytes(std::span(text->data(), text->size()));
  if (Failure failure = program.profileFile->write(0, bytes))
    return failure;
  return program.profileFile->finish();
}

} // namespace sinter
