//===- PythonText.h - Text as Python handles it -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// UTF-8 by code points, Python's notions of whitespace and line, and the text
// that str(), repr() and json.dumps() give for a value.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_PYTHONTEXT_H
#define SINTER_RUNTIME_CHAT_PYTHONTEXT_H

#include "runtime/chat/Value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::chat {

class Run;

/// Reads the code point at `at` and moves past it. Broken bytes count as one
/// character each (0xFFFD).
char32_t nextCodePoint(std::string_view text, size_t &at);

/// Appends `c` as UTF-8.
void appendUtf8(std::string &out, char32_t c);

bool isValidUtf8(std::string_view text);
bool isAscii(std::string_view text);

/// The code points of `text`, each as its bytes.
std::vector<std::string_view> codePoints(std::string_view text);
size_t countCodePoints(std::string_view text);
/// Where the code point of number `index` begins; the end if it is the count.
size_t offsetOf(std::string_view text, int64_t index);

/// Python's str.isspace for one code point.
bool isSpace(char32_t c);

/// Removes whitespace, or any of the code points in `chars` if given.
std::string_view strip(std::string_view text, bool left, bool right,
                       const std::string *chars = nullptr);

/// Python's str.splitlines.
std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds);

/// Python's repr of a float: the shortest digits that read back the same.
std::string floatRepr(double d);

/// Reads a whole decimal float, as Python's float() does; none if it is not.
std::optional<double> parseFloat(std::string_view text);

/// Python's str(value); fails for values whose text is an address.
MarkedText toString(Run &run, const Value &value);

/// Python's repr(value).
MarkedText toRepr(Run &run, const Value &value);

struct JsonStyle {
  bool ensureAscii = false, sortKeys = false;
  std::optional<MarkedText> indent;
  MarkedText itemSeparator = MarkedText::plain(", "),
             keySeparator = MarkedText::plain(": ");
};

/// Python's json.dumps(value) in the given style.
MarkedText toJson(Run &run, const Value &value, const JsonStyle &style);

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_PYTHONTEXT_H
