//===- LineReader.cpp - Messages that are lines ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"
#include "runtime/repl/MessageSource.h"
#include "runtime/text/Utf8.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace sinter {

static constexpr size_t kBlock = 65536;
static constexpr size_t kLongestLine = size_t(1) << 30;

Result<std::optional<std::string>> LineReader::next() {
  writeError(sign);
  for (size_t searched = begin;;) {
    size_t end = buffer.find('\n', searched);
    if (end != std::string::npos || (ended && begin < buffer.size())) {
      std::string line =
          buffer.substr(begin, std::min(end, buffer.size()) - begin);
      begin = std::min(end, buffer.size() - 1) + 1;
      if (line.ends_with('\r'))
        line.pop_back();
      return std::optional(text::repairUtf8(line));
    }
    if (ended)
      return std::optional<std::string>();
    buffer.erase(0, begin);
    begin = 0;
    searched = buffer.size();
    if (searched > kLongestLine)
      return Failure("a line of standard input is too long");
    buffer.resize(searched + kBlock);
    ssize_t count = read(STDIN_FILENO, buffer.data() + searched, kBlock);
    buffer.resize(searched + size_t(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno == EINTR) {
      if (interruptPending())
        return std::optional<std::string>();
      continue;
    }
    if (count < 0)
      return Failure(std::string("cannot read standard input: ") +
                     strerror(errno));
    ended = count == 0;
  }
}

} // namespace sinter
