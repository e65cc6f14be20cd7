//===- ModuleList.cpp - What makes an embedding of a text -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/ModuleList.h"

#include "formats/Json.h"
#include "formats/Text.h"

#include <unistd.h>

namespace sinter {

std::string Module::kind() const {
  return type.starts_with("sentence_transformers.")
             ? type.substr(type.rfind('.') + 1)
             : "";
}

/// Whether a path leads out of the folder that it is in.
static bool leavesFolder(const std::string &path) {
  return path.starts_with("/") || ("/" + path + "/").find("/../") != path.npos;
}

Result<std::vector<Module>> readModules(const std::string &folder) {
  std::vector<Module> modules;
  std::string file = folder + "/modules.json";
  if (access(file.c_str(), F_OK) != 0)
    return modules;
  Result<nlohmann::json> list = readJson(file);
  if (!list)
    return list.failure();
  Failure wrong(file + ": error: expected a list of objects with a \"type\" "
                       "and a \"path\" within this folder");
  if (!list->is_array() || list->empty())
    return wrong;
  for (const nlohmann::json &item : *list) {
    auto text = [&](const char *key) {
      auto found = item.is_object() ? item.find(key) : item.end();
      return found != item.end() && found->is_string()
                 ? std::optional(found->get<std::string>())
                 : std::nullopt;
    };
    auto type = text("type"), path = text("path");
    if (!type || !path || leavesFolder(*path))
      return wrong;
    modules.push_back({std::move(*type), std::move(*path)});
  }
  return modules;
}

} // namespace sinter
