//===- StringMethods.cpp - Python's methods of str --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// By code points, as Python counts. What would need Unicode's tables of cases
// and classes fails for text outside ASCII.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/PythonText.h"

#include <algorithm>
#include <string.h>

namespace sinter::chat {

namespace {

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLetter(char c) { return isLower(c) || isUpper(c); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
char lowered(char c) { return isUpper(c) ? char(c + 32) : c; }
char raised(char c) { return isLower(c) ? char(c - 32) : c; }

size_t findFrom(std::string_view text, std::string_view what, size_t from) {
  if (from > text.size())
    return text.npos;
  const void *found =
      memmem(text.data() + from, text.size() - from, what.data(), what.size());
  return found ? static_cast<const char *>(found) - text.data() : text.npos;
}

size_t findLast(std::string_view text, std::string_view what) {
  size_t last = text.npos;
  if (what.empty())
    return text.size();
  for (size_t at = findFrom(text, what, 0); at != text.npos;
       at = findFrom(text, what, at + 1))
    last = at;
  return last;
}

/// The parameter as text; fails if it is something else.
const std::string &textArgument(Run &run, const Arguments &args, size_t i) {
  static const std::string empty;
  if (args.get(i) && args[i].is(Kind::String))
    return args[i].text();
  run.fail(std::string("expected a string argument, found ") +
           (args.get(i) ? typeName(args[i]) : "none"));
  return empty;
}

/// A list of parts of `text`.
Value pieces(Run &run, const MarkedText &text,
             const std::vector<std::string_view> &parts) {
  Values items;
  for (std::string_view part : parts)
    items.push_back(run.string(text.part(part)));
  return run.failed() ? Value() : run.list(std::move(items));
}

std::vector<std::string_view> splitSpaces(std::string_view text,
                                          int64_t limit) {
  std::vector<std::string_view> parts;
  text = strip(text, true, false);
  while (!text.empty()) {
    size_t end = 0;
    while (end < text.size() && int64_t(parts.size()) != limit) {
      size_t next = end;
      if (isSpace(nextCodePoint(text, next)))
        break;
      end = next;
    }
    if (int64_t(parts.size()) == limit)
      end = text.size();
    // With a limit the rest keeps its trailing whitespace.
    parts.push_back(text.substr(0, end));
    text = strip(text.substr(end), true, false);
  }
  return parts;
}

std::vector<std::string_view>
splitAt(std::string_view text, std::string_view separator, int64_t limit) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (limit < 0 || int64_t(parts.size()) < limit) {
    size_t end = findFrom(text, separator, begin);
    if (end == text.npos)
      break;
    parts.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<std::string_view>
splitAtBack(std::string_view text, std::string_view separator, int64_t limit) {
  std::vector<std::string_view> parts;
  while (limit < 0 || int64_t(parts.size()) < limit) {
    size_t begin = text.rfind(separator);
    if (begin == text.npos)
      break;
    parts.push_back(text.substr(begin + separator.size()));
    text = text.substr(0, begin);
  }
  parts.push_back(text);
  std::reverse(parts.begin(), parts.end());
  return parts;
}

Value split(Run &run, const MarkedText &self, Arguments &args, bool back) {
  if (!args.bind(run, "split", {"sep", "maxsplit"}))
    return {};
  int64_t limit = args.integer(run, 1, -1);
  limit = limit < 0 ? -1 : limit;
  if (!args.get(0) || args[0].is(Kind::None)) {
    if (back && limit >= 0)
      return run.fail("rsplit by whitespace with a limit is not supported");
    return pieces(run, self, splitSpaces(self.bytes, limit));
  }
  const std::string &separator = textArgument(run, args, 0);
  if (run.failed())
    return {};
  if (separator.empty())
    return run.fail("split needs a separator that is not empty");
  run.charge(back ? self.size() * separator.size() / 16 : self.size() / 16);
  if (run.failed())
    return {};
  // Without a limit both directions cut alike unless separators overlap.
  return pieces(run, self,
                back ? splitAtBack(self.bytes, separator, limit)
                     : splitAt(self.bytes, separator, limit));
}

Value stripped(Run &run, const MarkedText &self, Arguments &args, bool left,
               bool right) {
  if (!args.bind(run, "strip", {"chars"}))
    return {};
  bool plain = !args.get(0) || args[0].is(Kind::None);
  const std::string *chars = plain ? nullptr : &textArgument(run, args, 0);
  return run.string(self.part(strip(self.bytes, left, right, chars)));
}

/// startswith and endswith, with one affix or a tuple of them.
Value hasAffix(Run &run, const std::string &self, Arguments &args, bool front) {
  if (!args.bind(run, front ? "startswith" : "endswith", {"affix"}, 1))
    return {};
  Values affixes = {args[0]};
  if (args[0].is(Kind::Tuple))
    affixes = args[0].as<Sequence>().items;
  std::string_view text = self;
  for (const Value &affix : affixes) {
    if (!affix.is(Kind::String))
      return run.fail("startswith and endswith need a string or a tuple");
    if (front ? text.starts_with(affix.text()) : text.ends_with(affix.text()))
      return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value removeAffix(Run &run, const MarkedText &self, Arguments &args,
                  bool front) {
  if (!args.bind(run, "removeprefix", {"affix"}, 1))
    return {};
  const std::string &affix = textArgument(run, args, 0);
  std::string_view text = self.bytes;
  if (front && text.starts_with(affix))
    text.remove_prefix(affix.size());
  else if (!front && text.ends_with(affix))
    text.remove_suffix(affix.size());
  return run.string(self.part(text));
}

/// find, rfind, index and rindex: the place in code points.
Value locate(Run &run, const std::string &self, std::string_view name,
             Arguments &args) {
  if (!args.bind(run, name, {"sub"}, 1))
    return {};
  const std::string &what = textArgument(run, args, 0);
  bool back = name[0] == 'r';
  if (run.failed() || !run.charge(self.size() / 16))
    return {};
  size_t at = back ? findLast(self, what) : findFrom(self, what, 0);
  if (at != self.npos)
    return Value::integral(
        countCodePoints(std::string_view(self).substr(0, at)));
  return name.ends_with("find") ? Value::integral(-1)
                                : run.fail("substring not found");
}

Value countText(Run &run, const std::string &self, Arguments &args) {
  if (!args.bind(run, "count", {"sub"}, 1))
    return {};
  const std::string &what = textArgument(run, args, 0);
  if (run.failed() || !run.charge(self.size() / 16))
    return {};
  if (what.empty())
    return Value::integral(countCodePoints(self) + 1);
  return Value::integral(int64_t(splitAt(self, what, -1).size()) - 1);
}

Value joinText(Run &run, const MarkedText &self, Arguments &args) {
  if (!args.bind(run, "join", {"items"}, 1))
    return {};
  std::optional<Values> items = iterate(run, args[0]);
  MarkedText text;
  for (size_t i = 0; items && i < items->size(); ++i) {
    if (!(*items)[i].is(Kind::String))
      return run.fail(std::string("join needs strings, found ") +
                      typeName((*items)[i]));
    if (!run.charge(self))
      return {};
    if (i)
      text.append(self);
    text.append((*items)[i].marked());
  }
  return run.failed() ? Value() : run.string(std::move(text));
}

Value partition(Run &run, const MarkedText &self, Arguments &args, bool back) {
  if (!args.bind(run, "partition", {"sep"}, 1))
    return {};
  const std::string &separator = textArgument(run, args, 0);
  if (run.failed() || separator.empty())
    return run.fail("partition needs a separator that is not empty");
  std::string_view text = self.bytes;
  size_t at = back ? findLast(text, separator) : findFrom(text, separator, 0);
  size_t size = separator.size();
  if (at == text.npos) {
    at = back ? 0 : text.size();
    size = 0;
  }
  Values parts = {run.string(self.part(text.substr(0, at))),
                  run.string(self.part(text.substr(at, size))),
                  run.string(self.part(text.substr(at + size)))};
  return run.failed() ? Value() : run.list(std::move(parts), Kind::Tuple);
}

/// isdigit and the like: not empty, and all of the class.
Value classify(Run &run, const std::string &self, std::string_view name,
               Arguments &args) {
  if (!args.bind(run, name, {}))
    return {};
  if (name == "isspace") {
    bool all = !self.empty();
    for (size_t at = 0; at < self.size();)
      all &= isSpace(nextCodePoint(self, at));
    return Value::boolean(all);
  }
  if (!isAscii(self))
    return run.fail("'" + std::string(name) +
                    "' outside ASCII is not supported");
  auto all = [&](auto is) {
    return Value::boolean(!self.empty() &&
                          std::all_of(self.begin(), self.end(), is));
  };
  if (name == "isalpha")
    return all(isLetter);
  if (name == "isalnum")
    return all([](char c) { return isLetter(c) || isDigit(c); });
  if (name == "islower" || name == "isupper") {
    bool lower = name == "islower";
    bool any = std::any_of(self.begin(), self.end(), isLetter);
    return Value::boolean(any && std::none_of(self.begin(), self.end(),
                                              lower ? isUpper : isLower));
  }
  return all(isDigit);
}

Value pad(Run &run, const MarkedText &self, std::string_view name,
          Arguments &args) {
  bool zeros = name == "zfill";
  if (!args.bind(run, name, {"width", "fillchar"}, 1))
    return {};
  int64_t missing =
      args.integer(run, 0, 0) - int64_t(countCodePoints(self.bytes));
  std::string fill = zeros         ? "0"
                     : args.get(1) ? textArgument(run, args, 1)
                                   : " ";
  if (run.failed() || countCodePoints(fill) != 1 || (zeros && args.get(1)))
    return run.fail("padding needs a width and a single character");
  if (missing > 0 && !run.charge(missing))
    return {};
  bool filledByMessage = args.get(1) && args[1].fromMessage();
  std::string_view text = self.bytes;
  bool isSigned = zeros && !text.empty() && (text[0] == '-' || text[0] == '+');
  size_t before = name == "ljust" ? text.size() : isSigned ? 1 : 0;
  MarkedText out = self.part(text.substr(0, before));
  for (int64_t i = 0; i < missing; ++i)
    out.append(fill, filledByMessage);
  out.append(self, text.substr(before));
  return run.string(std::move(out));
}

Value replaced(Run &run, const MarkedText &self, Arguments &args) {
  if (!args.bind(run, "replace", {"old", "new", "count"}, 2))
    return {};
  const std::string &from = textArgument(run, args, 0);
  textArgument(run, args, 1);
  int64_t count = args.integer(run, 2, -1);
  return run.failed() ? Value()
                      : replaceText(run, self, from, args[1].marked(), count);
}

Value recased(Run &run, const MarkedText &self, std::string_view name,
              Arguments &args) {
  if (!args.bind(run, name, {}))
    return {};
  return changeCase(run, self,
                    name == "lower"        ? Case::Lower
                    : name == "upper"      ? Case::Upper
                    : name == "title"      ? Case::Title
                    : name == "capitalize" ? Case::Capital
                                           : Case::Swap);
}

} // namespace

Value changeCase(Run &run, MarkedText text, Case how) {
  if (!isAscii(text.bytes))
    return run.fail("changing the case of text outside ASCII is not supported");
  bool inWord = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char &c = text.bytes[i];
    bool raises = how == Case::Upper || (how == Case::Title && !inWord) ||
                  (how == Case::Capital && i == 0) ||
                  (how == Case::Swap && isLower(c));
    c = raises ? raised(c) : lowered(c);
    inWord = isLetter(c);
  }
  return run.string(std::move(text));
}

Value replaceText(Run &run, const MarkedText &text, const std::string &from,
                  const MarkedText &to, int64_t count) {
  std::vector<std::string_view> parts;
  if (!from.empty()) {
    parts = splitAt(text.bytes, from, count);
  } else if (run.charge(text.size())) {
    // Python finds nothing before each character and at the end.
    parts = codePoints(text.bytes);
    parts.insert(parts.begin(), std::string_view());
    parts.push_back(std::string_view());
    if (count >= 0 && uint64_t(count) + 1 < parts.size()) {
      parts.resize(count);
      size_t done = 0;
      for (std::string_view part : parts)
        done += part.size();
      parts.push_back(std::string_view(text.bytes).substr(done));
    }
  }
  MarkedText out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i && (!run.charge(1) || !run.charge(to)))
      return {};
    if (i)
      out.append(to);
    out.append(text, parts[i]);
  }
  return run.string(std::move(out));
}

/// What only asks something of the text.
static Value askText(Run &run, const std::string &self, std::string_view name,
                     Arguments &args) {
  if (name == "startswith" || name == "endswith")
    return hasAffix(run, self, args, name[0] == 's');
  if (name == "find" || name == "rfind" || name == "index" || name == "rindex")
    return locate(run, self, name, args);
  if (name == "count")
    return countText(run, self, args);
  if (name.starts_with("is"))
    return classify(run, self, name, args);
  return run.fail("the method '" + std::string(name) + "' is not supported");
}

Value callStringMethod(Evaluator &run, const MarkedText &self,
                       std::string_view name, Arguments &args) {
  bool isSplit = name == "split" || name == "rsplit" || name == "splitlines";
  if (!isSplit && !args.keywords.empty())
    return run.fail("the method '" + std::string(name) +
                    "' takes no named arguments");
  if (name == "strip" || name == "lstrip" || name == "rstrip")
    return stripped(run, self, args, name[0] != 'r', name[0] != 'l');
  if (isSplit && name != "splitlines")
    return split(run, self, args, name[0] == 'r');
  if (name == "removeprefix" || name == "removesuffix")
    return removeAffix(run, self, args, name == "removeprefix");
  if (name == "lower" || name == "upper" || name == "title" ||
      name == "capitalize" || name == "swapcase")
    return recased(run, self, name, args);
  if (name == "replace")
    return replaced(run, self, args);
  if (name == "join")
    return joinText(run, self, args);
  if (name == "partition" || name == "rpartition")
    return partition(run, self, args, name[0] == 'r');
  if (name == "ljust" || name == "rjust" || name == "zfill")
    return pad(run, self, name, args);
  if (name != "splitlines")
    return askText(run, self.bytes, name, args);
  if (!args.bind(run, name, {"keepends"}))
    return {};
  return pieces(run, self, splitLines(self.bytes, args.flag(0)));
}

} // namespace sinter::chat
