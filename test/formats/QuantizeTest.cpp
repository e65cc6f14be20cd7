//===- QuantizeTest.cpp - Bits equal to the reference's -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The expected bits were made by make_quantization.py.
//
//===----------------------------------------------------------------------===//

#include "formats/Quantize.h"
#include "FormatsTest.h"
#include "formats/Safetensors.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace sinter;

namespace {

std::vector<std::byte> bytesOf(const Safetensors &file,
                               const std::string &name) {
  const StoredTensor *tensor = file.find(name);
  if (!tensor) {
    checkFailed(__FILE__, __LINE__, "no tensor " + name);
    return {};
  }
  return {tensor->data().begin(), tensor->data().end()};
}

std::vector<float> floatsOf(const Safetensors &file, const std::string &name) {
  std::vector<std::byte> bytes = bytesOf(file, name);
  std::vector<float> values(bytes.size() / sizeof(float));
  memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

template <typename T>
void checkSameBits(const std::vector<T> &found, const std::vector<T> &expected,
                   const std::string &what) {
  CHECK(!expected.empty() && found.size() == expected.size());
  for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
    if (memcmp(&found[i], &expected[i], sizeof(T)) != 0) {
      checkFailed(__FILE__, __LINE__,
                  what + " differs at " + std::to_string(i));
      return;
    }
}

void checkDequantize(const Safetensors &file, const std::string &name) {
  ElementType type = *elementTypeByName(name);
  std::vector<float> expected = floatsOf(file, name + ".values");
  std::vector<float> found(expected.size());
  CHECK(dequantize(type, bytesOf(file, name + ".stored"), found));
  checkSameBits(found, expected, name + ".values");
}

void checkQuantize(const Safetensors &file, const std::string &name) {
  ElementType type = *elementTypeByName(name);
  std::vector<std::byte> expected = bytesOf(file, name + ".quantized");
  std::vector<std::byte> found(expected.size());
  CHECK(quantize(type, floatsOf(file, name + ".input"), found));
  checkSameBits(found, expected, name + ".quantized");
}

/// What sizes and values outside of the contract do: nothing bad.
void checkRefusals() {
  std::vector<std::byte> stored(34);
  std::vector<float> values(32);
  using enum ElementType;
  CHECK(dequantize(Q8_0, stored, values));
  CHECK(!dequantize(Q4_0, stored, values));
  CHECK(!dequantize(Q8_0, stored, std::span(values).first(31)));
  CHECK(!quantize(Q8_0, values, std::span(stored).first(33)));
  CHECK(!quantize(Q6_K, values, stored));
  for (float odd : {INFINITY, -INFINITY, NAN, std::numeric_limits<float>::max(),
                    std::numeric_limits<float>::denorm_min()})
    for (ElementType type : {Q8_0, Q4_0, Q4_1}) {
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = i % 3 ? odd : -odd;
      values[7] = 1;
      std::vector<std::byte> out(*bytesFor(type, 32));
      CHECK(quantize(type, values, out));
    }
}

void checkPlainTypes() {
  int8_t small[] = {-128, 0, 127};
  std::vector<float> values(3);
  CHECK(dequantize(ElementType::I8, std::as_bytes(std::span(small)), values));
  CHECK(values == std::vector<float>({-128, 0, 127}));
  int64_t large[] = {-1, 1ll << 40, 16777217};
  CHECK(dequantize(ElementType::I64, std::as_bytes(std::span(large)), values));
  CHECK(values == std::vector<float>({-1, 0x1p40f, 16777216}));
}

void checkTable() {
  CHECK(bytesFor(ElementType::Q4_1, 64) == 40);
  CHECK(!bytesFor(ElementType::Q4_1, 33));
  CHECK(!bytesFor(ElementType::F32, uint64_t(1) << 62));
  CHECK(!elementTypeByName("q9_9"));
  for (std::string_view name : {"f32", "bf16", "bool", "q4_0", "q6_k"})
    CHECK(nameOf(*elementTypeByName(name)) == name);
  int64_t wraps[] = {1ll << 32, 1ll << 32},
          hidden[] = {0, 1ll << 32, 1ll << 32};
  int64_t negative[] = {4, -1}, empty[] = {3, 0, 5};
  CHECK(!countOf(wraps));
  CHECK(!countOf(hidden));
  CHECK(!countOf(negative));
  CHECK(countOf(empty) == 0);
  CHECK(countOf({}) == 1);
}

} // namespace

void testQuantize(const std::string &path) {
  Result<Safetensors> file = readSafetensors(path);
  if (!file)
    return checkFailed(__FILE__, __LINE__, file.message());
  for (const char *name : {"q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q2_k",
                           "q3_k", "q4_k", "q5_k", "q6_k", "mxfp4"})
    checkDequantize(*file, name);
  for (const char *name : {"q8_0", "q4_0", "q4_1", "f16", "bf16"})
    checkQuantize(*file, name);
  checkRefusals();
  checkPlainTypes();
  checkTable();
}
