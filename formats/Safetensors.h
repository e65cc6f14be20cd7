//===- Safetensors.h - Reading and writing safetensors ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A file is an 8-byte header length, a JSON header (name -> dtype, shape,
// data_offsets), and the data. We accept what the reference implementation
// accepts: data covers the file without holes or overlaps.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_SAFETENSORS_H
#define SINTER_FORMATS_SAFETENSORS_H

#include "formats/OutputFile.h"
#include "formats/StoredTensor.h"

#include <map>
#include <string>
#include <vector>

namespace sinter {

/// What one or several safetensors files hold.
struct Safetensors {
  std::vector<StoredTensor> tensors;           ///< in file order
  std::map<std::string, std::string> metadata; ///< "__metadata__"

  /// The tensor of that name, or null.
  const StoredTensor *find(std::string_view name) const;
};

/// Reads the header of a single file.
Result<Safetensors> readSafetensors(const std::string &path);

/// Reads "model.safetensors.index.json" and the headers of all its shards,
/// which lie beside it. Tensors come in the order of shard names, then offsets.
Result<Safetensors> readShardedSafetensors(const std::string &indexPath);

/// A tensor to be written.
struct TensorDeclaration {
  std::string name;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// Writes a file whose tensors are known beforehand and whose data comes in
/// pieces. Nothing is at `path` until finish() has succeeded.
class SafetensorsWriter {
public:
  /// Fails on duplicate names, on block types (the format has none), or when
  /// the file cannot be created.
  static Result<SafetensorsWriter>
  create(const std::string &path, std::vector<TensorDeclaration> tensors,
         const std::map<std::string, std::string> &metadata = {});

  /// Writes bytes of tensor number `tensor` of the declaration, from byte
  /// `begin` of it on. Each byte is written once, in any order.
  Failure write(size_t tensor, uint64_t begin,
                std::span<const std::byte> bytes);

  /// Fails, and leaves no file, when bytes are missing.
  Failure finish();

private:
  /// Where a declared tensor goes, and how much of it is still to come.
  struct Slot {
    std::string name;
    uint64_t offset = 0;
    uint64_t bytes = 0;
    uint64_t missing = 0;
  };

  SafetensorsWriter(OutputFile file, std::vector<Slot> slots)
      : output(std::move(file)), slots(std::move(slots)) {}

  OutputFile output;
  std::vector<Slot> slots;
};

} // namespace sinter

#endif // SINTER_FORMATS_SAFETENSORS_H
