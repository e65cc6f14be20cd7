//===- ProgramFile.cpp - A program's own data -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/ProgramFile.h"
#include "formats/Json.h"
#include "runtime/core/Trailer.h"

#include <sys/auxv.h>
#include <unistd.h>

namespace sinter {

static Failure damaged(const std::string &where, const std::string &what) {
  return Failure(where + ": " + what + "; compile it again");
}

/// Reads and checks the footer at the end of `file`.
static Result<TrailerFooter> readFooter(const MappedFile &file,
                                        const std::string &where) {
  TrailerFooter footer;
  if (file.size() < sizeof(footer))
    return damaged(where, "too short to hold a model");
  uint64_t end = file.size() - sizeof(footer);
  if (Failure failure = file.read(end, &footer, sizeof(footer)))
    return failure;
  if (memcmp(footer.magic, kTrailerMagic, sizeof(footer.magic)) != 0)
    return damaged(where, "no model at the end of this file: it was "
                          "truncated or stripped");
  if (footer.checksum != footerChecksum(footer))
    return damaged(where, "the footer is damaged (wrong checksum)");
  if (footer.version != kTrailerVersion)
    return damaged(where, "expected file version " +
                              std::to_string(kTrailerVersion) + ", found " +
                              std::to_string(footer.version));
  if (footer.fileBytes != file.size())
    return damaged(where, "expected " + std::to_string(footer.fileBytes) +
                              " bytes, found " + std::to_string(file.size()));
  if (footer.tableOffset > end || footer.tableBytes > end - footer.tableOffset)
    return damaged(where, "the table of contents lies outside of the file");
  return footer;
}

/// Reads and checks the table of contents.
static Result<nlohmann::json> readTable(const MappedFile &file,
                                        const TrailerFooter &footer,
                                        const std::string &where) {
  std::string text(footer.tableBytes, '\0');
  if (Failure failure = file.read(footer.tableOffset, text.data(), text.size()))
    return failure;
  if (trailerChecksum(std::as_bytes(std::span(text))) != footer.tableChecksum)
    return damaged(where, "the table of contents is damaged (wrong checksum)");
  Result<nlohmann::json> table = parseJson(text, where);
  if (table && !table->is_object())
    return damaged(where, "the table of contents is none");
  return table;
}

/// A non-negative integer member, or none.
static std::optional<uint64_t> number(const nlohmann::json &object,
                                      const char *key) {
  auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end() || !found->is_number_unsigned())
    return std::nullopt;
  return found->get<uint64_t>();
}

static std::string text(const nlohmann::json &object, const char *key) {
  auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end() || !found->is_string())
    return "";
  return found->get<std::string>();
}

Failure ProgramFile::read(std::shared_ptr<const MappedFile> file,
                          const std::string &where, bool external) {
  Result<TrailerFooter> footer = readFooter(*file, where);
  if (!footer)
    return footer.failure();
  Result<nlohmann::json> table = readTable(*file, *footer, where);
  if (!table)
    return table.failure();
  if (!external)
    id = text(*table, "id");
  else if (text(*table, "id") != id)
    return Failure(where + ": belongs to another program than " + programName);

  for (const nlohmann::json &entry : (*table)["sections"]) {
    std::optional<uint64_t> offset = number(entry, "offset");
    std::optional<uint64_t> bytes = number(entry, "bytes");
    if (!offset || !bytes || *offset % kSectionAlignment ||
        *offset > footer->tableOffset || *bytes > footer->tableOffset - *offset)
      return damaged(where, "section \"" + text(entry, "name") +
                                "\" lies outside of the file");
    sections[text(entry, "name")] = file->data().subspan(*offset, *bytes);
  }
  for (const nlohmann::json &entry : (*table)["external"])
    awaited[text(entry, "name")] = number(entry, "bytes").value_or(0);
  files.push_back(std::move(file));
  return Failure::none();
}

Result<ProgramFile> ProgramFile::open(const std::string &path,
                                      const std::string &name) {
  ProgramFile program;
  program.programName = name;
  Result<std::shared_ptr<const MappedFile>> file = MappedFile::open(path);
  if (!file)
    return file.failure();
  if (Failure failure = program.read(*file, name, /*external=*/false))
    return failure;
  if (program.awaited.empty())
    return program;

  std::string beside = name + ".weights";
  Result<std::shared_ptr<const MappedFile>> weights = MappedFile::open(beside);
  if (!weights)
    return Failure(weights.message() + " (this program was compiled with "
                                       "--store=external and needs that file)");
  if (Failure failure = program.read(*weights, beside, /*external=*/true))
    return failure;
  for (auto &[section, bytes] : program.awaited) {
    std::optional<std::span<const std::byte>> found = program.section(section);
    if (!found || found->size() != bytes)
      return damaged(beside, "expected " + std::to_string(bytes) +
                                 " bytes of " + section + ", found " +
                                 std::to_string(found ? found->size() : 0));
  }
  return program;
}

Result<ProgramFile> ProgramFile::openSelf() {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  if (length > 0)
    return open("/proc/self/exe", std::string(path, size_t(length)));
  // Without /proc: the name under which the kernel started us.
  auto name = reinterpret_cast<const char *>(getauxval(AT_EXECFN));
  if (!name)
    return Failure("cannot find the running program: /proc is not mounted");
  return open(name, name);
}

std::optional<std::span<const std::byte>>
ProgramFile::section(const std::string &name) const {
  auto found = sections.find(name);
  if (found == sections.end())
    return std::nullopt;
  return found->second;
}

} // namespace sinter
