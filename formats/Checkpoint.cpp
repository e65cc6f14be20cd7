//===- Checkpoint.cpp - A model's files, whatever their format ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Checkpoint.h"

#include "formats/Json.h"
#include "formats/ModuleList.h"
#include "formats/Text.h"

#include <sys/stat.h>

namespace sinter {

namespace {

using nlohmann::json;

/// Of a file beside the configuration; vocabularies take some 10 MB.
constexpr uint64_t maxSideFile = 256ull << 20;
/// Longer arrays of GGUF metadata are not copied into the tree.
constexpr uint64_t maxTreeArray = 4096;

enum class PathKind { Missing, Folder, File };

PathKind kindOf(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0)
    return PathKind::Missing;
  return S_ISDIR(status.st_mode) ? PathKind::Folder : PathKind::File;
}

std::string join(const std::string &folder, std::string_view name) {
  bool needsSlash = !folder.empty() && folder.back() != '/';
  return folder + (needsSlash ? "/" : "") + std::string(name);
}

/// By content, as file names may say anything.
Result<bool> isGguf(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.failure();
  char magic[4] = {};
  if ((*file)->size() >= sizeof(magic))
    if (Failure failure = (*file)->read(0, magic, sizeof(magic)))
      return failure;
  return std::string_view(magic, sizeof(magic)) == "GGUF";
}

/// The elements of an array that is copied into the tree.
Result<json> arrayAsJson(const GgufFile &gguf, const GgufArray &array) {
  auto convert = [](auto elements) -> Result<json> {
    if (!elements)
      return elements.failure();
    return json(std::move(*elements));
  };
  switch (array.elementType) {
  case GgufType::String: {
    auto strings = gguf.readStrings(array);
    if (strings)
      for (std::string &text : *strings)
        text = replaceBadUtf8(text);
    return convert(std::move(strings));
  }
  case GgufType::F32:
  case GgufType::F64:
    return convert(gguf.readFloats(array));
  case GgufType::Bool:
    return convert(gguf.readBools(array));
  default:
    return convert(gguf.readInts(array));
  }
}

/// Adds an entry to the tree, as Checkpoint::config() describes.
Failure addToTree(const GgufFile &gguf, const GgufEntry &entry, json &tree) {
  if (auto *text = std::get_if<std::string>(&entry.value)) {
    tree[entry.key] = replaceBadUtf8(*text);
    return Failure::none();
  }
  auto *array = std::get_if<GgufArray>(&entry.value);
  if (!array) {
    std::visit(
        [&](const auto &value) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(value)>,
                                        GgufArray>)
            tree[entry.key] = value;
        },
        entry.value);
    return Failure::none();
  }
  tree[entry.key + ".length"] = array->count;
  if (array->count > maxTreeArray || array->elementType == GgufType::Array)
    return Failure::none();
  Result<json> elements = arrayAsJson(gguf, *array);
  if (!elements)
    return elements.failure();
  tree[entry.key] = std::move(*elements);
  return Failure::none();
}

/// Where in a folder the transformer is: in one of its folders if its
/// modules.json says so.
Result<std::string> transformerFolder(const std::string &folder) {
  Result<std::vector<Module>> modules = readModules(folder);
  if (!modules)
    return modules.failure();
  for (const Module &module : *modules)
    if (module.kind() == "Transformer" && !module.path.empty())
      return join(folder, module.path);
  return folder;
}

} // namespace

std::string_view nameOf(CheckpointKind kind) {
  return kind == CheckpointKind::Gguf ? "gguf" : "hf";
}

Result<Checkpoint> Checkpoint::open(const std::string &path) {
  if (kindOf(path) == PathKind::File) {
    Result<bool> gguf = isGguf(path);
    if (!gguf)
      return gguf.failure();
    if (!*gguf)
      return Failure(path + ": error: expected a folder with config.json and "
                            "*.safetensors, or a GGUF file");
  }
  return openParts(path, path);
}

Result<Checkpoint> Checkpoint::openConfig(const std::string &configPath) {
  Checkpoint checkpoint;
  if (Failure failure = checkpoint.loadConfig(configPath))
    return failure;
  return checkpoint;
}

Result<Checkpoint> Checkpoint::openParts(const std::string &configPath,
                                         const std::string &weightsPath) {
  Result<Checkpoint> checkpoint = openConfig(configPath);
  if (!checkpoint)
    return checkpoint;
  Result<std::string> folder = weightsPath;
  if (kindOf(weightsPath) == PathKind::Folder)
    folder = transformerFolder(weightsPath);
  if (!folder)
    return folder.failure();
  if (Failure failure = checkpoint->loadWeights(*folder))
    return failure;
  return checkpoint;
}

