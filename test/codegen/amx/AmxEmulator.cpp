//===- AmxEmulator.cpp - AMX on CPUs without it ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Encodings, meaning and faults: Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2, chapters on LDTILECFG, TILELOADD, TDPBSSD and
// others. A fault ends the process by the signal that the CPU's would cause;
// what was wrong is on stderr.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/amx/AmxEmulator.h"

#include <csignal>
#include <cstdint>
#include <cstring>
#include <x86intrin.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

struct Tile {
  uint16_t rowBytes;
  uint8_t rows;
  uint8_t data[16][64];

  bool hasShape() const { return rows && rowBytes; }
};

/// The state of a thread: eight tiles as LDTILECFG shaped them.
thread_local Tile tiles[8];

/// How an instruction ended.
struct Fault {
  int signal = 0; ///< 0: well
  const char *what = "";
};
Fault undefined(const char *what) { return {SIGILL, what}; }
Fault protection(const char *what) { return {SIGSEGV, what}; }

/// An instruction of VEX map 0F38 without immediate.
struct Instruction {
  uint8_t opcode;
  uint8_t prefix; ///< 0 none, 1 66, 2 F3, 3 F2
  uint8_t reg, vvvv;
  uint8_t rm; ///< of a register operand
  bool isRegister;
  uint8_t *memory = nullptr; ///< of a memory operand, without the index
  int64_t index;             ///< scaled; the stride of a tile
  int64_t length;
};

