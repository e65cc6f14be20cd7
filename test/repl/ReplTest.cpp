//===- ReplTest.cpp - Keys, texts, rows, stops by themselves --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Closest.h"
#include "runtime/core/Sampling.h"
#include "runtime/core/StopTexts.h"
#include "runtime/repl/History.h"
#include "runtime/repl/Layout.h"
#include "runtime/repl/LineEditor.h"
#include "runtime/repl/Width.h"
#include "test/Check.h"

#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>

using namespace sinter;

static std::vector<Key> keysOf(std::string_view bytes) {
  KeyReader reader;
  std::vector<Key> keys;
  for (char byte : bytes)
    reader.push(static_cast<unsigned char>(byte), keys);
  return keys;
}

/// The text that typing gives, with "|" where the cursor is.
static std::string typed(std::string_view bytes) {
  LineEditor editor;
  for (const Key &key : keysOf(bytes))
    editor.apply(key);
  std::string text = editor.text();
  return text.insert(editor.cursor(), "|");
}

#define CHECK_TYPED(bytes, expected)                                           \
  do {                                                                         \
    std::string found = typed(bytes);                                          \
    if (found != (expected)) {                                                 \
      printf("%s:%d: expected '%s', found '%s'\n", __FILE__, __LINE__,         \
             expected, found.c_str());                                         \
      ++failedChecks;                                                          \
    }                                                                          \
  } while (false)

static void testKeys() {
  auto isOne = [](std::string_view bytes, Key::Kind kind) {
    std::vector<Key> keys = keysOf(bytes);
    return keys.size() == 1 && keys[0].kind == kind;
  };
  CHECK(isOne("\x1b[A", Key::Up) && isOne("\x1bOA", Key::Up));
  CHECK(isOne("\x1b[1;5D", Key::WordLeft) && isOne("\x1b"
                                                   "b",
                                                   Key::WordLeft));
  CHECK(isOne("\r", Key::Enter) && isOne("\n", Key::Enter));
  CHECK(isOne("\r\n", Key::Enter));
  CHECK(keysOf("\r\r").size() == 2 && keysOf("\n\n").size() == 2);
  CHECK(isOne("\x1b\r", Key::NewLine));
  // What is not known is no key, and what comes next is read rightly.
  CHECK(keysOf("\x1b[99;12u\x1b[[A\x1bOP\x1bq").empty());
  CHECK(isOne("\x1b[1;\x1b[B", Key::Down));
  // Bytes that are not UTF-8, and those that wait for more.
  std::vector<Key> broken = keysOf("\xff"
                                   "a\xc3\r");
  CHECK(broken.size() == 4 && broken[0].text == "\xef\xbf\xbd" &&
        broken[1].text == "a" && broken[2].text == "\xef\xbf\xbd" &&
        broken[3].kind == Key::Enter);
  std::vector<Key> pasted = keysOf("\x1b[200~a\r\nb\rc\x1b[A\xff\n\x1b[201~d");
  CHECK(pasted.size() == 2 && pasted[0].kind == Key::Paste &&
        pasted[0].text == "a\nb\nc\x1b[A\xef\xbf\xbd\n" &&
        pasted[1].text == "d");
}

