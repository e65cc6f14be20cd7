//===- Console.cpp - Standard output, and being interrupted ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"

#include "formats/Text.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <new>
#include <string>
#include <system_error>
#include <unistd.h>

namespace sinter {

// A signal handler can reach nothing but variables of the process.
static volatile sig_atomic_t interrupted = 0;

static int writeAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno;
    text.remove_prefix(size_t(written));
  }
  return 0;
}

bool writeText(std::string_view text) {
  static const bool toTerminal = isatty(STDOUT_FILENO);
  int error = toTerminal ? writeAll(STDOUT_FILENO, printable(text))
                         : writeAll(STDOUT_FILENO, text);
  errno = error;
  return error == 0;
}

Failure outputFailure() {
  if (errno == EPIPE)
    return Failure("");
  return Failure(std::string("cannot write to standard output: ") +
                 strerror(errno));
}

void writeError(std::string_view text) { writeAll(STDERR_FILENO, text); }

void report(std::string_view program, std::string_view message) {
  std::string line(program);
  line.append(": ").append(message).append("\n");
  writeError(printable(line));
}

void guardStandardFiles() {
  // Of input and output what nobody can read or write; messages go nowhere.
  constexpr int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(file, F_GETFD) < 0 && errno == EBADF) {
      // Gets the lowest number that is free.
      [[maybe_unused]] int opened = open("/dev/null", flags[file]);
    }
}

static void (*beforeOutOfMemory)() = nullptr;

/// Whether memory is lacking, or room for another thread.
static bool isOutOfMemory(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::bad_alloc &) {
    return true;
  } catch (const std::system_error &error) {
    return error.code() == std::errc::resource_unavailable_try_again ||
           error.code() == std::errc::not_enough_memory;
  } catch (...) {
  }
  return false;
}

/// The end of a process that nothing has caught: says so where memory is
/// lacking, without asking for any.
[[noreturn]] static void terminate() {
  std::exception_ptr thrown = std::current_exception();
  if (!thrown || !isOutOfMemory(thrown))
    std::abort();
  writeAll(STDERR_FILENO, kOutOfMemory);
  if (beforeOutOfMemory)
    beforeOutOfMemory();
  _exit(1);
}

void reportLimits(void (*cleanUp)()) {
  beforeOutOfMemory = cleanUp;
  std::set_new_handler(nullptr);
  std::set_terminate(terminate);
  signal(SIGXFSZ, SIG_IGN);
}

void watchSignals() {
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action{};
  // A second Ctrl-C while the first one is waiting ends the process.
  action.sa_handler = [](int number) {
    if (interrupted) {
      signal(number, SIG_DFL);
      raise(number);
    }
    interrupted = 1;
  };
  sigaction(SIGINT, &action, nullptr);
}

bool takeInterrupt() {
  bool was = interrupted;
  interrupted = 0;
  return was;
}

bool interruptPending() { return interrupted; }

void endInterrupted() {
  signal(SIGINT, SIG_DFL);
  raise(SIGINT);
  _exit(130);
}

} // namespace sinter
