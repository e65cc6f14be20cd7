//===- ReplayMemory.cpp - Memory that knows who was there -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/ReplayMemory.h"

using namespace sinter::replay;

Memory::Cell &Memory::touch(int64_t address) {
  Cell &cell = cells[address / 4];
  if (cell.epoch != epoch) {
    cell.readers = cell.writers = cell.readersNow = cell.writersNow = 0;
  } else if (cell.kernel != kernel) {
    cell.readers |= cell.readersNow;
    cell.writers |= cell.writersNow;
    cell.readersNow = cell.writersNow = 0;
  }
  cell.epoch = epoch;
  cell.kernel = kernel;
  return cell;
}

void Memory::forgetThreads() {
  for (auto &[address, cell] : cells)
    if (cell.epoch == epoch) {
      if (cell.readers | cell.readersNow)
        cell.readers = ~Threads(0);
      if (cell.writers | cell.writersNow)
        cell.writers = ~Threads(0);
    }
}

/// Whether there is another thread in one of the sets.
static bool others(Threads set, Threads by) {
  return set && ((set & ~by) || (by & (by - 1)));
}

void Memory::read(int64_t address, Threads by, const Content &expected,
                  bool older) {
  Cell &cell = touch(address);
  if (others(cell.writers, by))
    complain("race: a read beside a write");
  if (!(cell.content == expected) && !(older && cell.content == Content()))
    complain("lost: another value is read");
  cell.readersNow |= by;
}

void Memory::write(int64_t address, Threads by, const Content &content) {
  Cell &cell = touch(address);
  if (others(cell.writers, by) || others(cell.readers, by))
    complain("race: a write beside another access");
  cell.content = content;
  cell.writersNow |= by;
}
