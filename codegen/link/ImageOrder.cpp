//===- ImageOrder.cpp - What comes first in a program's file --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/ImageOrder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <vector>

using namespace llvm;
using namespace llvm::ELF;

namespace sinter {

namespace {

constexpr uint64_t kPage = 4096;

/// Bytes of the file that stay together.
struct Piece {
  uint64_t begin, end;
  uint64_t moved = 0; ///< where it begins in the new file
};

class ImageOrder {
public:
  explicit ImageOrder(StringRef image) : image(image) {}

  bool read();
  void cut();
  std::string write();

private:
  template <typename T> std::vector<T> table(uint64_t at, uint64_t count) {
    std::vector<T> rows(count);
    memcpy(rows.data(), image.data() + at, count * sizeof(T));
    return rows;
  }
  bool holds(uint64_t at, uint64_t bytes) const {
    return at <= image.size() && bytes <= image.size() - at;
  }
  uint64_t dynamicEnd();
  void splitFirst(uint64_t at);
  void splitSection(uint64_t at);
  /// The place in the new file of what was at `offset`.
  uint64_t moved(uint64_t offset) const {
    const Piece *found = &pieces.back();
    for (const Piece &piece : pieces)
      if (offset >= piece.begin && offset < piece.end)
        found = &piece;
    return found->moved + (offset - found->begin);
  }

  StringRef image;
  Elf64_Ehdr header;
  std::vector<Elf64_Phdr> segments;
  std::vector<Elf64_Shdr> sections;
  std::vector<Piece> pieces; ///< in their new order
};

} // namespace

bool ImageOrder::read() {
  if (image.size() < sizeof(header))
    return false;
  memcpy(&header, image.data(), sizeof(header));
  if (!header.checkMagic() || header.e_phentsize != sizeof(Elf64_Phdr) ||
      header.e_shentsize != sizeof(Elf64_Shdr) ||
      !holds(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)) ||
      !holds(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)))
    return false;
  segments = table<Elf64_Phdr>(header.e_phoff, header.e_phnum);
  sections = table<Elf64_Shdr>(header.e_shoff, header.e_shnum);
  return all_of(segments, [&](const Elf64_Phdr &segment) {
    return holds(segment.p_offset, segment.p_filesz);
  });
}

/// The end of the tables that the loader reads to link the program; they follow
/// the headers, where addresses are offsets.
uint64_t ImageOrder::dynamicEnd() {
  uint64_t rela = 0, plt = 0, relaBytes = 0, pltBytes = 0;
  for (const Elf64_Phdr &segment : segments) {
    if (segment.p_type != PT_DYNAMIC)
      continue;
    for (const Elf64_Dyn &entry : table<Elf64_Dyn>(
             segment.p_offset, segment.p_filesz / sizeof(Elf64_Dyn))) {
      uint64_t value = entry.d_un.d_val;
      rela = entry.d_tag == DT_RELA ? value : rela;
      plt = entry.d_tag == DT_JMPREL ? value : plt;
      relaBytes = entry.d_tag == DT_RELASZ ? value : relaBytes;
      pltBytes = entry.d_tag == DT_PLTRELSZ ? value : pltBytes;
    }
  }
  return std::max(rela + relaBytes, plt + pltBytes);
}

/// Makes two segments of the first one, in the place of the note about the ABI,
/// which tells the loader nothing new.
void ImageOrder::splitFirst(uint64_t at) {
  auto note = find_if(segments, [](const Elf64_Phdr &segment) {
    return segment.p_type == PT_NOTE;
  });
  auto first = find_if(segments, [](const Elf64_Phdr &segment) {
    return segment.p_type == PT_LOAD;
  });
  if (note == segments.end() || note < first || at >= first->p_filesz)
    return;
  segments.erase(note);
  Elf64_Phdr rest = *first;
  rest.p_offset += at;
  rest.p_vaddr += at;
  rest.p_paddr += at;
  rest.p_filesz -= at;
  rest.p_memsz -= at;
  first->p_filesz = first->p_memsz = at;
  segments.insert(first + 1, rest);
  splitSection(at);
}

/// Tools that rewrite programs lose a section that lies in no segment.
void ImageOrder::splitSection(uint64_t at) {
  for (Elf64_Shdr &section : sections) {
    if (!(section.sh_flags & SHF_ALLOC) || section.sh_offset >= at ||
        section.sh_offset + section.sh_size <= at)
      continue;
    Elf64_Shdr rest = section;
    section.sh_size = at - section.sh_offset;
    rest.sh_offset += section.sh_size;
    rest.sh_addr += section.sh_size;
    rest.sh_size -= section.sh_size;
    sections.push_back(rest);
    return;
  }
}

/// First the headers and the loader's tables, then data, code, constants, and
/// what no segment has.
void ImageOrder::cut() {
  splitFirst(alignTo(dynamicEnd(), kPage));
  auto rank = [](const Elf64_Phdr &segment) {
    if (segment.p_offset == 0)
      return 0;
    if (segment.p_flags & PF_W)
      return 1;
    return segment.p_flags & PF_X ? 2 : 3;
  };
  uint64_t end = 0;
  for (int wanted = 0; wanted < 4; ++wanted)
    for (const Elf64_Phdr &segment : segments)
      if (segment.p_type == PT_LOAD && rank(segment) == wanted) {
        uint64_t segmentEnd = segment.p_offset + segment.p_filesz;
        pieces.push_back({segment.p_offset, segmentEnd});
        end = std::max(end, segmentEnd);
      }
  pieces.push_back({end, image.size()});
  uint64_t at = 0;
  for (Piece &piece : pieces) {
    // Pages of the file are pages of memory.
    piece.moved = at + ((piece.begin - at) & (kPage - 1));
    at = piece.moved + (piece.end - piece.begin);
  }
}

std::string ImageOrder::write() {
  const Piece &last = pieces.back();
  std::string result(last.moved + (last.end - last.begin), '\0');
  for (const Piece &piece : pieces)
    memcpy(result.data() + piece.moved, image.data() + piece.begin,
           piece.end - piece.begin);
  for (Elf64_Phdr &segment : segments)
    if (segment.p_type != PT_GNU_STACK)
      segment.p_offset = moved(segment.p_offset);
  for (Elf64_Shdr &section : sections)
    section.sh_offset = moved(section.sh_offset);
  // Behind all else, as there may be one more.
  header.e_shoff = alignTo(result.size(), 8);
  header.e_shnum = sections.size();
  result.resize(header.e_shoff + sections.size() * sizeof(Elf64_Shdr));
  memcpy(result.data(), &header, sizeof(header));
  memcpy(result.data() + header.e_phoff, segments.data(),
         segments.size() * sizeof(Elf64_Phdr));
  memcpy(result.data() + header.e_shoff, sections.data(),
         sections.size() * sizeof(Elf64_Shdr));
  return result;
}

std::string orderForGuard(StringRef image) {
  ImageOrder order(image);
  if (!order.read())
    return image.str();
  order.cut();
  return order.write();
}

} // namespace sinter
