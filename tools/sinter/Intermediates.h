//===- Intermediates.h - What a model computes on its way -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Values between tokens and results, named by the layer and the part of the
// spec that makes them, as the interpreter or native code computes them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INTERMEDIATES_H
#define SINTER_TOOLS_SINTER_INTERMEDIATES_H

#include "dialect/Interpreter/Interpreter.h"
#include "runtime/core/Backend.h"

#include <map>

namespace sinter {

/// A tensor of floats that a step of a run made.
struct Intermediate {
  /// "layers.3.attention.q", "encoder.layers.0.ffn.down", "layers.3" (what the
  /// layer gives), "embed" (what the first layer reads), "norm", "head".
  std::string name;
  std::string place;          ///< of the part in the spec: "llama.yaml:80"
  std::string key;            ///< equal for the same value of another run
  size_t step = 0;            ///< of the run
  std::vector<int64_t> shape; ///< (batch, tokens, features...)
  std::vector<float> values;
};

/// What a run made, in the order of its making.
struct Recording {
  struct Step {
    std::string entry;
    int64_t tokens = 0; ///< of each sequence
    int64_t begin = 0;  ///< tokens of each sequence in the steps before
    int64_t batch = 0;
    int64_t last = 0; ///< tokens whose results are wanted
  };
  std::vector<Step> steps;
  std::vector<Intermediate> values;

  void beginStep(const EntryDescription &entry, const SinterCall &call);
};

/// The part of the spec that an op comes from, "attention.q", and its place,
/// "llama.yaml:80". Empty for ops that come from none.
std::string partOf(mlir::Operation *op);
std::string placeOf(mlir::Operation *op);

/// The part's name in a layer (-1: in none) whose form is a function:
/// "decoder.layers.3.attention.q" in @decoder.layer.
std::string nameIn(llvm::StringRef form, int64_t layer, llvm::StringRef part);

/// The op inside of a kernel that makes its result.
mlir::Operation *makerOf(mlir::OpResult result);

/// Records what the interpreter computes.
class Recorder {
public:
  /// Parts: what each part of the spec gives. Kernels: the f32 results of
  /// kernels that are numbered.
  enum class What { Parts, Kernels };

  explicit Recorder(What what) : what(what) {}
  void beginStep(const EntryDescription &entry, const SinterCall &call);
  void see(mlir::Operation *op, int64_t layer,
           llvm::ArrayRef<reference::Value> results);
  Recording take();

private:
  void add(std::string name, std::string key, mlir::Operation *op,
           const reference::Value &value);
  void seeKernel(mlir::Operation *op, int64_t layer,
                 llvm::ArrayRef<reference::Value> results);
  void seePart(mlir::Operation *op, int64_t layer,
               const reference::Value &value);

  What what;
  Recording recording;
  std::map<std::string, size_t> latest; ///< of the step, by key
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INTERMEDIATES_H
