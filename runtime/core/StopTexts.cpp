//===- StopTexts.cpp - Where an answer ends, by its text ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/StopTexts.h"

#include <algorithm>

namespace sinter {

/// Length of the longest end of `text` that is a beginning of `stop`.
static size_t overlap(std::string_view text, std::string_view stop) {
  size_t length = std::min(text.size(), stop.size() - 1);
  while (length && !stop.starts_with(text.substr(text.size() - length)))
    --length;
  return length;
}

bool StopTexts::push(std::string_view text, std::string &out) {
  held += text;
  size_t begin = std::string::npos, end = std::string::npos;
  for (const std::string &stop : texts) {
    size_t at = held.find(stop);
    if (at == std::string::npos)
      continue;
    size_t after = at + stop.size();
    if (after > end || (after == end && at >= begin))
      continue;
    begin = at;
    end = after;
    match = stop;
  }
  size_t keep = 0;
  if (!match)
    for (const std::string &stop : texts)
      keep = std::max(keep, overlap(held, stop));
  size_t ready = match ? begin : held.size() - keep;
  out.append(held, 0, ready);
  held.erase(0, ready);
  return match.has_value();
}

void StopTexts::finish(std::string &out) {
  if (!match)
    out += held;
  held.clear();
}

} // namespace sinter
