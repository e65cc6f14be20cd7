//===- Probe.cpp - Measuring what this machine can do ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Loops of the widest instructions that the CPU has, on registers only, and
// reads of memory and of a CPU's own cache. They measure the machine and are no
// part of any model. The runtime is built for the baseline, hence a function
// for each instruction set.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/CpuFeatures.h"
#include "runtime/core/Generate.h"
#include "runtime/core/Memory.h"
#include "runtime/profile/Machine.h"

#include <algorithm>
#include <immintrin.h>

namespace sinter {

namespace {

// More than caches hold, little enough to be read often.
constexpr int64_t kMemoryBytes = int64_t(512) << 20;
// A part of what a core's own cache holds.
constexpr int64_t kNearBytes = int64_t(256) << 10;
constexpr int kNearPasses = 256;
constexpr int kRounds = 5;
// 2 to 10 milliseconds of any loop.
constexpr int64_t kSteps = 500000;

// Makes the compiler forget what a register holds: nothing is hoisted, folded
// or removed.
#define FORGET(value) __asm__ volatile("" : "+v"(value))
#define UNROLL _Pragma("GCC unroll 32")

//===----------------------------------------------------------------------===//
// Reading. `tokens` bytes for all threads together, `last` times.
//===----------------------------------------------------------------------===//

void readSse(const SinterCall *call, int64_t thread) {
  int64_t blocks = call->tokens / 4096;
  int64_t begin = blocks * thread / call->threads * 4096;
  int64_t end = blocks * (thread + 1) / call->threads * 4096;
  __m128i sums[4] = {};
  for (int64_t pass = 0; pass < call->last; ++pass)
    for (int64_t i = begin; i < end; i += 64) {
      const auto *line = reinterpret_cast<const __m128i *>(call->weights + i);
      for (int k = 0; k < 4; ++k)
        sums[k] = _mm_add_epi32(sums[k], _mm_load_si128(line + k));
    }
  for (__m128i &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx2"))) void readAvx2(const SinterCall *call,
                                              int64_t thread) {
  int64_t blocks = call->tokens / 4096;
  int64_t begin = blocks * thread / call->threads * 4096;
  int64_t end = blocks * (thread + 1) / call->threads * 4096;
  __m256i sums[4] = {};
  for (int64_t pass = 0; pass < call->last; ++pass)
    for (int64_t i = begin; i < end; i += 128) {
      const auto *line = reinterpret_cast<const __m256i *>(call->weights + i);
      for (int k = 0; k < 4; ++k)
        sums[k] = _mm256_add_epi32(sums[k], _mm256_load_si256(line + k));
    }
  for (__m256i &sum : sums)
    FORGET(sum);
}

//===----------------------------------------------------------------------===//
// Computing. `tokens` rounds of independent chains.
//===----------------------------------------------------------------------===//

void floatsSse(const SinterCall *call, int64_t) {
  __m128 a = _mm_set1_ps(1e-9f), sums[12] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m128 &sum : sums) sum = _mm_add_ps(sum, _mm_mul_ps(a, a));
  }
  for (__m128 &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx2,fma"))) void floatsAvx2(const SinterCall *call,
                                                    int64_t) {
  __m256 a = _mm256_set1_ps(1e-9f), sums[12] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m256 &sum : sums) sum = _mm256_fmadd_ps(a, a, sum);
  }
  for (__m256 &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx512f"))) void floatsAvx512(const SinterCall *call,
                                                     int64_t) {
  __m512 a = _mm512_set1_ps(1e-9f), sums[24] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m512 &sum : sums) sum = _mm512_fmadd_ps(a, a, sum);
  }
  for (__m512 &sum : sums)
    FORGET(sum);
}

/// Products of u8 by s8, added in pairs, in quads and to the sum.
__attribute__((target("avx2"))) void bytesAvx2(const SinterCall *call,
                                               int64_t) {
  __m256i a = _mm256_set1_epi8(1), one = _mm256_set1_epi16(1), sums[6] = {};
  for (int64_t i = 0; i < call->tokens; ++i)
    UNROLL for (__m256i &sum : sums) {
      FORGET(a);
      sum = _mm256_add_epi32(
          sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, a), one));
    }
  for (__m256i &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx512f,avx512bw"))) void
bytesAvx512(const SinterCall *call, int64_t) {
  __m512i a = _mm512_set1_epi8(1), one = _mm512_set1_epi16(1), sums[12] = {};
  for (int64_t i = 0; i < call->tokens; ++i)
    UNROLL for (__m512i &sum : sums) {
      FORGET(a);
      sum = _mm512_add_epi32(
          sum, _mm512_madd_epi16(_mm512_maddubs_epi16(a, a), one));
    }
  for (__m512i &sum : sums)
    FORGET(sum);
}

__attribute__((target("avxvnni"))) void bytesAvxVnni(const SinterCall *call,
                                                     int64_t) {
  __m256i a = _mm256_set1_epi8(1), sums[12] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m256i &sum : sums) sum = _mm256_dpbusd_avx_epi32(sum, a, a);
  }
  for (__m256i &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx512f,avx512vnni"))) void
bytesVnni(const SinterCall *call, int64_t) {
  __m512i a = _mm512_set1_epi8(1), sums[24] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m512i &sum : sums) sum = _mm512_dpbusd_epi32(sum, a, a);
  }
  for (__m512i &sum : sums)
    FORGET(sum);
}

