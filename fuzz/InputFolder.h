//===- InputFolder.h - A fuzzer's input as a folder -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For readers that look for files beside each other.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FUZZ_INPUTFOLDER_H
#define SINTER_FUZZ_INPUTFOLDER_H

#include "formats/Json.h"
#include "formats/SafetensorsTypes.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace sinter {

/// Made once for a process and removed when it ends.
class InputFolder {
public:
  InputFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "sinter-fuzz-XXXXXX")
            .string();
    if (!mkdtemp(name.data()))
      abort();
    folder = name;
  }
  InputFolder(const InputFolder &) = delete;
  InputFolder &operator=(const InputFolder &) = delete;
  ~InputFolder() { std::filesystem::remove_all(folder); }

  const std::string &path() const { return folder; }

  /// Replaces a file.
  std::string write(const std::string &name, std::string_view bytes) const {
    std::string path = folder + "/" + name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (!file.write(bytes.data(), std::streamsize(bytes.size())).flush())
      abort();
    return path;
  }

private:
  std::string folder;
};

/// The safetensors file of {"NAME": ["F32", ROWS, COLUMNS]...}, with numbers
/// that repeat; "" where that says nothing of the kind. Inputs so keep to the
/// format, which has a fuzzer of its own, however they are changed.
inline std::string safetensorsOf(std::string_view description) {
  constexpr uint64_t mostBytes = 1 << 18;
  Result<nlohmann::json> tree = parseJson(description, "tensors");
  if (!tree || !tree->is_object())
    return "";
  nlohmann::json header = nlohmann::json::object();
  uint64_t end = 0;
  for (const auto &[name, tensor] : tree->items()) {
    if (!tensor.is_array() || tensor.empty() || !tensor[0].is_string())
      return "";
    std::vector<int64_t> shape;
    for (size_t i = 1; i < tensor.size(); ++i)
      shape.push_back(tensor[i].is_number_integer() ? tensor[i].get<int64_t>()
                                                    : 1);
    auto type = safetensorsTypeByName(tensor[0].get_ref<const std::string &>());
    auto count = countOf(shape);
    auto bytes = type && count ? bytesFor(*type, *count) : std::nullopt;
    if (!bytes || *bytes > mostBytes - end)
      return "";
    header[name] = {{"dtype", tensor[0]},
                    {"shape", shape},
                    {"data_offsets", {end, end + *bytes}}};
    end += *bytes;
  }
  std::string text = header.dump();
  uint64_t length = text.size();
  std::string file(reinterpret_cast<const char *>(&length), sizeof(length));
  file += text;
  for (uint64_t i = 0; i < end; ++i)
    file += char(i * 37 % 61);
  return file;
}

} // namespace sinter

#endif // SINTER_FUZZ_INPUTFOLDER_H
