//===- Result.h - Errors as values, without LLVM ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What is linked into programs cannot use LLVM; this is its Expected, reduced
// to what readers of untrusted bytes need: a value, or a sentence saying why
// there is none.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SUPPORT_RESULT_H
#define SINTER_RUNTIME_SUPPORT_RESULT_H

#include <optional>
#include <string>
#include <utility>

namespace sinter {

/// Why something failed: one sentence for the user that names file and place,
/// what was expected and what was found. Converts to true when it is a failure.
class [[nodiscard]] Failure {
public:
  Failure() = default;
  explicit Failure(std::string message) : text(std::move(message)) {}
  static Failure none() { return {}; }
  explicit operator bool() const { return text.has_value(); }
  const std::string &message() const { return *text; }

private:
  std::optional<std::string> text;
};

/// A T, or the Failure that explains its absence.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : held(std::move(value)) {}
  Result(Failure failure) : why(std::move(failure)) {}
  explicit operator bool() const { return held.has_value(); }
  T &operator*() { return *held; }
  const T &operator*() const { return *held; }
  T *operator->() { return &*held; }
  const T *operator->() const { return &*held; }
  const Failure &failure() const { return why; }
  const std::string &message() const { return why.message(); }

private:
  std::optional<T> held;
  Failure why;
};

} // namespace sinter

#endif // SINTER_RUNTIME_SUPPORT_RESULT_H
