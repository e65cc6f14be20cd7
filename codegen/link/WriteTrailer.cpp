//===- WriteTrailer.cpp - The files of a program --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/WriteTrailer.h"
#include "runtime/core/Trailer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/xxhash.h"

namespace sinter {

using llvm::Error;

static Error toError(Failure failure) {
  if (!failure)
    return Error::success();
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 failure.message());
}

static std::span<const std::byte> bytesOf(llvm::ArrayRef<char> chars) {
  return std::as_bytes(std::span(chars.data(), chars.size()));
}

namespace {

/// One file: image (may be empty), sections, table, footer.
class FileWriter {
public:
  FileWriter(OutputFile &file, uint64_t imageBytes)
      : file(file), imageBytes(imageBytes), end(imageBytes) {}

  Error add(const ProgramSection &section);
  void expectExternal(const ProgramSection &section);
  Error close(llvm::StringRef id);

  /// A hash of all that was written.
  uint64_t content() const { return hash; }

private:
  OutputFile &file;
  uint64_t imageBytes;
  uint64_t end;
  uint64_t hash = 0;
  llvm::json::Array sections;
  llvm::json::Array external;
};

} // namespace

Error FileWriter::add(const ProgramSection &section) {
  uint64_t begin = llvm::alignTo(end, kSectionAlignment);
  SectionWriter writer = [&](uint64_t offset,
                             llvm::ArrayRef<char> bytes) -> Error {
    if (offset > section.bytes || bytes.size() > section.bytes - offset)
      return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                     "bytes beyond the end of section " +
                                         section.name);
    // A sum, because parts may come in any order.
    hash +=
        llvm::xxh3_64bits(llvm::ArrayRef(
            reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size())) *
        (2 * (begin + offset) + 1);
    return toError(file.write(begin + offset, bytesOf(bytes)));
  };
  if (Error error = section.write(writer))
    return error;
  sections.push_back(llvm::json::Object{{"name", section.name},
                                        {"offset", int64_t(begin)},
                                        {"bytes", int64_t(section.bytes)}});
  end = begin + section.bytes;
  return Error::success();
}

void FileWriter::expectExternal(const ProgramSection &section) {
  external.push_back(llvm::json::Object{{"name", section.name},
                                        {"bytes", int64_t(section.bytes)}});
}

Error FileWriter::close(llvm::StringRef id) {
  llvm::json::Object table{{"id", id}, {"sections", std::move(sections)}};
  if (!external.empty())
    table["external"] = std::move(external);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(table));
  TrailerFooter footer{};
  memcpy(footer.magic, kTrailerMagic, sizeof(footer.magic));
  footer.version = kTrailerVersion;
  // The table starts at a page too: sections may end with unwritten zeros.
  footer.tableOffset = llvm::alignTo(end, kSectionAlignment);
  footer.tableBytes = text.size();
  footer.tableChecksum = trailerChecksum(bytesOf(text));
  footer.fileBytes = footer.tableOffset + text.size() + sizeof(footer);
  footer.imageBytes = imageBytes;
  footer.checksum = footerChecksum(footer);
  if (Error error = toError(file.write(footer.tableOffset, bytesOf(text))))
    return error;
  return toError(file.write(footer.tableOffset + text.size(),
                            std::as_bytes(std::span(&footer, 1))));
}

/// A file that does not stay behind when a signal ends the process.
static llvm::Expected<OutputFile> createFile(const std::string &path,
                                             unsigned mode) {
  Result<OutputFile> file = OutputFile::create(path, mode);
  if (!file)
    return toError(file.failure());
  if (!file->temporaryPath().empty())
    llvm::sys::RemoveFileOnSignal(file->temporaryPath());
  return std::move(*file);
}

Error writeProgramFiles(llvm::StringRef image,
                        llvm::ArrayRef<ProgramSection> sections,
                        const std::string &output) {
  llvm::Expected<OutputFile> file = createFile(output, 0777);
  if (!file)
    return file.takeError();
  if (Error error = toError(file->write(0, bytesOf(image))))
    return error;
  FileWriter program(*file, image.size());
  bool anyExternal = false;
  for (const ProgramSection &section : sections) {
    anyExternal |= section.external;
    if (section.external)
      program.expectExternal(section);
    else if (Error error = program.add(section))
      return error;
  }
  if (!anyExternal) {
    if (Error error = program.close(""))
      return error;
    return toError(file->finish());
  }

  llvm::Expected<OutputFile> weightsFile =
      createFile(output + ".weights", 0666);
  if (!weightsFile)
    return weightsFile.takeError();
  FileWriter weights(*weightsFile, 0);
  for (const ProgramSection &section : sections)
    if (section.external)
      if (Error error = weights.add(section))
        return error;
  std::string id =
      llvm::utohexstr(weights.content() ^ llvm::xxh3_64bits(image));
  if (Error error = weights.close(id))
    return error;
  if (Error error = program.close(id))
    return error;
  if (Error error = toError(weightsFile->finish()))
    return error;
  return toError(file->finish());
}

} // namespace sinter