static void testEditor() {
  CHECK_TYPED("abc", "abc|");
  CHECK_TYPED("abc\x1b[D\x1b[Dx", "ax|bc");
  CHECK_TYPED("abc\x01x\x05y", "xabcy|");
  CHECK_TYPED("abc\x1b[Hx\x1b[Fy\x1b[1~z\x1b[4~!", "zxabcy!|");
  CHECK_TYPED("abc\x7f\x08", "a|");
  CHECK_TYPED("abc\x01\x1b[3~\x04", "|bc");
  CHECK_TYPED("one two\x1b[1;5D\x0b", "one |");
  CHECK_TYPED("one two\x1b"
              "b\x15",
              "|two");
  CHECK_TYPED("one two-x\x17", "one |");
  CHECK_TYPED("one two-x\x1b\x7f", "one two-|");
  CHECK_TYPED("one two\x01\x1b"
              "d",
              "| two");
  CHECK_TYPED("one two\x17\x01\x19", "two|one ");
  CHECK_TYPED("one two\x01\x1b"
              "f!",
              "one!| two");
  CHECK_TYPED("\x7f\x1b[D\x1b[3~\x17\x15\x0b\x19", "|");
  // Characters of several bytes, of several code points, and wide ones.
  CHECK_TYPED("a\u00e9\x7f", "a|");
  CHECK_TYPED("e\u0301x\x1b[D\x1b[D!", "!|e\u0301x");
  CHECK_TYPED("\u65e5\u672c\x1b[D\x7f", "|\u672c");
  CHECK_TYPED("a\U0001f469\u200d\U0001f52c\x7f", "a|");
  // Lines.
  CHECK_TYPED("ab\x1b\rcd\x1b[A!", "ab!|\ncd");
  CHECK_TYPED("abc\x1b\rd\x1b[A\x1b[B?", "abc\nd?|");
  CHECK_TYPED("ab\x1b\rcd\x01\x7f", "ab|cd");
  CHECK_TYPED("ab\x1b\rcd\x01\x1b[A\x05\x0b", "ab|cd");
  CHECK_TYPED("x\x1b[200~l1\nl2\x1b[201~y", "xl1\nl2y|");
  LineEditor editor;
  CHECK(!editor.apply({Key::Up, {}}) && !editor.apply({Key::Enter, {}}));
}

static void testLayout() {
  CHECK(widthOf('a') == 1 && widthOf(0x65e5) == 2 && widthOf(0x301) == 0);
  CHECK(widthOf(0x1f600) == 2 && widthOf(0x200d) == 0 && widthOf(0xad) == 1);
  CHECK(widthOf(0x1b) == -1 && widthOf(0x9b) == -1 && widthOf(0x202e) == -1);

  Layout layout = Layout::of("> ", "abc", 1, 80);
  CHECK(layout.rows == std::vector<std::string>{"> abc"} && layout.column == 3);
  // A full row: the cursor goes to the next one, wide characters do not split.
  layout = Layout::of("> ", "12345678", 8, 10);
  CHECK(layout.rows.size() == 2 && layout.row == 1 && layout.column == 0);
  layout = Layout::of("> ", "1234567\u65e5x", 7, 10);
  CHECK(layout.rows == std::vector<std::string>({"> 1234567", "\u65e5x"}));
  CHECK(layout.row == 1 && layout.column == 0);
  layout = Layout::of("> ", "1234567e\u0301\nb", 11, 10);
  CHECK(layout.rows == std::vector<std::string>({"> 1234567e\u0301", "  b"}));
  CHECK(layout.row == 1 && layout.column == 2);
  // What would move the cursor is shown by its name.
  layout = Layout::of("> ", "\x1b[A\u202e\tx", 0, 80);
  CHECK(layout.rows[0] == "> ^[[A\xef\xbf\xbd x");
  layout = Layout::of("> ", "1\n2\n3\n4\n5\n6", 4, 80).around(3);
  CHECK(layout.rows == std::vector<std::string>({"  2", "  3", "  4"}));
  CHECK(layout.row == 1 && layout.column == 2);
}

static void testHistory(const std::string &folder) {
  std::string path = folder + "/state/sinter/history";
  History first;
  CHECK(!first.open(path) && !first.add("one") && !first.add("two\nlines\\n"));
  CHECK(!first.add("two\nlines\\n") && first.entries().size() == 2);
  struct stat status;
  CHECK(stat(path.c_str(), &status) == 0 && (status.st_mode & 0777) == 0600);
  History second;
  CHECK(!second.open(path) && second.entries() == first.entries());
  CHECK(*second.older("draft") == "two\nlines\\n");
  CHECK(*second.older("") == "one" && !second.older(""));
  CHECK(*second.newer() == "two\nlines\\n" && *second.newer() == "draft");
  CHECK(!second.newer());
  for (int i = 0; i < 2500; ++i)
    CHECK(!second.add("text " + std::to_string(i)));
  History third, fourth;
  CHECK(!third.open(path) && third.entries().size() == 1000);
  CHECK(!fourth.open(path) && fourth.entries() == third.entries());
  CHECK(third.entries().back() == "text 2499");
  History nowhere;
  CHECK(!nowhere.open(folder + "/state/sinter/history/below"));
  CHECK(nowhere.add("x") && !nowhere.add("y")); // said once
}

