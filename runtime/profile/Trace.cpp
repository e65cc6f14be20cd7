//===- Trace.cpp - Events for trace viewers -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The Trace Event Format: complete events ("X") with times in microseconds, one
// row for each thread.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Report.h"

#include <cstdio>

namespace sinter {

TraceWriter::TraceWriter(int64_t threads) {
  text = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [";
  for (int64_t i = 0; i < threads; ++i)
    text += (i ? ",\n" : "\n") +
            std::string("{\"ph\": \"M\", \"name\": \"thread_name\", \"pid\": 1,"
                        " \"tid\": ") +
            std::to_string(i) + ", \"args\": {\"name\": \"thread " +
            std::to_string(i) + "\"}}";
}

void TraceWriter::add(int64_t thread, int64_t begin, int64_t length,
                      const Kernel *kernel, int64_t layer) {
  char times[160];
  snprintf(times, sizeof(times),
           ", \"pid\": 1, \"tid\": %lld, \"ts\": %.3f, \"dur\": %.3f",
           (long long)thread, double(begin) * 1e-3, double(length) * 1e-3);
  text += ",\n{\"ph\": \"X\", \"name\": " +
          jsonString(kernel ? kernel->name : "wait") +
          ", \"cat\": " + jsonString(kernel ? kernel->kind : "wait") + times;
  if (kernel && layer >= 0)
    text += ", \"args\": {\"layer\": " + std::to_string(layer) +
            ", \"function\": " + jsonString(kernel->function) + "}";
  text += "}";
}

std::string TraceWriter::finish() { return text + "\n]}\n"; }

} // namespace sinter
