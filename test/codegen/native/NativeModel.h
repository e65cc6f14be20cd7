//===- NativeModel.h - A module with random weights, compiled ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_NATIVE_NATIVEMODEL_H
#define SINTER_TEST_CODEGEN_NATIVE_NATIVEMODEL_H

#include "codegen/cpu/Object.h"
#include "dialect/IR/Sinter.h"
#include "dialect/Interpreter/Interpreter.h"
#include "test/codegen/linear/Data.h"

#include <map>
#include <string>
#include <vector>

namespace sinter {

/// Random bytes of the params of a module, row-major, by symbol and layer.
struct RandomParams {
  explicit RandomParams(mlir::ModuleOp module);
  /// Exact values of a param.
  std::vector<double> values(const std::string &symbol, int64_t layer) const;
  /// In f64, with these weights. Arguments must outlive it.
  reference::Interpreter interpreter(mlir::ModuleOp module) const;

  struct Param {
    PackedMatrix matrix; ///< a vector is a matrix of one column
    std::vector<Bytes> layers;
  };
  std::map<std::string, Param> params;
};

/// How a module is compiled.
struct NativeOptions {
  bool plain = false; ///< each op a kernel of its own, weights row-major
  bool floatActivations = true;
  std::string features = "native";

  /// From a command line: "plain", "quantized", or features.
  void read(const std::string &argument);
};

/// A model in native code with its weights in place.
class NativeModel {
public:
  /// Compiles the module (changing it). Exits on failure.
  NativeModel(mlir::ModuleOp module, const RandomParams &params,
              const NativeOptions &options);

  /// Runs one step by a team of `threads`.
  void run(const char *entry, SinterCall call, int64_t threads, bool one);
  const SinterModel &model() const { return compiled->model(); }
  const SinterEntry &entry(const std::string &name) const;
  const std::byte *weightBytes() { return weights->as<std::byte>(); }

private:
  std::unique_ptr<CompiledModel> compiled;
  std::unique_ptr<Bytes> weights;
};

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_NATIVE_NATIVEMODEL_H
