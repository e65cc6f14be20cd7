//===- LinkProgram.cpp - From a model's object to a program ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/LinkProgram.h"
#include "codegen/link/CapturedOutput.h"
#include "codegen/link/ImageOrder.h"
#include "codegen/link/WriteTrailer.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

#include <cerrno>
#include <cstring>

LLD_HAS_DRIVER(elf)

namespace sinter {

using llvm::Error;
using llvm::StringRef;

static Error failed(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

namespace {

/// A file of ours in the system's folder for such, removed at the end, also
/// when a signal ends the process.
class ScratchFile {
public:
  static llvm::Expected<ScratchFile> create(StringRef suffix) {
    ScratchFile file;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("sinter", suffix, file.path)) {
      llvm::SmallString<128> folder;
      llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
      return failed("cannot create a temporary file in " + folder + ": " +
                    error.message());
    }
    llvm::sys::RemoveFileOnSignal(file.path);
    return file;
  }
  ScratchFile(ScratchFile &&other) : path(other.path) { other.path.clear(); }
  ~ScratchFile() {
    if (path.empty())
      return;
    llvm::sys::fs::remove(path);
    llvm::sys::DontRemoveFileOnSignal(path);
  }
  const char *name() { return path.c_str(); }

private:
  ScratchFile() = default;
  llvm::SmallString<128> path;
};

} // namespace

static Error writeObject(ScratchFile &file, llvm::MemoryBufferRef object) {
  std::error_code error;
  llvm::raw_fd_ostream stream(file.name(), error);
  if (error)
    return failed(llvm::Twine(file.name()) + ": " + error.message());
  stream << object.getBuffer();
  stream.close();
  if (!stream.has_error())
    return Error::success();
  Error failure =
      failed(llvm::Twine(file.name()) + ": " + stream.error().message());
  stream.clear_error();
  return failure;
}

/// The arguments of LLD; the image goes to standard output.
static std::vector<std::string> linkerArguments(const char *object,
                                                const LinkOptions &options) {
  std::vector<std::string> arguments = {"ld.lld",
                                        "-m",
                                        "elf_x86_64",
                                        "-o",
                                        "-",
                                        "--gc-sections",
                                        "--hash-style=gnu",
                                        "--eh-frame-hdr",
                                        "--build-id=none",
                                        "-O1",
                                        "-s",
                                        "-z",
                                        "relro",
                                        "-z",
                                        "now",
                                        "-z",
                                        "noexecstack",
                                        "--as-needed",
                                        "--no-undefined"};
  auto part = [&](StringRef name) {
    llvm::SmallString<128> path(options.partsDir);
    llvm::sys::path::append(path, name);
    arguments.push_back(path.str().str());
  };
  if (options.shared) {
    arguments.push_back("-shared");
    arguments.push_back("--version-script");
    part("library.map");
  } else {
    arguments.insert(arguments.end(), {"-pie", "--dynamic-linker",
                                       "/lib64/ld-linux-x86-64.so.2"});
    part("Scrt1.o");
    part("guard.o");
  }
  part("crti.o");
  part("crtbeginS.o");
  arguments.push_back(object);
  part("runtime.o");
  part("libm.so.6");
  part("libc.so.6");
  if (options.shared)
    part("ld-linux-x86-64.so.2");
  part("crtendS.o");
  part("crtn.o");

  return arguments;
}

/// Runs LLD on the object; returns the image.
static llvm::Expected<std::string> runLinker(const char *object,
                                             const LinkOptions &options) {
  std::vector<std::string> arguments = linkerArguments(object, options);
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  llvm::Expected<CapturedOutput> output = CapturedOutput::begin();
  if (!output)
    return output.takeError();
  std::string errors;
  llvm::raw_string_ostream errorStream(errors);
  lld::Result result = lld::lldMain(pointers, llvm::nulls(), errorStream,
                                    {{lld::Gnu, &lld::elf::link}});
  llvm::Expected<std::string> image = output->end();
  if (result.retCode == 0)
    return image;
  llvm::consumeError(image.takeError());
  bool memory = StringRef(errors).contains(strerror(ENOMEM));
  return failed("linking failed:\n" + StringRef(errors).rtrim() +
                (memory ? " (out of memory: see ulimit -v)" : ""));
}

/// Links by way of a file, as LLD reads no others.
static llvm::Expected<std::string> linkObject(llvm::MemoryBufferRef object,
                                              const LinkOptions &options) {
  llvm::Expected<ScratchFile> file = ScratchFile::create("o");
  if (!file)
    return file.takeError();
  if (Error error = writeObject(*file, object))
    return error;
  return runLinker(file->name(), options);
}

Error linkProgram(llvm::MemoryBufferRef modelObject,
                  llvm::ArrayRef<ProgramSection> sections,
                  const LinkOptions &options) {
  llvm::Expected<std::string> image = linkObject(modelObject, options);
  if (!image)
    return image.takeError();
  return writeProgramFiles(options.shared ? *image : orderForGuard(*image),
                           sections, options.output);
}

} // namespace sinter
