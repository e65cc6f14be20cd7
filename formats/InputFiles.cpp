//===- InputFiles.cpp - What a command reads ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/InputFiles.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>

namespace sinter {

void InputFiles::add(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
    files.emplace(Identity(status.st_dev, status.st_ino), path);
}

void InputFiles::addModel(const std::string &path) {
  if (path.empty())
    return;
  add(path);
  Result<std::vector<std::string>> found = filesIn(path);
  if (!found)
    return; // whoever reads it says why
  for (const std::string &file : *found)
    if (isModelFile(file))
      add(file);
}

Failure InputFiles::check(const std::string &output) const {
  struct stat status;
  if (stat(output.c_str(), &status) != 0)
    return Failure::none();
  auto found = files.find(Identity(status.st_dev, status.st_ino));
  if (found == files.end())
    return Failure::none();
  return Failure(output + ": error: cannot write: it is what is read" +
                 (found->second == output ? "" : " as " + found->second) +
                 "; choose another name");
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

/// Adds the files in `folder`; of its folders too if `depth` is above 0.
static Failure list(const std::string &folder, int depth,
                    std::vector<std::string> &files) {
  std::unique_ptr<DIR, int (*)(DIR *)> stream(opendir(folder.c_str()),
                                              closedir);
  if (!stream)
    return Failure(folder + ": error: cannot open: " + strerror(errno) +
                   (errno == EMFILE ? " (see ulimit -n)" : ""));
  while (const dirent *entry = readdir(stream.get())) {
    std::string_view name = entry->d_name;
    if (name == "." || name == "..")
      continue;
    std::string path = folder + (folder.ends_with('/') ? "" : "/");
    path += name;
    struct stat status;
    if (stat(path.c_str(), &status) != 0)
      continue;
    if (S_ISREG(status.st_mode))
      files.push_back(path);
    else if (S_ISDIR(status.st_mode) && depth > 0)
        // One that cannot be opened has nothing that anybody reads.
        [[maybe_unused]]
      Failure closed = list(path, depth - 1, files);
  }
  return Failure::none();
}

Result<std::vector<std::string>> filesIn(const std::string &path) {
  std::vector<std::string> files;
  struct stat status;
  if (stat(path.c_str(), &status) != 0)
    return files;
  if (!S_ISDIR(status.st_mode)) {
    files.push_back(path);
    return files;
  }
  if (Failure failure = list(path, 1, files))
    return failure;
  std::sort(files.begin(), files.end());
  return files;
}

bool isModelFile(const std::string &path) {
  for (const char *ending : {".json", ".jinja", ".model", ".txt", ".tiktoken",
                             ".gguf", ".bin", ".yaml"})
    if (path.ends_with(ending))
      return true;
  // Others may be tensors that somebody computes with the model.
  std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.ends_with(".safetensors") &&
         (name.starts_with("model") || name.starts_with("adapter") ||
          name.find("-of-") != std::string_view::npos);
}

} // namespace sinter
