//===- Plan.h - What a memory plan says -------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The parts of #sinter.arena and #sinter.place.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_PLAN_H
#define SINTER_DIALECT_IR_PLAN_H

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/Hashing.h"

namespace sinter {

/// A number of rows, as far as it is known when compiling.
struct Rows {
  enum Kind {
    Tokens,      ///< of the step: batch * tokens
    Last,        ///< those whose outputs are wanted: batch * last
    PerSequence, ///< batch * count
    Known,       ///< count
  } kind = Tokens;
  int64_t count = 0; ///< 0 unless the kind asks for it

  bool operator==(const Rows &) const = default;
  /// "N", "L", "B3", "3": as programs and profiles say it.
  std::string name() const;
};

/// A buffer of a function: memory of its caller, or a part of its arena of
/// rows * bytes + extra bytes.
struct Buffer {
  enum Owner { Arena, Argument, Output } owner = Arena;
  int64_t index = 0; ///< of the argument or output
  Rows rows = {};
  int64_t bytes = 0, extra = 0;

  bool operator==(const Buffer &) const = default;
};

inline llvm::hash_code hash_value(const Buffer &buffer) {
  return llvm::hash_combine(int(buffer.owner), buffer.index,
                            int(buffer.rows.kind), buffer.rows.count,
                            buffer.bytes, buffer.extra);
}

/// Attributes of functions and of kernels.
constexpr llvm::StringLiteral kArena = "sinter.arena", kPlace = "sinter.place";
/// The buffer of what has none.
constexpr int64_t kNoBuffer = -1;

} // namespace sinter

#endif // SINTER_DIALECT_IR_PLAN_H
