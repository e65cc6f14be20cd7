//===- EmbeddingOutput.cpp - Where embeddings go --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/embed/EmbeddingOutput.h"
#include "runtime/core/Console.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace sinter {

static constexpr size_t kBufferBytes = 1 << 20;

Result<EmbeddingOutput>
EmbeddingOutput::create(const std::optional<std::string> &name, bool plain,
                        int64_t count, int64_t width) {
  if (!name)
    return EmbeddingOutput(plain ? Format::Plain : Format::Lines, std::nullopt);
  Format format = name->ends_with(".npy")     ? Format::Array
                  : name->ends_with(".jsonl") ? Format::Lines
                  : name->ends_with(".json")  ? Format::List
                                              : Format::Plain;
  if (format == Format::Plain)
    return Failure("--output: expected a name that ends with .npy, .jsonl or "
                   ".json, found '" +
                   *name + "'");
  Result<OutputFile> file = OutputFile::create(*name);
  if (!file)
    return file.failure();
  EmbeddingOutput output(format, std::move(*file));
  if (Failure failure = output.begin(count, width))
    return failure;
  return output;
}

/// NumPy's format 1.0: a Python dictionary, padded to a multiple of 64 bytes.
static std::string arrayHeader(int64_t count, int64_t width) {
  std::string header("\x93NUMPY\x01\x00\x00\x00", 10);
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
            std::to_string(count) + ", " + std::to_string(width) + "), }";
  header.resize((header.size() + 1 + 63) / 64 * 64 - 1, ' ');
  header += '\n';
  header[8] = char((header.size() - 10) & 0xff);
  header[9] = char((header.size() - 10) >> 8);
  return header;
}

Failure EmbeddingOutput::begin(int64_t count, int64_t width) {
  if (format == Format::Array)
    return put(arrayHeader(count, width));
  return format == Format::List ? put("[") : Failure::none();
}

Failure EmbeddingOutput::put(std::string_view bytes) {
  buffer += bytes;
  return buffer.size() < kBufferBytes ? Failure::none() : flush();
}

Failure EmbeddingOutput::flush() {
  if (file)
    if (Failure failure = file->write(offset, std::as_bytes(std::span(buffer))))
      return failure;
  if (!file && !writeText(buffer))
    return outputFailure();
  offset += buffer.size();
  buffer.clear();
  return Failure::none();
}

/// The shortest that reads as the same number; JSON has no infinities.
static void appendNumber(std::string &line, float value) {
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  line += std::isfinite(value) ? std::string_view(digits, end) : "null";
}

Failure EmbeddingOutput::write(std::span<const float> vector,
                               std::string_view id) {
  if (format == Format::Array)
    return put(
        {reinterpret_cast<const char *>(vector.data()), vector.size_bytes()});
  std::string line;
  if (format == Format::Plain) {
    for (float value : vector) {
      char number[32];
      snprintf(number, sizeof(number), "%.7g", double(value));
      line += (line.empty() ? "" : " ") + std::string(number);
    }
    return put(line + "\n");
  }
  if (format == Format::List)
    line = isFirst ? "\n" : ",\n";
  isFirst = false;
  line += "{";
  if (!id.empty())
    line.append("\"id\": ").append(id).append(", ");
  line += "\"embedding\": [";
  for (const float &value : vector) {
    line += &value == vector.data() ? "" : ", ";
    appendNumber(line, value);
  }
  line += "]}";
  return put(format == Format::List ? line : line + "\n");
}

Failure EmbeddingOutput::finish() {
  if (format == Format::List)
    buffer += "\n]\n";
  if (Failure failure = flush())
    return failure;
  return file ? file->finish() : Failure::none();
}

} // namespace sinter