__attribute__((target("avx512f,avx512bf16"))) void
pairsAvx512(const SinterCall *call, int64_t) {
  __m512i a = _mm512_set1_epi16(0x3f80); // 1 in bf16
  __m512 sums[24] = {};
  for (int64_t i = 0; i < call->tokens; ++i) {
    FORGET(a);
    UNROLL for (__m512 &sum : sums) sum =
        _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)a);
  }
  for (__m512 &sum : sums)
    FORGET(sum);
}

/// Eight tiles of 16 rows by 64 bytes: four sums, four factors.
__attribute__((target("amx-tile"))) void configureTiles() {
  struct {
    uint8_t palette = 1, start = 0, reserved[14] = {};
    uint16_t bytes[16] = {};
    uint8_t rows[16] = {};
  } tiles;
  for (int i = 0; i < 8; ++i) {
    tiles.bytes[i] = 64;
    tiles.rows[i] = 16;
  }
  // GCC believes that the instruction reads 8 bytes and drops the other stores.
  __asm__ volatile("" : : "m"(tiles) : "memory");
  _tile_loadconfig(&tiles);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
}

__attribute__((target("amx-tile,amx-int8"))) void
bytesTiles(const SinterCall *call, int64_t) {
  configureTiles();
  for (int64_t i = 0; i < call->tokens; ++i) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
}

__attribute__((target("amx-tile,amx-bf16"))) void
pairsTiles(const SinterCall *call, int64_t) {
  configureTiles();
  for (int64_t i = 0; i < call->tokens; ++i) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
}

/// A loop, what it needs, and the operations of a round.
struct Loop {
  double Machine::*rate;
  const char *features;
  SinterStep step;
  double operations;
};

constexpr double kTile = 16 * 16;
const Loop kLoops[] = {
    {&Machine::f32, "sse2", floatsSse, 2.0 * 12 * 4},
    {&Machine::f32, "avx2,fma", floatsAvx2, 2.0 * 12 * 8},
    {&Machine::f32, "avx512f", floatsAvx512, 2.0 * 24 * 16},
    {&Machine::int8, "avx2", bytesAvx2, 2.0 * 6 * 32},
    {&Machine::int8, "avx512bw", bytesAvx512, 2.0 * 12 * 64},
    {&Machine::int8, "avxvnni", bytesAvxVnni, 2.0 * 12 * 32},
    {&Machine::int8, "avx512vnni", bytesVnni, 2.0 * 24 * 64},
    {&Machine::int8, "amx-int8", bytesTiles, 2.0 * 4 * kTile * 64},
    {&Machine::bf16, "avx512bf16", pairsAvx512, 2.0 * 24 * 32},
    {&Machine::bf16, "amx-bf16", pairsTiles, 2.0 * 4 * kTile * 32},
};

/// Runs a step some times; the seconds of the fastest.
double fastest(Team &team, SinterStep step, SinterCall &call) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    double begin = now();
    team.run(step, call);
    best = std::min(best, now() - begin);
  }
  return best;
}

Result<double> readRate(Team &team, int64_t bytes, int64_t passes) {
  Result<Memory> memory =
      Memory::allocate(bytes, Memory::Use::Dense, "measuring the bandwidth");
  if (!memory)
    return memory.failure();
  std::fill_n(memory->data(), memory->size(), std::byte(1));
  Memory::gather(memory->data(), memory->size());
  SinterCall call{};
  call.weights = memory->data();
  call.tokens = bytes;
  call.last = passes;
  double seconds = fastest(team, cpuHas("avx2") ? readAvx2 : readSse, call);
  return double(bytes) * double(passes) / seconds;
}

} // namespace

Result<double> memoryBandwidth(Team &team) {
  return readRate(team, kMemoryBytes, 1);
}

Result<Machine> Machine::probe(Team &team) {
  Machine machine;
  machine.threads = team.size();
  Result<double> memory = sinter::memoryBandwidth(team);
  if (!memory)
    return memory.failure();
  machine.memoryBandwidth = *memory;
  Result<double> near = readRate(team, kNearBytes * team.size(), kNearPasses);
  if (!near)
    return near.failure();
  machine.nearBandwidth = *near;
  for (const Loop &loop : kLoops) {
    if (requireCpuFeatures(loop.features))
      continue;
    SinterCall call{};
    call.tokens = loop.operations > 4096 ? kSteps / 4 : kSteps;
    double rate = loop.operations * double(call.tokens * team.size()) /
                  fastest(team, loop.step, call);
    machine.*loop.rate = std::max(machine.*loop.rate, rate);
  }
  return machine;
}

} // namespace sinter
