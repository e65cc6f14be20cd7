//===- GgufCursor.h - Walking through a GGUF file ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to Gguf*.cpp. Reads forward through a part of a file by way of a
// small window, so that what was checked is what is used, whatever happens to
// the file meanwhile.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_GGUFCURSOR_H
#define SINTER_FORMATS_GGUFCURSOR_H

#include "formats/Gguf.h"

#include <array>
#include <cstring>
#include <optional>

namespace sinter {

/// The bytes of a value; none for strings and arrays, and for numbers that
/// stand for no type.
std::optional<uint64_t> sizeOf(GgufType type);

/// Reads return false once anything has gone wrong; failure() then says what.
class GgufCursor {
public:
  /// Covers bytes [begin, end), which must lie within the file.
  GgufCursor(const MappedFile &file, uint64_t begin, uint64_t end)
      : file(file), at(begin), end(end) {}

  uint64_t position() const { return at; }
  uint64_t remaining() const { return end - at; }
  const Failure &failure() const { return why; }

  /// Names what is being read, for messages: `key "general.name"`.
  void setContext(std::string what) { context = std::move(what); }

  /// Ends reading with a message about the current context.
  bool fail(const std::string &message);

  template <typename T> bool number(T &value) {
    if (!need(sizeof(T)) || !fill(sizeof(T)))
      return false;
    memcpy(&value, window.data() + (at - windowBegin), sizeof(T));
    at += sizeof(T);
    return true;
  }
  /// A length and that many bytes, at most `maxLength`.
  bool string(std::string &text, uint64_t maxLength);
  /// Passes over `length` bytes.
  bool skip(uint64_t length);
  /// Reads the header of an array and passes over its elements.
  bool array(GgufArray &array) { return array_(array, 0); }
  /// Reads a value of any type but Array and String as T does it.
  template <typename T> bool scalarAs(GgufType type, T &value);

private:
  bool need(uint64_t length);
  bool fill(size_t length);
  bool array_(GgufArray &array, int depth);
  bool skipElements(const GgufArray &array, int depth);

  const MappedFile &file;
  uint64_t at;
  uint64_t end;
  Failure why;
  std::string context = "header";
  /// Elements that were walked one by one; bounded, for files with holes can
  /// be far larger than their bytes on disk.
  uint64_t walked = 0;
  /// Bytes that went into strings; bounded for the same reason.
  uint64_t copied = 0;

  std::array<std::byte, 1 << 16> window;
  uint64_t windowBegin = 0;
  uint64_t windowEnd = 0;
};

template <typename T> bool GgufCursor::scalarAs(GgufType type, T &value) {
  auto readAs = [&](auto number_) {
    if (!number(number_))
      return false;
    value = T(number_);
    return true;
  };
  switch (type) {
  case GgufType::U8:
    return readAs(uint8_t());
  case GgufType::I8:
    return readAs(int8_t());
  case GgufType::U16:
    return readAs(uint16_t());
  case GgufType::I16:
    return readAs(int16_t());
  case GgufType::U32:
    return readAs(uint32_t());
  case GgufType::I32:
    return readAs(int32_t());
  case GgufType::U64:
    return readAs(uint64_t());
  case GgufType::I64:
    return readAs(int64_t());
  default:
    return fail("expected an integer, found " + std::string(nameOf(type)));
  }
}

} // namespace sinter

#endif // SINTER_FORMATS_GGUFCURSOR_H
