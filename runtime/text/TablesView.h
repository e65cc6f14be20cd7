//===- TablesView.h - Checked access to a compiled tokenizer ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Every index that the rest of the tokenizer follows without looking is
// checked here, once, so that damaged tables give a message and not a crash.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_TABLESVIEW_H
#define SINTER_RUNTIME_TEXT_TABLESVIEW_H

#include "runtime/support/Result.h"
#include "runtime/text/TokenizerTables.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace sinter::text {

class TablesView {
public:
  /// Fails when `bytes` are not whole, consistent tables of this version.
  static Result<TablesView> open(std::span<const std::byte> bytes);

  const TablesHeader &header() const {
    return *reinterpret_cast<const TablesHeader *>(base);
  }
  /// The section's elements; T is the type that SectionKind names.
  template <typename T> std::span<const T> section(SectionKind kind) const {
    const Section &place = header().sections[static_cast<uint32_t>(kind)];
    return {reinterpret_cast<const T *>(base + place.offset),
            static_cast<size_t>(place.size / sizeof(T))};
  }
  std::string_view bytes(SectionKind kind) const {
    auto content = section<char>(kind);
    return {content.data(), content.size()};
  }
  bool hasFlag(TablesFlag flag) const { return header().flags & flag; }
  /// The text that the model looks up; empty for an id out of range.
  std::string_view token(uint32_t id) const {
    return text(SectionKind::TokenOffsets, SectionKind::TokenBytes, id);
  }
  /// The bytes that decoding gives; empty for an id out of range.
  std::string_view piece(uint32_t id) const {
    return text(SectionKind::PieceOffsets, SectionKind::PieceBytes, id);
  }
  /// The token that the model may produce for exactly `text`, or noToken.
  uint32_t lookUp(std::string_view text) const;
  /// True when set `set` holds `code`.
  bool contains(uint32_t set, uint32_t code) const;

private:
  explicit TablesView(const std::byte *base) : base(base) {}
  std::string_view text(SectionKind offsets, SectionKind bytesOf,
                        uint32_t id) const;
  Failure check() const;
  const std::byte *base;
};

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_TABLESVIEW_H
