//===- InterpretModel.cpp - A model in the reference interpreter ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/InterpretModel.h"
#include "formats/Quantize.h"
#include "tools/sinter/Driver.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
#include <cstring>

namespace sinter {

using llvm::Error;
using reference::Array;
using reference::Ints;
using reference::Value;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

TokenMatrix TokenMatrix::columns(int64_t begin, int64_t count) const {
  TokenMatrix part{batch, count, {}};
  for (int64_t b = 0; b < batch; ++b)
    part.ids.insert(part.ids.end(), ids.begin() + b * tokens + begin,
                    ids.begin() + b * tokens + begin + count);
  return part;
}

llvm::Expected<TokenMatrix> readTokenMatrix(const Safetensors &file,
                                            const std::string &path) {
  const StoredTensor *tensor = file.find("input_ids");
  if (!tensor)
    return failure(path + ": input_ids is missing");
  bool wide = tensor->type == ElementType::I64;
  if ((!wide && tensor->type != ElementType::I32) || tensor->shape.empty() ||
      tensor->shape.size() > 2 || tensor->count == 0)
    return failure(path +
                   ": input_ids must be int32 or int64 of shape "
                   "(batch, tokens), found " +
                   describe(tensor->type, tensor->shape));
  std::vector<std::byte> bytes(tensor->bytes);
  if (Failure wrong = tensor->read(0, bytes))
    return failure(wrong.message());
  TokenMatrix tokens;
  tokens.tokens = tensor->shape.back();
  tokens.batch = int64_t(tensor->count) / tokens.tokens;
  for (size_t i = 0; i < tensor->count; ++i) {
    int64_t value = 0;
    int32_t narrow = 0;
    memcpy(&value, bytes.data() + i * 8 * wide, wide ? 8 : 0);
    memcpy(&narrow, bytes.data() + i * 4 * !wide, wide ? 0 : 4);
    tokens.ids.push_back(wide ? value : narrow);
  }
  return tokens;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The numbers of a stored weight. q4_1 adds a minimum to a product, which f32
/// would round.
static llvm::Expected<Value> numbersOf(const WeightData &data) {
  size_t count = Array<float>::count(data.shape);
  std::vector<float> values(count);
  if (data.type != ElementType::Q4_1) {
    if (!dequantize(data.type, data.bytes(), values))
      return failure("weights of type " + std::string(nameOf(data.type)) +
                     " cannot be read");
    return reference::makeValue(Array<float>(data.shape, std::move(values)));
  }
  std::vector<double> exact(count);
  constexpr size_t blockValues = 32, blockBytes = 20;
  for (size_t block = 0; block < count / blockValues; ++block) {
    auto bytes = data.bytes().subspan(block * blockBytes, blockBytes);
    // The two halves as f32, read through the format's own reader.
    float scales[2];
    if (!dequantize(ElementType::F16, bytes.first(4), scales))
      return failure("weights of type q4_1 cannot be read");
    for (size_t i = 0; i < 16; ++i) {
      auto pair = unsigned(bytes[4 + i]);
      exact[block * 32 + i] = double(scales[0]) * (pair & 15) + scales[1];
      exact[block * 32 + 16 + i] = double(scales[0]) * (pair >> 4) + scales[1];
    }
  }
  return reference::makeValue(Array<double>(data.shape, std::move(exact)));
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

llvm::Expected<InterpretedModel> InterpretedModel::create(
    mlir::ModuleOp module, std::shared_ptr<const WeightSource> weights,
    reference::Precision precision, int64_t batch, int64_t context) {
  auto forward = module.lookupSymbol<mlir::func::FuncOp>("forward");
  if (!forward)
    return failure("the module has no function @forward");
  reference::WeightProvider provider =
      [weights](llvm::StringRef symbol,
                int64_t layer) -> llvm::Expected<Value> {
    if (!weights)
      return failure("the model's weights are not given");
    llvm::Expected<WeightData> data =
        weights->read(symbol, std::max<int64_t>(layer, 0));
    if (!data)
      return data.takeError();
    return numbersOf(*data);
  };
  InterpretedModel model(
      reference::Interpreter(module, precision, std::move(provider)), forward,
      batch);
  for (mlir::Type type : forward.getArgumentTypes())
    if (auto cache = mlir::dyn_cast<CacheType>(type))
      model.caches.push_back(
          reference::Interpreter::makeCache(cache, batch, context));
  return model;
}

/// The numbers of a tensor of floats in either precision.
static std::vector<double> doublesOf(const Value &value) {
  if (auto *wide = std::get_if<std::shared_ptr<Array<double>>>(&value))
    return (*wide)->data;
  if (auto *narrow = std::get_if<std::shared_ptr<Array<float>>>(&value))
    return {(*narrow)->data.begin(), (*narrow)->data.end()};
  return {};
}

llvm::Expected<std::vector<double>>
InterpretedModel::feed(const TokenMatrix &tokens, int64_t last) {
  llvm::SmallVector<Value> arguments;
  size_t cache = 0;
  for (auto [i, type] : llvm::enumerate(forward.getArgumentTypes())) {
    auto name = forward.getArgAttrOfType<mlir::StringAttr>(i, "sinter.name");
    llvm::StringRef label = name ? name.getValue() : "";
    if (mlir::isa<CacheType>(type))
      arguments.push_back(std::move(caches[cache++]));
    else if (label == "input_ids")
      arguments.push_back(reference::makeValue(
          Ints({tokens.batch, tokens.tokens}, tokens.ids)));
    else if (label == "past")
      arguments.push_back(reference::makeValue(
          Ints({batch}, std::vector<int64_t>(size_t(batch), past))));
    else if (label == "last")
      arguments.push_back(last);
    else
      return failure("@forward has an input '" + label +
                     "' that this command cannot give");
  }
  auto results = interpreter.call("forward", arguments);
  if (!results)
    return results.takeError();
  past += tokens.tokens;
  std::vector<double> logits;
  cache = 0;
  for (auto [i, type] : llvm::enumerate(forward.getResultTypes())) {
    if (mlir::isa<CacheType>(type))
      caches[cache++] = std::move((*results)[i]);
    else if (logits.empty())
      logits = doublesOf((*results)[i]);
  }
  return logits;
}

/// Copies rows [.., from, V) of (B, count, V) to (B, length, V) at `position`.
static void place(const std::vector<double> &rows, int64_t batch, int64_t count,
                  std::vector<double> &all, int64_t length, int64_t position) {
  int64_t vocab = int64_t(rows.size()) / (batch * count);
  all.resize(size_t(batch * length * vocab));
  for (int64_t b = 0; b < batch; ++b)
    std::copy_n(rows.begin() + b * count * vocab, count * vocab,
                all.begin() + (b * length + position) * vocab);
}

llvm::Expected<InterpretedOutputs> interpretAll(InterpretedModel &model,
                                                const TokenMatrix &tokens,
                                                std::span<const int64_t> cuts,
                                                int64_t count) {
  InterpretedOutputs out;
  std::vector<double> rows;
  int64_t fed = 0;
  for (int64_t begin = 0, piece = 0; begin < tokens.tokens; begin += fed) {
    fed = tokens.tokens - begin;
    if (!cuts.empty())
      fed = std::min(fed, cuts[size_t(piece++) % cuts.size()]);
    auto logits = model.feed(tokens.columns(begin, fed), fed);
    if (!logits)
      return logits.takeError();
    rows = std::move(*logits);
    place(rows, tokens.batch, fed, out.logits, tokens.tokens, begin);
  }
  out.vocab = int64_t(out.logits.size()) / (tokens.batch * tokens.tokens);
  out.generated.resize(size_t(tokens.batch * count));
  for (int64_t i = 0; i < count; ++i, fed = 1) {
    TokenMatrix next{tokens.batch, 1, {}};
    std::vector<double> lastRows;
    for (int64_t b = 0; b < tokens.batch; ++b) {
      auto row = rows.begin() + ((b + 1) * fed - 1) * out.vocab;
      lastRows.insert(lastRows.end(), row, row + out.vocab);
      next.ids.push_back(std::max_element(row, row + out.vocab) - row);
      out.generated[size_t(b * count + i)] = next.ids.back();
    }
    place(lastRows, tokens.batch, 1, out.generatedLogits, count, i);
    if (i + 1 == count)
      break;
    auto logits = model.feed(next, 1);
    if (!logits)
      return logits.takeError();
    rows = std::move(*logits);
  }
  return out;
}

} // namespace sinter
