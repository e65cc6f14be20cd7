//===- RankFile.h - Importing files of ranks --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// ".tiktoken": a line for each token, its bytes in base 64 and its number,
// which is its rank too: of all neighbours, those are joined first whose join
// has the lowest rank.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_RANKFILE_H
#define SINTER_TEXT_RANKFILE_H

#include "runtime/support/Result.h"
#include "text/GgufTokenizer.h"

#include <string_view>

namespace sinter::text {

/// Reads the lines of `entry.file`; what it does not say is in `entry`.
/// `file` is named in messages.
Result<GgufTokenizer> readRanks(std::string_view lines, const RankFile &entry,
                                const std::string &file);

} // namespace sinter::text

#endif // SINTER_TEXT_RANKFILE_H
