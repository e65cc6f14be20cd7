//===- ProgramCache.cpp - Programs compiled before ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ProgramCache.h"
#include "tools/sinter/Compiler.h"

#include "formats/MappedFile.h"
#include "runtime/core/ProgramFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

namespace sinter {

using llvm::Error;
using llvm::SmallString;
using llvm::StringRef;

namespace path = llvm::sys::path;
namespace fs = llvm::sys::fs;

// Files are hashed in pieces by several threads.
static constexpr size_t kPiece = size_t(16) << 20;

/// A hash of a file's bytes.
static llvm::Expected<uint64_t> hashFile(const std::string &file) {
  Result<std::shared_ptr<const MappedFile>> mapped = MappedFile::open(file);
  if (!mapped)
    return failure(mapped.message());
  std::span<const std::byte> bytes = (*mapped)->data();
  std::vector<uint64_t> hashes((bytes.size() + kPiece - 1) / kPiece);
  llvm::parallelFor(0, hashes.size(), [&](size_t i) {
    auto piece =
        bytes.subspan(i * kPiece, std::min(kPiece, bytes.size() - i * kPiece));
    hashes[i] = llvm::xxh3_64bits(llvm::ArrayRef(
        reinterpret_cast<const uint8_t *>(piece.data()), piece.size()));
  });
  return llvm::xxh3_64bits(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(hashes.data()), hashes.size() * 8));
}

/// The files that `where` stands for: itself, or those in a folder that have
/// one of the endings.
static std::vector<std::string>
filesOf(const std::string &where, std::initializer_list<StringRef> endings) {
  std::vector<std::string> files;
  if (!fs::is_directory(where)) {
    if (fs::exists(where))
      files.push_back(where);
    return files;
  }
  std::error_code error;
  for (fs::directory_iterator it(where, error), end; it != end && !error;
       it.increment(error))
    for (StringRef ending : endings)
      if (StringRef(it->path()).ends_with(ending)) {
        files.push_back(it->path());
        break;
      }
  llvm::sort(files);
  return files;
}

/// The name of the program in the cache.
static llvm::Expected<std::string> keyOf(const Compiler &compiler,
                                         const Invocation &invocation) {
  const LoadOptions &load = compiler.loadOptions();
  std::vector<std::string> files = {
      invocation.sinter, invocation.installed("lib/sinter/runtime.o"),
      invocation.installed("lib/sinter/guard.o")};
  auto add = [&](const std::string &where,
                 std::initializer_list<StringRef> endings) {
    if (!where.empty())
      llvm::append_range(files, filesOf(where, endings));
  };
  for (const std::string &model :
       {load.model, load.configPath, load.weightsPath, load.adapterPath})
    add(model, {".json", ".safetensors", ".jinja", ".model", ".txt",
                ".tiktoken", ".gguf"});
  add(load.specPath, {".yaml"});
  for (const std::string &folder : load.searchDirs)
    add(folder, {".yaml"});

  std::string text = compiler.optionsKey();
  for (const std::string &file : files) {
    llvm::Expected<uint64_t> hash = hashFile(file);
    if (!hash)
      return hash.takeError();
    text += path::filename(file).str() + llvm::utohexstr(*hash);
  }
  StringRef model = load.model.empty() ? load.configPath : load.model;
  std::string stem = path::stem(model.rtrim('/')).str();
  llvm::XXH128_hash_t key = llvm::xxh3_128bits(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(text.data()), text.size()));
  return stem + "-" + llvm::utohexstr(key.high64) + llvm::utohexstr(key.low64);
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
  llvm::Expected<std::string> key = keyOf(compiler, invocation);
  if (!key)
    return key.takeError();
  SmallString<128> program(*folder);
  path::append(program, *key);
  // What is there but damaged is made again.
  if (ProgramFile::open(program.str().str(), program.str().str()))
    return program.str().str();
  invocation.progress("compiling into " + program);
  if (Error error = compiler.load())
    return error;
  if (Error error = compiler.compileTo(program.str().str(), false))
    return error;
  return program.str().str();
}

} // namespace sinter
