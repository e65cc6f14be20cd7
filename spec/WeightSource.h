//===- WeightSource.h - The bytes of a model's weights ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// IR names weights by symbol; this is where their bytes come from, one tensor
// at a time, whether they lie in a checkpoint as they are, have to be split,
// permuted or converted first, or are random. The packer and the interpreter
// read them alike and know nothing of checkpoints.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_WEIGHTSOURCE_H
#define SINTER_SPEC_WEIGHTSOURCE_H

#include "formats/ElementType.h"
#include "formats/MappedFile.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sinter {

/// One weight tensor: row-major, in its stored type (blocks run along the last
/// dimension). The bytes are a part of a mapped file, or owned.
class WeightData {
public:
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;

  /// Bytes in a mapped file (see MappedFile.h for files that shrink).
  static WeightData mapped(ElementType type, std::vector<int64_t> shape,
                           std::shared_ptr<const MappedFile> file,
                           std::span<const std::byte> bytes);
  static WeightData owned(ElementType type, std::vector<int64_t> shape,
                          std::vector<std::byte> bytes);

  /// bytesFor(type, product of shape) bytes, valid as long as this object.
  std::span<const std::byte> bytes() const {
    return file ? view : std::span<const std::byte>(storage);
  }
  bool isMapped() const { return file != nullptr; }

private:
  std::shared_ptr<const MappedFile> file;
  std::span<const std::byte> view;
  std::vector<std::byte> storage;
};

/// Weights by the symbols of a module's `sinter.param`s.
class WeightSource {
public:
  virtual ~WeightSource();

  /// The weight of `symbol`; `layer` counts for params declared with `layers`
  /// and is ignored for others. Type and shape are those of the param.
  /// Thread-safe. Fails when there is no such weight or its file cannot be
  /// read.
  virtual llvm::Expected<WeightData> read(llvm::StringRef symbol,
                                          int64_t layer = 0) const = 0;

  /// Whether read() would find a weight: layers of another form have none.
  virtual bool has(llvm::StringRef symbol, int64_t layer = 0) const = 0;
};

} // namespace sinter

#endif // SINTER_SPEC_WEIGHTSOURCE_H
