//===- Terminal.cpp - Keys from a terminal, rows to it --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Terminal.h"
#include "runtime/core/Console.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

namespace sinter {

static constexpr int kDeadly[] = {SIGTERM, SIGHUP, SIGQUIT};
static constexpr std::string_view kBracketsOn = "\x1b[?2004h";
static constexpr std::string_view kBracketsOff = "\x1b[?2004l";

// Signal handlers can reach nothing but variables of the process.
static termios restored;
static volatile sig_atomic_t resized = 0;

/// A process in the background has no say.
static void restore() {
  if (tcgetpgrp(STDIN_FILENO) != getpgrp())
    return;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &restored);
  writeError(kBracketsOff);
}

static void dieRestored(int number) {
  restore();
  signal(number, SIG_DFL);
  raise(number);
}

bool Terminal::isThere() {
  const char *kind = getenv("TERM");
  return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && kind && *kind &&
         strcmp(kind, "dumb") != 0;
}

Terminal::Terminal() {
  tcgetattr(STDIN_FILENO, &original);
  restored = original;
  struct sigaction action{};
  action.sa_handler = [](int) { resized = 1; };
  sigaction(SIGWINCH, &action, nullptr);
  action.sa_handler = dieRestored;
  for (int number : kDeadly)
    sigaction(number, &action, nullptr);
  listen();
  writeError(kBracketsOn);
}

Terminal::~Terminal() {
  restore();
  for (int number : kDeadly)
    signal(number, SIG_DFL);
  signal(SIGWINCH, SIG_DFL);
}

static void setMode(termios mode, bool signals) {
  mode.c_iflag &= ~tcflag_t(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
  mode.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN);
  if (!signals)
    mode.c_lflag &= ~tcflag_t(ISIG);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

void Terminal::edit() {
  setMode(original, /*signals=*/false);
  row = painted = 0;
}

void Terminal::listen() { setMode(original, /*signals=*/true); }

Terminal::Event Terminal::read(std::vector<Key> &keys) {
  unsigned char bytes[4096];
  ssize_t count = ::read(STDIN_FILENO, bytes, sizeof(bytes));
  if (count < 0 && errno == EINTR) {
    bool changed = resized;
    resized = 0;
    return takeInterrupt() ? Event::Interrupted
           : changed       ? Event::Resized
                           : Event::Keys;
  }
  if (count <= 0)
    return Event::End;
  for (ssize_t i = 0; i < count; ++i)
    reader.push(bytes[i], keys);
  return Event::Keys;
}

void Terminal::paint(const Layout &layout) {
  std::string out = "\r";
  if (row)
    out += "\x1b[" + std::to_string(row) + "A";
  out += "\x1b[J";
  for (const std::string &text : layout.rows)
    out += (&text == &layout.rows.front() ? "" : "\r\n") + text;
  painted = layout.rows.size();
  row = layout.row;
  if (size_t up = painted - 1 - row)
    out += "\x1b[" + std::to_string(up) + "A";
  out += "\r";
  if (layout.column)
    out += "\x1b[" + std::to_string(layout.column) + "C";
  writeError(out);
}

void Terminal::leave() {
  std::string out;
  if (painted && painted - 1 > row)
    out += "\x1b[" + std::to_string(painted - 1 - row) + "B";
  writeError(out + "\r\n");
  row = painted = 0;
}

void Terminal::clear() {
  writeError("\x1b[H\x1b[2J");
  row = painted = 0;
}

void Terminal::suspend() {
  leave();
  restore();
  raise(SIGTSTP);
  writeError(kBracketsOn);
  edit();
}

static winsize sizes() {
  winsize size{};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
  return size;
}

size_t Terminal::columns() const {
  unsigned short columns = sizes().ws_col;
  return columns ? columns : 80;
}

size_t Terminal::rows() const {
  unsigned short rows = sizes().ws_row;
  return rows ? rows : 24;
}

} // namespace sinter
