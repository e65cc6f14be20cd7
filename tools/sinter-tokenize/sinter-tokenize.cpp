//===- sinter-tokenize.cpp - A checkpoint's tokenizer, by itself ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Shows what a compiled program's tokenizer does to text, and back. Tests
// compare its output with that of the originals.
//
//===----------------------------------------------------------------------===//

#include "formats/Checkpoint.h"
#include "formats/InputFiles.h"
#include "formats/OutputFile.h"
#include "formats/Text.h"
#include "runtime/chat/ChatPrompt.h"
#include "runtime/text/Tokenizer.h"
#include "text/ImportTokenizer.h"
#include "tools/common/Tool.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace sinter;

namespace {
struct Settings {
  llvm::cl::opt<std::string> model{llvm::cl::Positional, llvm::cl::Required,
                                   llvm::cl::desc("MODEL")};
  llvm::cl::opt<std::string> patterns{
      "patterns",
      llvm::cl::desc("the catalog of GGUF's names "
                     "(default: tokenizers.yaml in $SINTER_MODELS or "
                     "in the installed models)")};
  llvm::cl::opt<bool> decode{"decode",
                             llvm::cl::desc("read token ids, write text")};
  llvm::cl::opt<bool> hex{
      "hex", llvm::cl::desc("texts are lines of hexadecimal digits, two a "
                            "byte; one line of results for each")};
  llvm::cl::opt<bool> add{"add-special",
                          llvm::cl::desc("put begin and end tokens around")};
  llvm::cl::opt<bool> parse{"parse-special",
                            llvm::cl::desc("read special tokens in the text")};
  llvm::cl::opt<bool> chat{
      "chat",
      llvm::cl::desc("lines are conversations, JSON objects of messages,"
                     " tools, add_generation_prompt and variables; "
                     "write the ids of each")};
  llvm::cl::opt<bool> skip{"skip-special",
                           llvm::cl::desc("write no special tokens")};
  llvm::cl::opt<bool> info{"info",
                           llvm::cl::desc("describe the tokenizer instead")};
  llvm::cl::opt<std::string> save{
      "save", llvm::cl::desc("write the tables to this file")};
};
} // namespace

static int fail(const std::string &message) {
  llvm::errs() << "sinter-tokenize: " << printable(message) << "\n";
  return 1;
}

static void printId(const char *name, uint32_t id) {
  llvm::outs() << name << ": ";
  if (id == text::noToken)
    llvm::outs() << "none\n";
  else
    llvm::outs() << id << "\n";
}

static void printInfo(const text::Tokenizer &tokenizer, size_t bytes) {
  llvm::outs() << "tokens: " << tokenizer.size() << "\n"
               << "bytes of tables: " << bytes << "\n";
  printId("begin", tokenizer.beginToken());
  printId("end", tokenizer.endToken());
  printId("unknown", tokenizer.unknownToken());
  printId("pad", tokenizer.padToken());
  llvm::outs() << "stops:";
  for (uint32_t stop : tokenizer.stopTokens())
    llvm::outs() << " " << stop;
  if (!tokenizer.turnStops().empty())
    llvm::outs() << "\nturn stops:";
  for (uint32_t stop : tokenizer.turnStops())
    llvm::outs() << " " << stop;
  llvm::outs() << "\nchat template: " << tokenizer.chatTemplate().size()
               << " bytes\n";
}

static void encode(const text::Tokenizer &tokenizer, const Settings &settings,
                   llvm::StringRef text) {
  text::EncodeOptions options;
  options.addSpecial = settings.add;
  options.parseSpecial = settings.parse;
  const char *space = "";
  for (uint32_t id : tokenizer.encode({text.data(), text.size()}, options)) {
    llvm::outs() << space << id;
    space = " ";
  }
  llvm::outs() << "\n";
}

static bool decode(const text::Tokenizer &tokenizer, const Settings &settings,
                   llvm::StringRef line) {
  llvm::SmallVector<llvm::StringRef> words;
  llvm::SplitString(line, words);
  std::vector<uint32_t> ids;
  for (llvm::StringRef word : words)
    if (word.getAsInteger(10, ids.emplace_back()))
      return false;
  std::string text = tokenizer.decode(ids, settings.skip);
  if (settings.hex)
    llvm::outs() << llvm::toHex(text, /*LowerCase=*/true) << "\n";
  else
    llvm::outs() << text;
  return true;
}

