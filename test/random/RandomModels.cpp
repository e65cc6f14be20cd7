//===- RandomModels.cpp - Native code against the interpreter -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-random-models SCRATCH COUNT [SEED] [KEY=VALUE...]
//
// Makes COUNT models of the vocabulary's words, each with as many pairs of
// words that stood together in none before as can be had, and compares native
// code with the interpreter. SCRATCH is a path for files. A model that fails is
// shrunk to the smallest that still does, whose spec is printed. KEY=VALUE
// fixes words; COUNT 0 with them runs that one model and prints its spec.
//
//===----------------------------------------------------------------------===//

#include "test/random/RunModel.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sys/resource.h>

using namespace sinter::random_models;

namespace {

using Pair = std::pair<std::pair<size_t, size_t>, std::pair<size_t, size_t>>;

std::vector<Pair> pairsOf(const Choice &choice) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < dimensions().size(); ++i)
    for (size_t j = i + 1; j < dimensions().size(); ++j)
      if (choice.applies(i) && choice.applies(j))
        pairs.push_back({{i, choice[i]}, {j, choice[j]}});
  return pairs;
}

/// A choice without a meaning is to be refused for one of its reasons, any
/// other is to give equal results.
bool failed(const Choice &choice, const Outcome &outcome) {
  std::vector<std::string> reasons = contradictionsOf(choice);
  if (outcome.verdict != Verdict::Refused)
    return !reasons.empty() || outcome.verdict != Verdict::Equal;
  return std::none_of(
      reasons.begin(), reasons.end(), [&](const std::string &reason) {
        return outcome.message.find(reason) != std::string::npos;
      });
}

const char *nameOf(Verdict verdict) {
  switch (verdict) {
  case Verdict::Equal:
    return "equal";
  case Verdict::Refused:
    return "refused";
  case Verdict::Differs:
    return "differs";
  case Verdict::Broken:
    return "broken";
  }
  return "";
}

class Search {
public:
  Search(std::string scratch, uint64_t seed)
      : scratch(std::move(scratch)), random(seed) {}
  /// Fixes a word; false if there is none like it.
  bool fix(const std::string &text);
  Choice fixedChoice() const {
    Choice choice;
    for (auto [dimension, value] : fixed)
      choice[dimension] = value;
    return choice;
  }
  Outcome run(const Choice &choice) { return runModel(choice, scratch); }
  bool runMany(long count);

private:
  Choice draw();
  Choice next();
  Choice shrink(Choice choice, const Outcome &outcome);

  std::string scratch;
  std::mt19937_64 random;
  std::map<size_t, size_t> fixed;
  std::set<Pair> seen;
};

bool Search::fix(const std::string &text) {
  for (size_t i = 0; i < dimensions().size(); ++i)
    for (size_t v = 0; v < dimensions()[i].values.size(); ++v)
      if (text == dimensions()[i].name + "=" + dimensions()[i].values[v]) {
        fixed[i] = v;
        return true;
      }
  fprintf(stderr, "no such word: %s\n", text.c_str());
  return false;
}

/// Half of the words are the plainest in every other model, so that there are
/// models of several sizes.
Choice Search::draw() {
  Choice choice;
  bool plain = random() % 2;
  for (size_t i = 0; i < dimensions().size(); ++i) {
    choice[i] = random() % dimensions()[i].values.size();
    if (plain && random() % 2)
      choice[i] = 0;
  }
  for (auto [dimension, value] : fixed)
    choice[dimension] = value;
  return choice;
}

/// Of some drawn, the one with the most new pairs. One in twenty may be without
/// a meaning.
Choice Search::next() {
  bool any = random() % 20 == 0 || !contradictionsOf(fixedChoice()).empty();
  Choice best;
  size_t most = 0;
  for (int i = 0; i < 40; ++i) {
    Choice choice = draw();
    while (!any && !contradictionsOf(choice).empty())
      choice = draw();
    size_t fresh = 0;
    for (const Pair &pair : pairsOf(choice))
      fresh += !seen.contains(pair);
    if (i == 0 || fresh > most) {
      best = choice;
      most = fresh;
    }
  }
  return best;
}

/// Without numbers, which change with the model.
std::string kindOf(const std::string &message) {
  std::string kind;
  for (char c : message)
    if (!isdigit(c))
      kind += c;
  return kind;
}

/// Makes words plain as long as the model fails in the same way.
Choice Search::shrink(Choice choice, const Outcome &outcome) {
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (size_t i = 0; i < dimensions().size(); ++i) {
      if (!choice[i] || !choice.applies(i))
        continue;
      Choice plainer = choice;
      plainer[i] = 0;
      Outcome again = run(plainer);
      bool same = outcome.verdict == Verdict::Differs ||
                  kindOf(again.message) == kindOf(outcome.message);
      if (failed(plainer, again) && again.verdict == outcome.verdict && same) {
        choice = plainer;
        smaller = true;
      }
    }
  }
  return choice;
}

bool Search::runMany(long count) {
  std::map<Verdict, long> verdicts;
  std::set<std::string> failures;
  bool good = true;
  for (long i = 0; i < count; ++i) {
    Choice choice = next();
    Outcome outcome = run(choice);
    ++verdicts[outcome.verdict];
    fprintf(stderr, "%ld: %s\n", i + 1, nameOf(outcome.verdict));
    if (outcome.verdict == Verdict::Equal)
      for (const Pair &pair : pairsOf(choice))
        seen.insert(pair);
    if (!failed(choice, outcome))
      continue;
    printf("%s: %s\n  %s\n", nameOf(outcome.verdict), choice.describe().c_str(),
           outcome.message.c_str());
    good = false;
    fflush(stdout);
    // One that is known need not be made small again.
    if (outcome.verdict != Verdict::Differs &&
        !failures.insert(kindOf(outcome.message)).second)
      continue;
    Choice small = shrink(choice, outcome);
    if (failures.insert(small.describe()).second) {
      Outcome again = run(small);
      printf("smallest: %s\n  %s: %s\n%s\n", small.describe().c_str(),
             nameOf(again.verdict), again.message.c_str(),
             specOf(small).c_str());
    }
    fflush(stdout);
  }
  long refused = verdicts[Verdict::Refused];
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("%ld seconds of the processor\n", long(usage.ru_utime.tv_sec));
  printf("%ld models: %ld equal, %ld refused (%.1f%%), %ld differ, %ld broken; "
         "%zu pairs of words\n",
         count, verdicts[Verdict::Equal], refused,
         count ? 100.0 * double(refused) / double(count) : 0,
         verdicts[Verdict::Differs], verdicts[Verdict::Broken], seen.size());
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(
        stderr,
        "usage: sinter-random-models SCRATCH COUNT [SEED] [KEY=VALUE...]\n");
    return 2;
  }
  bool hasSeed =
      argc > 3 && std::string(argv[3]).find('=') == std::string::npos;
  Search search(argv[1], hasSeed ? strtoull(argv[3], nullptr, 10) : 1);
  for (int i = hasSeed ? 4 : 3; i < argc; ++i)
    if (!search.fix(argv[i]))
      return 2;
  long count = strtol(argv[2], nullptr, 10);
  if (count)
    return search.runMany(count) ? 0 : 1;
  Choice choice = search.fixedChoice();
  printf("%s", specOf(choice).c_str());
  Outcome outcome = search.run(choice);
  printf("%s: %s\n", nameOf(outcome.verdict), outcome.message.c_str());
  return failed(choice, outcome) ? 1 : 0;
}
