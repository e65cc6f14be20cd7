//===- Target.cpp - What a CPU offers to kernels --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/Host.h"

using namespace sinter;
using llvm::StringRef;

namespace {

/// A level of the x86-64 psABI. Its features include those of lower levels.
struct Level {
  StringRef option, cpu;
  std::vector<StringRef> adds;
};

const Level levels[] = {
    {"baseline", "x86-64", {}},
    {"x86-64-v2", "x86-64-v2", {"sse3", "ssse3", "sse4.1", "sse4.2", "popcnt"}},
    {"x86-64-v3",
     "x86-64-v3",
     {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}},
    {"x86-64-v4",
     "x86-64-v4",
     {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}},
};

/// A feature beyond the levels that kernels use, and what it stands on.
struct Extension {
  StringRef name;
  std::vector<StringRef> needs;
};

const Extension extensions[] = {
    {"avxvnni", {"avx2"}},        {"avx512vnni", {"avx512f"}},
    {"avx512bf16", {"avx512bw"}}, {"amx-tile", {"avx512bw"}},
    {"amx-int8", {"amx-tile"}},   {"amx-bf16", {"amx-tile", "avx512bf16"}},
};

/// Register tiles by vector width: as many accumulators as leave room for the
/// weights, what widens them, and a broadcast. With 32 registers the 8-bit ones
/// leave room for f32 sums as well. Lines of 64 bytes need fewer streams: two
/// loads are as many lines as four of half of them. Measured by bench/kernels.
struct Shape {
  int vectorBytes;
  RegisterTile floats, bf16, blocks, ints;
  int tileTokens;
  int streams;
};

const Shape shapes[] = {
    {64, {12, 2}, {12, 2}, {6, 2}, {6, 2}, 12, 2},
    {32, {6, 2}, {4, 2}, {6, 1}, {4, 2}, 12, 4},
    {16, {4, 2}, {4, 1}, {4, 1}, {4, 1}, 4, 4},
};

/// The features of a level with those of lower ones.
std::vector<StringRef> featuresUpTo(size_t level) {
  std::vector<StringRef> all;
  for (size_t i = 0; i <= level; ++i)
    all.insert(all.end(), levels[i].adds.begin(), levels[i].adds.end());
  return all;
}

bool isKnown(StringRef feature) {
  for (const Level &level : levels)
    if (llvm::is_contained(level.adds, feature))
      return true;
  return llvm::any_of(extensions,
                      [&](const Extension &e) { return e.name == feature; });
}

std::string knownFeatures() {
  std::string text;
  for (const Extension &extension : extensions)
    text += (text.empty() ? "" : ", ") + extension.name.str();
  return text;
}

/// The level below which the host lacks something, and its extensions.
size_t hostLevel(const llvm::StringMap<bool> &host) {
  size_t level = 0;
  for (size_t i = 1; i < std::size(levels); ++i) {
    if (!llvm::all_of(levels[i].adds,
                      [&](StringRef f) { return host.lookup(f); }))
      break;
    level = i;
  }
  return level;
}

/// Removes a feature and everything that stands on it.
void removeFeature(llvm::StringSet<> &set, StringRef feature, size_t &level) {
  set.erase(feature);
  // Without a part of a level, the level below is the base; what is left of
  // this one is asked for by name.
  for (size_t i = 1; i <= level; ++i)
    if (llvm::is_contained(levels[i].adds, feature))
      level = i - 1;
  if (feature == "avx512f")
    for (StringRef part : levels[3].adds)
      set.erase(part);
  if (feature == "avx2" || feature == "avx" || feature == "fma")
    for (StringRef part : levels[3].adds)
      set.erase(part);
  if (feature == "avx") {
    set.erase("avx2");
    set.erase("fma");
    set.erase("f16c");
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const Extension &extension : extensions)
      for (StringRef need : extension.needs)
        if (set.contains(extension.name) && !set.contains(need)) {
          set.erase(extension.name);
          changed = true;
        }
  }
}

void addFeature(llvm::StringSet<> &set, StringRef feature) {
  if (!set.insert(feature).second)
    return;
  for (const Extension &extension : extensions)
    if (extension.name == feature)
      for (StringRef need : extension.needs)
        addFeature(set, need);
  // A level is added whole, with all below it.
  for (size_t i = 1; i < std::size(levels); ++i)
    if (llvm::is_contained(levels[i].adds, feature))
      for (StringRef part : featuresUpTo(i))
        set.insert(part);
}

void chooseShapes(Target &target) {
  for (const Shape &shape : shapes) {
    if (shape.vectorBytes != target.vectorBytes)
      continue;
    target.floatTile = shape.floats;
    target.bf16Tile = shape.bf16;
    target.blockTile = shape.blocks;
    target.intTile = shape.ints;
    target.tileTokens = shape.tileTokens;
    target.streams = shape.streams;
  }
}

