//===- Session.h - Sequences being computed ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A session knows how far each of `batch` sequences has come and gives every
// step the inputs that the model's manifest asks for: tokens, how many came
// before, and whatever else there is about positions, masks and lengths. All
// memory is allocated when it is made or when its inputs are given. Several
// sessions may share a model, its weights and a team (one step at a time).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_SESSION_H
#define SINTER_RUNTIME_CORE_SESSION_H

#include "runtime/core/Backend.h"

#include <map>
#include <string>
#include <vector>

namespace sinter {

/// Tokens of `batch` sequences: ids is (batch, tokens), rows `stride` apart.
/// Of sequence b only the first counts[b] are real (null: all); the others are
/// there because the longest needs the room.
struct TokenRows {
  const int32_t *ids = nullptr;
  int64_t stride = 0;
  int64_t tokens = 0;
  const int64_t *counts = nullptr;

  int64_t count(int64_t sequence) const {
    return counts ? counts[sequence] : tokens;
  }
};

class Session {
public:
  /// Computes with generated code. Arguments by reference must outlive the
  /// session.
  static Result<Session> create(const SinterModel &model,
                                const Manifest &manifest,
                                std::span<const std::byte> weights, Team &team,
                                const SessionShape &shape);

  /// The same with a backend that has caches of roomFor(manifest, shape).
  static Result<Session> create(const Manifest &manifest,
                                std::unique_ptr<Backend> backend,
                                const SessionShape &shape);

  /// `shape` within bounds, and the tokens that its caches must hold.
  static SessionShape bounded(SessionShape shape);
  static int64_t roomFor(const Manifest &manifest, const SessionShape &shape);

  /// Gives an input besides tokens for the whole of each sequence, from its
  /// first token on: (batch, width) for inputs of tokens, (batch) for those of
  /// sequences. Of sequence b the first counts[b] values are real (null: all);
  /// what follows goes on by the manifest's rule. Inputs that are not given
  /// get what a plain text has, or feed() fails when there is no such thing.
  Failure give(const std::string &name, std::vector<int32_t> values,
               const int64_t *counts = nullptr);

  /// Runs the encoder of a seq2seq on `source`, whole; counts are for masks
  /// that give() did not give.
  Failure encode(const TokenRows &source);

  /// Computes further tokens of each sequence. Any number is fed in chunks;
  /// when `last` > 1, they must fit one. Afterwards logits() has the last
  /// `last` positions of the rows, real or not. Fails on ids out of range and
  /// when the context is full.
  Failure feed(const TokenRows &rows, int64_t last = 1);

  /// feed() for one sequence.
  Failure feed(std::span<const int32_t> ids, int64_t last = 1) {
    return feed({ids.data(), int64_t(ids.size()), int64_t(ids.size())}, last);
  }

  /// (batch, last, vocab) of the latest feed(). All positions where the model
  /// reads them at once. The first output, whatever it is called.
  std::span<const float> logits() const { return output(forward, 0); }

  /// An output of @forward or @encode by name; empty if there is none.
  std::span<const float> output(std::string_view name) const;

  /// Tokens of the longest sequence so far.
  int64_t length() const;
  /// Forgets all tokens after the first `tokens`. Returns how many it kept:
  /// none where the model's inputs depend on the whole prompt, or where a ring
  /// no longer has the tokens that the next would see. Rings always have those
  /// for going back by shape().chunk tokens.
  int64_t truncate(int64_t tokens);
  void reset() { truncate(0); }

  /// Makes room for so many sequences of so many tokens, where none goes on
  /// from an earlier step. Memory that is there is used again.
  Failure reshape(int64_t batch, int64_t tokens);

  /// Of the first so many tokens of each sequence embeddings are not made.
  void leaveOutOfPool(int64_t tokens) { leftOut = tokens; }

  const SessionShape &shape() const { return sizes; }
  int64_t vocab() const { return manifest->vocab; }
  /// Allocated memory, in bytes: scratch, caches.
  int64_t scratchBytes() const { return backend->scratchBytes(); }
  int64_t cacheBytes() const { return backend->cacheBytes(); }

private:
  /// What was given of an input.
  struct Given {
    std::vector<int32_t> values; // (batch, width)
    std::vector<int64_t> counts; // of real ones; empty: all
    int64_t width = 0;
    int64_t advance = 0;
    bool derived = false; // by us, of the prompt

    int32_t at(int64_t sequence, int64_t index) const;
  };

  /// An entry with memory for its arguments and results.
  struct Bound {
    const EntryDescription *entry = nullptr;
    int64_t rows = 0;            // tokens of a step that there is memory for
    std::vector<Memory> inputs;  // by order; none for caches and numbers
    std::vector<Memory> outputs; // by order; none for caches
    Memory pointers;             // to inputs, then outputs
    int64_t lastTokens = 0, lastOutputs = 0; // of the latest step
  };

  Session() = default;
  Failure bind(const EntryDescription &entry, int64_t rows, Bound &bound);
  Failure bindAll();
  Failure check(const TokenRows &rows, int64_t vocab) const;
  Failure complete(const EntryDescription &entry, const TokenRows &rows);
  void derive(const std::string &name, std::vector<int32_t> values,
              const TokenRows &rows);
  Failure begin();
  bool hasWrapped() const;
  bool holds(int64_t tokens) const;
  void forget();
  Failure deriveOfBlank(const EntryTensor &input, const TokenRows &rows);
  void derivePlaces(const TokenRows &rows);
  struct Piece;
  void fill(const EntryTensor &input, int32_t *values, const Piece &piece);
  int32_t ofToken(const EntryTensor &input, const Piece &piece,
                  int64_t sequence, int64_t token) const;
  int32_t ofSequence(const EntryTensor &input, const Piece &piece,
                     int64_t sequence) const;
  Failure step(Bound &bound, const TokenRows &rows, int64_t begin,
               int64_t count, int64_t last);
  std::span<const float> output(const Bound &bound, size_t index) const;

  const Manifest *manifest = nullptr;
  std::unique_ptr<Backend> backend;
  SessionShape sizes;
  int64_t capacity = 0;         // tokens in a cache that holds all
  std::vector<int64_t> lengths; // tokens of each sequence so far
  int64_t written = 0;      // rows of caches that have been, of any sequence
  int64_t sourceTokens = 0; // that the encoder has read
  bool completed = false;   // inputs that were not given
  bool begun = false;       // learned tokens are in the caches
  int64_t leftOut = 0;      // tokens that are not pooled
  std::map<std::string, Given, std::less<>> given;
  Bound forward;
  Bound encoder;
  Bound beginning;
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_SESSION_H
