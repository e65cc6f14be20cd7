//===- RandomModels.cpp - Native code against the interpreter -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-random-models SCRATCH COUNT [SEED] [KEY=VALUE...]
//
// Makes COUNT models of the vocabulary's words and compares native code with
// the interpreter. The first models put every two words together that go
// together; those that follow are random. Then it draws as many choices of
// words without asking for their meaning, and checks that the reader of specs
// refuses those that have none, and no other. SCRATCH is a path for files. A
// model that fails is shrunk to the smallest that still does, whose spec is
// printed. KEY=VALUE fixes words; COUNT 0 with them runs that one model and
// prints its spec. "plant=sinks" plants a bug, for the test of this program.
//
//===----------------------------------------------------------------------===//

#include "test/random/Cover.h"
#include "test/random/RunModel.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sys/resource.h>

using namespace sinter::random_models;

namespace {

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

/// Without numbers, which change with the model.
std::string kindOf(const std::string &message) {
  std::string kind;
  for (char c : message)
    if (!isdigit(c))
      kind += c;
  return kind;
}

/// Whether two outcomes are one failure.
bool isSame(const Outcome &a, const Outcome &b) {
  return a.verdict == b.verdict && (a.verdict == Verdict::Differs ||
                                    kindOf(a.message) == kindOf(b.message));
}

using Failures = std::vector<std::pair<Choice, Outcome>>;

class Search {
public:
  /// Reads SEED and KEY=VALUE; false if there is no such word.
  bool read(int count, char **arguments);
  bool runOne();
  bool runMany(size_t count);

  RunOptions options;

private:
  bool fix(const std::string &text);
  void report(const Failures &failures);
  Choice shrink(Choice choice, const Outcome &outcome);
  bool compare(Cover &cover, size_t count);
  bool refuse(Cover &cover, size_t count);

  uint64_t seed = 1;
  std::map<size_t, size_t> fixed;
  std::set<std::string> known; // failures
};

bool Search::fix(const std::string &text) {
  if (text == "plant=sinks")
    return options.plantBug = true;
  for (size_t i = 0; i < dimensions().size(); ++i)
    for (size_t v = 0; v < dimensions()[i].values.size(); ++v)
      if (text == dimensions()[i].name + "=" + dimensions()[i].values[v]) {
        fixed[i] = v;
        return true;
      }
  fprintf(stderr, "no such word: %s\n", text.c_str());
  return false;
}

bool Search::read(int count, char **arguments) {
  for (int i = 0; i < count; ++i) {
    std::string text = arguments[i];
    if (i == 0 && text.find('=') == std::string::npos)
      seed = strtoull(arguments[i], nullptr, 10);
    else if (!fix(text))
      return false;
  }
  return true;
}

/// Makes words plain as long as the model fails in the same way: many at once
/// first, then fewer, in the end one by one until none can be.
Choice Search::shrink(Choice choice, const Outcome &outcome) {
  size_t count = dimensions().size();
  for (size_t many = count;; many = std::max<size_t>(1, many / 2)) {
    bool smaller = false;
    for (size_t begin = 0; begin < count; begin += many) {
      Choice plainer = choice;
      for (size_t i = begin; i < std::min(begin + many, count); ++i)
        plainer[i] = 0;
      if (plainer.describe() == choice.describe())
        continue;
      Outcome again = runModel(plainer, options);
      if (!failed(plainer, again) || !isSame(again, outcome))
        continue;
      choice = plainer;
      smaller = true;
    }
    if (many == 1 && !smaller)
      return choice;
  }
}

/// Prints failures and, of those that are not alike, the smallest models.
void Search::report(const Failures &failures) {
  for (const auto &[choice, outcome] : failures) {
    printf("%s: %s\n  %s\n", nameOf(outcome.verdict), choice.describe().c_str(),
           outcome.message.c_str());
    fflush(stdout);
    if (outcome.verdict != Verdict::Differs &&
        !known.insert(kindOf(outcome.message)).second)
      continue;
    Choice small = shrink(choice, outcome);
    if (!known.insert(small.describe()).second)
      continue;
    Outcome again = runModel(small, options);
    printf("smallest: %s\n  %s: %s\n%s\n", small.describe().c_str(),
           nameOf(again.verdict), again.message.c_str(), specOf(small).c_str());
    fflush(stdout);
  }
}

bool Search::runOne() {
  Choice choice;
  for (auto [dimension, value] : fixed)
    choice[dimension] = value;
  printf("%s", specOf(choice).c_str());
  Outcome outcome = runModel(choice, options);
  printf("%s: %s\n", nameOf(outcome.verdict), outcome.message.c_str());
  return !failed(choice, outcome);
}

/// Models with a meaning: all are to give equal results.
bool Search::compare(Cover &cover, size_t count) {
  std::vector<Choice> choices;
  size_t enough = 0;
  for (size_t i = 0; i < count; ++i) {
    choices.push_back(cover.next());
    enough += !cover.isComplete();
  }
  fprintf(stderr, "%zu models put all pairs together\n", enough + 1);
  std::map<Verdict, size_t> verdicts;
  size_t pairs = 0, finished = 0;
  Failures failures;
  runModels(choices, options, [&](size_t at, const Outcome &outcome) {
    ++verdicts[outcome.verdict];
    fprintf(stderr, "%zu of %zu: %s\n", ++finished, count,
            nameOf(outcome.verdict));
    if (outcome.verdict == Verdict::Equal)
      pairs += cover.count(choices[at]);
    if (failed(choices[at], outcome))
      failures.emplace_back(choices[at], outcome);
  });
  report(failures);
  printf("%zu models: %zu equal, %zu refused, %zu differ, %zu broken\n", count,
         verdicts[Verdict::Equal], verdicts[Verdict::Refused],
         verdicts[Verdict::Differs], verdicts[Verdict::Broken]);
  printf("%zu of %zu pairs of words (%.1f%%)\n", pairs, cover.possible(),
         100.0 * double(pairs) / double(std::max<size_t>(1, cover.possible())));
  return failures.empty();
}

/// Words drawn without asking what they mean together: those without a meaning
/// are to be refused, no other is.
bool Search::refuse(Cover &cover, size_t count) {
  std::vector<Choice> choices;
  for (size_t i = 0; i < count; ++i)
    choices.push_back(cover.draw());
  RunOptions reading = options;
  options.readOnly = true;
  size_t refused = 0;
  Failures failures;
  runModels(choices, options, [&](size_t at, const Outcome &outcome) {
    refused += outcome.verdict == Verdict::Refused;
    if (failed(choices[at], outcome))
      failures.emplace_back(choices[at], outcome);
  });
  report(failures);
  options = reading;
  printf("%zu choices of words: %zu refused (%.1f%%), %zu of them or others "
         "wrongly\n",
         count, refused,
         100.0 * double(refused) / double(std::max<size_t>(1, count)),
         failures.size());
  return failures.empty();
}

bool Search::runMany(size_t count) {
  Cover cover(seed, fixed);
  bool good = compare(cover, count);
  good &= refuse(cover, count);
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("%ld seconds of the processor\n", long(usage.ru_utime.tv_sec));
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
  Search search;
  search.options.scratch = argv[1];
  if (!search.read(argc - 3, argv + 3))
    return 2;
  size_t count = strtoul(argv[2], nullptr, 10);
  bool good = count ? search.runMany(count) : search.runOne();
  return good ? 0 : 1;
}
