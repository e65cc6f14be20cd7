//===- AmxTest.cpp - AMX as the emulator and as the CPU have it -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-amx-test emulated|cpu
//
// Each case runs in a process of its own and says how it must end.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/amx/AmxEmulator.h"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <immintrin.h>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

#define TILES __attribute__((target("amx-tile,amx-int8,amx-bf16")))

namespace {

/// The operand of ldtilecfg.
struct Shapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t rows[16] = {};

  void set(int tile, int tileRows, int rowBytes) {
    rows[tile] = uint8_t(tileRows);
    bytes[tile] = uint16_t(rowBytes);
  }
};

TILES void configure(const Shapes &shapes) {
  // GCC believes that the instruction reads 8 bytes and drops other stores.
  __asm__ volatile("" : : "m"(shapes) : "memory");
  _tile_loadconfig(&shapes);
}

/// Sums 3 x 5 in tile 0, x 3 x 8 bytes in 1, w 2 rows of 5 quads in 2.
Shapes product() {
  Shapes shapes;
  shapes.set(0, 3, 20);
  shapes.set(1, 3, 8);
  shapes.set(2, 2, 20);
  return shapes;
}

/// Ends the process with status 1 where the emulator or CPU is wrong.
void expect(bool good) {
  if (!good)
    _exit(1);
}

alignas(64) int8_t x[16][64], w[16][64];
alignas(64) int32_t sums[16][16];

void fill() {
  for (int row = 0; row < 16; ++row)
    for (int i = 0; i < 64; ++i) {
      x[row][i] = int8_t(row * 37 + i * 11);
      w[row][i] = int8_t(row * 53 - i * 29);
    }
}

//===----------------------------------------------------------------------===//
// What is allowed
//===----------------------------------------------------------------------===//

TILES void multipliesBytes() {
  configure(product());
  _tile_loadd(1, x, 64);
  _tile_loadd(2, w, 64);
  _tile_zero(0);
  _tile_dpbssd(0, 1, 2);
  _tile_dpbssd(0, 1, 2);
  _tile_stored(0, sums, 64);
  for (int m = 0; m < 16; ++m)
    for (int n = 0; n < 16; ++n) {
      int want = 0;
      for (int k = 0; k < 8 && m < 3 && n < 5; ++k)
        want += 2 * x[m][k] * w[k / 4][4 * n + k % 4];
      expect(sums[m][n] == want);
    }
}

TILES void multipliesBf16() {
  auto of = [](float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return uint16_t(bits >> 16);
  };
  auto at = [](void *rows, int row, int i) {
    return static_cast<uint16_t *>(rows) + row * 32 + i;
  };
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 10; ++i) {
      *at(x, row, i) = of(float(row - i));
      *at(w, row, i) = of(float(2 * row + i));
    }
  configure(product());
  _tile_loadd(1, x, 64);
  _tile_loadd(2, w, 64);
  _tile_zero(0);
  _tile_dpbf16ps(0, 1, 2);
  _tile_stored(0, sums, 64);
  for (int m = 0; m < 3; ++m)
    for (int n = 0; n < 5; ++n) {
      float want = 0, got;
      for (int k = 0; k < 4; ++k)
        want += float(m - k) * float(2 * (k / 2) + 2 * n + k % 2);
      memcpy(&got, &sums[m][n], 4);
      expect(got == want);
    }
}

TILES void keepsConfiguration() {
  Shapes shapes = product(), stored;
  configure(shapes);
  _tile_storeconfig(&stored);
  __asm__ volatile("" : : : "memory");
  expect(memcmp(&stored, &shapes, sizeof shapes) == 0);
  _tile_release();
  _tile_storeconfig(&stored);
  Shapes none;
  none.palette = 0;
  __asm__ volatile("" : : : "memory");
  expect(memcmp(&stored, &none, sizeof none) == 0);
}

//===----------------------------------------------------------------------===//
// What is not
//===----------------------------------------------------------------------===//

