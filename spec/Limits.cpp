//===- Limits.cpp - The most that quantities of a model can be ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A configuration that asks for more is damaged or hostile, and is refused
// before anything is built of it.
//
//===----------------------------------------------------------------------===//

#include "spec/Limits.h"

#include "llvm/ADT/StringSwitch.h"

int64_t sinter::mostOf(llvm::StringRef key) {
  constexpr int64_t one = 1;
  return llvm::StringSwitch<int64_t>(key)
      .Case("repeat", one << 12)
      .Cases({"heads", "kv_heads", "value_heads", "groups", "keep"}, one << 14)
      .Cases({"experts", "top_k", "identities", "count"}, one << 14)
      .Cases({"head_dim", "value_dim", "dims", "offset", "rotating"}, one << 16)
      .Cases({"hidden", "width", "shared_width"}, one << 20)
      .Cases({"queries", "keys", "shared", "take", "block"}, one << 20)
      .Cases({"furthest", "span"}, one << 18)
      .Cases({"vocab", "outputs", "types", "tokens", "start"}, one << 24)
      // Context, windows, rows of positions: nothing is made of each.
      .Default(one << 28);
}
