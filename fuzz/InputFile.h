//===- InputFile.h - A fuzzer's input as a file -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Our readers open files, libFuzzer hands out memory: this is a file in memory
// with a path.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FUZZ_INPUTFILE_H
#define SINTER_FUZZ_INPUTFILE_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace sinter {

class InputFile {
public:
  InputFile(const uint8_t *data, size_t size)
      : descriptor(memfd_create("input", MFD_CLOEXEC)) {
    if (descriptor < 0 || write(descriptor, data, size) != ssize_t(size))
      abort();
  }
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;
  ~InputFile() { close(descriptor); }

  std::string path() const {
    return "/proc/self/fd/" + std::to_string(descriptor);
  }

private:
  int descriptor;
};

} // namespace sinter

#endif // SINTER_FUZZ_INPUTFILE_H
