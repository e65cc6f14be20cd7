//===- SafetensorsShards.cpp - A checkpoint in several files --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Json.h"
#include "formats/Safetensors.h"
#include "formats/Text.h"

#include <set>
#include <unordered_map>

namespace sinter {

namespace {

using nlohmann::json;

/// Tensor name -> shard name, checked.
using WeightMap = std::map<std::string, std::string>;

Result<WeightMap> readWeightMap(const std::string &indexPath) {
  Result<json> index = readJson(indexPath);
  if (!index)
    return index.failure();
  auto fail = [&](const std::string &message) {
    return Failure(indexPath + ": error: " + message);
  };
  if (!index->is_object())
    return fail("expected an object with \"weight_map\"");
  auto map = index->find("weight_map");
  if (map == index->end() || !map->is_object() || map->empty())
    return fail("expected \"weight_map\", an object of tensor and file names");
  WeightMap result;
  for (const auto &[tensor, shard] : map->items()) {
    if (!shard.is_string())
      return fail("weight_map: expected a file name for " + quote(tensor));
    const auto &name = shard.get_ref<const std::string &>();
    // An index may only point at its neighbours.
    if (name.empty() || name == "." || name == ".." ||
        name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos)
      return fail("weight_map: expected the name of a file beside the index "
                  "for " +
                  quote(tensor) + ", found " + quote(name));
    result.emplace(tensor, name);
  }
  return result;
}

} // namespace

Result<Safetensors> readShardedSafetensors(const std::string &indexPath) {
  Result<WeightMap> weightMap = readWeightMap(indexPath);
  if (!weightMap)
    return weightMap.failure();
  size_t slash = indexPath.rfind('/');
  std::string folder =
      slash == std::string::npos ? "" : indexPath.substr(0, slash + 1);

  // Names of tensors seen, and where: shards may hold more than the index
  // lists, but nothing twice.
  std::unordered_map<std::string, std::string> shardOf;
  std::set<std::string> shards;
  for (const auto &[tensor, shard] : *weightMap)
    shards.insert(shard);
  Safetensors all;
  for (const std::string &shard : shards) {
    Result<Safetensors> read = readSafetensors(folder + shard);
    if (!read)
      return read.failure();
    for (StoredTensor &tensor : read->tensors) {
      auto [other, isNew] = shardOf.emplace(tensor.name, shard);
      if (!isNew)
        return Failure(folder + shard + ": error: tensor " +
                       quote(tensor.name) + " is in " + quote(other->second) +
                       " too");
      all.tensors.push_back(std::move(tensor));
    }
    all.metadata.merge(read->metadata);
  }
  for (const auto &[tensor, shard] : *weightMap) {
    auto found = shardOf.find(tensor);
    if (found == shardOf.end() || found->second != shard)
      return Failure(indexPath + ": error: weight_map has tensor " +
                     quote(tensor) + " in " + quote(shard) +
                     ", but that file does not hold it");
  }
  return all;
}

} // namespace sinter
