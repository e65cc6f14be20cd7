//===- PatternTest.cpp - What patterns match ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TextTest.h"
#include "runtime/text/Matcher.h"
#include "text/TablesWriter.h"

#include <chrono>
#include <string>

namespace sinter::text {

/// Every match of `pattern` in `text`, with '|' between; "error: ..." for what
/// is not a pattern.
static std::string matches(std::string_view pattern, std::string_view text,
                           bool ruby = false) {
  TokenizerDescription description;
  Result<uint32_t> program = description.patterns.compile(pattern, {ruby});
  if (!program)
    return "error: " + program.message();
  Result<std::vector<std::byte>> bytes = writeTables(description);
  Result<TablesView> view = TablesView::open(*bytes);
  Matcher matcher(*view, *program, text);
  std::string all;
  Matcher::Match match;
  for (size_t from = 0; from <= text.size() && matcher.find(from, match);) {
    if (!all.empty() || match.begin > 0)
      all += '|';
    all += text.substr(match.begin, match.end - match.begin);
    from = match.end > match.begin ? match.end : match.end + 1;
  }
  return all;
}

static void expect(std::string_view pattern, std::string_view text,
                   const std::string &wanted, bool ruby = false) {
  std::string found = matches(pattern, text, ruby);
  if (found == wanted)
    return;
  ++failedChecks;
  std::printf("pattern %s on '%s': expected '%s', found '%s'\n",
              std::string(pattern).c_str(), std::string(text).c_str(),
              wanted.c_str(), found.c_str());
}

static void expectError(std::string_view pattern, std::string_view part) {
  std::string found = matches(pattern, "");
  if (found.starts_with("error: ") && found.find(part) != found.npos)
    return;
  ++failedChecks;
  std::printf("pattern %s: expected an error with '%s', found '%s'\n",
              std::string(pattern).c_str(), std::string(part).c_str(),
              found.c_str());
}

void testPatterns() {
  // The first alternative that works, not the longest.
  expect("a|ab", "ab", "a");
  expect("(?:a|ab)c", "abc", "abc");
  // Greedy, lazy and possessive repetition, of one code point and of more.
  expect("a*ab", "aaab", "aaab");
  expect("a*+ab", "aaab", "");
  expect("a+?", "aaa", "a|a|a");
  expect("a{2,3}?b", "aaaab", "|aaab");
  expect("(?:ab)+", "ababa", "abab");
  expect("(?:ab)+?b?", "abab", "ab|ab");
  expect("(?:ab|a)++b", "abab", "");
  expect("(?>a|ab)c", "abcac", "|ac");
  expect("a{2}", "aaaaa", "aa|aa");
  expect("a{,2}b", "aaab", "|aab");
  expect("a{x", "a{x", "a{x");
  // Ruby's manner: {n,m}+ repeats a repetition, ^ and $ know lines.
  expect("a{1,2}+b", "aaab", "|aab");
  expect("a{1,2}+b", "aaab", "aaab", true);
  expect("^b$", "a\nb\nc", "|b", true);
  expect("^b$", "a\nb\nc", "");
  // Looking around.
  expect("\\s+(?!\\S)", "a   b  ", "|  |  ");
  expect("\\d{1,3}(?=(?:\\d{3})*\\b)", "1234567 12", "1|234|567|12");
  expect("(?<=a)b", "ab b", "|b");
  expect("(?<!a)b", "ab b", "|b");
  expect("\\bx\\b", "x xx x", "x|x");
  // Superscripts and fractions are words, but not in classes.
  expect("\\w+", "a²b ½!", "a²b|½");
  expect("[\\w]+", "a²b", "a|b");
  expect("\\W+", "a²\u2074!", "|\u2074!");
  expect("[^\\w]+", "a²!b", "|²!");
  expect("x\\b", "x² x", "|x");
  expect("\\h+", "fz1g", "f|1", true);
  expect("(?!ab|ac)a.", "abacad", "|ad");
  // Classes.
  expect("[^\\r\\n\\p{L}]+", "a12\nb", "|12");
  expect("[a-c[x-z]]+", "axbyq", "axby");
  expect("[\\w&&[^\\d_]]+", "ab1_c", "ab|c");
  expect("[]a]+", "]a", "]a");
  expect("[a-]+", "-a", "-a");
  expect("\\p{Han}+|\\P{Han}", "\u4e2d\u6587a", "\u4e2d\u6587|a");
  expect("\\x41\\x{1F600}\\u00e9", "A\U0001F600\u00e9", "A\U0001F600\u00e9");
  expect("(?i:'S|k)", "'s 'S \u212a", "'s|'S|\u212a");
  expect("(?i)a(?-i)b", "Ab AB", "Ab");
  expect(".", "a\nb", "a|b");
  expect("(?s:.)", "\n", "\n");

  expectError("(a", "expected ')'");
  expectError("a)", "found ')'");
  expectError("[a", "expected ']'");
  expectError("*a", "nothing before '*'");
  expectError("(a)\\1", "unknown escape");
  expectError("\\p{Klingon}", "unknown property 'Klingon'");
  expectError("(?:a*)*", "repeats what can match nothing");
  expectError("(?<=ab)c", "only one character");
  expectError("a{3,2}", "at least 3");
  expectError("(?:(?:(?:ab){100}){100}){100}", "too long");
  expectError(std::string(40, '('), "nested too deep");
  expectError("\xff", "not UTF-8");
}

/// Patterns that take forever when run naively, on texts that make them.
void testHardPatterns() {
  auto start = std::chrono::steady_clock::now();
  std::string as(20000, 'a');
  expect("(?:a|a)*b", as, "");
  expect("(?:a+)+b", std::string(500, 'a'), "");
  expect("(?:a|aa)+c", as, "");
  expect("(?:a?){30}a{30}", std::string(30, 'a'), std::string(30, 'a'));
  expect("(?!(?:a+)+b)a", std::string(60, 'a'), [] {
    std::string each;
    for (int i = 0; i < 60; ++i)
      each += i ? "|a" : "a";
    return each;
  }());
  expect("(?>(?:a|aa)+)c", std::string(300, 'a'), "");
  // Look-arounds in look-arounds take a power of the length; they are given up.
  std::string nested = "a*";
  for (int depth = 0; depth < 6; ++depth)
    nested = "(?:(?=" + nested + ")a)*";
  expect(nested + "b", std::string(400, 'a') + "b", std::string("|b"));
  expect("(?:(?=a*b)a)*b", std::string(400, 'a') + "b",
         std::string(400, 'a') + "b");
  // What was found slowly is right all the same.
  expect("(?:a|aa)+(?:b|$)", as, as);
  expect("(?:x|xx)+y|x", "xxxy", "xxxy");
  auto took = std::chrono::steady_clock::now() - start;
  CHECK(took < std::chrono::seconds(60));
}

} // namespace sinter::text