/// Conversations through the checkpoint's template, one a line.
static int encodeChats(const text::Tokenizer &tokenizer, llvm::StringRef rest) {
  auto chatTemplate =
      ChatTemplate::parse(std::string(tokenizer.chatTemplate()));
  if (!chatTemplate)
    return fail(chatTemplate.message());
  while (!rest.empty()) {
    auto [line, after] = rest.split('\n');
    rest = after;
    auto json = nlohmann::ordered_json::parse(line.begin(), line.end(), nullptr,
                                              /*allow_exceptions=*/false);
    if (!json.is_object())
      return fail("standard input: expected a JSON object on each line");
    auto prompt =
        encodeChat(tokenizer, *chatTemplate, readChatInput(std::move(json)));
    if (!prompt)
      return fail(prompt.message());
    llvm::interleave(prompt->tokens, llvm::outs(), " ");
    llvm::outs() << "\n";
  }
  return 0;
}

/// One text, or a line for each.
static int convert(const text::Tokenizer &tokenizer, const Settings &settings) {
  auto input = llvm::MemoryBuffer::getSTDIN();
  if (!input)
    return fail("standard input: " + input.getError().message());
  llvm::StringRef rest = (*input)->getBuffer();
  if (settings.chat)
    return encodeChats(tokenizer, rest);
  if (!settings.hex && !settings.decode) {
    encode(tokenizer, settings, rest);
    return 0;
  }
  while (!rest.empty()) {
    auto [line, after] = rest.split('\n');
    rest = after;
    std::string bytes;
    if (settings.decode ? !decode(tokenizer, settings, line)
                        : !llvm::tryGetFromHex(line, bytes))
      return fail("standard input: cannot read '" + line.str() + "'");
    if (!settings.decode)
      encode(tokenizer, settings, bytes);
  }
  return 0;
}

static int save(const std::vector<std::byte> &tables, const std::string &path,
                const InputFiles &inputs) {
  if (Failure failure = inputs.check(path))
    return fail(failure.message());
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return fail(file.message());
  if (Failure failure = file->write(0, tables))
    return fail(failure.message());
  if (Failure failure = file->finish())
    return fail(failure.message());
  return 0;
}

/// The catalog of patterns that the options, the environment or this
/// installation names.
static std::string patternsFile(const Settings &settings,
                                const char *executable) {
  if (!settings.patterns.empty())
    return settings.patterns;
  if (const char *models = std::getenv("SINTER_MODELS"))
    return std::string(models) + "/tokenizers.yaml";
  return installedPath(thisExecutable(executable),
                       "share/sinter/models/tokenizers.yaml");
}

static int work(const Settings &settings, const char *executable) {
  std::string patterns = patternsFile(settings, executable);
  auto catalog = text::PatternCatalog::read(patterns);
  if (!catalog)
    return fail(catalog.message());
  auto checkpoint = Checkpoint::openConfig(settings.model);
  if (!checkpoint)
    return fail(checkpoint.message());
  auto imported = text::importTokenizer(*checkpoint, *catalog);
  if (!imported)
    return fail(imported.message());
  if (!*imported)
    return fail(settings.model + " has no tokenizer");
  for (const std::string &warning : (*imported)->warnings)
    llvm::errs() << "warning: " << printable(warning) << "\n";
  const std::vector<std::byte> &tables = (*imported)->tables;
  if (!settings.save.empty()) {
    InputFiles inputs;
    inputs.addModel(settings.model);
    inputs.add(patterns);
    return save(tables, settings.save, inputs);
  }
  auto tokenizer = text::Tokenizer::open(tables);
  if (!tokenizer)
    return fail(tokenizer.message());
  if (settings.info) {
    printInfo(*tokenizer, tables.size());
    return 0;
  }
  return convert(*tokenizer, settings);
}

int main(int argc, char **argv) {
  return runTool("sinter-tokenize", argc, argv, [&] {
    Settings settings;
    llvm::cl::ParseCommandLineOptions(
        argc, argv, "The tokenizer of a checkpoint: text in, token ids out\n");
    return work(settings, argv[0]);
  });
}
