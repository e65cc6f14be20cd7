//===- ReplayMemory.h - Memory that knows who was there ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Each four bytes remember what was written there last, and which threads were
// there since all met. Threads meet at barriers alone, so two accesses are in
// order if they are one thread's, or a barrier came between.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_PLANS_REPLAYMEMORY_H
#define SINTER_TEST_CODEGEN_PLANS_REPLAYMEMORY_H

#include "llvm/ADT/DenseMap.h"

#include <cstdint>
#include <string>

namespace sinter::replay {

/// What stands in a place: part of a row of a value.
struct Content {
  int64_t value = -1, row = 0, part = 0;
  bool operator==(const Content &) const = default;
};

/// A set of threads, one bit each.
using Threads = uint32_t;

class Memory {
public:
  /// `blind`: accesses are not looked at.
  explicit Memory(bool blind) : isBlind(blind) {}
  bool blind() const { return isBlind; }

  /// What is to be the first word of a violation, or empty.
  const std::string &violation() const { return wrong; }
  void complain(const std::string &what) {
    if (wrong.empty())
      wrong = what;
  }

  void meet() { ++epoch; }
  /// Accesses from now on are another kernel's. Within a kernel there is order
  /// where it needs it.
  void nextKernel() { ++kernel; }
  /// All that was touched since all threads met may have been by any thread.
  void forgetThreads();

  /// `older`: what nobody wrote in this step may be there from one before.
  void read(int64_t address, Threads by, const Content &expected,
            bool older = false);
  void write(int64_t address, Threads by, const Content &content);

private:
  struct Cell {
    Content content;
    int64_t epoch = -1, kernel = -1;
    Threads readers = 0, writers = 0;       ///< of earlier kernels
    Threads readersNow = 0, writersNow = 0; ///< of `kernel`
  };
  Cell &touch(int64_t address);

  llvm::DenseMap<int64_t, Cell> cells; ///< by address / 4
  int64_t epoch = 0, kernel = 0;
  std::string wrong;
  bool isBlind;
};

} // namespace sinter::replay

#endif // SINTER_TEST_CODEGEN_PLANS_REPLAYMEMORY_H
