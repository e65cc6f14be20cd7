//===- ValuesFile.cpp - Files of intermediate values ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ValuesFile.h"

#include "formats/Safetensors.h"
#include "runtime/core/TensorInput.h"

#include "llvm/ADT/StringExtras.h"

namespace sinter {

using llvm::Error;

//===----------------------------------------------------------------------===//
// Tokens of a run and columns of files
//===----------------------------------------------------------------------===//

namespace {

/// A row of a value: one token of one sequence.
struct Row {
  int64_t sequence;
  size_t number;  ///< in the value
  int64_t column; ///< of the file
};

} // namespace

/// The rows of a value that are real tokens'. Sessions take padding out of what
/// a text continues; encoders see it.
static std::vector<Row> rowsOf(const Recording &run, const Intermediate &value,
                               const TensorInput &input) {
  const Recording::Step &step = run.steps[value.step];
  int64_t tokens = value.shape[1];
  // Fewer rows than tokens are of the last tokens.
  int64_t begin = step.begin + std::max<int64_t>(step.tokens - tokens, 0);
  bool compact = step.entry != "encode" && !input.columns.empty();
  std::vector<Row> rows;
  for (int64_t b = 0; b < value.shape[0]; ++b)
    for (int64_t t = 0; t < tokens; ++t) {
      int64_t token = begin + t, column = token;
      if (compact && token >= input.tokens)
        column = input.width + token - input.tokens;
      else if (compact && token < input.counts[size_t(b)])
        column = input.column(b, token);
      else if (compact)
        continue;
      rows.push_back({b, size_t(b * tokens + t), column});
    }
  return rows;
}

static size_t featuresOf(llvm::ArrayRef<int64_t> shape) {
  size_t count = 1;
  for (int64_t size : shape.drop_front(std::min<size_t>(2, shape.size())))
    count *= size_t(size);
  return count;
}

//===----------------------------------------------------------------------===//
// Reading and comparing
//===----------------------------------------------------------------------===//

namespace {

/// Expected values from a file.
class GivenValues {
public:
  GivenValues(const Recording &run, const Golden &golden,
              const TensorInput &input)
      : run(run), golden(golden), input(input) {}

  Error read(const std::string &path);
  std::optional<Apart> compare() const;
  size_t count() const { return tensors.size(); }

private:
  struct Tensor {
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  Error check(const StoredTensor &tensor) const;
  std::optional<Apart> compare(const Intermediate &value, const Tensor &given,
                               const std::string &agreed) const;

