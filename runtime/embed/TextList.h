//===- TextList.h - Texts that are to be embedded ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_EMBED_TEXTLIST_H
#define SINTER_RUNTIME_EMBED_TEXTLIST_H

#include "runtime/core/Program.h"

namespace sinter {

/// A text with a prompt before it.
struct EmbedText {
  std::string text;
  size_t prompt = 0; ///< the number of its prompt, in TextList
  std::string id;    ///< as JSON; empty: it has none
  int64_t line = 0;  ///< where it stands; 0: on the command line
};

/// Texts, and the prompts that they use; prompt 0 is the one that is chosen for
/// all by options or by the model.
struct TextList {
  std::vector<EmbedText> texts;
  std::vector<std::string> prompts;
};

/// The texts that the options name: one of -p, or those of a file's lines. All
/// lines have been checked; the failure names those that are wrong.
Result<TextList> readTexts(const Program &program);

/// What a text is called in messages: "FILE:3: ", or nothing.
std::string placeOf(const Program &program, const EmbedText &text);

} // namespace sinter

#endif // SINTER_RUNTIME_EMBED_TEXTLIST_H
