//===- LinearTest.cpp - Linear kernels against plain sums -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-linear-test FEATURES        runs kernels of all types on this CPU
//   sinter-linear-test asm FEATURES TYPE INPUT TOKENS [MATRICES]
//                                      prints a kernel's assembly; TOKENS 0:
//                                      known when running only
//
//===----------------------------------------------------------------------===//

#include "test/codegen/amx/AmxEmulator.h"
#include "test/codegen/linear/Data.h"

#include <cmath>
#include <cstdio>
#include <cstring>

using namespace sinter;

namespace {

int failures = 0;

/// What a kernel reads and writes.
struct Operands {
  Activations input;
  std::vector<Bytes> stored, packed, outputs;
  std::vector<void *> args;
};

Operands operandsOf(const KernelShape &shape, const Target &target,
                    int64_t tokens) {
  Random random;
  random.state += shape.columns * 131 + tokens;
  Operands operands{randomActivations(random, shape, tokens), {}, {}, {}, {}};
  operands.args.push_back(operands.input.bytes.as<void>());
  for (size_t g = 0; g < shape.groups.size(); ++g)
    for (size_t i = 0; i < shape.groups[g].matrices.size(); ++i) {
      PackedMatrix matrix = shape.matrix(target, g, i);
      operands.stored.push_back(randomWeights(random, matrix));
      operands.packed.push_back(packed(matrix, operands.stored.back()));
      Bytes &used =
          shape.packed ? operands.packed.back() : operands.stored.back();
      operands.args.push_back(used.as<void>());
    }
  for (const KernelShape::Group &group : shape.groups) {
    operands.outputs.emplace_back(group.rows * tokens * 4);
    memset(operands.outputs.back().as<void>(), 0xff,
           operands.outputs.back().size);
    operands.args.push_back(operands.outputs.back().as<void>());
  }
  return operands;
}

void fail(const KernelShape &shape, const Target &target, int64_t tokens,
          const char *what, double got, double want) {
  ++failures;
  printf("FAILED %s: %s, input %d, K %ld, rows %ld, %ld tokens, tile %ld, %s: "
         "%g, expected %g\n",
         target.requiredFeatures().c_str(),
         std::string(nameOf(shape.groups[0].matrices[0])).c_str(),
         int(shape.input), long(shape.columns), long(shape.groups[0].rows),
         long(tokens), long(shape.tileTokens), what, got, want);
}

/// Compares each output with sums in f64, relative to the sum of magnitudes.
void compare(const KernelShape &shape, const Target &target, Operands &operands,
             int64_t tokens) {
  size_t next = 0;
  for (size_t g = 0; g < shape.groups.size(); ++g) {
    const KernelShape::Group &group = shape.groups[g];
    const float *out = operands.outputs[g].as<float>();
    for (int64_t row = 0; row < group.rows; ++row) {
      std::vector<std::vector<double>> weights;
      for (size_t i = 0; i < group.matrices.size(); ++i)
        weights.push_back(weightRow(shape.matrix(target, g, i),
                                    operands.stored[next + i], row));
      for (int64_t t = 0; t < tokens; ++t) {
        const double *x = &operands.input.values[t * shape.columns];
        double want = 1, size = 1;
        for (const std::vector<double> &w : weights) {
          double sum = 0, magnitude = 0;
          for (int64_t k = 0; k < shape.columns; ++k) {
            sum += x[k] * w[k];
            magnitude += std::fabs(x[k] * w[k]);
          }
          want *= sum;
          size *= magnitude;
        }
        double got = out[t * group.rows + row];
        if (!(std::fabs(got - want) <= 4e-6 * size + 1e-30))
          return fail(shape, target, tokens, "value", got, want);
      }
    }
    next += group.matrices.size();
  }
}

/// Runs a kernel with one and with three threads: the same bits.
void run(CompiledKernel &kernel, const KernelShape &shape, const Target &target,
         int64_t tokens) {
  Operands operands = operandsOf(shape, target, tokens);
  std::vector<std::vector<uint8_t>> first;
  for (int64_t threads : {1, 3}) {
    for (int64_t thread = 0; thread < threads; ++thread)
      kernel.function(operands.args.data(), tokens, thread, threads);
    for (size_t g = 0; g < operands.outputs.size(); ++g) {
      Bytes &out = operands.outputs[g];
      if (threads == 1)
        first.emplace_back(out.as<uint8_t>(), out.as<uint8_t>() + out.size);
      else if (memcmp(first[g].data(), out.as<uint8_t>(), out.size))
        fail(shape, target, tokens, "bits with 3 threads differ", 0, 0);
      memset(out.as<void>(), threads == 1 ? 0xff : out.as<uint8_t>()[0],
             threads == 1 ? out.size : 0);
    }
  }
  compare(shape, target, operands, tokens);
}

/// A kernel of a type, with all numbers of tokens that differ in code.
void runShape(KernelShape shape, const Target &target) {
  CompiledKernel any = compileKernel(shape, target);
  for (int64_t tokens : {1, 2, 3, 5, 7, 12, 13, 25, 40})
    run(any, shape, target, tokens);
  if (shape.tileTokens > 1)
    return;
  shape.tokens = 1;
  CompiledKernel one = compileKernel(shape, target);
  run(one, shape, target, 1);
}

bool usesMatrixUnit(const Target &target, ElementType type, InputKind input) {
  return isBlockType(type) ? target.matrixInt8 && isBlockInput(input)
                           : target.matrixBf16 && type == ElementType::BF16 &&
                                 input == InputKind::BF16;
}

void runType(ElementType type, const Target &target) {
  bool block = isBlockType(type);
  ElementType other = block ? ElementType::Q8_0 : type;
  std::vector<KernelShape::Group> groups = {
      {17, {type}}, {100, {other, type}}, {target.panelRows() * 9, {type}}};
  std::vector<KernelShape::Group> few = {{5, {type}}};
  std::vector<InputKind> inputs = {InputKind::F32, InputKind::BF16};
  if (block)
    inputs.insert(inputs.end(), {InputKind::A8, InputKind::A16});
  else
    inputs.push_back(InputKind::F16);
  for (InputKind input : inputs)
    for (int64_t columns : block ? std::vector<int64_t>{32, 160}
                                 : std::vector<int64_t>{1, 27, 66}) {
      if (usesMatrixUnit(target, type, input)) {
        KernelShape shape{groups, (columns + 31) / 32 * 32, input, 32};
        shape.forMatrixUnit = true;
        runShape(shape, target);
      }
      int64_t tile = input == InputKind::F16 ? 0 : target.tileTokens;
      runShape({groups, columns, input, tile}, target);
      runShape({groups, columns, input, 0}, target);
      runShape({few, columns, input, 0, /*packed=*/false}, target);
    }
}

//===----------------------------------------------------------------------===//
// Assembly
//===----------------------------------------------------------------------===//

int printAssembly(int argc, char **argv) {
  if (argc < 6)
    return 2;
  Result<Target> target = parseTarget(argv[2]);
  std::optional<ElementType> type = elementTypeByName(argv[3]);
  if (!target || !type)
    return 2;
  std::string input = argv[4];
  int64_t tokens = atoi(argv[5]);
  int matrices = argc > 6 ? atoi(argv[6]) : 1;
  KernelShape shape;
  shape.groups = {{1024, std::vector<ElementType>(matrices, *type)}};
  shape.columns = 1024;
  shape.input = input == "a8"     ? InputKind::A8
                : input == "a16"  ? InputKind::A16
                : input == "bf16" ? InputKind::BF16
                                  : InputKind::F32;
  shape.tileTokens = tokens == 1 ? 1 : target->tileTokens;
  shape.forMatrixUnit =
      tokens != 1 && usesMatrixUnit(*target, *type, shape.input);
  if (shape.forMatrixUnit)
    shape.tileTokens = 32;
  if (tokens)
    shape.tokens = tokens;
  fputs(kernelAssembly(shape, *target).c_str(), stdout);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "asm"))
    return printAssembly(argc, argv);
  Result<Target> target = parseTarget(argc > 1 ? argv[1] : "native");
  if (!target) {
    fprintf(stderr, "%s\n", target.message().c_str());
    return 2;
  }
  if (target->has("amx-tile"))
    enableAmx();
  for (ElementType type :
       {ElementType::F32, ElementType::BF16, ElementType::F16,
        ElementType::Q8_0, ElementType::Q4_0, ElementType::Q4_1})
    runType(type, *target);
  printf("%s\n", failures ? "FAILED" : "passed");
  return failures != 0;
}