  const Recording &run;
  const Golden &golden;
  const TensorInput &input;
  std::map<std::string, Tensor> tensors;
};

} // namespace

/// What names there are, layers' only once.
static std::string namesIn(const Recording &run) {
  std::vector<std::string> names;
  for (const Intermediate &value : run.values) {
    auto [tower, rest] = llvm::StringRef(value.name).split("layers.");
    std::string name = value.name;
    if (!rest.empty())
      name = (tower + "layers.N" + rest.drop_while(llvm::isDigit)).str();
    if (!llvm::is_contained(names, name))
      names.push_back(name);
  }
  return llvm::join(names, ", ");
}

Error GivenValues::check(const StoredTensor &tensor) const {
  auto made = llvm::find_if(run.values, [&](const Intermediate &value) {
    return value.name == tensor.name;
  });
  if (made == run.values.end())
    return failure(tensor.name + ": the model makes no such value; it makes " +
                   namesIn(run));
  if (tensor.shape.size() >= 2 && tensor.shape[0] == golden.batch &&
      featuresOf(tensor.shape) == featuresOf(made->shape))
    return Error::success();
  std::string wanted = "(" + std::to_string(golden.batch) + ", tokens";
  for (int64_t size : llvm::drop_begin(made->shape, 2))
    wanted += ", " + std::to_string(size);
  return failure(tensor.name + ": expected the shape " + wanted + "), found " +
                 describe(tensor.type, tensor.shape));
}

Error GivenValues::read(const std::string &path) {
  Result<Safetensors> file = readSafetensors(path);
  if (!file)
    return failure(file.message());
  if (file->tensors.empty())
    return failure(path + ": no tensors");
  for (const StoredTensor &tensor : file->tensors) {
    if (Error error = check(tensor))
      return failure(path + ": " + llvm::toString(std::move(error)));
    Result<std::vector<float>> values = tensor.readAsF32();
    if (!values)
      return failure(values.message());
    tensors[tensor.name] = {tensor.shape, std::move(*values)};
  }
  return Error::success();
}

std::optional<Apart> GivenValues::compare(const Intermediate &value,
                                          const Tensor &given,
                                          const std::string &agreed) const {
  size_t features = featuresOf(value.shape);
  int64_t width = given.shape[1];
  double most = toleranceFor(given.values, golden.atol);
  bool masked = golden.mask.size() == size_t(golden.batch * width);
  for (const Row &row : rowsOf(run, value, input)) {
    size_t there = size_t(row.sequence * width + row.column);
    if (row.column >= width || (masked && !golden.mask[there]))
      continue;
    for (size_t f = 0; f < features; ++f) {
      size_t here = row.number * features + f;
      float expected = given.values[there * features + f];
      if (isApart(value.values[here], expected, most))
        return apartAt(run, value, here, expected, agreed);
    }
  }
  return std::nullopt;
}

std::optional<Apart> GivenValues::compare() const {
  std::string agreed;
  for (const Intermediate &value : run.values) {
    auto given = tensors.find(value.name);
    if (given == tensors.end())
      continue;
    if (auto apart = compare(value, given->second, agreed))
      return apart;
    agreed = value.name;
  }
  return std::nullopt;
}

llvm::Expected<std::optional<Apart>>
firstApart(const Recording &found, const std::string &path,
           const Golden &golden, const Manifest &manifest, size_t &count) {
  const EntryDescription *entry = manifest.entry(golden.entry());
  if (!entry)
    return failure(llvm::Twine("the model has no entry \"") + golden.entry() +
                   "\"");
  Result<TensorInput> input = readTensorInput(golden.path, manifest, *entry);
  if (!input)
    return failure(input.message());
  GivenValues given(found, golden, *input);
  if (Error error = given.read(path))
    return error;
  count = given.count();
  return given.compare();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Error writeValues(const Recording &run, const std::string &inputPath,
                  const Manifest &manifest, const std::string &path) {
  const EntryDescription *entry = manifest.entry("forward");
  if (!entry)
    return failure("the model has no entry \"forward\"");
  Result<TensorInput> input = readTensorInput(inputPath, manifest, *entry);
  if (!input)
    return failure(input.message());
  // Steps make parts of the same tensors.
  std::map<std::string, size_t> numbers;
  std::vector<TensorDeclaration> tensors;
  for (const Intermediate &value : run.values) {
    auto [found, isNew] = numbers.try_emplace(value.name, tensors.size());
    if (isNew)
      tensors.push_back({value.name, ElementType::F32, value.shape});
    int64_t &width = tensors[found->second].shape[1];
    for (const Row &row : rowsOf(run, value, *input))
      width = std::max(width, row.column + 1);
  }
  Result<SafetensorsWriter> writer = SafetensorsWriter::create(path, tensors);
  if (!writer)
    return failure(writer.message());
  for (const Intermediate &value : run.values) {
    size_t number = numbers[value.name], features = featuresOf(value.shape);
    for (const Row &row : rowsOf(run, value, *input)) {
      std::span<const float> all(value.values);
      auto bytes = std::as_bytes(all.subspan(row.number * features, features));
      int64_t at = row.sequence * tensors[number].shape[1] + row.column;
      if (Failure wrong =
              writer->write(number, uint64_t(at) * bytes.size(), bytes))
        return failure(wrong.message());
    }
  }
  if (Failure wrong = writer->finish())
    return failure(wrong.message());
  return Error::success();
}

} // namespace sinter
