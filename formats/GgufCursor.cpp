//===- GgufCursor.cpp - Walking through a GGUF file -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/GgufCursor.h"

#include <algorithm>

namespace sinter {

namespace {

constexpr int maxArrayDepth = 4;
/// Of one array; the largest vocabularies have a few 10^5.
constexpr uint64_t maxElements = 1 << 26;
/// Of all arrays whose elements have lengths of their own.
constexpr uint64_t maxWalked = 1 << 27;
/// Of all strings together.
constexpr uint64_t maxCopied = 1 << 30;

} // namespace

std::string_view nameOf(GgufType type) {
  constexpr std::string_view names[] = {"u8",  "i8",  "u16",  "i16",    "u32",
                                        "i32", "f32", "bool", "string", "array",
                                        "u64", "i64", "f64"};
  return size_t(type) < std::size(names) ? names[size_t(type)] : "unknown";
}

std::optional<uint64_t> sizeOf(GgufType type) {
  switch (type) {
  case GgufType::U8:
  case GgufType::I8:
  case GgufType::Bool:
    return 1;
  case GgufType::U16:
  case GgufType::I16:
    return 2;
  case GgufType::U32:
  case GgufType::I32:
  case GgufType::F32:
    return 4;
  case GgufType::U64:
  case GgufType::I64:
  case GgufType::F64:
    return 8;
  case GgufType::String:
  case GgufType::Array:
    break;
  }
  return std::nullopt;
}

bool GgufCursor::fail(const std::string &message) {
  if (!why)
    why = Failure(file.path() + ": error: " + context + ": " + message);
  return false;
}

bool GgufCursor::need(uint64_t length) {
  if (why)
    return false;
  if (length <= remaining())
    return true;
  return fail("needs " + std::to_string(length) + " bytes at byte " +
              std::to_string(at) + ", but the file has " +
              std::to_string(file.size()) + " bytes");
}

bool GgufCursor::fill(size_t length) {
  if (at >= windowBegin && at + length <= windowEnd)
    return true;
  uint64_t part = std::min<uint64_t>(window.size(), remaining());
  if (Failure failure = file.read(at, window.data(), part)) {
    why = std::move(failure);
    return false;
  }
  windowBegin = at;
  windowEnd = at + part;
  return true;
}

bool GgufCursor::skip(uint64_t length) {
  if (!need(length))
    return false;
  at += length;
  return true;
}

bool GgufCursor::string(std::string &text, uint64_t maxLength) {
  uint64_t length;
  if (!number(length) || !need(length))
    return false;
  if (length > maxLength)
    return fail("expected a string of at most " + std::to_string(maxLength) +
                " bytes at byte " + std::to_string(at) + ", found one of " +
                std::to_string(length));
  copied += length;
  if (copied > maxCopied)
    return fail("the file's strings have more than " +
                std::to_string(maxCopied) + " bytes");
  text.resize(length);
  if (length <= window.size()) {
    if (!fill(length))
      return false;
    memcpy(text.data(), window.data() + (at - windowBegin), length);
  } else if (Failure failure = file.read(at, text.data(), length)) {
    why = std::move(failure);
    return false;
  }
  at += length;
  return true;
}

bool GgufCursor::array_(GgufArray &array, int depth) {
  uint32_t type;
  if (depth == maxArrayDepth)
    return fail("arrays are nested deeper than " +
                std::to_string(maxArrayDepth) + " levels");
  if (!number(type) || !number(array.count))
    return false;
  if (type > uint32_t(GgufType::F64))
    return fail("unknown element type " + std::to_string(type));
  if (array.count > maxElements)
    return fail("expected at most " + std::to_string(maxElements) +
                " elements, found " + std::to_string(array.count));
  array.elementType = GgufType(type);
  array.offset = at;
  if (!skipElements(array, depth))
    return false;
  array.bytes = at - array.offset;
  return true;
}

bool GgufCursor::skipElements(const GgufArray &array, int depth) {
  if (auto size = sizeOf(array.elementType))
    return skip(array.count * *size);
  walked += array.count;
  if (walked > maxWalked)
    return fail("the file's arrays have too many elements");
  for (uint64_t i = 0; i < array.count; ++i) {
    uint64_t length;
    GgufArray inner;
    bool passed = array.elementType == GgufType::String
                      ? number(length) && skip(length)
                      : array_(inner, depth + 1);
    if (!passed)
      return false;
  }
  return true;
}

} // namespace sinter
