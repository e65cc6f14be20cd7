//===- SentencePiece.cpp - Importing SentencePiece models -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Field numbers are those of sentencepiece_model.proto.
//
//===----------------------------------------------------------------------===//

#include "text/SentencePiece.h"

#include <cstring>
#include <functional>

namespace sinter::text {

namespace {

/// One field of a message: a number, or bytes.
struct Field {
  uint64_t key = 0;
  uint64_t number = 0;    ///< varint or fixed
  std::string_view bytes; ///< length-delimited
};

/// Walks the fields of a message in protocol buffers' wire format.
class Message {
public:
  explicit Message(std::string_view bytes) : rest(bytes) {}

  /// The next field; false at the end and when the bytes are no message.
  bool next(Field &field);
  bool damaged() const { return broken; }

private:
  bool fail() {
    broken = true;
    return false;
  }
  bool varint(uint64_t &value);
  bool fixed(size_t size, uint64_t &value);

  std::string_view rest;
  bool broken = false;
};

} // namespace

bool Message::varint(uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest.empty())
      return fail();
    auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return fail();
}

bool Message::fixed(size_t size, uint64_t &value) {
  if (rest.size() < size)
    return fail();
  value = 0;
  memcpy(&value, rest.data(), size);
  rest.remove_prefix(size);
  return true;
}

bool Message::next(Field &field) {
  if (rest.empty() || broken)
    return false;
  uint64_t tag;
  if (!varint(tag))
    return false;
  field = {tag >> 3, 0, {}};
  switch (tag & 7) {
  case 0:
    return varint(field.number);
  case 1:
    return fixed(8, field.number);
  case 5:
    return fixed(4, field.number);
  case 2:
    if (!varint(field.number) || field.number > rest.size())
      return fail();
    field.bytes = rest.substr(0, field.number);
    rest.remove_prefix(field.number);
    return true;
  default:
    return fail();
  }
}

namespace {

class Reader {
public:
  Reader(std::string_view bytes, const std::string &file) : bytes(bytes) {
    to.file = file;
    // The defaults of the format.
    to.kind = ModelKind::Unigram;
    to.addSpace = to.joinSpaces = true;
    to.unknown = 0;
    to.begin = 1;
    to.end = 2;
  }

  Result<GgufTokenizer> read();

private:
  Failure fail(const std::string &what) const {
    return Failure(to.file + ": error: " + what);
  }
  Failure each(std::string_view message,
               const std::function<Failure(const Field &)> &visit);
  Failure readPiece(std::string_view message);
  Failure readTrainer(const Field &field);
  Failure readNormalizer(const Field &field);

  std::string_view bytes;
  GgufTokenizer to;
};

} // namespace

Failure Reader::each(std::string_view message,
                     const std::function<Failure(const Field &)> &visit) {
  Message fields(message);
  Field field;
  while (fields.next(field))
    if (Failure failure = visit(field))
      return failure;
  if (fields.damaged())
    return fail("this is no SentencePiece model, or a damaged one");
  return Failure::none();
}

Failure Reader::readPiece(std::string_view message) {
  std::string piece;
  float score = 0;
  int64_t kind = 1;
  Failure failure = each(message, [&](const Field &field) {
    if (field.key == 1)
      piece = field.bytes;
    if (field.key == 2) {
      auto bits = uint32_t(field.number);
      memcpy(&score, &bits, sizeof(score));
    }
    if (field.key == 3)
      kind = int64_t(field.number);
    return Failure::none();
  });
  if (failure)
    return failure;
  // The kinds are numbered as GGUF does.
  to.tokens.push_back(std::move(piece));
  to.scores.push_back(score);
  to.kinds.push_back(kind);
  return Failure::none();
}

Failure Reader::readTrainer(const Field &field) {
  // Ids are int32; protocol buffers write negative ones as 64 bits.
  auto id = int64_t(field.number);
  switch (field.key) {
  case 3:
    if (field.number != 1 && field.number != 2)
      return fail("models of words or characters are not supported");
    to.kind = field.number == 2 ? ModelKind::MergeByScore : ModelKind::Unigram;
    break;
  case 24:
    if (field.number)
      return fail("white space as suffixes is not supported");
    break;
  case 40:
    to.unknown = id;
    break;
  case 41:
    to.begin = id;
    break;
  case 42:
    to.end = id;
    break;
  case 43:
    to.pad = id;
    break;
  }
  return Failure::none();
}

Failure Reader::readNormalizer(const Field &field) {
  switch (field.key) {
  case 2:
    to.charsMap = field.bytes;
    break;
  case 3:
    to.addSpace = field.number != 0;
    break;
  case 4:
    to.joinSpaces = field.number != 0;
    break;
  case 5:
    if (!field.number)
      return fail("spaces that are not escaped are not supported");
    break;
  }
  return Failure::none();
}

Result<GgufTokenizer> Reader::read() {
  Failure failure = each(bytes, [&](const Field &field) {
    if (field.key == 1)
      return readPiece(field.bytes);
    if (field.key == 2)
      return each(field.bytes, [&](const Field &f) { return readTrainer(f); });
    if (field.key == 3)
      return each(field.bytes,
                  [&](const Field &f) { return readNormalizer(f); });
    return Failure::none();
  });
  if (failure)
    return failure;
  if (to.tokens.empty())
    return fail("this is no SentencePiece model: it has no pieces");
  return std::move(to);
}

Result<GgufTokenizer> readSentencePieces(std::string_view bytes,
                                         const std::string &file) {
  return Reader(bytes, file).read();
}

} // namespace sinter::text
