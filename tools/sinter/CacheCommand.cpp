//===- CacheCommand.cpp - sinter cache ------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "tools/sinter/ProgramCache.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

namespace fs = llvm::sys::fs;

namespace {
/// A program in the cache.
struct Entry {
  std::string path;
  uint64_t bytes;
  llvm::sys::TimePoint<> made;

  llvm::StringRef name() const { return llvm::sys::path::filename(path); }
  /// The name without the key.
  llvm::StringRef model() const { return name().rsplit('-').first; }
};
} // namespace

/// The oldest first.
static llvm::Expected<std::vector<Entry>> entriesOf(const std::string &folder) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error)) {
    fs::file_status status;
    // One that another process has just deleted is none.
    if (fs::status(it->path(), status) || !fs::is_regular_file(status))
      continue;
    entries.push_back(
        {it->path(), status.getSize(), status.getLastModificationTime()});
  }
  if (error)
    return failure(folder + ": " + error.message());
  llvm::sort(entries, [](const Entry &a, const Entry &b) {
    return std::tie(a.made, a.path) < std::tie(b.made, b.path);
  });
  return entries;
}

static void list(const std::string &folder, const std::vector<Entry> &entries) {
  uint64_t total = 0;
  for (const Entry &entry : entries) {
    total += entry.bytes;
    llvm::outs() << llvm::formatv("{0,10:f1} MiB  {1:%Y-%m-%d %H:%M}  {2}\n",
                                  double(entry.bytes) / (1 << 20), entry.made,
                                  printable(entry.name()));
  }
  llvm::outs() << llvm::formatv("{0,10:f1} MiB  {1} programs in {2}\n",
                                double(total) / (1 << 20), entries.size(),
                                printable(folder));
}

static void listJson(const std::string &folder,
                     const std::vector<Entry> &entries) {
  llvm::json::Array programs;
  for (const Entry &entry : entries)
    programs.push_back(
        llvm::json::Object{{"path", entry.path},
                           {"bytes", int64_t(entry.bytes)},
                           {"made", int64_t(llvm::sys::toTimeT(entry.made))}});
  llvm::json::Object all{{"folder", folder}, {"programs", std::move(programs)}};
  llvm::outs() << llvm::formatv("{0:2}", llvm::json::Value(std::move(all)))
               << "\n";
}

/// Deletes entries; says which.
static llvm::Error remove(const Invocation &invocation,
                          llvm::ArrayRef<Entry> entries) {
  for (const Entry &entry : entries) {
    if (std::error_code error = fs::remove(entry.path))
      return failure(entry.path + ": " + error.message());
    invocation.progress("deleted " + entry.name());
  }
  return llvm::Error::success();
}

/// The program of this name, or else those of a model of this name.
static llvm::Expected<std::vector<Entry>> named(llvm::StringRef name,
                                                llvm::ArrayRef<Entry> entries,
                                                const std::string &folder) {
  std::vector<Entry> one, ofModel;
  std::string nearest;
  unsigned distance = 4; // further ones are no slips
  for (const Entry &entry : entries) {
    if (entry.name() == name)
      one.push_back(entry);
    if (entry.model() == name)
      ofModel.push_back(entry);
    unsigned apart = name.edit_distance(entry.model(), true, distance);
    if (apart < distance) {
      distance = apart;
      nearest = ", did you mean '" + entry.model().str() + "'?";
    }
  }
  if (one.empty() && ofModel.empty())
    return failure("no program '" + name + "' in " + folder + nearest +
                   " (sinter cache list shows them)");
  return one.empty() ? ofModel : one;
}

static llvm::Expected<int> removeNamed(const Invocation &invocation,
                                       llvm::ArrayRef<Entry> entries,
                                       const std::string &folder) {
  llvm::ArrayRef<std::string> names =
      llvm::ArrayRef(invocation.operands).drop_front();
  if (names.empty())
    return usageError("cache rm: which program? Give a name of sinter cache "
                      "list, or a model's");
  std::vector<Entry> doomed;
  for (const std::string &name : names) {
    llvm::Expected<std::vector<Entry>> found = named(name, entries, folder);
    if (!found)
      return found.takeError();
    for (const Entry &entry : *found)
      if (llvm::none_of(doomed, [&](const Entry &other) {
            return other.path == entry.path;
          }))
        doomed.push_back(entry);
  }
  if (llvm::Error error = remove(invocation, doomed))
    return error;
  return Success;
}

llvm::Expected<int> cacheCommand(const Invocation &invocation) {
  std::string what =
      invocation.operands.empty() ? "" : invocation.operands.front();
  if (what != "list" && what != "clear" && what != "rm")
    return usageError("cache: expected list, clear or rm NAME, found '" + what +
                      "'");
  if (what != "rm" && invocation.operands.size() > 1)
    return usageError("unexpected '" + invocation.operands[1] + "' after " +
                      what);
  if (what != "list" && invocation.has(OPT_json))
    return usageError("--json is for sinter cache list");
  llvm::Expected<std::string> folder = cacheFolder();
  if (!folder)
    return folder.takeError();
  llvm::Expected<std::vector<Entry>> entries = entriesOf(*folder);
  if (!entries)
    return entries.takeError();
  if (what == "list") {
    (invocation.has(OPT_json) ? listJson : list)(*folder, *entries);
    return Success;
  }
  if (what == "rm")
    return removeNamed(invocation, *entries, *folder);
  if (llvm::Error error = remove(invocation, *entries))
    return error;
  if (std::error_code error = fs::remove_directories(*folder + "/hashes"))
    return failure(*folder + "/hashes: " + error.message());
  invocation.progress("deleted " + llvm::Twine(entries->size()) +
                      " programs in " + *folder);
  return Success;
}

} // namespace sinter
