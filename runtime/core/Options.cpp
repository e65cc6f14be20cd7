//===- Options.cpp - A program's command line -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Options.h"
#include "runtime/core/Closest.h"
#include "runtime/core/OptionEffects.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace sinter {

namespace {

/// Stores an option's value; the failure says what was expected.
using Store = Failure (*)(ProgramOptions &, const std::string &value);

struct Row {
  const char *name;  ///< "-p" or "--temp"
  const char *value; ///< the value's name in --help; null for switches; begins
                     ///< with '=' if it may be missing
  const char *help;
  Store store;
};

Failure expected(const char *what) { return Failure(what); }

template <auto Field>
Failure text(ProgramOptions &options, const std::string &value) {
  options.*Field = value;
  return Failure::none();
}

template <auto Field> Failure on(ProgramOptions &options, const std::string &) {
  options.*Field = true;
  return Failure::none();
}

bool parseInteger(std::string_view value, int64_t &result) {
  const char *end = value.data() + value.size();
  auto parsed = std::from_chars(value.data(), end, result);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

template <auto Field, int64_t Least>
Failure integer(ProgramOptions &options, const std::string &value) {
  int64_t result;
  if (!parseInteger(value, result) || result < Least)
    return Failure("an integer of at least " + std::to_string(Least));
  options.*Field = result;
  return Failure::none();
}

template <auto Field>
Failure integers(ProgramOptions &options, const std::string &value) {
  std::vector<int64_t> &list = options.*Field;
  list.clear();
  for (size_t begin = 0; begin <= value.size();) {
    size_t end = std::min(value.find(',', begin), value.size());
    int64_t &item = list.emplace_back();
    if (!parseInteger(std::string_view(value).substr(begin, end - begin),
                      item) ||
        item < 1)
      return expected("positive integers with commas between");
    begin = end + 1;
  }
  return Failure::none();
}

bool parseReal(const std::string &value, double &result) {
  const char *end = value.data() + value.size();
  auto parsed = std::from_chars(value.data(), end, result);
  return parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(result);
}

template <auto Field>
Failure fraction(ProgramOptions &options, const std::string &value) {
  double result;
  if (!parseReal(value, result) || result < 0 || result > 1)
    return expected("a number from 0 to 1");
  options.sampling.*Field = result;
  return Failure::none();
}

Failure temperature(ProgramOptions &options, const std::string &value) {
  double result;
  if (!parseReal(value, result) || result < 0)
    return expected("a number of at least 0");
  options.sampling.temperature = result;
  return Failure::none();
}

Failure penalty(ProgramOptions &options, const std::string &value) {
  double result;
  if (!parseReal(value, result) || result <= 0)
    return expected("a number above 0");
  options.sampling.repeatPenalty = result;
  return Failure::none();
}

Failure topK(ProgramOptions &options, const std::string &value) {
  int64_t result;
  if (!parseInteger(value, result) || result < 0)
    return expected("an integer of at least 0");
  options.sampling.topK = result;
  return Failure::none();
}

Failure seed(ProgramOptions &options, const std::string &value) {
  int64_t result;
  if (!parseInteger(value, result) || result < 0)
    return expected("an integer of at least 0");
  options.sampling.seed = uint64_t(result);
  return Failure::none();
}

Failure stop(ProgramOptions &options, const std::string &value) {
  if (value.empty())
    return expected("a text");
  options.stops.push_back(value);
  return Failure::none();
}

Failure noHistory(ProgramOptions &options, const std::string &) {
  options.history = false;
  return Failure::none();
}

/// FORMAT or FORMAT:FILE. Pages and traces are for files.
Failure profile(ProgramOptions &options, const std::string &value) {
  size_t colon = std::min(value.find(':'), value.size());
  std::string format = value.substr(0, colon);
  options.profile = format.empty() ? "table" : format;
  options.profileFile = colon < value.size() ? value.substr(colon + 1) : "";
  bool text = *options.profile == "table" || *options.profile == "json";
  if (!text && *options.profile != "trace" && *options.profile != "html")
    return expected("table, json, trace:FILE or html:FILE");
  if (options.profileFile.empty() && (!text || colon < value.size()))
    return expected("FORMAT:FILE");
  return Failure::none();
}

using O = ProgramOptions;

const Row kRows[] = {
    {nullptr, "Text", nullptr, nullptr},
    {"-p", "TEXT", "prompt; - reads it from standard input", text<&O::prompt>},
    {"-f", "FILE", "prompt from a file; - is standard input",
     text<&O::promptFile>},
    {"--special", nullptr,
     "read the texts of special tokens in the prompt as those tokens",
     on<&O::special>},
    {"--chat", nullptr,
     "speak through the model's chat template; without a prompt, a dialogue",
     on<&O::chat>},
    {"--system", "TEXT", "with --chat: the system's message", text<&O::system>},
    {"-n", "N", "at most N tokens (default: until the text or context ends)",
     integer<&O::tokens, 0>},
    {"--stop", "TEXT", "end before this text; may be given several times",
     stop},
    {"--json-lines", nullptr,
     "for scripts: messages in, answers out, each a line of JSON (see below)",
     on<&O::jsonLines>},
    {"--no-history", nullptr,
     "with --chat: keep nothing of what is typed, and recall nothing",
     noHistory},
    {"--embed", nullptr,
     "vectors of texts: the prompt, or each line (text or JSON) of the file",
     on<&O::embed>},
    {"--prompt-name", "NAME",
     "with --embed: the model's prompt of that name goes before texts",
     text<&O::promptName>},
    {"--prompt", "TEXT", "with --embed: this goes before texts",
     text<&O::embedPrompt>},
    {"--perplexity", "FILE",
     "perplexity of a text: windows of 512 tokens, second halves count",
     text<&O::perplexityFile>},
    {nullptr,
     "Choosing tokens (default: as the model's files say, else the likeliest)",
     nullptr, nullptr},
    {"--temp", "T",
     "temperature; 0 takes the likeliest (0.8 if another one is given)",
     temperature},
    {"--top-k", "K", "among the K likeliest (0: all)", topK},
    {"--top-p", "P", "among the likeliest that have probability P together",
     fraction<&SamplingWishes::topP>},
    {"--min-p", "P", "among those with P times the likeliest's probability",
     fraction<&SamplingWishes::minP>},
    {"--repeat-penalty", "R", "divide the logits of the last 64 tokens by R",
     penalty},
    {"--seed", "S",
     "the same seed gives the same text (default: random, see --stats)", seed},
    {nullptr, "Tensors", nullptr, nullptr},
    {"--input", "FILE", "safetensors with input_ids (B, T)", text<&O::input>},
    {"--output", "FILE",
     "logits of every position, as safetensors; with --embed -p or -f (also "
     "-o): .npy, .jsonl or .json",
     text<&O::output>},
    {"--generate", "N", "also N likeliest tokens: generated, generated_logits",
     integer<&O::generate, 0>},
    {"--cuts", "N,N,...", "feed the input in pieces of these sizes, in turn",
     integers<&O::cuts>},
    {nullptr, "Machine", nullptr, nullptr},
    {"-t", "N", "threads (default: one for each core that others do not use)",
     integer<&O::threads, 1>},
    {"--context", "N", "tokens that fit (default: the model's, at most 8192)",
     integer<&O::context, 1>},
    {"--map-weights", nullptr,
     "read weights from the file's own pages: starts sooner, shares memory "
     "with other runs, slower by a tenth",
     on<&O::mapWeights>},
    {"--quiet", nullptr, "no progress bar", on<&O::quiet>},
    {"--stats", nullptr, "print speed and memory to standard error",
     on<&O::stats>},
    {"--profile", "=FORMAT:FILE",
     "time of each kernel beside what the machine allows: table, json, "
     "trace:FILE, html:FILE",
     profile},
    {"--bench", "P,N,R",
     "measure R rounds of P tokens of prompt and N more; prints JSON",
     integers<&O::bench>},
    {"--version", nullptr, "model, CPU features and C library of this program",
     on<&O::version>},
    {"--help", nullptr, "this text", on<&O::help>},
};

constexpr const char *kJsonHelp =
    "\nLines of JSON\n"
    "  --chat --json-lines reads {\"role\": \"user\", \"content\": TEXT}, "
    "{\"text\": TEXT}, a list\n"
    "  of messages (a whole conversation), or {\"messages\": [...], "
    "\"tools\": [...]}. Each\n"
    "  answer is {\"text\", \"finish_reason\": \"stop\" | \"length\" | "
    "\"interrupted\",\n"
    "  \"stop_text\", \"prompt_tokens\", \"cached_tokens\", "
    "\"completion_tokens\", \"seed\"},\n"
    "  or {\"error\": TEXT}. With -p or -f there is one answer.\n";

const Row *find(std::string_view name) {
  if (name == "-h")
    name = "--help";
  if (name == "-o")
    name = "--output";
  for (const Row &row : kRows)
    if (row.name && name == row.name)
      return &row;
  return nullptr;
}

} // namespace

/// Rules between options.
static Failure checkTogether(const ProgramOptions &options) {
  if (options.prompt && options.promptFile)
    return Failure("-p and -f exclude each other");
  bool embedsTexts = options.embed && !options.input;
  if (options.input.has_value() != options.output.has_value() && !embedsTexts)
    return Failure("--input and --output need each other");
  if ((options.embedPrompt || options.promptName) && !embedsTexts)
    return Failure("--prompt and --prompt-name need --embed with -p or -f");
  if (options.embedPrompt && options.promptName)
    return Failure("--prompt and --prompt-name exclude each other");
  if (!options.input && (options.generate || !options.cuts.empty()))
    return Failure("--generate and --cuts need --input");
  if (options.embed && (options.chat || options.generate ||
                        options.perplexityFile || !options.bench.empty()))
    return Failure("--embed needs -p, -f or --input, and nothing else");
  if (options.special &&
      (options.chat || (!options.prompt && !options.promptFile)))
    return Failure("--special is for the prompt of -p or -f, without --chat");
  if (options.system && !options.chat)
    return Failure("--system needs --chat");
  if (!options.history && !options.chat)
    return Failure("--no-history needs --chat");
  if (options.jsonLines && !options.chat && !options.prompt &&
      !options.promptFile)
    return Failure("--json-lines needs --chat, -p or -f");
  if (options.threads.value_or(1) > kMostThreads)
    return Failure("-t: at most " + std::to_string(kMostThreads));
  if (!options.bench.empty() && options.bench.size() != 3)
    return Failure("--bench: expected three numbers P,N,R");
  int modes = (options.prompt || options.promptFile || options.chat) +
              options.perplexityFile.has_value() + options.input.has_value() +
              !options.bench.empty();
  if (modes > 1)
    return Failure("a prompt, --perplexity, --input and --bench exclude each "
                   "other");
  if (modes == 0 && !options.version && !options.help)
    return Failure("nothing to do: give a prompt with -p, or --chat");
  return Failure::none();
}

Result<ProgramOptions> parseOptions(std::span<char *const> arguments) {
  ProgramOptions options;
  std::vector<std::string_view> given;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    std::optional<std::string> value;
    size_t equals = name.find('=');
    if (name.starts_with("--") && equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Row *row = find(name);
    if (!row) {
      std::vector<std::string_view> names;
      for (const Row &known : kRows)
        if (known.name)
          names.push_back(known.name);
      std::string_view meant = closest(name, names);
      return Failure("unknown option '" + name + "'" +
                     (meant.empty()
                          ? std::string()
                          : ", did you mean '" + std::string(meant) + "'?"));
    }
    given.push_back(row->name);
    if (!row->value && value)
      return Failure(name + " takes no value");
    if (row->value && !value && row->value[0] != '=') {
      if (++i == arguments.size())
        return Failure(name + " needs a value: " + row->value);
      value = arguments[i];
    }
    if (Failure wrong = row->store(options, value.value_or("")))
      return Failure(name + ": expected " + wrong.message() + ", found '" +
                     value.value_or("") + "'");
  }
  if (Failure failure = checkTogether(options))
    return failure;
  if (Failure failure = checkEffects(options, given))
    return failure;
  return options;
}

std::string helpText(std::string_view program) {
  std::string help = "usage: " + std::string(program) +
                     " -p TEXT | -f FILE | --chat | ... [options]\n";
  for (const Row &row : kRows) {
    if (!row.name) {
      help += "\n" + std::string(row.value) + "\n";
      continue;
    }
    std::string left = std::string("  ") + row.name;
    if (row.value)
      left += row.value[0] == '=' ? "[" + std::string(row.value) + "]"
                                  : " " + std::string(row.value);
    left.resize(std::max<size_t>(left.size() + 1, 23), ' ');
    help += left + row.help + "\n";
  }
  help += kJsonHelp;
  return help + "\nText goes to standard output, everything else to standard "
                "error.\nExit codes: 0 success, 1 failure, 2 wrong usage, 3 "
                "this machine cannot run the program.\n";
}

} // namespace sinter