/// What comes out of `pieces`, with "#" at a stop.
static std::string until(std::vector<std::string> stops,
                         std::vector<std::string> pieces) {
  StopTexts texts(stops);
  std::string out;
  for (const std::string &piece : pieces)
    if (texts.push(piece, out))
      return out + "#" + *texts.found();
  texts.finish(out);
  return out;
}

static void testStops() {
  CHECK(until({"STOP"}, {"a", "ST", "OP", "b"}) == "a#STOP");
  CHECK(until({"STOP"}, {"aSTOPb"}) == "a#STOP");
  CHECK(until({"STOP"}, {"S", "ST", "O", "STO"}) == "SSTOSTO");
  CHECK(until({"aab"}, {"a", "a", "a", "b"}) == "a#aab");
  CHECK(until({"x", "abc"}, {"ab", "x"}) == "ab#x");
  // As though tokens came one by one: the one that is complete first.
  CHECK(until({"abcd", "c"}, {"abcd"}) == "ab#c");
  CHECK(until({"abcd", "c"}, {"a", "b", "c", "d"}) == "ab#c");
  CHECK(until({"bc", "abc"}, {"abc"}) == "#abc");
  CHECK(until({"\n\n"}, {"a\n", "b\n", "\nc"}) == "a\nb#\n\n");
  // Nothing of what may become a stop text goes out early.
  std::vector<std::string> stops{"STOP"};
  StopTexts texts(stops);
  std::string out;
  CHECK(!texts.push("abcST", out) && out == "abc");
  CHECK(!texts.push("x", out) && out == "abcSTx");
}

static void testWishes() {
  SamplerOptions none = decide({}, {});
  CHECK(none.temperature == 0 && none.repeatPenalty == 1 && none.seed == 0);
  CHECK(describe(none) == "likeliest tokens");
  SamplingWishes model;
  model.temperature = 0.6;
  model.topK = 20;
  model.repeatPenalty = 1.1;
  model.penaltyTokens = 0;
  SamplingWishes user;
  user.topP = 0.5;
  user.seed = 7;
  SamplerOptions both = decide(user, model);
  CHECK(both.temperature == 0.6 && both.topK == 20 && both.topP == 0.5);
  CHECK(both.seed == 7 && both.penaltyTokens == 0);
  CHECK(describe(both) == "temperature 0.6, top-k 20, top-p 0.5, repeat "
                          "penalty 1.1, seed 7");
  user.temperature = 0;
  user.repeatPenalty = 2;
  CHECK(decide(user, model).temperature == 0);
  CHECK(decide(user, model).penaltyTokens == 64);
  user.temperature.reset();
  CHECK(decide(user, {}).temperature == 0.8);
  user.seed.reset();
  CHECK(decide(user, model).seed != decide(user, model).seed);
}

static void testClosest() {
  std::vector<std::string_view> names{"/help", "/clear", "/save", "/system"};
  CHECK(closest("/hepl", names) == "/help");
  CHECK(closest("/sav", names) == "/save");
  CHECK(closest("/sytem", names) == "/system");
  CHECK(closest("/xyzzy", names).empty());
  CHECK(closest(std::string(1000, 'x'), names).empty());
}

int main(int argc, char **argv) {
  if (argc != 2) {
    printf("usage: sinter-repl-test FOLDER\n");
    return 2;
  }
  testKeys();
  testEditor();
  testLayout();
  testHistory(argv[1]);
  testStops();
  testWishes();
  testClosest();
  if (!failedChecks)
    printf("all passed\n");
  return failedChecks != 0;
}
