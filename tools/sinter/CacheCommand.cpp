//===- CacheCommand.cpp - sinter cache ------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

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
                                  llvm::sys::path::filename(entry.path));
  }
  llvm::outs() << llvm::formatv("{0,10:f1} MiB  {1} programs in {2}\n",
                                double(total) / (1 << 20), entries.size(),
                                folder);
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

llvm::Expected<int> cacheCommand(const Invocation &invocation) {
  std::string what =
      invocation.operands.empty() ? "" : invocation.operands.front();
  if (what != "list" && what != "clear")
    return usageError("cache: expected list or clear, found '" + what + "'");
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
  for (const Entry &entry : *entries)
    if (std::error_code error = fs::remove(entry.path))
      return failure(entry.path + ": " + error.message());
  invocation.progress("deleted " + llvm::Twine(entries->size()) +
                      " programs in " + *folder);
  return Success;
}

} // namespace sinter
