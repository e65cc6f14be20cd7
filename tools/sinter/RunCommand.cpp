//===- RunCommand.cpp - sinter run ----------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ProgramCache.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace sinter {

llvm::Expected<int> runCommand(const Invocation &invocation) {
  llvm::Expected<std::string> program = cachedProgram(invocation);
  if (!program)
    return program.takeError();
  std::vector<char *> arguments = {program->data()};
  std::vector<std::string> rest = invocation.rest;
  for (std::string &argument : rest)
    arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  execv(program->c_str(), arguments.data());
  return failure(*program + ": " + strerror(errno));
}

} // namespace sinter
