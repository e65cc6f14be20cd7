//===- Golden.cpp - Files of expected outputs -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Golden.h"

#include "formats/Json.h"
#include "formats/Safetensors.h"
#include "runtime/core/Sampler.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <cmath>

namespace sinter {

using llvm::Error;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Integers of a tensor, none if it is absent.
static llvm::Expected<std::vector<int64_t>> integers(const Safetensors &file,
                                                     llvm::StringRef name) {
  const StoredTensor *tensor = file.find(std::string_view(name));
  if (!tensor)
    return std::vector<int64_t>();
  bool wide = tensor->type == ElementType::I64;
  if (!wide && tensor->type != ElementType::I32)
    return failure(name + " must be int32 or int64, found " +
                   describe(tensor->type, tensor->shape));
  std::vector<int64_t> values(tensor->count);
  std::vector<int32_t> narrow(wide ? 0 : tensor->count);
  auto bytes = wide ? std::as_writable_bytes(std::span(values))
                    : std::as_writable_bytes(std::span(narrow));
  if (Failure wrong = tensor->read(0, bytes))
    return failure(wrong.message());
  if (!wide)
    values.assign(narrow.begin(), narrow.end());
  return values;
}

/// The outputs that a file holds.
static llvm::Expected<Outputs> readOutputs(const Safetensors &file) {
  Outputs outputs;
  for (const char *name : {"logits", "last_hidden_state", "generated_logits",
                           "encoder_last_hidden_state", "embedding"})
    if (const StoredTensor *tensor = file.find(name)) {
      Result<std::vector<float>> values = tensor->readAsF32();
      if (!values)
        return failure(values.message());
      outputs.values[name] = std::move(*values);
    }
  llvm::Expected<std::vector<int64_t>> tokens = integers(file, "generated");
  if (!tokens)
    return tokens.takeError();
  outputs.generated = std::move(*tokens);
  return outputs;
}

/// --atol, or what golden.json beside the file says.
static llvm::Expected<double> tolerance(const Invocation &invocation,
                                        const std::string &path) {
  std::string given = invocation.get(OPT_atol);
  double atol;
  if (!given.empty()) {
    if (llvm::StringRef(given).getAsDouble(atol) || !(atol >= 0))
      return usageError("--atol: expected a number, found '" + given + "'");
    return atol;
  }
  llvm::SmallString<128> beside(path);
  llvm::sys::path::remove_filename(beside);
  llvm::sys::path::append(beside, "golden.json");
  Result<nlohmann::json> json = readJson(beside.str().str());
  if (!json)
    return failure(json.message() + " (or give --atol)");
  if (!json->is_object() || !json->contains("atol") ||
      !(*json)["atol"].is_number())
    return failure(beside + ": \"atol\" is missing; give --atol");
  return (*json)["atol"].get<double>();
}

llvm::Expected<Golden> readGolden(const std::string &path, double atol) {
  Golden golden;
  golden.path = path;
  golden.atol = atol;
  Result<Safetensors> file = readSafetensors(golden.path);
  if (!file)
    return failure(file.message());
  const StoredTensor *ids = file->find("input_ids");
  if (!ids || ids->count == 0)
    return failure(golden.path + ": input_ids are missing");
  golden.batch = ids->shape.size() > 1 ? ids->shape[0] : 1;
  llvm::Expected<Outputs> expected = readOutputs(*file);
  if (!expected)
    return expected.takeError();
  golden.expected = std::move(*expected);
  if (golden.expected.values.empty())
    return failure(golden.path + ": neither logits, hidden states nor an "
                                 "embedding to compare with");
  llvm::Expected<std::vector<int64_t>> mask = integers(*file, "attention_mask");
  if (!mask)
    return mask.takeError();
  golden.mask = std::move(*mask);
  golden.steps = int64_t(golden.expected.generated.size()) / golden.batch;
  return golden;
}

llvm::Expected<Golden> readGolden(const Invocation &invocation) {
  std::string path = invocation.operands[1];
  if (llvm::sys::fs::is_directory(path)) {
    llvm::SmallString<128> inside(path);
    llvm::sys::path::append(inside, "golden.safetensors");
    path = inside.str().str();
  }
  llvm::Expected<double> atol = tolerance(invocation, path);
  if (!atol)
    return atol.takeError();
  return readGolden(path, *atol);
}

std::vector<int64_t> Golden::someCuts() const {
  Random random(expected.values.begin()->second.size());
  std::vector<int64_t> cuts;
  for (int i = 0; i < 5; ++i)
    cuts.push_back(int64_t(1 + random.next() % 7));
  return cuts;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// The largest difference; infinite when sizes differ or a NaN is involved.
/// With a mask, only rows count for which it is not 0.
static double difference(const std::vector<float> &found,
                         const std::vector<float> &expected,
                         const std::vector<int64_t> &mask) {
  if (found.size() != expected.size())
    return INFINITY;
  bool masked = !mask.empty() && found.size() % mask.size() == 0;
  size_t features = masked ? found.size() / mask.size() : 1;
  double largest = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    if (masked && !mask[i / features])
      continue;
    double d = std::abs(double(found[i]) - double(expected[i]));
    largest = std::isnan(d) ? INFINITY : std::max(largest, d);
  }
  return largest;
}

static std::string namesOf(const decltype(Outputs::values) &values) {
  std::string names;
  for (const auto &[name, value] : values)
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

llvm::Expected<Distance> compare(const std::string &path,
                                 const Golden &golden) {
  Result<Safetensors> file = readSafetensors(path);
  if (!file)
    return failure(file.message());
  llvm::Expected<Outputs> found = readOutputs(*file);
  if (!found)
    return found.takeError();
  // A decoder's logits are of other tokens than the mask.
  bool decodes = golden.expected.values.contains("encoder_last_hidden_state");
  Distance distance;
  for (const auto &[name, expected] : golden.expected.values) {
    if (!found->values.contains(name))
      return failure(golden.path + ": the model has no output \"" + name +
                     "\"; it has " + namesOf(found->values));
    bool ofMask =
        name == "encoder_last_hidden_state" ||
        (!decodes && name != "generated_logits" && name != "embedding");
    distance.tensors.push_back(
        {name, difference(found->values[name], expected,
                          ofMask ? golden.mask : std::vector<int64_t>())});
  }
  distance.generates = golden.steps > 0;
  distance.tokensEqual = found->generated == golden.expected.generated;
  return distance;
}

llvm::StringRef modelName(const Invocation &invocation) {
  return llvm::sys::path::filename(
      llvm::StringRef(invocation.operands[0]).rtrim('/'));
}

bool Distance::within(double atol) const {
  return tokensEqual && llvm::all_of(tensors, [&](const auto &tensor) {
           return tensor.second <= atol;
         });
}

std::string Distance::describe(double atol) const {
  std::string text = within(atol) ? "ok" : "FAILED";
  for (const auto &[name, difference] : tensors)
    text +=
        llvm::formatv("{0} {1} {2:e2}", &name == &tensors[0].first ? "" : ",",
                      name, difference)
            .str();
  if (generates)
    text += tokensEqual ? ", tokens equal" : ", tokens differ";
  return text;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Error writeFirstSequence(const Golden &golden, const std::string &path) {
  Result<Safetensors> file = readSafetensors(golden.path);
  if (!file)
    return failure(file.message());
  auto parts = [&](const StoredTensor &tensor) {
    return !tensor.shape.empty() && tensor.shape[0] == golden.batch
               ? golden.batch
               : 1;
  };
  std::vector<TensorDeclaration> declarations;
  for (const StoredTensor &tensor : file->tensors) {
    TensorDeclaration &made = declarations.emplace_back();
    made.name = tensor.name;
    made.type = tensor.type;
    made.shape = tensor.shape;
    if (parts(tensor) > 1)
      made.shape[0] = 1;
  }
  Result<SafetensorsWriter> writer =
      SafetensorsWriter::create(path, declarations);
  if (!writer)
    return failure(writer.message());
  for (auto [i, tensor] : llvm::enumerate(file->tensors)) {
    std::vector<std::byte> bytes(tensor.bytes / parts(tensor));
    if (Failure wrong = tensor.read(0, bytes))
      return failure(wrong.message());
    if (Failure wrong = writer->write(i, 0, bytes))
      return failure(wrong.message());
  }
  if (Failure wrong = writer->finish())
    return failure(wrong.message());
  return Error::success();
}

} // namespace sinter
