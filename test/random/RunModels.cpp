//===- RunModels.cpp - Models in processes of their own -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/RunModel.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sinter::random_models;

namespace {

/// Seconds of the processor for a model, by far enough: the machine may be
/// busy.
constexpr time_t kSeconds = 60;
constexpr size_t kWorkers = 2;

/// What a worker says of a model; the message follows.
struct Header {
  uint64_t at = 0;
  uint64_t bytes = 0;
  Verdict verdict = Verdict::Broken;
};

/// A process that runs every kWorkers-th model.
class Worker {
public:
  Worker(const std::vector<Choice> &choices, const RunOptions &options,
         size_t first)
      : choices(choices), options(options), next(first) {
    this->options.scratch += "." + std::to_string(first);
  }
  bool start();
  bool isDone() const { return next >= choices.size(); }
  int pipe() const { return reading; }
  /// Reads what there is; the process is started again if it ended early.
  void read(const std::function<void(size_t, const Outcome &)> &done);

private:
  [[noreturn]] void work(int writing);
  std::string end();

  const std::vector<Choice> &choices;
  RunOptions options;
  size_t next;
  pid_t child = -1;
  int reading = -1;
  std::string text;
};

void writeAll(int to, const void *bytes, size_t count) {
  const char *at = static_cast<const char *>(bytes);
  while (count) {
    ssize_t done = write(to, at, count);
    if (done <= 0)
      _exit(1);
    at += done;
    count -= size_t(done);
  }
}

void Worker::work(int writing) {
  for (size_t at = next; at < choices.size(); at += kWorkers) {
    itimerval limit{{}, {kSeconds, 0}};
    setitimer(ITIMER_PROF, &limit, nullptr);
    Outcome outcome = runHere(choices[at], options);
    Header header{at, outcome.message.size(), outcome.verdict};
    writeAll(writing, &header, sizeof header);
    writeAll(writing, outcome.message.data(), outcome.message.size());
  }
  _exit(0);
}

bool Worker::start() {
  int ends[2];
  if (::pipe(ends))
    return false;
  fflush(nullptr);
  child = fork();
  if (child == 0) {
    close(ends[0]);
    work(ends[1]);
  }
  close(ends[1]);
  reading = ends[0];
  return child > 0;
}

/// Waits for the process that closed its pipe, and tells why it did.
std::string Worker::end() {
  close(reading);
  reading = -1;
  text.clear();
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
    return "took longer than " + std::to_string(kSeconds) + " s";
  if (WIFSIGNALED(status))
    return std::string("ended by signal ") + strsignal(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

void Worker::read(const std::function<void(size_t, const Outcome &)> &done) {
  char buffer[4096];
  ssize_t count = ::read(reading, buffer, sizeof buffer);
  if (count > 0)
    text.append(buffer, size_t(count));
  Header header;
  while (text.size() >= sizeof header) {
    memcpy(&header, text.data(), sizeof header);
    if (text.size() < sizeof header + header.bytes)
      break;
    done(header.at, {header.verdict, text.substr(sizeof header, header.bytes)});
    text.erase(0, sizeof header + header.bytes);
    next = header.at + kWorkers;
  }
  if (count > 0)
    return;
  std::string why = end();
  if (isDone())
    return;
  done(next, {Verdict::Broken, why});
  next += kWorkers;
  if (!isDone())
    start();
}

} // namespace

void sinter::random_models::runModels(
    const std::vector<Choice> &choices, const RunOptions &options,
    const std::function<void(size_t at, const Outcome &outcome)> &done) {
  std::vector<Worker> workers;
  for (size_t i = 0; i < kWorkers; ++i)
    workers.emplace_back(choices, options, i);
  for (Worker &worker : workers)
    if (!worker.isDone())
      worker.start();
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Worker *> running;
    for (Worker &worker : workers)
      if (worker.pipe() >= 0) {
        polled.push_back({worker.pipe(), POLLIN, 0});
        running.push_back(&worker);
      }
    if (polled.empty())
      return;
    if (poll(polled.data(), polled.size(), -1) < 0)
      continue;
    for (size_t i = 0; i < polled.size(); ++i)
      if (polled[i].revents)
        running[i]->read(done);
  }
}

Outcome sinter::random_models::runModel(const Choice &choice,
                                        const RunOptions &options) {
  Outcome result;
  runModels({choice}, options,
            [&](size_t, const Outcome &outcome) { result = outcome; });
  return result;
}