Failure Checkpoint::loadConfig(const std::string &path) {
  std::string file = path;
  if (kindOf(path) == PathKind::Folder) {
    Result<std::string> inner = transformerFolder(path);
    if (!inner)
      return inner.failure();
    outer = path;
    file = join(*inner, "config.json");
    if (kindOf(file) == PathKind::Missing)
      return Failure(*inner + ": error: expected config.json in this folder");
  }
  Result<bool> gguf = isGguf(file);
  if (!gguf)
    return gguf.failure();
  configPath = configPlace = file;
  if (*gguf)
    return loadGgufConfig(file);
  size_t slash = file.rfind('/');
  folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  if (outer.empty())
    outer = folder;
  JsonLimits limits;
  limits.nonFinite = true; // Python writes and reads these files
  Result<json> tree = readJson(file, limits);
  if (!tree)
    return tree.failure();
  if (!tree->is_object())
    return Failure(file + ": error: expected a JSON object, found " +
                   tree->type_name());
  configTree = std::move(*tree);
  return Failure::none();
}

Failure Checkpoint::loadGgufConfig(const std::string &path) {
  Result<GgufFile> gguf = GgufFile::open(path);
  if (!gguf)
    return gguf.failure();
  kindOfConfig = CheckpointKind::Gguf;
  ggufFile = std::make_shared<const GgufFile>(std::move(*gguf));
  // The other parts would have the other tensors.
  Result<int64_t> parts = ggufFile->getInt("split.count");
  if (parts && *parts > 1)
    return Failure(path + ": error: expected a whole model, found one of " +
                   std::to_string(*parts) + " parts; merge them first");
  // Names of keys begin with it.
  constexpr std::string_view architecture = "general.architecture";
  if (ggufFile->find(architecture))
    if (auto name = ggufFile->getString(architecture); !name)
      return name.failure();
  configTree = json::object();
  for (const GgufEntry &entry : ggufFile->entries())
    if (Failure failure = addToTree(*ggufFile, entry, configTree))
      return failure;
  return Failure::none();
}

Failure Checkpoint::loadWeights(const std::string &path) {
  weightsPresent = true;
  if (ggufFile && path == configPath) {
    kindOfWeights = CheckpointKind::Gguf;
    takeTensors(ggufFile->tensors());
    return Failure::none();
  }
  if (kindOf(path) == PathKind::Folder)
    return loadFolderWeights(path);
  Result<bool> isGgufFile = isGguf(path);
  if (!isGgufFile)
    return isGgufFile.failure();
  if (*isGgufFile) {
    Result<GgufFile> gguf = GgufFile::open(path);
    if (!gguf)
      return gguf.failure();
    kindOfWeights = CheckpointKind::Gguf;
    takeTensors(gguf->tensors());
    return Failure::none();
  }
  Result<Safetensors> weights = path.ends_with(".json")
                                    ? readShardedSafetensors(path)
                                    : readSafetensors(path);
  if (!weights)
    return weights.failure();
  takeTensors(std::move(weights->tensors));
  return Failure::none();
}

Failure Checkpoint::loadFolderWeights(const std::string &path) {
  for (const char *name : {"model.safetensors", "model.safetensors.index.json"})
    if (std::string file = join(path, name); kindOf(file) != PathKind::Missing)
      return loadWeights(file);
  std::string found;
  for (const char *name : {"pytorch_model.bin", "pytorch_model.bin.index.json"})
    if (kindOf(join(path, name)) != PathKind::Missing)
      found = "; convert " + std::string(name) + " to safetensors first";
  return Failure(path +
                 ": error: expected model.safetensors or "
                 "model.safetensors.index.json in this folder" +
                 found);
}

void Checkpoint::takeTensors(std::vector<StoredTensor> tensors) {
  tensorList = std::move(tensors);
  for (size_t i = 0; i < tensorList.size(); ++i)
    tensorByName.emplace(nameOf(tensorList[i]), i);
}

Checkpoint
Checkpoint::part(json config, std::string_view where,
                 std::vector<std::pair<std::string, std::string>> names) const {
  Checkpoint inner = *this;
  inner.configTree = std::move(config);
  inner.configPlace += " (" + std::string(where) + ")";
  if (where != ".")
    inner.configPrefix += std::string(where) + ".";
  inner.partNames = std::move(names);
  inner.tensorByName.clear();
  inner.takeTensors(std::move(inner.tensorList));
  return inner;
}

TextPlace Checkpoint::placeOf(std::string_view key) const {
  Result<std::string> text = kindOfConfig == CheckpointKind::HuggingFace
                                 ? readFile(configPath, JsonLimits().maxBytes)
                                 : Failure("");
  return text ? placeOfKey(*text, configPrefix + std::string(key))
              : TextPlace();
}

std::string Checkpoint::nameOf(const StoredTensor &tensor) const {
  for (const auto &[theirs, ours] : partNames)
    if (tensor.name.starts_with(theirs))
      return ours + tensor.name.substr(theirs.size());
  return tensor.name;
}

const StoredTensor *Checkpoint::find(std::string_view name) const {
  auto found = tensorByName.find(std::string(name));
  return found == tensorByName.end() ? nullptr : &tensorList[found->second];
}

Result<std::optional<std::string>>
Checkpoint::sideFile(std::string_view name) const {
  if (folder.empty())
    return std::optional<std::string>();
  std::string path = join(folder, name);
  if (kindOf(path) == PathKind::Missing)
    return std::optional<std::string>();
  Result<std::string> text = readFile(path, maxSideFile);
  if (!text)
    return text.failure();
  return std::optional<std::string>(std::move(*text));
}

} // namespace sinter
