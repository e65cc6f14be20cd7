//===- Word.cpp - The tokens that a word may become -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/AddedTokens.h"
#include "runtime/text/Models.h"

namespace sinter::text {

bool Word::allows(uint32_t token, size_t at, size_t size) const {
  return !anyMarked(marks, begin + at, begin + at + size) ||
         !isControlPiece(tables, token);
}

uint32_t Word::lookUp(size_t at, size_t size) const {
  uint32_t token = tables.lookUp(bytes.substr(at, size));
  return token == noToken || allows(token, at, size) ? token : noToken;
}

} // namespace sinter::text
