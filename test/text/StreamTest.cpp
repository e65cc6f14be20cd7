//===- StreamTest.cpp - Bytes to valid text, piece by piece ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TextTest.h"
#include "runtime/text/Tokenizer.h"
#include "text/TablesWriter.h"

namespace sinter::text {

/// What Python's bytes.decode("utf-8", errors="replace") makes of bytes.
static void testRepair() {
  const char *mark = "\xef\xbf\xbd";
  auto expect = [&](std::string_view bytes, std::string_view wanted) {
    std::string text;
    for (char c : wanted)
      c == '?' ? text += mark : text += c;
    CHECK(repairUtf8(bytes) == text);
  };
  expect("plain", "plain");
  expect("\x80", "?");
  expect("\xc3", "?");
  expect("\xe2\x82", "?");
  expect("\xe2\x82x", "?x");
  expect("\xf0\x9f\x98", "?");
  expect("\xf0\x9fx\x98", "?x?");
  expect("\xed\xa0\x80", "???");      // a surrogate
  expect("\xc0\xaf", "??");           // overlong
  expect("\xe0\x80\x80", "???");      // overlong
  expect("\xf0\x80\x80\x80", "????"); // overlong
  expect("\xf4\x90\x80\x80", "????"); // above U+10FFFF
  expect("\xf8\x88\x80\x80\x80", "?????");
  expect("\xe2\xe2\x82\xac", "?\xe2\x82\xac");
  expect("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
}

/// A tokenizer of single bytes, whose token 256 is special.
static std::vector<std::byte> byteTables() {
  TokenizerDescription description;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    TokenDescription token;
    token.text = token.piece = std::string(1, static_cast<char>(byte));
    token.kind = TokenKind::Normal;
    token.inModel = true;
    description.tokens.push_back(token);
    description.byteTokens[byte] = byte;
  }
  TokenDescription special;
  special.text = special.piece = "<end>";
  special.kind = TokenKind::Control;
  description.tokens.push_back(special);
  AddedDescription added;
  added.token = 256;
  added.text = "<end>";
  added.flags = Special;
  description.added.push_back(added);
  description.stops = {256, 256};
  description.flags = StripFirstSpace;
  Result<std::vector<std::byte>> bytes = writeTables(description);
  CHECK(bool(bytes));
  return *bytes;
}

static void testDecoding(const Tokenizer &tokenizer) {
  StreamDecoder decoder(tokenizer);
  std::string out;
  for (unsigned char byte : std::string_view("\xf0\x9f\x98"))
    decoder.push(byte, out);
  CHECK(out.empty()); // held back
  decoder.push(256, out);
  CHECK(out.empty()); // special tokens are not text
  decoder.push(0x80, out);
  CHECK(out == "\U0001F600");
  decoder.push(0xe2, out);
  decoder.push('x', out);
  CHECK(out == "\U0001F600\uFFFDx");
  out.clear();
  decoder.push(0xe2, out);
  decoder.finish(out);
  CHECK(out == "\uFFFD");

  CHECK(tokenizer.decode(tokenizer.encode(" a")) == "a");
  CHECK(tokenizer.decode(tokenizer.encode("  a")) == " a");
  StreamDecoder later(tokenizer, true, /*atStart=*/false);
  out.clear();
  later.push(' ', out);
  CHECK(out == " ");
  out.clear();
  later.push(257, out); // no such token
  later.push(noToken, out);
  CHECK(out.empty());
}

void testStreams() {
  testRepair();
  std::vector<std::byte> bytes = byteTables();
  Result<Tokenizer> tokenizer = Tokenizer::open(bytes);
  CHECK(bool(tokenizer));
  testDecoding(*tokenizer);
  CHECK(tokenizer->encode("a<end>").size() == 6);
  CHECK(tokenizer->encode("a<end>", {true, true}).size() == 2);
  CHECK(tokenizer->isSpecial(256) && !tokenizer->isSpecial(1) &&
        !tokenizer->isSpecial(257));
  CHECK(tokenizer->isStop(256) && !tokenizer->isStop(0));
  CHECK(tokenizer->stopTokens().size() == 1);
  CHECK(tokenizer->find("<end>") == 256 && tokenizer->find("a") == 'a' &&
        tokenizer->find("ab") == noToken);
  CHECK(tokenizer->beginToken() == noToken);
  CHECK(tokenizer->encode("").empty());
}

} // namespace sinter::text
