//===- Closest.cpp - Which name was meant ---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Closest.h"

#include <algorithm>
#include <vector>

namespace sinter {

static constexpr size_t kLongestWord = 64;

/// Damerau's distance, without changes within what was exchanged.
static size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> table(a.size() + 1,
                                         std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      size_t changed = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      table[i][j] =
          std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  return table[a.size()][b.size()];
}

std::string_view closest(std::string_view word,
                         std::span<const std::string_view> names) {
  std::string_view best;
  // A third of the word may be wrong.
  size_t least = std::max<size_t>(word.size() / 3, 1) + 1;
  for (std::string_view name : names) {
    if (word.size() > kLongestWord)
      break;
    size_t away = distance(word, name);
    if (away < least) {
      best = name;
      least = away;
    }
  }
  return best;
}

} // namespace sinter
