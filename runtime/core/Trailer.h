//===- Trailer.h - What follows the ELF image of a program ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Weights never go through the linker: they lie after the ELF image, in
// sections that start at multiples of a page, then a JSON table of contents,
// then this footer as the file's last bytes. PROGRAM.weights has the same form
// with an empty image. The table is
//   {"id": TEXT, "sections": [{"name": TEXT, "offset": N, "bytes": N}...],
//    "external": [{"name": TEXT, "bytes": N}...]}
// with offsets from the start of the file; "external" sections lie in
// PROGRAM.weights, which must carry the same id.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_TRAILER_H
#define SINTER_RUNTIME_CORE_TRAILER_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sinter {

inline constexpr uint64_t kSectionAlignment = 4096;
inline constexpr uint32_t kTrailerVersion = 1;
inline constexpr char kTrailerMagic[9] = "SinterPr";

/// The last 64 bytes of a program.
struct TrailerFooter {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t tableOffset; ///< from the start of the file
  uint64_t tableBytes;
  uint64_t tableChecksum;
  uint64_t fileBytes;  ///< size of the whole file, this footer included
  uint64_t imageBytes; ///< size of the ELF image; 0 in PROGRAM.weights
  uint64_t checksum;   ///< of the footer's bytes before this field
};
static_assert(sizeof(TrailerFooter) == 64);

/// FNV-1a over 64 bits: guards against damage, not against forgery.
inline uint64_t trailerChecksum(std::span<const std::byte> bytes,
                                uint64_t hash = 0xcbf29ce484222325u) {
  for (std::byte byte : bytes)
    hash = (hash ^ uint64_t(byte)) * 0x100000001b3u;
  return hash;
}

inline uint64_t footerChecksum(const TrailerFooter &footer) {
  return trailerChecksum(std::as_bytes(std::span(&footer, 1))
                             .first(offsetof(TrailerFooter, checksum)));
}

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_TRAILER_H