int64_t readRegister(const mcontext_t &machine, int number) {
  static const int order[16] = {
      REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
      REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  return machine.gregs[order[number]];
}

/// Decodes what stands at the instruction pointer; false if it is not of the
/// form of AMX: 49 configures and clears, 4B moves, 5C and 5E multiply.
bool decode(const mcontext_t &machine, Instruction &out) {
  auto *code = reinterpret_cast<const uint8_t *>(machine.gregs[REG_RIP]);
  if (code[0] != 0xc4 || (code[1] & 0x1f) != 2)
    return false;
  int extraIndex = code[1] & 0x40 ? 0 : 8, extraBase = code[1] & 0x20 ? 0 : 8;
  out.vvvv = ~(code[2] >> 3) & 15;
  out.prefix = code[2] & 3;
  out.opcode = code[3];
  if (!memchr("\x49\x4b\x5c\x5e", out.opcode, 4))
    return false;
  uint8_t modrm = code[4];
  out.reg = (modrm >> 3) & 7;
  out.rm = modrm & 7;
  out.isRegister = modrm >> 6 == 3;
  out.index = 0;
  const uint8_t *next = code + 5;
  if (!out.isRegister) {
    int base = out.rm;
    bool noBase = false;
    if (base == 4) { // a SIB byte
      int index = ((*next >> 3) & 7) + extraIndex;
      if (index != 4)
        out.index = readRegister(machine, index) << (*next >> 6);
      base = *next++ & 7;
      noBase = base == 5 && modrm >> 6 == 0;
    }
    int64_t address = noBase ? 0 : readRegister(machine, base + extraBase);
    if (modrm >> 6 == 1) {
      address += int8_t(*next++);
    } else if (modrm >> 6 == 2 || noBase) {
      int32_t offset;
      memcpy(&offset, next, 4);
      address += offset;
      next += 4;
    } else if ((modrm & 7) == 5) { // relative to the next instruction
      int32_t offset;
      memcpy(&offset, next, 4);
      next += 4;
      address = int64_t(next) + offset;
    }
    out.memory = reinterpret_cast<uint8_t *>(address);
  }
  out.length = next - code;
  return true;
}

void release() { memset(tiles, 0, sizeof tiles); }

/// An entry of `memory` for a tile: bytes of a row, and rows.
uint16_t rowBytesIn(const uint8_t *memory, int tile) {
  uint16_t bytes;
  memcpy(&bytes, memory + 16 + 2 * tile, 2);
  return bytes;
}
uint8_t rowsIn(const uint8_t *memory, int tile) { return memory[48 + tile]; }

Fault configure(const uint8_t *memory) {
  release();
  if (memory[0] == 0)
    return {};
  if (memory[0] != 1)
    return protection("ldtilecfg: no such palette");
  for (int i = 2; i < 16; ++i)
    if (memory[i])
      return protection("ldtilecfg: a reserved byte is not zero");
  for (int t = 0; t < 16; ++t) {
    int bytes = rowBytesIn(memory, t), rows = rowsIn(memory, t);
    if (t >= 8 ? bytes || rows : bytes > 64 || rows > 16)
      return protection("ldtilecfg: a shape is too large");
    if (!bytes != !rows)
      return protection("ldtilecfg: rows without bytes, or bytes without rows");
  }
  for (int t = 0; t < 8; ++t) {
    tiles[t].rowBytes = rowBytesIn(memory, t);
    tiles[t].rows = rowsIn(memory, t);
  }
  return {};
}

void saveConfiguration(uint8_t *memory) {
  memset(memory, 0, 64);
  for (int t = 0; t < 8; ++t) {
    memcpy(memory + 16 + 2 * t, &tiles[t].rowBytes, 2);
    memory[48 + t] = tiles[t].rows;
    memory[0] |= tiles[t].hasShape();
  }
}

void load(Tile &tile, const Instruction &from) {
  memset(tile.data, 0, sizeof tile.data);
  for (int row = 0; row < tile.rows; ++row)
    memcpy(tile.data[row], from.memory + row * from.index, tile.rowBytes);
}

void store(const Tile &tile, const Instruction &to) {
  for (int row = 0; row < tile.rows; ++row)
    memcpy(to.memory + row * to.index, tile.data[row], tile.rowBytes);
}

float fromBf16(const uint8_t *bytes) {
  uint32_t bits = uint32_t(bytes[0]) << 16 | uint32_t(bytes[1]) << 24;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

int32_t fromByte(uint8_t byte, bool isSigned) {
  return isSigned ? int8_t(byte) : byte;
}

/// sums(m, n) += product of the four bytes k of x(m) and w(k, n).
template <typename Sum, typename Product>
Fault multiply(const Instruction &at, Product product) {
  int second = at.vvvv & 7;
  if (at.reg == at.rm || at.reg == second || at.rm == second)
    return undefined("a product of a tile with itself");
  Tile &sums = tiles[at.reg];
  const Tile &x = tiles[at.rm], &w = tiles[second];
  if (!sums.hasShape() || !x.hasShape() || !w.hasShape())
    return undefined("a product of tiles that have no shape");
  if (sums.rows != x.rows || sums.rowBytes != w.rowBytes ||
      x.rowBytes != 4 * w.rows || sums.rowBytes % 4)
    return undefined("a product of tiles whose shapes disagree");
  for (int m = 0; m < sums.rows; ++m)
    for (int n = 0; n < sums.rowBytes / 4; ++n) {
      Sum sum;
      memcpy(&sum, &sums.data[m][4 * n], 4);
      for (int k = 0; k < w.rows; ++k)
        sum += product(&x.data[m][4 * k], &w.data[k][4 * n]);
      memcpy(&sums.data[m][4 * n], &sum, 4);
    }
  return {};
}

Fault multiplyBytes(const Instruction &at) {
  bool signedX = at.prefix == 3 || at.prefix == 2;
  bool signedW = at.prefix == 3 || at.prefix == 1;
  return multiply<int32_t>(at, [&](const uint8_t *x, const uint8_t *w) {
    int32_t sum = 0;
    for (int i = 0; i < 4; ++i)
      sum += fromByte(x[i], signedX) * fromByte(w[i], signedW);
    return sum;
  });
}

Fault multiplyBf16(const Instruction &at) {
  return multiply<float>(at, [](const uint8_t *x, const uint8_t *w) {
    return fromBf16(x) * fromBf16(w) + fromBf16(x + 2) * fromBf16(w + 2);
  });
}

/// Opcode 49.
Fault setUp(const Instruction &at) {
  Tile &tile = tiles[at.reg];
  if (at.isRegister && at.prefix == 0) // TILERELEASE
    release();
  else if (!at.isRegister && at.prefix == 0)
    return configure(at.memory + at.index);
  else if (!at.isRegister && at.prefix == 1)
    saveConfiguration(at.memory + at.index);
  else if (!at.isRegister || at.prefix != 3)
    return undefined("an instruction that is not emulated");
  else if (!tile.hasShape())
    return undefined("tilezero of a tile that has no shape");
  else
    memset(tile.data, 0, sizeof tile.data);
  return {};
}

Fault execute(const Instruction &at) {
  switch (at.opcode) {
  case 0x49:
    return setUp(at);
  case 0x4b: // TILELOADD, TILELOADDT1, TILESTORED
    if (!tiles[at.reg].hasShape())
      return undefined(at.prefix == 2 ? "tilestored of a tile without a shape"
                                      : "tileloadd of a tile without a shape");
    if (at.prefix == 2)
      store(tiles[at.reg], at);
    else
      load(tiles[at.reg], at);
    return {};
  case 0x5c: // TDPBF16PS
    if (at.prefix == 2)
      return multiplyBf16(at);
    break;
  case 0x5e: // TDPBSSD, TDPBSUD, TDPBUSD, TDPBUUD
    return multiplyBytes(at);
  }
  return undefined("an instruction that is not emulated");
}

/// Ends the process when the handler returns.
void end(const Fault &fault) {
  (void)!write(2, "AMX: ", 5);
  (void)!write(2, fault.what, strlen(fault.what));
  (void)!write(2, "\n", 1);
  signal(fault.signal, SIG_DFL);
  raise(fault.signal);
}

/// Executes what stands at the instruction pointer; false if it is no
/// instruction of AMX, or one that failed.
bool step(mcontext_t &machine) {
  Instruction at;
  if (!decode(machine, at))
    return false;
  Fault fault = execute(at);
  if (fault.signal) {
    end(fault);
    return false;
  }
  machine.gregs[REG_RIP] += at.length;
  return true;
}

void handleUnknown(int, siginfo_t *, void *context) {
  mcontext_t &machine = static_cast<ucontext_t *>(context)->uc_mcontext;
  Instruction at;
  if (!decode(machine, at))
    return end(undefined("another instruction that this CPU lacks"));
  step(machine);
}

void handleStep(int, siginfo_t *, void *context) {
  mcontext_t &machine = static_cast<ucontext_t *>(context)->uc_mcontext;
  while (step(machine))
    ;
}

void handle(int number, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(number, &action, nullptr);
}

} // namespace

void sinter::enableAmx() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  if (syscall(SYS_arch_prctl, kRequestPermission, kTileData) != 0)
    handle(SIGILL, handleUnknown);
}

void sinter::emulateAmx(void (*body)()) {
  constexpr uint64_t kTrapFlag = 0x100; // a signal after each instruction
  handle(SIGTRAP, handleStep);
  __writeeflags(__readeflags() | kTrapFlag);
  body();
  __writeeflags(__readeflags() & ~kTrapFlag);
}
