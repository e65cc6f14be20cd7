//===- CpuFeatures.cpp - What this processor can do -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Bits are those of the CPUID instruction as Intel's and AMD's manuals list
// them.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/CpuFeatures.h"

#include <cpuid.h>
#include <cstdint>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

namespace sinter {

namespace {

enum Register : uint8_t { Eax, Ebx, Ecx, Edx };

/// Register state that the operating system must save (bits of XCR0).
enum State : uint32_t {
  None = 0,
  Ymm = 0x6,
  Zmm = 0xe6,
  Tile = 0x60000,
};

struct Feature {
  std::string_view name;
  uint32_t leaf;
  uint8_t subleaf;
  Register in;
  uint8_t bit;
  State state;
};

constexpr uint32_t kExtended = 0x80000001;

constexpr Feature kFeatures[] = {
    {"adx", 7, 0, Ebx, 19, None},
    {"aes", 1, 0, Ecx, 25, None},
    {"amx-bf16", 7, 0, Edx, 22, Tile},
    {"amx-complex", 7, 1, Edx, 8, Tile},
    {"amx-fp16", 7, 1, Eax, 21, Tile},
    {"amx-int8", 7, 0, Edx, 25, Tile},
    {"amx-tile", 7, 0, Edx, 24, Tile},
    {"avx", 1, 0, Ecx, 28, Ymm},
    {"avx2", 7, 0, Ebx, 5, Ymm},
    {"avx512bf16", 7, 1, Eax, 5, Zmm},
    {"avx512bitalg", 7, 0, Ecx, 12, Zmm},
    {"avx512bw", 7, 0, Ebx, 30, Zmm},
    {"avx512cd", 7, 0, Ebx, 28, Zmm},
    {"avx512dq", 7, 0, Ebx, 17, Zmm},
    {"avx512f", 7, 0, Ebx, 16, Zmm},
    {"avx512fp16", 7, 0, Edx, 23, Zmm},
    {"avx512ifma", 7, 0, Ebx, 21, Zmm},
    {"avx512vbmi", 7, 0, Ecx, 1, Zmm},
    {"avx512vbmi2", 7, 0, Ecx, 6, Zmm},
    {"avx512vl", 7, 0, Ebx, 31, Zmm},
    {"avx512vnni", 7, 0, Ecx, 11, Zmm},
    {"avx512vp2intersect", 7, 0, Edx, 8, Zmm},
    {"avx512vpopcntdq", 7, 0, Ecx, 14, Zmm},
    {"avxifma", 7, 1, Eax, 23, Ymm},
    {"avxneconvert", 7, 1, Edx, 5, Ymm},
    {"avxvnni", 7, 1, Eax, 4, Ymm},
    {"avxvnniint16", 7, 1, Edx, 10, Ymm},
    {"avxvnniint8", 7, 1, Edx, 4, Ymm},
    {"bmi", 7, 0, Ebx, 3, None},
    {"bmi2", 7, 0, Ebx, 8, None},
    {"clflushopt", 7, 0, Ebx, 23, None},
    {"clwb", 7, 0, Ebx, 24, None},
    {"clzero", 0x80000008, 0, Ebx, 0, None},
    {"cmov", 1, 0, Edx, 15, None},
    {"crc32", 1, 0, Ecx, 20, None},
    {"cx16", 1, 0, Ecx, 13, None},
    {"cx8", 1, 0, Edx, 8, None},
    {"f16c", 1, 0, Ecx, 29, Ymm},
    {"fma", 1, 0, Ecx, 12, Ymm},
    {"fsgsbase", 7, 0, Ebx, 0, None},
    {"fxsr", 1, 0, Edx, 24, None},
    {"gfni", 7, 0, Ecx, 8, None},
    {"invpcid", 7, 0, Ebx, 10, None},
    {"lzcnt", kExtended, 0, Ecx, 5, None},
    {"mmx", 1, 0, Edx, 23, None},
    {"movbe", 1, 0, Ecx, 22, None},
    {"movdir64b", 7, 0, Ecx, 28, None},
    {"movdiri", 7, 0, Ecx, 27, None},
    {"mwaitx", kExtended, 0, Ecx, 29, None},
    {"pclmul", 1, 0, Ecx, 1, None},
    {"pku", 7, 0, Ecx, 4, None},
    {"popcnt", 1, 0, Ecx, 23, None},
    {"prfchw", kExtended, 0, Ecx, 8, None},
    {"rdpid", 7, 0, Ecx, 22, None},
    {"rdpru", 0x80000008, 0, Ebx, 4, None},
    {"rdrnd", 1, 0, Ecx, 30, None},
    {"rdseed", 7, 0, Ebx, 18, None},
    {"sahf", kExtended, 0, Ecx, 0, None},
    {"serialize", 7, 0, Edx, 14, None},
    {"sha", 7, 0, Ebx, 29, None},
    {"shstk", 7, 0, Ecx, 7, None},
    {"sse", 1, 0, Edx, 25, None},
    {"sse2", 1, 0, Edx, 26, None},
    {"sse3", 1, 0, Ecx, 0, None},
    {"sse4.1", 1, 0, Ecx, 19, None},
    {"sse4.2", 1, 0, Ecx, 20, None},
    {"sse4a", kExtended, 0, Ecx, 6, None},
    {"ssse3", 1, 0, Ecx, 9, None},
    {"vaes", 7, 0, Ecx, 9, Ymm},
    {"vpclmulqdq", 7, 0, Ecx, 10, Ymm},
    {"waitpkg", 7, 0, Ecx, 5, None},
    {"wbnoinvd", 0x80000008, 0, Ebx, 9, None},
    {"x87", 1, 0, Edx, 0, None},
    {"xsave", 1, 0, Ecx, 26, None},
    {"xsavec", 0xd, 1, Eax, 1, None},
    {"xsaveopt", 0xd, 1, Eax, 0, None},
    {"xsaves", 0xd, 1, Eax, 3, None},
};

} // namespace

/// The state components that the operating system saves.
static uint64_t savedState() {
  uint32_t a, b, c, d;
  constexpr uint32_t osxsave = 1u << 27;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

static bool has(const Feature &feature) {
  uint32_t registers[4];
  if (!__get_cpuid_count(feature.leaf, feature.subleaf, &registers[Eax],
                         &registers[Ebx], &registers[Ecx], &registers[Edx]))
    return false;
  if (!(registers[feature.in] >> feature.bit & 1))
    return false;
  return (savedState() & feature.state) == feature.state;
}

static const Feature *find(std::string_view name) {
  for (const Feature &feature : kFeatures)
    if (feature.name == name)
      return &feature;
  return nullptr;
}

bool cpuHas(std::string_view name) {
  if (name == "64bit")
    return true;
  const Feature *feature = find(name);
  return feature && has(*feature);
}

/// Linux hands out the tile registers only to processes that ask.
static bool allowTiles() {
  constexpr int requestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr int tileData = 18;              // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

Failure requireCpuFeatures(std::string_view features) {
  bool tiles = false;
  while (!features.empty()) {
    std::string_view name = features.substr(0, features.find(','));
    features.remove_prefix(std::min(features.size(), name.size() + 1));
    if (name.starts_with('+'))
      name.remove_prefix(1);
    if (name.empty() || name.starts_with('-'))
      continue;
    if (!cpuHas(name))
      return Failure("needs " + std::string(name) +
                     ", this CPU lacks it; recompile with --features=native "
                     "on this machine or --features=baseline");
    const Feature *feature = find(name);
    tiles |= feature && feature->state == Tile;
  }
  if (tiles && !allowTiles())
    return Failure("needs amx-tile, which this system does not allow; "
                   "recompile with --features=native,-amx-tile");
  return Failure::none();
}

} // namespace sinter
