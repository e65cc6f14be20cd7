//===- Progress.cpp - How far a long run is -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/embed/Progress.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace sinter {

static constexpr int64_t kWidth = 30;
static constexpr double kInterval = 0.1; // seconds

Progress::Progress(bool quiet, int64_t total)
    : shows(!quiet && isatty(STDERR_FILENO)),
      total(std::max<int64_t>(total, 1)), begun(now()), latest(begun) {}

void Progress::show(int64_t done) {
  if (!shows || now() - latest < kInterval)
    return;
  latest = now();
  isDrawn = true;
  std::string bar(size_t(kWidth * done / total), '#');
  bar.resize(kWidth, '.');
  fprintf(stderr, "\r[%s] %lld of %lld texts, %.0f a second \x1b[K",
          bar.c_str(), (long long)done, (long long)total,
          double(done) / (latest - begun));
}

Progress::~Progress() {
  if (isDrawn)
    fprintf(stderr, "\r\x1b[K");
}

} // namespace sinter
