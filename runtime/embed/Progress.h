//===- Progress.h - How far a long run is -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_EMBED_PROGRESS_H
#define SINTER_RUNTIME_EMBED_PROGRESS_H

#include <cstdint>

namespace sinter {

/// A bar on standard error, if that is a terminal; it is gone afterwards.
class Progress {
public:
  Progress(bool quiet, int64_t total);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Shows that so many are done, a few times a second.
  void show(int64_t done);

private:
  bool shows;
  int64_t total;
  double begun, latest;
  bool isDrawn = false;
};

} // namespace sinter

#endif // SINTER_RUNTIME_EMBED_PROGRESS_H
