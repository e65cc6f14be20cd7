//===- Prompt.cpp - Messages of a person ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Prompt.h"

#include <algorithm>

namespace sinter {

static constexpr std::string_view kSign = "> ";

Result<std::optional<std::string>> Prompt::next() {
  editor.set("");
  terminal.edit();
  Step step = Step::Goes;
  while (step == Step::Goes) {
    size_t taken = 0;
    while (taken < keys.size() && step == Step::Goes)
      step = take(keys[taken++]);
    keys.erase(keys.begin(), keys.begin() + ptrdiff_t(taken));
    if (step != Step::Goes)
      break;
    paint();
    Terminal::Event event = terminal.read(keys);
    if (event == Terminal::Event::End)
      step = Step::Ended;
    else if (event == Terminal::Event::Interrupted)
      drop();
  }
  terminal.leave();
  terminal.listen();
  if (step == Step::Ended)
    return std::optional<std::string>();
  return std::optional(editor.text());
}

Prompt::Step Prompt::take(const Key &key) {
  if (editor.apply(key))
    return Step::Goes;
  switch (key.kind) {
  case Key::Enter:
    return enter();
  case Key::Interrupt:
    drop();
    break;
  case Key::EndOfInput:
    if (editor.text().empty())
      return Step::Ended;
    editor.apply({Key::Delete, {}});
    break;
  case Key::Up:
    recall(history.older(editor.text()));
    break;
  case Key::Down:
    recall(history.newer());
    break;
  case Key::ClearScreen:
    terminal.clear();
    break;
  case Key::Suspend:
    terminal.suspend();
    break;
  default:
    break;
  }
  return Step::Goes;
}

/// Pasted texts often end with a line end, which is no part of a message.
Prompt::Step Prompt::enter() {
  std::string text = editor.text();
  while (text.ends_with('\n'))
    text.pop_back();
  editor.set(std::move(text));
  terminal.paint(
      Layout::of(kSign, editor.text(), editor.cursor(), terminal.columns()));
  if (Failure failure = history.add(editor.text()))
    note(failure.message());
  return Step::Said;
}

/// Ctrl-C: what is typed stays on the screen, but goes nowhere.
void Prompt::drop() {
  bool empty = editor.text().empty();
  std::string shown = editor.text() + (empty ? "(Ctrl-D or /exit ends)" : "^C");
  terminal.paint(Layout::of(kSign, shown, shown.size(), terminal.columns()));
  terminal.leave();
  editor.set("");
}

void Prompt::recall(const std::string *text) {
  if (text)
    editor.set(*text);
}

void Prompt::paint() {
  terminal.paint(
      Layout::of(kSign, editor.text(), editor.cursor(), terminal.columns())
          .around(terminal.rows()));
}

} // namespace sinter
