//===- OutOfMemory.cpp - The end of a tool without memory -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/common/OutOfMemory.h"
#include "runtime/core/Console.h"

#include "llvm/Support/Compiler.h"
#include "llvm/Support/Signals.h"

#include <atomic>
#include <cstddef>
#include <unistd.h>

void sinter::endOutOfMemory() {
  static std::atomic_flag ending;
  while (ending.test_and_set()) // another thread says it
    pause();
  [[maybe_unused]] ssize_t written =
      write(STDERR_FILENO, kOutOfMemory.data(), kOutOfMemory.size());
  llvm::sys::RunInterruptHandlers();
  _exit(1);
}

// A sanitizer has a malloc() of its own.
#if defined(__GLIBC__) && !LLVM_ADDRESS_SANITIZER_BUILD &&                     \
    !LLVM_THREAD_SANITIZER_BUILD && !LLVM_MEMORY_SANITIZER_BUILD
extern "C" {

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

void *malloc(size_t bytes) {
  void *result = __libc_malloc(bytes);
  if (!result)
    sinter::endOutOfMemory();
  return result;
}

void *calloc(size_t count, size_t bytes) {
  void *result = __libc_calloc(count, bytes);
  if (!result)
    sinter::endOutOfMemory();
  return result;
}

void *realloc(void *old, size_t bytes) {
  void *result = __libc_realloc(old, bytes);
  if (!result && bytes)
    sinter::endOutOfMemory();
  return result;
}

} // extern "C"
#endif
