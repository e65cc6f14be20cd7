//===- Cover.cpp - Choices that put all words together --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/Cover.h"

#include <algorithm>
#include <functional>
#include <numeric>

using namespace sinter::random_models;

namespace {

size_t valueOf(size_t dimension, const std::string &word) {
  const std::vector<std::string> &values = dimensions()[dimension].values;
  return std::find(values.begin(), values.end(), word) - values.begin();
}

/// How many needs lie under a dimension: those with fewer are chosen first.
size_t depthOf(size_t dimension) {
  size_t depth = 0;
  for (const Need &need : dimensions()[dimension].needs)
    depth = std::max(depth, 1 + depthOf(dimensionOf(need.dimension)));
  return depth;
}

constexpr int kCandidates = 6;

} // namespace

Cover::Cover(uint64_t seed, std::map<size_t, size_t> fixed)
    : random(seed), fixed(std::move(fixed)) {
  for (size_t i = 0; i < dimensions().size(); ++i) {
    firstWord.push_back(words.size());
    depths.push_back(depthOf(i));
    for (size_t v = 0; v < dimensions()[i].values.size(); ++v)
      words.push_back({i, v});
  }
  wanted.resize(words.size() * words.size());
  counted.resize(wanted.size());
  findPossible();
}

size_t Cover::indexOf(const Word &a, const Word &b) const {
  size_t x = firstWord[a.dimension] + a.value;
  size_t y = firstWord[b.dimension] + b.value;
  return std::min(x, y) * words.size() + std::max(x, y);
}

std::vector<Cover::Word> Cover::wordsOf(const Choice &choice) const {
  std::vector<Word> all;
  for (size_t i = 0; i < dimensions().size(); ++i)
    if (dimensions()[i].paired && choice.applies(i))
      all.push_back({i, choice[i]});
  return all;
}

/// Narrows `allowed` to a word and all that it needs.
void Cover::require(Word word, Allowed &allowed) const {
  auto narrow = [&](size_t dimension, const std::set<size_t> &values) {
    auto [it, isNew] = allowed.try_emplace(dimension, values);
    if (!isNew)
      std::erase_if(it->second,
                    [&](size_t value) { return !values.contains(value); });
  };
  std::function<void(size_t)> needsOf = [&](size_t dimension) {
    for (const Need &need : dimensions()[dimension].needs) {
      size_t other = dimensionOf(need.dimension);
      std::set<size_t> values;
      for (const std::string &text : need.values)
        values.insert(valueOf(other, text));
      narrow(other, values);
      needsOf(other);
    }
  };
  narrow(word.dimension, {word.value});
  needsOf(word.dimension);
}

/// The plainest choice with the fixed words and some others, and the
/// dimensions that these determine; none if it has no meaning.
std::optional<Choice> Cover::with(const std::vector<Word> &some,
                                  std::vector<bool> &locked) const {
  Allowed allowed;
  for (auto [dimension, value] : fixed)
    require({dimension, value}, allowed);
  for (const Word &word : some)
    require(word, allowed);
  Choice choice;
  locked.assign(dimensions().size(), false);
  for (const auto &[dimension, values] : allowed) {
    if (values.empty())
      return std::nullopt;
    choice[dimension] = *values.begin();
    locked[dimension] = true;
  }
  if (!contradictionsOf(choice).empty())
    return std::nullopt;
  return choice;
}

/// The same, with one word more if there is no meaning without it.
std::optional<Choice> Cover::withPair(const Word &a, const Word &b,
                                      std::vector<bool> &locked) const {
  if (std::optional<Choice> choice = with({a, b}, locked))
    return choice;
  Allowed allowed;
  require(a, allowed);
  require(b, allowed);
  for (const auto &[dimension, values] : allowed)
    if (values.empty())
      return std::nullopt;
  for (const Word &word : words)
    if (std::optional<Choice> choice = with({a, b, word}, locked))
      return choice;
  return std::nullopt;
}

