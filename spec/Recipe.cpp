//===- Recipe.cpp - How a weight is made from stored tensors --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/RecipeJoin.h"

#include "formats/Mxfp4.h"
#include "formats/Quantize.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <cstring>
#include <numeric>

using namespace sinter;
using Step = RecipeStep;

WeightSource::~WeightSource() = default;

WeightData WeightData::mapped(ElementType type, std::vector<int64_t> shape,
                              std::shared_ptr<const MappedFile> file,
                              std::span<const std::byte> bytes) {
  WeightData data;
  data.type = type;
  data.shape = std::move(shape);
  data.file = std::move(file);
  data.view = bytes;
  return data;
}

WeightData WeightData::owned(ElementType type, std::vector<int64_t> shape,
                             std::vector<std::byte> bytes) {
  WeightData data;
  data.type = type;
  data.shape = std::move(shape);
  data.storage = std::move(bytes);
  return data;
}

std::string sinter::printShape(const std::vector<int64_t> &shape) {
  std::string out = "[";
  for (auto [at, dim] : llvm::enumerate(shape))
    out += (at ? " x " : "") + std::to_string(dim);
  return out + "]";
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

namespace {

/// A tensor as its steps see it: `batch` matrices of rows x columns.
struct Matrices {
  int64_t batch = 1, rows = 1, columns = 1;

  static Matrices of(const std::vector<int64_t> &shape, bool isVector) {
    Matrices m;
    size_t inner = isVector ? 1 : 2;
    for (auto [at, dim] : llvm::enumerate(shape)) {
      size_t fromEnd = shape.size() - at;
      (fromEnd > inner    ? m.batch
       : fromEnd == inner ? m.rows
                          : m.columns) *= dim;
    }
    return m;
  }
};

/// Whether a step moves whole rows and so keeps any stored type.
bool movesRows(const Step &step) {
  return step.kind == Step::Kind::Split || step.kind == Step::Kind::Reorder ||
         step.kind == Step::Kind::Rows || step.kind == Step::Kind::Reshape ||
         step.kind == Step::Kind::Repeat || step.kind == Step::Kind::Unstack ||
         step.kind == Step::Kind::Flatten;
}

/// What has every value of a recipe's sources of 4-bit floats: blocks, if all
/// scales allow it, else bf16.
ElementType exactMxfp4(const Recipe &recipe) {
  bool fits = llvm::all_of(recipe.sources, [&](const StoredTensor &source) {
    if (source.type != ElementType::MXFP4)
      return false;
    if (!recipe.apart)
      return fitsQ8_0(source.data());
    auto blocks = joinMxfp4(recipe.apart->first, recipe.apart->second);
    return bool(blocks) && fitsQ8_0(*blocks);
  });
  return fits ? ElementType::Q8_0 : ElementType::BF16;
}

/// The type in which a recipe's steps work and in which it ends.
ElementType workingType(const Recipe &recipe) {
  ElementType first = recipe.sources[0].type;
  if (first == ElementType::MXFP4)
    first = exactMxfp4(recipe);
  bool same = llvm::all_of(recipe.sources, [&](const StoredTensor &t) {
    return t.type == recipe.sources[0].type;
  });
  bool arithmetic =
      joinComputes(recipe.join) ||
      llvm::any_of(recipe.steps, [&](const Step &step) {
        bool isWhole = step.take % infoOf(first).blockSize == 0 &&
                       !step.sizes.empty() &&
                       step.sizes[0] % infoOf(first).blockSize == 0;
        return !movesRows(step) &&
               !(step.kind == Step::Kind::Transpose && !isBlockType(first)) &&
               !(step.kind == Step::Kind::Columns && isWhole);
      });
  // A block must not be cut by a change of the last dimension.
  bool recut =
      isBlockType(first) &&
      (recipe.shape.empty() || recipe.shape.back() % infoOf(first).blockSize ||
       llvm::any_of(recipe.steps, [](const Step &s) {
         return s.kind == Step::Kind::Reshape || s.kind == Step::Kind::Flatten;
       }));
  bool roundsAgain = isBlockType(first) && !recipe.added.empty();
  if (recipe.isVector || !same || arithmetic || recut || roundsAgain ||
      !isWeightType(first))
    return ElementType::F32;
  return first;
}

int64_t countOfShape(const std::vector<int64_t> &shape) {
  return int64_t(countOf(shape).value_or(0));
}

/// The shape after a step; a sentence in `problem` when it does not apply.
std::vector<int64_t> shapeAfter(const Step &step, std::vector<int64_t> shape,
                                const Recipe &recipe, std::string &problem) {
  size_t inner = recipe.isVector ? 1 : 2;
  // A tensor without dimensions is a vector of one number.
  if (shape.empty() && recipe.isVector)
    shape = {1};
  if (step.kind == Step::Kind::Reshape) {
    if (countOfShape(shape) != countOfShape(recipe.shape))
      problem = "cannot reshape " + printShape(shape) + " to " +
                printShape(recipe.shape);
    return recipe.shape;
  }
  if (step.kind == Step::Kind::Flatten && !shape.empty())
    return {shape[0], countOfShape(shape) / std::max<int64_t>(1, shape[0])};
  if (shape.size() < inner) {
    problem = printShape(shape) + " has too few dimensions";
    return shape;
  }
  int64_t &rows = shape[shape.size() - inner];
  int64_t group =
      std::accumulate(step.sizes.begin(), step.sizes.end(), int64_t(0));
  switch (step.kind) {
  case Step::Kind::Transpose:
    if (inner == 2)
      std::swap(shape[shape.size() - 2], shape.back());
    break;
  case Step::Kind::Unstack:
    if (rows % step.groups)
      problem = std::to_string(rows) + " rows are not " +
                std::to_string(step.groups) + " matrices of one size";
    rows /= step.groups;
    shape.insert(shape.begin(), step.groups);
    break;
  case Step::Kind::Split:
    if (rows % step.groups || rows / step.groups != group)
      problem = "the split has " + std::to_string(step.groups) + " times " +
                std::to_string(group) + " rows, the tensor " +
                printShape(shape);
    else
      rows = step.groups * step.sizes[step.take];
    break;
  case Step::Kind::Rows:
    if (step.take + step.sizes[0] > rows)
      problem = "there are no rows " + std::to_string(step.take) + " to " +
                std::to_string(step.take + step.sizes[0]) + " in " +
                printShape(shape);
    else
      rows = step.sizes[0];
    break;
  case Step::Kind::Columns:
    if (step.take + step.sizes[0] > shape.back())
      problem = "there are no columns " + std::to_string(step.take) + " to " +
                std::to_string(step.take + step.sizes[0]) + " in " +
                printShape(shape);
    else
      shape.back() = step.sizes[0];
    break;
  case Step::Kind::Repeat:
    rows *= step.groups;
    break;
  case Step::Kind::Reorder: {
    int64_t each = rows / step.groups;
    if (rows % step.groups || step.dims > each || step.block > each ||
        (step.dims ? step.dims : each) % (2 * step.block))
      problem = std::to_string(rows) + " rows are not " +
                std::to_string(step.groups) + " groups of pairs" +
                (step.block > 1 ? " of " + std::to_string(step.block) : "");
    break;
  }
  default:
    break;
  }
  return shape;
}

} // namespace

std::string sinter::inferRecipe(Recipe &recipe) {
  for (const StoredTensor &tensor : recipe.sources) {
    if (!isRealType(tensor.type))
      return "holds " + std::string(nameOf(tensor.type)) +
             ", which is not a type of weights";
    if (tensor.count == 0)
      return "has no values";
  }
  std::vector<int64_t> shape;
  for (size_t at = 0; at < recipe.sources.size(); ++at)
    if (std::string apart = joinShape(recipe, at, shape); !apart.empty())
      return apart;
  std::string problem;
  for (const Step &step : recipe.steps) {
    shape = shapeAfter(step, std::move(shape), recipe, problem);
    if (!problem.empty())
      return "does not fit: " + problem;
  }
  if (shape != recipe.shape)
    return std::string(recipe.steps.empty() && recipe.join == Recipe::Join::None
                           ? "is "
                           : "becomes ") +
           printShape(shape) + ", but must be " + printShape(recipe.shape);
  recipe.type = workingType(recipe);
  return "";
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

namespace {

using Bytes = std::vector<std::byte>;

llvm::Error toError(const Failure &failure) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 failure.message());
}

/// 4-bit floats as a type that has each of their values.
llvm::Expected<Bytes> loadMxfp4(const StoredTensor &tensor,
                                const Recipe &recipe) {
  Bytes blocks(recipe.apart ? 0 : tensor.bytes);
  if (recipe.apart) {
    auto joined = joinMxfp4(recipe.apart->first, recipe.apart->second);
    if (!joined)
      return toError(joined.failure());
    blocks = std::move(*joined);
  } else if (Failure failure = tensor.read(0, blocks)) {
    return toError(failure);
  }
  if (recipe.type == ElementType::Q8_0)
    return mxfp4ToQ8_0(blocks);
  std::vector<float> values(tensor.count);
  Bytes bytes(tensor.count * infoOf(recipe.type).blockBytes);
  if (!dequantize(ElementType::MXFP4, blocks, values) ||
      !quantize(recipe.type, values, bytes))
    return toError(
        Failure("no values for " + describe(tensor.type, tensor.shape)));
  return bytes;
}

/// A tensor with what an adapter adds, rounded to its own type as the adapter's
/// library does.
llvm::Expected<Bytes> loadChanged(const StoredTensor &tensor,
                                  const LowRank &change, ElementType type) {
  Result<std::vector<float>> values = tensor.readAsF32();
  if (!values)
    return toError(values.failure());
  if (Failure failure = change.addTo(*values))
    return toError(failure);
  Bytes bytes(values->size() * infoOf(type).blockBytes);
  if (!quantize(type, *values, bytes))
    return toError(Failure("no values for " + describe(type, tensor.shape)));
  return bytes;
}

/// A tensor's bytes, as stored or as f32.
llvm::Expected<Bytes> load(const Recipe &recipe, size_t source) {
  const StoredTensor &tensor = recipe.sources[source];
  ElementType type = recipe.type;
  for (const auto &[changed, change] : recipe.added)
    if (changed == source)
      return loadChanged(tensor, change, type);
  if (tensor.type == ElementType::MXFP4)
    return loadMxfp4(tensor, recipe);
  Bytes bytes;
  if (tensor.type == type) {
    bytes.resize(tensor.bytes);
    if (Failure failure = tensor.read(0, bytes))
      return toError(failure);
    return bytes;
  }
  Result<std::vector<float>> values = tensor.readAsF32();
  if (!values)
    return toError(values.failure());
  bytes.resize(values->size() * sizeof(float));
  std::memcpy(bytes.data(), values->data(), bytes.size());
  return bytes;
}

/// The row of a group that row `at` of the result comes from.
int64_t sourceRow(int64_t at, int64_t dims, bool toHalves) {
  if (at >= dims)
    return at;
  int64_t half = dims / 2;
  return toHalves ? at % half * 2 + at / half : at % 2 * half + at / 2;
}

/// For steps that move rows: the row of the result's matrix comes from where.
std::vector<int64_t> sourceRows(const Step &step, int64_t rows) {
  std::vector<int64_t> from;
  if (step.kind == Step::Kind::Rows || step.kind == Step::Kind::Columns) {
    for (int64_t row = 0; row < step.sizes[0]; ++row)
      from.push_back(step.take + row);
    return from;
  }
  if (step.kind == Step::Kind::Repeat) {
    for (int64_t row = 0; row < rows * step.groups; ++row)
      from.push_back(row / step.groups);
    return from;
  }
  int64_t group = rows / step.groups;
  for (int64_t g = 0; g < step.groups; ++g) {
    if (step.kind == Step::Kind::Split) {
      int64_t begin = std::accumulate(
          step.sizes.begin(), step.sizes.begin() + step.take, g * group);
      for (int64_t row = 0; row < step.sizes[step.take]; ++row)
        from.push_back(begin + row);
    } else {
      int64_t dims = (step.dims ? step.dims : group) / step.block;
      for (int64_t row = 0; row < group; ++row)
        from.push_back(g * group + row % step.block +
                       step.block *
                           sourceRow(row / step.block, dims, step.toHalves));
    }
  }
  return from;
}

Bytes moveRows(const Bytes &in, const Step &step, Matrices m,
               uint64_t rowBytes) {
  std::vector<int64_t> from = sourceRows(step, m.rows);
  Bytes out(m.batch * from.size() * rowBytes);
  std::byte *to = out.data();
  for (int64_t b = 0; b < m.batch; ++b)
    for (int64_t row : from) {
      std::memcpy(to, in.data() + (b * m.rows + row) * rowBytes, rowBytes);
      to += rowBytes;
    }
  return out;
}

/// Some columns of all rows.
Bytes cutColumns(std::span<const std::byte> in, const Step &step, Matrices m,
                 const ElementTypeInfo &info) {
  auto bytesOf = [&](int64_t columns) {
    return uint64_t(columns) / info.blockSize * info.blockBytes;
  };
  uint64_t width = bytesOf(step.sizes[0]);
  Bytes out(m.batch * m.rows * width);
  for (int64_t row = 0; row < m.batch * m.rows; ++row)
    std::memcpy(out.data() + row * width,
                in.data() + row * bytesOf(m.columns) + bytesOf(step.take),
                width);
  return out;
}

Bytes transpose(const Bytes &in, Matrices m, uint64_t size) {
  Bytes out(in.size());
  for (int64_t b = 0; b < m.batch; ++b)
    for (int64_t r = 0; r < m.rows; ++r)
      for (int64_t c = 0; c < m.columns; ++c)
        std::memcpy(out.data() + ((b * m.columns + c) * m.rows + r) * size,
                    in.data() + ((b * m.rows + r) * m.columns + c) * size,
                    size);
  return out;
}

/// Rows divided by their length, which is summed in f64. Zero rows stay.
void normalizeRows(float *values, Matrices m) {
  for (int64_t row = 0; row < m.batch * m.rows; ++row, values += m.columns) {
    double sum = 0;
    for (int64_t c = 0; c < m.columns; ++c)
      sum += double(values[c]) * double(values[c]);
    double length = std::sqrt(sum);
    for (int64_t c = 0; length > 0 && c < m.columns; ++c)
      values[c] = float(double(values[c]) / length);
  }
}

double functionOf(Step::Function function, double x) {
  switch (function) {
  case Step::Function::Softplus:
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  case Step::Function::Exp:
    return std::exp(x);
  case Step::Function::Sigmoid:
    return 1 / (1 + std::exp(-x));
  case Step::Function::Tanh:
    return std::tanh(x);
  case Step::Function::Reciprocal:
    return 1 / x;
  }
  return x;
}

bool areFinite(const Bytes &bytes) {
  const auto *values = reinterpret_cast<const float *>(bytes.data());
  return std::all_of(values, values + bytes.size() / sizeof(float),
                     [](float x) { return std::isfinite(x); });
}

Bytes apply(const Step &step, Bytes bytes, const Recipe &recipe,
            const std::vector<int64_t> &shape) {
  Matrices m = Matrices::of(shape, recipe.isVector);
  const ElementTypeInfo &info = infoOf(recipe.type);
  auto *values = reinterpret_cast<float *>(bytes.data());
  switch (step.kind) {
  case Step::Kind::Reshape:
  case Step::Kind::Unstack:
  case Step::Kind::Flatten:
    return bytes;
  case Step::Kind::Transpose:
    return recipe.isVector ? bytes : transpose(bytes, m, info.blockBytes);
  case Step::Kind::Columns:
    if (recipe.isVector)
      return moveRows(bytes, step, m, info.blockBytes);
    return cutColumns(bytes, step, m, info);
  case Step::Kind::Normalize:
    normalizeRows(values, m);
    return bytes;
  case Step::Kind::Apply:
    for (size_t at = 0; at < bytes.size() / sizeof(float); ++at)
      values[at] = float(functionOf(step.function, double(values[at])));
    return bytes;
  case Step::Kind::Affine:
    for (size_t at = 0; at < bytes.size() / sizeof(float); ++at)
      values[at] = float(double(values[at]) * step.factor + step.offset);
    return bytes;
  default:
    return moveRows(bytes, step, m,
                    m.columns / info.blockSize * info.blockBytes);
  }
}

uint64_t splitMix(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

WeightData random(const Recipe &recipe) {
  uint64_t state = *recipe.seed;
  size_t count = size_t(countOfShape(recipe.shape));
  Bytes bytes(count * sizeof(float));
  auto *values = reinterpret_cast<float *>(bytes.data());
  for (size_t at = 0; at < count; ++at) {
    float uniform =
        float(int32_t(splitMix(state) >> 40) - (1 << 23)) * 0x1p-23f; // [-1, 1)
    values[at] = recipe.mean + recipe.spread * uniform;
  }
  return WeightData::owned(ElementType::F32, recipe.shape, std::move(bytes));
}

} // namespace

llvm::Expected<WeightData> sinter::cook(const Recipe &recipe) {
  // More than any machine holds: a mistake in the configuration.
  if ((recipe.seed || recipe.fill) &&
      countOf(recipe.shape).value_or(~0ull) > 1ull << 36)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "a weight " + printShape(recipe.shape) +
                                       " is too large to be made up");
  if (recipe.seed)
    return random(recipe);
  if (recipe.fill) {
    Bytes bytes(countOfShape(recipe.shape) * sizeof(float));
    std::fill_n(reinterpret_cast<float *>(bytes.data()),
                bytes.size() / sizeof(float), float(*recipe.fill));
    return WeightData::owned(ElementType::F32, recipe.shape, std::move(bytes));
  }
  if (!recipe.values.empty()) {
    Bytes bytes(recipe.values.size() * sizeof(float));
    std::memcpy(bytes.data(), recipe.values.data(), bytes.size());
    return WeightData::owned(ElementType::F32, recipe.shape, std::move(bytes));
  }
  if (recipe.sources.empty())
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "there are no weights, only a "
                                   "configuration");
  const StoredTensor &first = recipe.sources[0];
  if (recipe.sources.size() == 1 && recipe.steps.empty() &&
      first.type == recipe.type && recipe.added.empty())
    return WeightData::mapped(recipe.type, recipe.shape, first.file,
                              first.data());
  Bytes bytes;
  std::vector<int64_t> shape = first.shape;
  llvm::ArrayRef<Step> steps = recipe.steps;
  for (size_t at = 0; at < recipe.sources.size(); ++at) {
    std::vector<int64_t> before = shape;
    joinShape(recipe, at, shape); // a stack of one is one dimension more
    // A part of a table for all layers, which may be many times as large.
    if (recipe.sources.size() == 1 && !steps.empty() && recipe.added.empty() &&
        first.type == recipe.type && steps[0].kind == Step::Kind::Columns &&
        !recipe.isVector) {
      std::string problem;
      bytes = cutColumns(first.data(), steps[0], Matrices::of(shape, false),
                         infoOf(first.type));
      shape = shapeAfter(steps[0], std::move(shape), recipe, problem);
      steps = steps.drop_front();
      break;
    }
    llvm::Expected<Bytes> part = load(recipe, at);
    if (!part)
      return part.takeError();
    bytes = joinBytes(recipe, at, before, std::move(bytes), *part);
  }
  std::string problem;
  for (const Step &step : steps) {
    bytes = apply(step, std::move(bytes), recipe, shape);
    shape = shapeAfter(step, std::move(shape), recipe, problem);
    if (step.kind == Step::Kind::Apply && !areFinite(bytes))
      return llvm::createStringError(
          llvm::inconvertibleErrorCode(),
          first.file->path() + ": error: tensor \"" + first.name +
              "\" has values of which the function in the rule of \"" +
              recipe.rule + "\" is no finite number");
  }
  return WeightData::owned(recipe.type, recipe.shape, std::move(bytes));
}