/// Everything that follows from a level and the features in all.
void describe(Target &target, size_t level, const llvm::StringSet<> &set) {
  target.triple = "x86_64-unknown-linux-gnu";
  target.cpu = levels[level].cpu.str();
  for (const auto &entry : set)
    target.required.push_back(entry.getKey().str());
  llvm::sort(target.required);
  std::vector<StringRef> implied = featuresUpTo(level);
  for (const std::string &feature : target.required)
    if (!llvm::is_contained(implied, feature))
      target.features += (target.features.empty() ? "+" : ",+") + feature;
  bool wide = set.contains("avx512bw") && set.contains("avx512vl") &&
              set.contains("avx512dq");
  target.vectorBytes = wide ? 64 : set.contains("avx2") ? 32 : 16;
  target.lanes = target.vectorBytes / 4;
  target.registers = wide ? 32 : 16;
  target.fma = set.contains("fma");
  target.f16c = set.contains("f16c");
  if ((wide && set.contains("avx512vnni")) ||
      (!wide && set.contains("avxvnni")))
    target.intDot = IntDot::Dpbusd;
  else if (set.contains("avx2"))
    target.intDot = IntDot::MaddUbs;
  if (wide && set.contains("avx512bf16"))
    target.bf16Dot = Bf16Dot::Dpbf16;
  target.matrixInt8 = wide && set.contains("amx-int8");
  target.matrixBf16 = wide && set.contains("amx-bf16");
  chooseShapes(target);
}

} // namespace

bool Target::has(std::string_view feature) const {
  return llvm::is_contained(required, feature);
}

std::string Target::requiredFeatures() const {
  return llvm::join(required, ",");
}

Result<Target> sinter::parseTarget(std::string_view text) {
  llvm::SmallVector<StringRef> parts;
  StringRef(text).split(parts, ',', -1, /*KeepEmpty=*/false);
  StringRef base = "native";
  if (!parts.empty() && parts[0][0] != '+' && parts[0][0] != '-') {
    base = parts[0];
    parts.erase(parts.begin());
  }
  Target target;
  target.tuneCpu = "x86-64-v3";
  llvm::StringSet<> set;
  size_t level = 0;
  if (base == "native") {
    llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
    target.tuneCpu = llvm::sys::getHostCPUName().str();
    level = hostLevel(host);
    for (const Extension &extension : extensions)
      if (host.lookup(extension.name) &&
          llvm::all_of(extension.needs, [&](StringRef need) {
            return set.contains(need) ||
                   llvm::is_contained(featuresUpTo(level), need);
          }))
        set.insert(extension.name);
  } else {
    const Level *found =
        llvm::find_if(levels, [&](const Level &l) { return l.option == base; });
    if (found == std::end(levels))
      return Failure("--features: unknown base '" + base.str() +
                     "', expected native, baseline, x86-64-v2, x86-64-v3 or "
                     "x86-64-v4");
    level = found - levels;
  }
  for (StringRef feature : featuresUpTo(level))
    set.insert(feature);
  for (StringRef part : parts) {
    StringRef name = part.drop_front();
    if ((part[0] != '+' && part[0] != '-') || !isKnown(name))
      return Failure("--features: unknown feature '" + part.str() +
                     "', expected + or - and one of a level's features or " +
                     knownFeatures());
    if (part[0] == '+')
      addFeature(set, name);
    else
      removeFeature(set, name, level);
  }
  describe(target, level, set);
  return target;
}

Result<Target> sinter::makeTarget(std::string_view cpu, std::string_view tune,
                                  std::string_view features) {
  const Level *level = llvm::find_if(
      levels, [&](const Level &l) { return l.cpu == StringRef(cpu); });
  if (level == std::end(levels))
    return Failure("unknown cpu '" + std::string(cpu) +
                   "', expected x86-64, x86-64-v2, x86-64-v3 or x86-64-v4");
  llvm::StringSet<> set;
  for (StringRef feature : featuresUpTo(level - levels))
    set.insert(feature);
  llvm::SmallVector<StringRef> parts;
  StringRef(features).split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    if (part[0] != '+' || !isKnown(part.drop_front()))
      return Failure("unknown feature '" + part.str() +
                     "', expected + and one of a level's features or " +
                     knownFeatures());
    set.insert(part.drop_front());
  }
  for (const Extension &extension : extensions)
    for (StringRef need : extension.needs)
      if (set.contains(extension.name) && !set.contains(need))
        return Failure("feature '" + extension.name.str() + "' needs '" +
                       need.str() + "'");
  Target target;
  target.tuneCpu = tune;
  describe(target, level - levels, set);
  if (target.features != features)
    return Failure("expected the features '" + target.features +
                   "', sorted, without those of the cpu, found '" +
                   std::string(features) + "'");
  return target;
}
