//===- Interpreter.h - Runs IR by the meaning of its ops ------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The reference that native code is checked against. It runs any module whose
// ops are sinter's, with calls and constants around them, at any stage before
// lowering: encodings and layouts have no influence on values.
//
// In f64 a value of type f32 is kept in f64, so that results are exact for
// practical purposes; bf16, f16 and quantized values are rounded as their types
// say in both precisions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_INTERPRETER_INTERPRETER_H
#define SINTER_DIALECT_INTERPRETER_INTERPRETER_H

#include "dialect/IR/Sinter.h"
#include "dialect/Interpreter/Value.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>

namespace sinter::reference {

enum class Precision { F64, F32 };

/// Gives the numbers of param `symbol`, of `layer` (-1 if it has no layers),
/// dequantized: a tensor of float, or of double where f32 is too narrow for
/// the exact values (q4_1). Called once for each.
using WeightProvider =
    std::function<llvm::Expected<Value>(llvm::StringRef symbol, int64_t layer)>;

/// Told of each op's results, in order, and the layer of the innermost stack
/// around it (-1 outside). A cache that is kept is copied by the next append.
using OpObserver = std::function<void(mlir::Operation *op, int64_t layer,
                                      llvm::ArrayRef<Value> results)>;

/// Runs an op that the interpreter does not know and that has no results.
using OpExtension = std::function<llvm::Error(mlir::Operation *op,
                                              llvm::ArrayRef<Value> operands)>;

class Interpreter {
public:
  Interpreter(mlir::ModuleOp module, Precision precision,
              WeightProvider weights);
  ~Interpreter();
  Interpreter(Interpreter &&) noexcept;

  void onOp(OpObserver observer);
  void extend(OpExtension extension);

  /// Calls a function. Arguments are checked against its type: tensors of
  /// floats may be float or double, caches have any batch and capacity.
  /// Results are double in f64, float in f32. Errors name the op's location.
  llvm::Expected<llvm::SmallVector<Value>>
  call(llvm::StringRef function, llvm::ArrayRef<Value> arguments);

  /// An empty cache of the type.
  static Value makeCache(CacheType type, int64_t batch, int64_t capacity);

  struct Implementation;

private:
  std::unique_ptr<Implementation> implementation;
};

} // namespace sinter::reference

#endif // SINTER_DIALECT_INTERPRETER_INTERPRETER_H
