//===- ModuleFacts.h - What lowering knows of a module ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_MODULEFACTS_H
#define SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_MODULEFACTS_H

#include "codegen/cpu/KernelInterface.h"

#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

namespace sinter {

/// Gathered once, before any function is lowered.
struct ModuleFacts {
  explicit ModuleFacts(mlir::ModuleOp module);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  /// Caches by name, in the order in which they lie in memory.
  llvm::MapVector<mlir::StringAttr, CacheType> caches;

  bool isKeyCache(mlir::Value cache) const;
  /// Bytes of the caches before the named one, for the sizes in `e`.
  mlir::Value cacheOffset(Emitter &e, mlir::StringAttr name) const;
  mlir::Value totalCacheBytes(Emitter &e) const;
  mlir::func::FuncOp function(mlir::Attribute symbol) {
    auto name = mlir::cast<mlir::FlatSymbolRefAttr>(symbol).getValue();
    return symbols.lookup<mlir::func::FuncOp>(name);
  }
  /// The name of an entry's argument.
  static mlir::StringAttr nameOf(mlir::func::FuncOp function,
                                 unsigned argument);

  /// Tokens at whose multiples row kernels are cut: all tiles of activations.
  int64_t tokenTile = 1;

  /// Fails where entries mean different caches by one name, or where no tile of
  /// activations has room for what kernels are cut at.
  mlir::LogicalResult check();
  /// Finds which caches hold keys. Fails when one is read as keys and values.
  mlir::LogicalResult findKeyCaches();
  /// Gives params without offsets a place.
  void placeParams();

private:
  void joinStack(StackOp stack);

  llvm::EquivalenceClasses<mlir::Value> sameCache;
  llvm::DenseSet<mlir::Value> keyCaches; ///< leaders of sameCache
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_MODULEFACTS_H
