//===- Machine.cpp - What this machine can do at most ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Machine.h"
#include "formats/Json.h"

#include <cmath>
#include <cstdio>

namespace sinter {

double Machine::peak(std::string_view unit) const {
  double rate = unit == "int8" ? int8 : unit == "bf16" ? bf16 : 0;
  return rate > 0 ? rate : f32;
}

double Machine::seconds(const Work &work, const std::string &unit,
                        std::string &bound) const {
  bound = unit;
  double most = work.flops / peak(unit);
  if (nearBandwidth > 0 && work.near / nearBandwidth > most) {
    most = work.near / nearBandwidth;
    bound = "cache";
  }
  if (work.memory / memoryBandwidth > most) {
    most = work.memory / memoryBandwidth;
    bound = "memory";
  }
  return most;
}

Result<Machine> Machine::parse(std::string_view text, const std::string &file) {
  Result<nlohmann::json> tree = parseJson(text, file);
  if (!tree)
    return tree.failure();
  if (!tree->is_object())
    return Failure(file + ": error: expected an object with the rates of a "
                          "machine");
  Machine machine;
  struct {
    const char *key;
    double *value;
  } rates[] = {{"memory_bandwidth", &machine.memoryBandwidth},
               {"near_bandwidth", &machine.nearBandwidth},
               {"f32", &machine.f32},
               {"bf16", &machine.bf16},
               {"int8", &machine.int8}};
  for (auto &[key, value] : rates) {
    auto found = tree->find(key);
    if (found == tree->end())
      continue;
    if (!found->is_number() || !(found->get<double>() >= 0) ||
        !std::isfinite(found->get<double>()))
      return Failure(file + ": error: \"" + key +
                     "\": expected a rate a second, found " + found->dump());
    *value = found->get<double>();
  }
  auto threads = tree->find("threads");
  if (threads != tree->end() && threads->is_number_unsigned())
    machine.threads = threads->get<int64_t>();
  if (!machine.known())
    return Failure(file + ": error: needs \"memory_bandwidth\" and \"f32\", "
                          "both above 0");
  return machine;
}

std::string Machine::json() const {
  char text[256];
  snprintf(text, sizeof(text),
           "{\"threads\": %lld, \"memory_bandwidth\": %.0f, "
           "\"near_bandwidth\": %.0f, \"f32\": %.0f, \"bf16\": %.0f, "
           "\"int8\": %.0f}",
           (long long)threads, memoryBandwidth, nearBandwidth, f32, bf16, int8);
  return text;
}

} // namespace sinter
