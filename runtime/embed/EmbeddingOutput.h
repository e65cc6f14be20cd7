//===- EmbeddingOutput.h - Where embeddings go ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_EMBED_EMBEDDINGOUTPUT_H
#define SINTER_RUNTIME_EMBED_EMBEDDINGOUTPUT_H

#include "formats/OutputFile.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sinter {

/// Takes embeddings one after another, in the order of their texts. A file
/// appears when it is complete.
class EmbeddingOutput {
public:
  /// For `count` vectors of `width` numbers. Names end with .npy, .jsonl or
  /// .json; without a name, lines go to standard output: of JSON, or of plain
  /// numbers.
  static Result<EmbeddingOutput> create(const std::optional<std::string> &name,
                                        bool plain, int64_t count,
                                        int64_t width);

  /// The next one; `id` is JSON, or empty.
  Failure write(std::span<const float> vector, std::string_view id);
  Failure finish();

private:
  enum class Format { Plain, Lines, List, Array };

  EmbeddingOutput(Format format, std::optional<OutputFile> file)
      : format(format), file(std::move(file)) {}
  Failure begin(int64_t count, int64_t width);
  Failure put(std::string_view bytes);
  Failure flush();

  Format format;
  std::optional<OutputFile> file; ///< none: standard output
  std::string buffer;
  uint64_t offset = 0; ///< in the file, of the buffer's begin
  bool isFirst = true;
};

} // namespace sinter

#endif // SINTER_RUNTIME_EMBED_EMBEDDINGOUTPUT_H
