//===- ProgramCache.cpp - Programs compiled before ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ProgramCache.h"
#include "tools/sinter/Compiler.h"
#include "tools/sinter/ContentHash.h"

#include "formats/InputFiles.h"
#include "formats/MappedFile.h"
#include "runtime/core/ProgramFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/xxhash.h"

namespace sinter {

using llvm::Error;
using llvm::SmallString;
using llvm::StringRef;

namespace path = llvm::sys::path;
namespace fs = llvm::sys::fs;

namespace {

/// Text that says all that a program is made of.
class KeyText {
public:
  explicit KeyText(std::string memo) : memo(std::move(memo)) {}
  /// Adds the names and contents of a file, or of those in a folder that have
  /// one of these endings.
  Error add(StringRef role, const std::string &where,
            llvm::ArrayRef<StringRef> endings);
  std::string text;

private:
  std::string memo;
};

} // namespace

Error KeyText::add(StringRef role, const std::string &where,
                   llvm::ArrayRef<StringRef> endings) {
  if (where.empty())
    return Error::success();
  Result<std::vector<std::string>> files = filesIn(where);
  if (!files)
    return failure(files.message());
  for (const std::string &file : *files) {
    bool named = file == where || llvm::any_of(endings, [&](StringRef ending) {
                   return StringRef(file).ends_with(ending);
                 });
    if (!named)
      continue;
    llvm::Expected<uint64_t> hash = contentHash(file, memo);
    if (!hash)
      return hash.takeError();
    text += role.str() + " " + path::filename(file).str() + " " +
            llvm::utohexstr(*hash) + "\n";
  }
  return Error::success();
}

/// The model that IR was printed of, whose weights it takes; empty for others.
static std::string modelOfPrinted(const std::string &file) {
  if (!StringRef(file).ends_with(".mlir"))
    return "";
  Result<std::string> text = readFile(file, UINT64_MAX);
  if (!text)
    return "";
  StringRef rest = StringRef(*text).split("sinter.model = \"").second;
  return rest.split('"').first.str();
}

/// The folder of a file that was given; empty if none was.
static std::string folderOf(StringRef file) {
  StringRef folder = path::parent_path(file);
  return file.empty() ? "" : folder.empty() ? "." : folder.str();
}

/// The name of a program in the cache: the model's, and a hash of all that the
/// program is made of.
static llvm::Expected<std::string> keyOf(const Compiler &compiler,
                                         const Invocation &invocation,
                                         const std::string &folder) {
  const LoadOptions &load = compiler.loadOptions();
  KeyText key(folder + "/hashes");
  key.text = compiler.optionsKey();
  const StringRef ofModels[] = {".safetensors", ".json",     ".jinja", ".model",
                                ".txt",         ".tiktoken", ".gguf"};
  const StringRef ofSpecs[] = {".yaml"};
  const StringRef shards[] = {".safetensors"};
  struct Part {
    StringRef role;
    std::string where;
    llvm::ArrayRef<StringRef> endings = {};
  };
  std::vector<Part> parts = {
      {"sinter", invocation.sinter},
      {"runtime", invocation.installed("lib/sinter/runtime.o")},
      {"guard", invocation.installed("lib/sinter/guard.o")},
      {"model", load.model, ofModels},
      {"model", modelOfPrinted(load.model), ofModels},
      {"config", load.configPath, ofModels},
      // Tokenizers lie beside a configuration, shards beside their index,
      // specs beside those that they are like.
      {"beside", folderOf(load.configPath),
       llvm::ArrayRef(ofModels).drop_front()},
      {"weights", load.weightsPath, ofModels},
      {"shards", folderOf(load.weightsPath), shards},
      {"adapter", load.adapterPath, ofModels},
      {"spec", load.specPath, ofSpecs},
      {"like", folderOf(load.specPath), ofSpecs}};
  for (const std::string &specs : load.searchDirs)
    parts.push_back({"specs", specs, ofSpecs});
  for (const Part &part : parts)
    if (Error error = key.add(part.role, part.where, part.endings))
      return error;
  StringRef model = load.model.empty() ? load.configPath : load.model;
  std::string stem = path::stem(model.rtrim('/')).str();
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(key.text.data()), key.text.size()));
  return stem + "-" + llvm::utohexstr(hash.high64) +
         llvm::utohexstr(hash.low64);
}

llvm::Expected<std::string> cacheFolder() {
  SmallString<128> folder;
  if (auto given = llvm::sys::Process::GetEnv("XDG_CACHE_HOME");
      given && path::is_absolute(*given))
    folder = *given;
  else if (path::home_directory(folder))
    path::append(folder, ".cache");
  else
    return failure("no place for compiled programs: neither XDG_CACHE_HOME "
                   "nor HOME is set");
  path::append(folder, "sinter");
  if (std::error_code error = fs::create_directories(folder))
    return failure(folder + ": " + error.message());
  return folder.str().str();
}

llvm::Expected<std::string> cachedProgram(const Invocation &invocation) {
  Compiler compiler(invocation);
  if (Error error = compiler.readOptions())
    return error;
  llvm::Expected<std::string> folder = cacheFolder();
  if (!folder)
    return folder.takeError();
  llvm::Expected<std::string> key = keyOf(compiler, invocation, *folder);
  if (!key)
    return key.takeError();
  SmallString<128> program(*folder);
  path::append(program, *key);
  // What is there but damaged is made again, as is one of which each pass is to
  // be seen.
  if (!invocation.has(OPT_print_ir) &&
      ProgramFile::open(program.str().str(), program.str().str()))
    return program.str().str();
  invocation.progress("compiling into " + program);
  if (Error error = compiler.load())
    return error;
  if (Error error = compiler.compileTo(program.str().str(), false))
    return error;
  return program.str().str();
}

} // namespace sinter
