//===- TextTest.cpp - JSON and text from untrusted files ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "FormatsTest.h"
#include "formats/Json.h"

using namespace sinter;

void testText() {
  CHECK(quote("plain \xc3\xa9") == "\"plain \xc3\xa9\"");
  CHECK(quote("\x1b[31m\"\\") == "\"\\x1b[31m\\\"\\\\\"");
  CHECK(quote("\xff") == "\"\\xff\"");
  CHECK(quote(std::string(1000, 'a')).size() < 110);
  CHECK(quote("a\n\xc2\x9b") == "\"a\\x0a\\u009b\"");
  CHECK(printable("\x1b]0;x\x07\r\n\t\x7f") == "\\x1b]0;x\\x07\\x0d\n\t\\x7f");
  CHECK(printable("\xc2\x9b \xe2\x80\xae \xd8\x9c \xff") ==
        "\\u009b \\u202e \\u061c \\xff");
  CHECK(printable("\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80") ==
        "\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80");
  CHECK(isUtf8("") && isUtf8("a\xf0\x9f\x98\x80z"));
  CHECK(!isUtf8("\xc0\x80"));         // overlong
  CHECK(!isUtf8("\xed\xa0\x80"));     // surrogate
  CHECK(!isUtf8("\xf4\x90\x80\x80")); // beyond U+10FFFF
  CHECK(!isUtf8("\xe2\x82"));         // cut off
  CHECK(replaceBadUtf8("a\xff"
                       "b") == "a\xef\xbf\xbd"
                               "b");
}

void testJson() {
  auto tree =
      parseJson(R"({"a": [1, -2, 3.5, {"b": null}], "c": "\u00e9"})", "f");
  CHECK(tree && (*tree)["a"][3]["b"].is_null() && (*tree)["a"][2] == 3.5);
  CHECK(tree && (*tree)["c"] == "\xc3\xa9");
  CHECK(parseJson("7", "f") && *parseJson("7", "f") == 7);
  CHECK(parseJson("\xef\xbb\xbf{}", "f"));

  CHECK_FAILS(parseJson("", "f"), "f:1:1: error: invalid JSON");
  CHECK_FAILS(parseJson("{\"a\": 1,\n  \"a\": 2}", "f"),
              "f:2:5: error: invalid JSON: key \"a\" appears twice");
  CHECK_FAILS(parseJson("{\"a\": }", "f"), "f:1:7: error: invalid JSON");
  CHECK_FAILS(parseJson("[1, 2", "f"), "f:1:5: error: invalid JSON");
  CHECK_FAILS(parseJson("[1] x", "f"), "f:1:5: error: invalid JSON");
  CHECK_FAILS(parseJson("\"\xff\"", "f"), "invalid");
  CHECK_FAILS(parseJson("1e999", "f"), "number overflow");
  CHECK_FAILS(parseJson(std::string(1'000'000, '['), "f"),
              "f:1:65: error: invalid JSON: nested deeper than 64 levels");
  JsonLimits limits;
  limits.maxValues = 3;
  CHECK(parseJson("[1, 2]", "f", limits));
  CHECK_FAILS(parseJson("[1, 2, 3]", "f", limits), "more than 3 values");
  limits.maxBytes = 4;
  CHECK_FAILS(parseJson("[1, 2]", "f", limits), "at most 4 bytes");
}
