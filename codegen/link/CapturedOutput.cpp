//===- CapturedOutput.cpp - Standard output, kept in memory ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/CapturedOutput.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace sinter {

/// Names the limit too, where there is one for it.
static llvm::Error failedBy(const llvm::Twine &what, std::error_code error) {
  int number = error.value();
  const char *limit = number == EMFILE   ? " (see ulimit -n)"
                      : number == ENOMEM ? " (out of memory: see ulimit -v)"
                      : number == EFBIG  ? " (see ulimit -f)"
                                         : "";
  return llvm::createStringError(error, what + ": " + error.message() + limit);
}

static std::error_code lastError() { return {errno, std::generic_category()}; }

/// Writes what is there; returns, and forgets, what went wrong.
static std::error_code flushOutput() {
  llvm::outs().flush();
  std::error_code error = llvm::outs().error();
  llvm::outs().clear_error();
  return error;
}

llvm::Expected<CapturedOutput> CapturedOutput::begin() {
  if (std::error_code error = flushOutput())
    return failedBy("cannot write to standard output", error);
  CapturedOutput output;
  output.memory = memfd_create("sinter-image", MFD_CLOEXEC);
  if (output.memory < 0)
    return failedBy("cannot keep a file in memory", lastError());
  output.original = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  if (output.original < 0 || dup2(output.memory, STDOUT_FILENO) < 0)
    return failedBy("cannot keep standard output in memory", lastError());
  return std::move(output);
}

CapturedOutput::CapturedOutput(CapturedOutput &&other) noexcept
    : memory(std::exchange(other.memory, -1)),
      original(std::exchange(other.original, -1)) {}

void CapturedOutput::restore() {
  if (original < 0)
    return;
  dup2(original, STDOUT_FILENO);
  close(std::exchange(original, -1));
}

CapturedOutput::~CapturedOutput() {
  restore();
  if (memory >= 0)
    close(memory);
}

llvm::Expected<std::string> CapturedOutput::end() {
  std::error_code error = flushOutput();
  restore();
  if (error)
    return failedBy("cannot keep an image in memory", error);
  auto bytes = llvm::MemoryBuffer::getOpenFile(
      memory, "image", /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return failedBy("cannot read an image from memory", bytes.getError());
  return (*bytes)->getBuffer().str();
}

} // namespace sinter
