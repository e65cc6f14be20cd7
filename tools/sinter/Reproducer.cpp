//===- Reproducer.cpp - What a failing pass leaves behind -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Reproducer.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <fcntl.h>
#include <unistd.h>

namespace sinter {

namespace {
class FileStream : public mlir::ReproducerStream {
public:
  FileStream(std::string path, int descriptor)
      : path(std::move(path)), stream(descriptor, /*shouldClose=*/true) {}
  // What cannot be written, on a full disk say, is no reason to crash again.
  ~FileStream() override { stream.clear_error(); }

  llvm::StringRef description() override { return path; }
  llvm::raw_ostream &os() override { return stream; }

private:
  std::string path;
  llvm::raw_fd_ostream stream;
};
} // namespace

Reproducer::Reproducer(mlir::PassManager &manager) {
  manager.enableCrashReproducerGeneration(
      [this](std::string &error) { return open(error); });
}

/// Beside other temporary files: the current folder may be anybody's.
std::unique_ptr<mlir::ReproducerStream> Reproducer::open(std::string &error) {
  llvm::SmallString<128> path;
  int descriptor;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile(
          "sinter-reproducer", "mlir", descriptor, path)) {
    error = "cannot create a file for a reproducer: " + code.message();
    said = error;
    return nullptr;
  }
  said = "this is a bug of Sinter; to repeat it: sinter-opt --run-reproducer " +
         path.str().str();
  return std::make_unique<FileStream>(path.str().str(), descriptor);
}

//===----------------------------------------------------------------------===//
// Outside of passes
//===----------------------------------------------------------------------===//

namespace {
/// Made before anything can go wrong: a handler of signals may do little more
/// than open and write.
struct CommandScript {
  std::string path, script, sentence;
};
} // namespace

/// A word as the shell reads it.
static std::string quoted(llvm::StringRef word) {
  std::string result = "'";
  for (char c : word)
    result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

static void writeCommand(void *cookie) {
  auto &command = *static_cast<const CommandScript *>(cookie);
  auto put = [](int descriptor, const std::string &text) {
    return ::write(descriptor, text.data(), text.size()) ==
           ssize_t(text.size());
  };
  int file = ::open(command.path.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  bool written = put(file, command.script);
  ::close(file);
  if (written)
    put(STDERR_FILENO, command.sentence);
}

void reproduceCommand(llvm::ArrayRef<const char *> arguments) {
  static CommandScript command;
  llvm::SmallString<128> folder, current;
  llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  // Nobody else could have made a link of this name to a file of ours: a file
  // that is there is left alone.
  command.path = (folder + "/sinter-reproducer-" +
                  llvm::Twine(llvm::sys::Process::getProcessId()) + ".sh")
                     .str();
  command.script = "#!/bin/sh\n# Crashes sinter " SINTER_VERSION
                   " (LLVM " LLVM_VERSION_STRING ", " +
                   llvm::sys::getHostCPUName().str() + ").\n";
  if (!llvm::sys::fs::current_path(current))
    command.script += "cd " + quoted(current) + " || exit\n";
  command.script += "exec";
  for (const char *argument : arguments)
    command.script += " " + quoted(argument);
  command.script += "\n";
  command.sentence =
      "sinter: error: this is a bug of Sinter; to repeat it: sh " +
      command.path + "\n";
  llvm::setBugReportMsg("");
  llvm::sys::AddSignalHandler(writeCommand, &command);
}

} // namespace sinter