void Cover::findPossible() {
  std::vector<bool> locked;
  for (const Word &a : words)
    for (const Word &b : words)
      if (a.dimension < b.dimension && dimensions()[a.dimension].paired &&
          dimensions()[b.dimension].paired && withPair(a, b, locked)) {
        wanted[indexOf(a, b)] = true;
        ++possiblePairs;
      }
}

size_t Cover::count(const Choice &choice) {
  size_t fresh = 0;
  std::vector<Word> all = wordsOf(choice);
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i + 1; j < all.size(); ++j) {
      char &seen = counted[indexOf(all[i], all[j])];
      fresh += !seen;
      seen = true;
    }
  return fresh;
}

/// Wanted pairs of a word with those assigned.
size_t Cover::gainOf(const Choice &choice, Word word,
                     const std::vector<bool> &assigned) const {
  size_t gain = 0;
  for (size_t i = 0; i < assigned.size(); ++i)
    if (assigned[i] && i != word.dimension)
      gain += wanted[indexOf(word, {i, choice[i]})];
  return gain;
}

/// Gives each dimension that is not locked the word with most wanted pairs
/// among those that keep the choice's meaning; where none is, a random one or
/// the plainest.
Choice Cover::fill(Choice choice, std::vector<bool> locked) {
  std::vector<std::pair<size_t, uint64_t>> ranks; // what needs nothing first
  std::vector<size_t> order(dimensions().size());
  for (size_t depth : depths)
    ranks.push_back({depth, random()});
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return ranks[a] < ranks[b]; });
  std::vector<bool> assigned = locked;
  bool plain = random() % 2;
  for (size_t i : order) {
    if (locked[i] || !choice.applies(i))
      continue;
    if (!dimensions()[i].paired) {
      size_t last = dimensions()[i].values.size() - 1;
      choice[i] = random() % 8 ? random() % last : last;
      continue;
    }
    std::vector<size_t> best;
    size_t most = 0;
    for (size_t v = 0; v < dimensions()[i].values.size(); ++v) {
      Choice trial = choice;
      trial[i] = v;
      if (!contradictionsOf(trial).empty())
        continue;
      size_t gain = gainOf(trial, {i, v}, assigned);
      if (gain > most || best.empty()) {
        best.clear();
        most = gain;
      }
      if (gain == most)
        best.push_back(v);
    }
    if (best.empty())
      continue;
    choice[i] =
        !most && plain && best[0] == 0 ? 0 : best[random() % best.size()];
    assigned[i] = true;
  }
  return choice;
}

Choice Cover::next() {
  std::vector<size_t> open;
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i])
      open.push_back(i);
  Choice best;
  size_t most = 0;
  for (int i = 0; i < kCandidates; ++i) {
    std::vector<bool> locked;
    Choice start;
    if (open.empty()) {
      start = with({}, locked).value_or(start);
    } else {
      size_t pair = open[random() % open.size()];
      start = *withPair(words[pair / words.size()], words[pair % words.size()],
                        locked);
    }
    Choice choice = fill(start, locked);
    std::vector<Word> all = wordsOf(choice);
    size_t gain = 0;
    for (size_t a = 0; a < all.size(); ++a)
      for (size_t b = a + 1; b < all.size(); ++b)
        gain += wanted[indexOf(all[a], all[b])];
    if (i && gain <= most)
      continue;
    best = choice;
    most = gain;
    if (open.empty())
      break;
  }
  std::vector<Word> all = wordsOf(best);
  for (size_t a = 0; a < all.size(); ++a)
    for (size_t b = a + 1; b < all.size(); ++b)
      wanted[indexOf(all[a], all[b])] = false;
  return best;
}

bool Cover::isComplete() const {
  return std::count(wanted.begin(), wanted.end(), true) == 0;
}

Choice Cover::draw() {
  Choice choice;
  // A few words each; with more, next to none would have a meaning.
  for (size_t i = 0; i < dimensions().size(); ++i)
    if (random() % 4 == 0)
      choice[i] = random() % dimensions()[i].values.size();
  for (auto [dimension, value] : fixed)
    choice[dimension] = value;
  return choice;
}
