//===- Commands.cpp - What a dialogue can do besides talk -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Commands.h"
#include "runtime/core/Closest.h"
#include "runtime/repl/MessageJson.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sinter {

namespace {

struct Row {
  std::string_view name;
  const char *argument;
  const char *help;
  CommandKind kind;
  bool needsArgument;
};

constexpr Row kRows[] = {
    {"/help", "", "this list", CommandKind::Help, false},
    {"/clear", "", "forget all but the system's message", CommandKind::Clear,
     false},
    {"/save", " FILE", "write the messages to a new file, as JSON",
     CommandKind::Save, true},
    {"/system", " TEXT", "set the system's message; without TEXT, show it",
     CommandKind::System, false},
    {"/regen", "", "answer again", CommandKind::Regenerate, false},
    {"/exit", "", "end, as Ctrl-D does", CommandKind::Exit, false},
};

constexpr const char *kKeys =
    "\n  //TEXT          say /TEXT\n\n"
    "Enter sends, Alt-Enter begins a new line; pasted lines are one message.\n"
    "Ctrl-C drops what is typed, or ends the answer; Ctrl-D ends.\n"
    "Up and Down recall, Ctrl-A -E -U -K -W -Y edit, as in shells.\n";

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The slash and the letters after it.
std::string_view nameOf(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && isLetter(text[end]))
    ++end;
  return text.substr(0, end);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n";
  size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

} // namespace

bool looksLikeCommand(std::string_view text) {
  if (!text.starts_with('/'))
    return false;
  std::string_view name = nameOf(text);
  std::string_view rest = text.substr(name.size());
  return name.size() > 1 &&
         (rest.empty() || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n');
}

Result<CommandCall> parseCommand(std::string_view text) {
  std::string_view name = nameOf(text);
  std::string argument(trimmed(text.substr(name.size())));
  if (name == "/quit")
    return CommandCall{CommandKind::Exit, argument};
  std::vector<std::string_view> names;
  for (const Row &row : kRows) {
    names.push_back(row.name);
    if (row.name != name)
      continue;
    if (row.needsArgument && argument.empty())
      return Failure(std::string(name) + " needs a name:" + row.argument);
    if (!*row.argument && !argument.empty())
      return Failure(std::string(name) + " stands alone, found '" + argument +
                     "' after it");
    return CommandCall{row.kind, argument};
  }
  std::string_view meant = closest(name, names);
  return Failure("unknown command '" + std::string(name) + "'" +
                 (meant.empty()
                      ? std::string()
                      : ", did you mean " + std::string(meant) + "?") +
                 " (/help lists all; //... says it)");
}

std::string commandHelp() {
  std::string help;
  for (const Row &row : kRows) {
    std::string left = "  " + std::string(row.name) + row.argument;
    left.resize(std::max<size_t>(left.size() + 1, 18), ' ');
    help += left + row.help + "\n";
  }
  return help + kKeys;
}

Failure saveConversation(const Conversation &conversation,
                         const std::string &path) {
  std::string text;
  for (const ChatMessage &message : conversation.all())
    text += (text.empty() ? "[" : ",\n ") + toJson(message);
  text += text.empty() ? "[]\n" : "]\n";
  // Never in the place of a file that is there: a model, this program.
  int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST)
    return Failure("/save: '" + path +
                   "' is there already, and stays as it is; expected the name "
                   "of a new file");
  bool written = descriptor >= 0;
  for (size_t done = 0; written && done < text.size();) {
    ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR)
      continue;
    written = count >= 0;
    done += size_t(std::max<ssize_t>(count, 0));
  }
  int error = errno;
  if (descriptor >= 0 && close(descriptor) != 0 && written) {
    written = false;
    error = errno;
  }
  if (written)
    return Failure::none();
  if (descriptor >= 0)
    unlink(path.c_str());
  return Failure("/save: cannot write '" + path + "': " + strerror(error));
}

} // namespace sinter
