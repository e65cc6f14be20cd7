//===- History.cpp - What was typed before --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/History.h"
#include "formats/MappedFile.h"
#include "formats/OutputFile.h"
#include "runtime/text/Utf8.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sinter {

static constexpr size_t kMostEntries = 1000;
static constexpr uint64_t kLongestFile = uint64_t(64) << 20;

std::string History::defaultPath() {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  // Paths that are not absolute are to be ignored, says the specification.
  if (state && state[0] == '/')
    return std::string(state) + "/sinter/history";
  if (home && home[0] == '/')
    return std::string(home) + "/.local/state/sinter/history";
  return "";
}

static std::string escaped(const std::string &text) {
  std::string line;
  for (char c : text)
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  return line + "\n";
}

static std::string unescaped(std::string_view line) {
  std::string text;
  for (size_t i = 0; i < line.size(); ++i) {
    bool escape = line[i] == '\\' && i + 1 < line.size();
    if (escape)
      ++i;
    text += escape && line[i] == 'n' ? '\n' : line[i];
  }
  return text::repairUtf8(text);
}

/// Makes the folders above a file, for their owner alone.
static void makeFolders(const std::string &path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    mkdir(path.substr(0, slash).c_str(), 0700);
}

Failure History::open(std::string path) {
  file = std::move(path);
  if (file.empty() || access(file.c_str(), F_OK) != 0)
    return Failure::none();
  Result<std::string> lines = readFile(file, kLongestFile);
  if (!lines) {
    file.clear();
    return lines.failure();
  }
  for (size_t begin = 0; begin < lines->size();) {
    size_t end = std::min(lines->find('\n', begin), lines->size());
    texts.push_back(
        unescaped(std::string_view(*lines).substr(begin, end - begin)));
    begin = end + 1;
  }
  bool tooLong = texts.size() > 2 * kMostEntries;
  if (texts.size() > kMostEntries)
    texts.erase(texts.begin(), texts.end() - ptrdiff_t(kMostEntries));
  place = texts.size();
  return tooLong ? shorten() : Failure::none();
}

Failure History::shorten() const {
  std::string lines;
  for (const std::string &text : texts)
    lines += escaped(text);
  Result<OutputFile> output = OutputFile::create(file, 0600);
  if (!output)
    return output.failure();
  if (Failure failure = output->write(0, std::as_bytes(std::span(lines))))
    return failure;
  return output->finish();
}

Failure History::add(const std::string &text) {
  place = texts.size();
  if (text.empty() || (!texts.empty() && texts.back() == text))
    return Failure::none();
  texts.push_back(text);
  place = texts.size();
  if (file.empty())
    return Failure::none();
  makeFolders(file);
  std::string line = escaped(text);
  int descriptor =
      ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  bool written = descriptor >= 0 && write(descriptor, line.data(),
                                          line.size()) == ssize_t(line.size());
  int error = errno;
  if (descriptor >= 0)
    close(descriptor);
  if (written)
    return Failure::none();
  // Said once.
  Failure failure(file + ": cannot keep what is typed: " + strerror(error) +
                  " (see --no-history)");
  file.clear();
  return failure;
}

const std::string *History::older(const std::string &current) {
  if (place == 0)
    return nullptr;
  if (place == texts.size())
    draft = current;
  return &texts[--place];
}

const std::string *History::newer() {
  if (place >= texts.size())
    return nullptr;
  return ++place == texts.size() ? &draft : &texts[place];
}

} // namespace sinter
