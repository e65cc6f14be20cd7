//===- CharsMap.h - SentencePiece's compiled normalization ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Checkpoints carry it as a blob: the size of a double-array trie, the trie,
// then replacement texts, each ending in a zero byte. The trie gives for the
// longest known prefix of the text the offset of its replacement.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_CHARSMAP_H
#define SINTER_RUNTIME_TEXT_CHARSMAP_H

#include "runtime/text/MarkedText.h"

#include <string_view>

namespace sinter::text {

/// `text` with every known sequence replaced; `map` is the blob. A damaged map
/// leaves text as it is; nothing outside of the map is ever read.
MarkedText applyCharsMap(std::string_view map, const MarkedText &text);

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_CHARSMAP_H
