//===- Vocabulary.h - Small models made of random words ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What docs/spec.md lets a spec say, as dimensions with a few values each. A
// choice of a value for each is a small model. The first value of a dimension
// is the plainest: what a failure is shrunk to.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_RANDOM_VOCABULARY_H
#define SINTER_TEST_RANDOM_VOCABULARY_H

#include <cstdint>
#include <string>
#include <vector>

namespace sinter::random_models {

/// That a dimension has one of some values.
struct Need {
  std::string dimension;
  std::vector<std::string> values;
};

struct Dimension {
  std::string name;
  std::vector<std::string> values;
  /// What must be for the dimension to say anything.
  std::vector<Need> needs = {};
  /// Whether every value is to meet all words. If not, the last is rare.
  bool paired = true;
};

const std::vector<Dimension> &dimensions();
/// The dimension of a name that exists.
size_t dimensionOf(const std::string &name);

/// A value for each dimension.
class Choice {
public:
  Choice() : values(dimensions().size(), 0) {}

  size_t &operator[](size_t dimension) { return values[dimension]; }
  size_t operator[](size_t dimension) const { return values[dimension]; }
  bool operator==(const Choice &) const = default;

  /// The word of a dimension; the plainest where it says nothing.
  const std::string &word(const std::string &name) const;
  bool is(const std::string &name, const std::string &value) const {
    return word(name) == value;
  }
  bool isAny(const std::string &name,
             const std::vector<std::string> &words) const;
  bool has(const std::string &name) const { return !is(name, "no"); }
  int64_t number(const std::string &name) const {
    return std::stoll(word(name));
  }
  bool applies(size_t dimension) const;
  /// "kind=encoder norm=layer ...": what differs from the plainest model.
  std::string describe() const;

private:
  std::vector<size_t> values;
};

/// What is without a meaning in a choice (see docs/spec.md), in the words of
/// the spec's reader, which is to refuse it for one of the reasons.
std::vector<std::string> contradictionsOf(const Choice &choice);

/// A spec without a checkpoint: numbers stand in it.
std::string specOf(const Choice &choice);

} // namespace sinter::random_models

#endif // SINTER_TEST_RANDOM_VOCABULARY_H
