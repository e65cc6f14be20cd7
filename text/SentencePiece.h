//===- SentencePiece.h - Importing SentencePiece models ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// "tokenizer.model": a protocol buffer with the pieces, their scores and kinds,
// and how text is normalized. GGUF's metadata were made of the same, so what is
// read here goes the same way.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_SENTENCEPIECE_H
#define SINTER_TEXT_SENTENCEPIECE_H

#include "runtime/support/Result.h"
#include "text/GgufTokenizer.h"

#include <string_view>

namespace sinter::text {

/// Reads a model of kind BPE or unigram; `file` is named in messages.
Result<GgufTokenizer> readSentencePieces(std::string_view bytes,
                                         const std::string &file);

} // namespace sinter::text

#endif // SINTER_TEXT_SENTENCEPIECE_H
