//===- Adapter.h - What was learned beside a checkpoint ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A folder of the PEFT library with low-rank changes of linears (LoRA, Hu et
// al. 2021): W + scale * B A, which are added to the weights when compiling; or
// with learned tokens.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_ADAPTER_H
#define SINTER_SPEC_ADAPTER_H

#include "spec/LearnedPrompt.h"

#include <map>
#include <optional>
#include <string>

namespace sinter {

/// Of a tensor (out, in), or (in, out) if turned.
struct LowRank {
  StoredTensor a; ///< (rank, in)
  StoredTensor b; ///< (out, rank)
  double scale = 1;
  bool turned = false;

  /// Adds scale * B A to the tensor's values. Fails as StoredTensor::read().
  Failure addTo(std::vector<float> &values) const;
};

class Adapter {
public:
  /// Reads adapter_config.json and adapter_model.safetensors. Whatever would
  /// not be taken into account is an error.
  static Result<Adapter> open(const std::string &folder);

  /// The change of a checkpoint's tensor; null: none. Fails when shapes differ.
  Result<const LowRank *> find(const StoredTensor &tensor) const;

  /// The learned tokens, if it is for such; null: none.
  const LearnedPrompt *prompt() const { return learned ? &*learned : nullptr; }

  const std::map<std::string, LowRank> &changes() const { return byTensor; }
  const std::string &file() const { return path; }

private:
  Failure readConfig(const nlohmann::json &config, const std::string &file);
  Failure readTensors();

  std::string path; ///< of the tensors
  double alpha = 1;
  int64_t rank = 1;
  bool rootOfRank = false, turned = false;
  std::map<std::string, LowRank> byTensor;
  std::optional<LearnedPrompt> learned;
};

} // namespace sinter

#endif // SINTER_SPEC_ADAPTER_H
