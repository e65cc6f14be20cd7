//===- Arguments.cpp - Arguments and functions of templates -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Binding arguments to parameters, and the global functions.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/PythonText.h"

#include <algorithm>

namespace sinter::chat {

bool Arguments::bind(Run &run, std::string_view callee,
                     std::initializer_list<const char *> names,
                     size_t required) {
  std::string who = "'" + std::string(callee) + "' ";
  bound.assign(names.size(), std::nullopt);
  if (positional.size() > names.size())
    run.fail(who + "takes at most " + std::to_string(names.size()) +
             " arguments, not " + std::to_string(positional.size()));
  else
    std::copy(positional.begin(), positional.end(), bound.begin());
  for (auto &[name, value] : keywords) {
    auto known = std::find(names.begin(), names.end(), std::string_view(name));
    if (known == names.end() || bound[known - names.begin()])
      run.fail(who + "does not take the argument '" + name + "' here");
    else
      bound[known - names.begin()] = value;
  }
  for (size_t i = 0; i < required; ++i)
    if (!bound[i])
      run.fail(who + "needs the argument '" + *(names.begin() + i) + "'");
  return !run.failed();
}

bool Arguments::flag(size_t i, bool otherwise) const {
  return get(i) ? isTrue(*get(i)) : otherwise;
}

int64_t Arguments::integer(Run &run, size_t i, int64_t otherwise) const {
  if (!get(i))
    return otherwise;
  if (!get(i)->isInteger())
    run.fail(std::string("expected an integer argument, found ") +
             typeName(*get(i)));
  return get(i)->integer;
}

namespace {

Value callRange(Evaluator &run, const Value &, Arguments &args) {
  if (!args.bind(run, "range", {"start", "stop", "step"}, 1))
    return {};
  int64_t first = args.integer(run, 0, 0), second = args.integer(run, 1, 0);
  int64_t step = args.integer(run, 2, 1);
  if (run.failed())
    return {};
  if (!args.keywords.empty() || step == 0)
    return run.fail("range() needs positional arguments and a step but 0");
  auto range = std::make_shared<Interval>();
  range->start = args.get(1) ? first : 0;
  int64_t stop = args.get(1) ? second : first;
  range->stop = stop;
  range->step = step;
  __int128 span = __int128(stop) - range->start;
  __int128 by = step;
  __int128 count = (span + by - (by > 0 ? 1 : -1)) / by;
  if (span == 0 || (span > 0) != (by > 0))
    count = 0;
  // Jinja's sandbox draws the same line.
  if (count > 100000)
    return run.fail("range() is longer than 100000");
  range->count = int64_t(count);
  Value v;
  v.kind = Kind::Range;
  v.object = std::move(range);
  return v;
}

/// The entries that dict(...) and namespace(...) are given.
Entries entriesOf(Evaluator &run, Arguments &args) {
  Entries entries;
  if (args.positional.size() > 1 ||
      (args.positional.size() == 1 && !args.positional[0].is(Kind::Dict)))
    run.fail("dict() and namespace() take one dict and named arguments");
  else if (args.positional.size() == 1)
    entries = args.positional[0].as<Dictionary>().entries;
  for (auto &[name, value] : args.keywords)
    entries.emplace_back(run.plain(name), std::move(value));
  return entries;
}

Value callDict(Evaluator &run, const Value &, Arguments &args) {
  Entries entries = entriesOf(run, args);
  return run.failed() ? Value() : run.dict(std::move(entries));
}

Value callNamespace(Evaluator &run, const Value &, Arguments &args) {
  Value made = callDict(run, {}, args);
  if (run.failed())
    return {};
  for (const auto &[key, value] : made.as<Dictionary>().entries)
    if (!key.is(Kind::String))
      return run.fail("a namespace's names must be strings");
  return run.makeNamespace(made.as<Dictionary>().entries);
}

Value callRaise(Evaluator &run, const Value &, Arguments &args) {
  if (!args.bind(run, "raise_exception", {"message"}, 1))
    return {};
  std::string message = toString(run, args[0]).bytes;
  return run.fail("the template refuses this conversation: " + message);
}

Value callStrftime(Evaluator &run, const Value &, Arguments &args) {
  if (!args.bind(run, "strftime_now", {"format"}, 1))
    return {};
  if (!args[0].is(Kind::String))
    return run.fail("strftime_now needs a string");
  const std::string &format = args[0].text();
  // What C and Python agree on, for a time without zone.
  static constexpr std::string_view known =
      "aAbBcdHIjmMpSUwWxXyYeDFTRGVCghnrtu%";
  for (size_t i = 0; i < format.size(); ++i)
    if (format[i] == '%' &&
        (++i == format.size() || known.find(format[i]) == known.npos))
      return run.fail("strftime_now: a directive is not supported");
  if (format.size() > 1000 || format.find('\0') != format.npos)
    return run.fail("strftime_now: the format is too long or holds a NUL");
  std::tm local{};
  if (format.empty() || !localtime_r(&run.now, &local))
    return run.plain("");
  std::string text(format.size() * 32 + 1, '\0');
  text.resize(std::strftime(text.data(), text.size(), format.c_str(), &local));
  return run.string(args[0].fromMessage() ? MarkedText::marked(std::move(text))
                                          : MarkedText::plain(std::move(text)));
}

constexpr Builtin functions[] = {
    {"dict", callDict},
    {"namespace", callNamespace},
    {"raise_exception", callRaise},
    {"range", callRange},
    {"strftime_now", callStrftime},
};

} // namespace

const Builtin *findFunction(std::string_view name) {
  for (const Builtin &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

} // namespace sinter::chat
