//===- MarkedText.h - Text that knows what came from outside ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A prompt is made of what the template's author wrote and of what people,
// tools and models said. Only the former may contain control tokens, so bytes
// of the latter are marked where they enter, and the marks go wherever the
// bytes go: a MarkedText is put together from parts, which bring their marks.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_MARKEDTEXT_H
#define SINTER_RUNTIME_TEXT_MARKEDTEXT_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

/// The marked bytes from `begin` to `end`. `origin` tells texts apart whose
/// place in the result matters; 0: any.
struct Mark {
  size_t begin, end;
  uint32_t origin;
};

/// Whether any of the bytes from `begin` to `end` is marked; `marks` are in
/// order and do not overlap.
bool anyMarked(std::span<const Mark> marks, size_t begin, size_t end);

/// Whether all of them are.
bool allMarked(std::span<const Mark> marks, size_t begin, size_t end);

struct MarkedText {
  std::string bytes;
  std::vector<Mark> marks; // in order; those that touch differ in origin

  static MarkedText plain(std::string bytes) { return {std::move(bytes), {}}; }
  static MarkedText marked(std::string bytes, uint32_t origin = 0);

  bool empty() const { return bytes.empty(); }
  size_t size() const { return bytes.size(); }
  bool isMarked(size_t begin, size_t end) const {
    return anyMarked(marks, begin, end);
  }

  void append(const MarkedText &text) { append(text, text.bytes); }
  /// Appends a part of `text`, a view of its bytes, with that part's marks.
  void append(const MarkedText &text, std::string_view part);
  void append(std::string_view more, bool isMarked);
  /// A copy of a part of this text, a view of its bytes.
  MarkedText part(std::string_view part) const;
  MarkedText part(size_t begin, size_t end) const {
    return part(std::string_view(bytes).substr(begin, end - begin));
  }

private:
  void mark(size_t begin, size_t end, uint32_t origin);
};

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_MARKEDTEXT_H
