//===- ContentHash.h - What is in a file, remembered ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_CONTENTHASH_H
#define SINTER_TOOLS_SINTER_CONTENTHASH_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace sinter {

/// A hash of a file's bytes. That of a large file is kept in the folder `memo`
/// under the file's identity: device, number, size, and when it was last
/// written and last changed. The system sets the last of these whenever a file
/// changes, and nobody else can; a file that changed within the last seconds,
/// while clocks may not have moved on, is hashed again.
llvm::Expected<uint64_t> contentHash(const std::string &file,
                                     const std::string &memo);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_CONTENTHASH_H