TILES void loadsUnshaped() {
  configure(product());
  _tile_loadd(3, x, 64);
}
TILES void storesUnshaped() {
  configure(product());
  _tile_stored(3, sums, 64);
}
TILES void clearsUnshaped() {
  configure(product());
  _tile_zero(3);
}
TILES void multipliesUnshaped() {
  configure(product());
  _tile_dpbssd(0, 1, 3);
}
TILES void loadsUnconfigured() { _tile_loadd(0, x, 64); }
TILES void loadsReleased() {
  configure(product());
  _tile_release();
  _tile_loadd(0, x, 64);
}
TILES void multipliesOtherDepth() {
  Shapes shapes = product();
  shapes.set(2, 3, 20);
  configure(shapes);
  _tile_dpbssd(0, 1, 2);
}
TILES void multipliesOtherRows() {
  Shapes shapes = product();
  shapes.set(1, 4, 8);
  configure(shapes);
  _tile_dpbf16ps(0, 1, 2);
}
TILES void multipliesItself() {
  Shapes shapes;
  shapes.set(0, 16, 64);
  shapes.set(1, 16, 64);
  configure(shapes);
  // The assembler refuses tdpbssd %tmm1, %tmm1, %tmm0.
  __asm__ volatile(".byte 0xc4, 0xe2, 0x73, 0x5e, 0xc1");
}
TILES void configuresTooManyRows() {
  Shapes shapes;
  shapes.set(0, 17, 64);
  configure(shapes);
}
TILES void configuresTooManyBytes() {
  Shapes shapes;
  shapes.set(0, 16, 65);
  configure(shapes);
}
TILES void configuresRowsWithoutBytes() {
  Shapes shapes;
  shapes.set(0, 16, 0);
  configure(shapes);
}
TILES void configuresNinthTile() {
  Shapes shapes;
  shapes.set(8, 16, 64);
  configure(shapes);
}
TILES void configuresReserved() {
  Shapes shapes;
  shapes.reserved[3] = 1;
  configure(shapes);
}
TILES void configuresOtherPalette() {
  Shapes shapes;
  shapes.palette = 2;
  configure(shapes);
}

//===----------------------------------------------------------------------===//
// Running them
//===----------------------------------------------------------------------===//

struct Case {
  const char *name;
  void (*body)();
  int signal; ///< that ends it, 0 if it returns
};

#define CASE(name, signal) {#name, name, signal}
const Case cases[] = {
    CASE(multipliesBytes, 0),
    CASE(multipliesBf16, 0),
    CASE(keepsConfiguration, 0),
    CASE(loadsUnshaped, SIGILL),
    CASE(storesUnshaped, SIGILL),
    CASE(clearsUnshaped, SIGILL),
    CASE(multipliesUnshaped, SIGILL),
    CASE(loadsUnconfigured, SIGILL),
    CASE(loadsReleased, SIGILL),
    CASE(multipliesOtherDepth, SIGILL),
    CASE(multipliesOtherRows, SIGILL),
    CASE(multipliesItself, SIGILL),
    CASE(configuresTooManyRows, SIGSEGV),
    CASE(configuresTooManyBytes, SIGSEGV),
    CASE(configuresRowsWithoutBytes, SIGSEGV),
    CASE(configuresNinthTile, SIGSEGV),
    CASE(configuresReserved, SIGSEGV),
    CASE(configuresOtherPalette, SIGSEGV),
};

bool run(const Case &test, bool emulated) {
  pid_t child = fork();
  if (child == 0) {
    if (emulated)
      sinter::emulateAmx(test.body);
    else
      test.body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  bool good = signal == test.signal && (signal || WEXITSTATUS(status) == 0);
  if (!good)
    printf("FAILED %s: status %d, signal %d, expected signal %d\n", test.name,
           signal ? 0 : WEXITSTATUS(status), signal, test.signal);
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2 || (strcmp(argv[1], "emulated") && strcmp(argv[1], "cpu")))
    return 2;
  bool emulated = !strcmp(argv[1], "emulated");
  if (!emulated)
    sinter::enableAmx();
  fill();
  int failures = 0;
  for (const Case &test : cases)
    failures += !run(test, emulated);
  printf("%zu cases, %d failed\n", std::size(cases), failures);
  return failures != 0;
}
