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

/// The features of a level with those of lower ones.
std::vector<StringRef> featuresUpTo(size_t level) {
  std::vector<StringRef> all;
  for (size_t i = 0; i <= level; ++i)
    all.insert(all.end(), levels[i].adds.begin(), levels[i].adds.end());
  return all;
}

bool isOfLevel(StringRef feature) {
  return llvm::any_of(levels, [&](const Level &level) {
    return llvm::is_contained(level.adds, feature);
  });
}

/// The instruction sets beyond the levels, whose features users name.
std::vector<const InstructionSet *> extensions() {
  std::vector<const InstructionSet *> found;
  for (const InstructionSet *set : instructionSets())
    if (!set->feature.empty() && !isOfLevel(set->feature))
      found.push_back(set);
  return found;
}

bool isKnown(StringRef feature) {
  return isOfLevel(feature) ||
         llvm::any_of(extensions(), [&](const InstructionSet *extension) {
           return extension->feature == feature;
         });
}

std::string knownFeatures() {
  std::string text;
  for (const InstructionSet *extension : extensions())
    text += (text.empty() ? "" : ", ") + extension->feature.str();
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
    for (const InstructionSet *extension : extensions())
      for (StringRef need : extension->needs)
        if (set.contains(extension->feature) && !set.contains(need)) {
          set.erase(extension->feature);
          changed = true;
        }
  }
}

void addFeature(llvm::StringSet<> &set, StringRef feature) {
  if (!set.insert(feature).second)
    return;
  for (const InstructionSet *extension : extensions())
    if (extension->feature == feature)
      for (StringRef need : extension->needs)
        addFeature(set, need);
  // A level is added whole, with all below it.
  for (size_t i = 1; i < std::size(levels); ++i)
    if (llvm::is_contained(levels[i].adds, feature))
      for (StringRef part : featuresUpTo(i))
        set.insert(part);
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
  target.fma = set.contains("fma");
  target.f16c = set.contains("f16c");
  auto has = [&](StringRef feature) { return set.contains(feature); };
  for (const InstructionSet *instructions : instructionSets()) {
    StringRef feature = instructions->feature;
    if ((!feature.empty() && !has(feature)) ||
        !llvm::all_of(instructions->needs, has))
      continue;
    target.sets.push_back(instructions);
    if (instructions->describe)
      instructions->describe(target);
  }
  target.lanes = target.vectorBytes / 4;
}

} // namespace

bool Target::has(std::string_view feature) const {
  return llvm::is_contained(required, feature);
}

const DotInstruction *Target::dot(cpu::Products products, int64_t bytes) const {
  for (const InstructionSet *set : sets)
    for (const DotInstruction &dot : set->dots)
      if (dot.products == products && dot.vectorBytes == bytes)
        return &dot;
  return nullptr;
}

const SignInstruction *Target::sign(int64_t bytes) const {
  for (const InstructionSet *set : sets)
    for (const SignInstruction &sign : set->signs)
      if (sign.vectorBytes == bytes)
        return &sign;
  return nullptr;
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
    for (const InstructionSet *extension : extensions())
      if (host.lookup(extension->feature) &&
          llvm::all_of(extension->needs, [&](StringRef need) {
            return set.contains(need) ||
                   llvm::is_contained(featuresUpTo(level), need);
          }))
        set.insert(extension->feature);
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
  for (const InstructionSet *extension : extensions())
    for (StringRef need : extension->needs)
      if (set.contains(extension->feature) && !set.contains(need))
        return Failure("feature '" + extension->feature.str() + "' needs '" +
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
