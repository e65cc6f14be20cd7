//===- RunProgram.cpp - Running compiled programs -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/RunProgram.h"
#include "tools/sinter/Driver.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"

namespace sinter {

llvm::Expected<TemporaryFile> TemporaryFile::create(llvm::StringRef suffix) {
  llvm::SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("sinter", suffix, path))
    return failure("cannot create a temporary file: " + error.message());
  llvm::sys::RemoveFileOnSignal(path);
  TemporaryFile file;
  file.path = path.str().str();
  return file;
}

TemporaryFile::~TemporaryFile() {
  if (path.empty())
    return;
  llvm::sys::fs::remove(path);
  llvm::sys::DontRemoveFileOnSignal(path);
}

static std::string contents(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

/// Why a program that failed said nothing: what it says goes to a file.
static std::string whyNothing(const std::string &path) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error, llvm::sys::fs::OF_Append);
  if (error)
    return path + ": " + error.message();
  stream << std::string(4096, ' '); // no less than a block of a disk
  stream.close();
  error = stream.error();
  stream.clear_error();
  return error ? path + ": " + error.message() : "it says nothing";
}

llvm::Expected<std::string>
runProgramForText(const std::string &program,
                  const std::vector<std::string> &arguments) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("out");
  if (!output)
    return output.takeError();
  llvm::Expected<TemporaryFile> errors = TemporaryFile::create("err");
  if (!errors)
    return errors.takeError();
  std::vector<llvm::StringRef> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::string message;
  int code = llvm::sys::ExecuteAndWait(program, words, std::nullopt,
                                       {llvm::StringRef(""),
                                        llvm::StringRef(output->name()),
                                        llvm::StringRef(errors->name())},
                                       0, 0, &message);
  if (code == 0)
    return contents(output->name());
  std::string said = contents(errors->name());
  if (said.empty())
    said = message.empty() ? whyNothing(errors->name()) : message;
  return failure(program + " ended with code " + llvm::Twine(code) + ": " +
                 llvm::StringRef(said).trim());
}

} // namespace sinter
