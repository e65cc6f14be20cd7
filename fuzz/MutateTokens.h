//===- MutateTokens.h - Changes to text that keep its form ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Bytes changed at random rarely get past a parser. This puts one token in the
// place of another of its kind, and moves lines.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FUZZ_MUTATETOKENS_H
#define SINTER_FUZZ_MUTATETOKENS_H

#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace sinter {

class TokenMutator {
public:
  TokenMutator(std::string text, unsigned seed)
      : text(std::move(text)), rng(seed) {}

  std::string mutated() {
    findTokens();
    for (unsigned changes = 1 + pick(2); changes && !tokens.empty();
         --changes) {
      switch (pick(8)) {
      case 0:
        dropLine();
        break;
      case 1:
        doubleLine();
        break;
      case 2:
        dropGroup();
        break;
      case 3:
      case 4:
        changeNumber();
        break;
      default:
        exchangeToken();
      }
      findTokens();
    }
    return text;
  }

private:
  struct Token {
    size_t begin, end;
    char kind; ///< 'n' a number, 'w' a word, else what it begins with
  };

  size_t pick(size_t count) { return count ? rng() % count : 0; }
  static bool isWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  }

  void findTokens() {
    tokens.clear();
    for (size_t at = 0; at < text.size();) {
      size_t end = at + 1;
      bool isSigil = strchr("%@#!$", text[at]) && text[at];
      if (text[at] == '"')
        end = std::min(text.find('"', at + 1), text.size() - 1) + 1;
      else if (isWord(text[at]) || isSigil)
        while (end < text.size() && isWord(text[end]))
          ++end;
      char kind = std::isdigit(static_cast<unsigned char>(text[at])) ? 'n'
                  : isWord(text[at])                                 ? 'w'
                                                                     : text[at];
      if (!std::isspace(static_cast<unsigned char>(text[at])))
        tokens.push_back({at, end, kind});
      at = end;
    }
  }

  void put(const Token &token, const std::string &with) {
    text.replace(token.begin, token.end - token.begin, with);
  }
  std::vector<Token> all(char kind) const {
    std::vector<Token> found;
    for (const Token &token : tokens)
      if (token.kind == kind)
        found.push_back(token);
    return found;
  }

  void exchangeToken() {
    Token to = tokens[pick(tokens.size())];
    std::vector<Token> same = all(to.kind);
    Token from = same[pick(same.size())];
    put(to, text.substr(from.begin, from.end - from.begin));
  }

  void changeNumber() {
    static const char *const numbers[] = {"0",
                                          "1",
                                          "-1",
                                          "2",
                                          "3",
                                          "7",
                                          "64",
                                          "1000000",
                                          "2147483648",
                                          "4611686018427387904",
                                          "?",
                                          "1.5",
                                          "9223372036854775807"};
    std::vector<Token> found = all('n');
    if (!found.empty())
      put(found[pick(found.size())], numbers[pick(std::size(numbers))]);
  }

  /// What stands between the bracket that some token is and its end.
  void dropGroup() {
    for (char open : {'{', '[', '<'}) {
      std::vector<Token> found = all(open);
      if (found.empty() || pick(2))
        continue;
      size_t begin = found[pick(found.size())].begin;
      size_t end = text.find(open == '{'   ? '}'
                             : open == '[' ? ']'
                                           : '>',
                             begin);
      if (end != text.npos)
        text.erase(begin, end + 1 - begin);
      return;
    }
  }

  Token line() {
    size_t at = tokens[pick(tokens.size())].begin;
    size_t begin = at ? text.rfind('\n', at - 1) + 1 : 0;
    size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    return {begin, end, '\n'};
  }
  void dropLine() { put(line(), ""); }
  void doubleLine() {
    Token from = line();
    text.insert(line().begin, text.substr(from.begin, from.end - from.begin));
  }

  std::string text;
  std::minstd_rand rng;
  std::vector<Token> tokens;
};

/// For LLVMFuzzerCustomMutator: changes tokens, now and then bytes.
inline size_t mutateTokens(uint8_t *data, size_t size, size_t most,
                           unsigned seed) {
  if (seed % 4 == 0 || size == 0)
    return LLVMFuzzerMutate(data, size, most);
  std::string text(reinterpret_cast<const char *>(data), size);
  std::string mutated = TokenMutator(std::move(text), seed).mutated();
  size = std::min(mutated.size(), most);
  memcpy(data, mutated.data(), size);
  return size;
}

} // namespace sinter

#endif // SINTER_FUZZ_MUTATETOKENS_H
