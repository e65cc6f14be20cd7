//===- FuzzTrailer.cpp - What follows the ELF image of a program ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a byte that says what is put right, the tables of contents of PROGRAM
// and of PROGRAM.weights, each with a zero byte after it, then what both files
// begin with.
//
//===----------------------------------------------------------------------===//

#include "InputFolder.h"
#include "runtime/core/ProgramFile.h"
#include "runtime/core/Trailer.h"
#include "runtime/text/Tokenizer.h"

using namespace sinter;

namespace {

std::string_view cut(std::string_view &rest, char at) {
  std::string_view first = rest.substr(0, rest.find(at));
  rest.remove_prefix(std::min(first.size() + 1, rest.size()));
  return first;
}

/// A file with a footer of its own, but for what `wrong` takes from the end of
/// `content`: sums guard against damage, not against whoever writes them.
std::string fileOf(std::string_view content, std::string_view table,
                   uint8_t wrong) {
  TrailerFooter footer{};
  memcpy(footer.magic, kTrailerMagic, sizeof(footer.magic));
  footer.version = kTrailerVersion;
  footer.tableOffset = (content.size() + kSectionAlignment - 1) /
                       kSectionAlignment * kSectionAlignment;
  footer.tableBytes = table.size();
  footer.tableChecksum = trailerChecksum(std::as_bytes(std::span(table)));
  footer.fileBytes = footer.tableOffset + table.size() + sizeof(footer);
  uint64_t *const fields[] = {&footer.tableOffset, &footer.tableBytes,
                              &footer.tableChecksum, &footer.fileBytes,
                              &footer.imageBytes};
  for (size_t i = 0; i < std::size(fields); ++i)
    if ((wrong >> i & 1) && content.size() >= (i + 1) * sizeof(uint64_t))
      memcpy(fields[i], content.end() - (i + 1) * sizeof(uint64_t),
             sizeof(uint64_t));
  footer.checksum = footerChecksum(footer);
  std::string file(content);
  file.resize((content.size() + kSectionAlignment - 1) / kSectionAlignment *
              kSectionAlignment);
  file += table;
  return file.append(reinterpret_cast<const char *>(&footer), sizeof(footer));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const InputFolder folder;
  if (size == 0)
    return 0;
  std::string_view rest(reinterpret_cast<const char *>(data + 1), size - 1);
  std::string_view table = cut(rest, '\0'), beside = cut(rest, '\0');
  std::string path = folder.write("p", fileOf(rest, table, data[0]));
  folder.write("p.weights", fileOf(rest, beside, 0));
  Result<ProgramFile> program = ProgramFile::open(path, path);
  if (!program)
    return 0;
  for (const char *name : {"weights", "tokenizer", ""}) {
    auto section = program->section(name);
    if (!section)
      continue;
    // All of it must be there.
    (void)trailerChecksum(*section);
    if (auto tokenizer = text::Tokenizer::open(*section))
      (void)tokenizer->decode(tokenizer->encode("some text"), false);
  }
  return 0;
}
