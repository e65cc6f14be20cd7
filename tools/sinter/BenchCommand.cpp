//===- BenchCommand.cpp - sinter bench ------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/ProgramFile.h"
#include "tools/sinter/ProgramCache.h"
#include "tools/sinter/RunProgram.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

/// One line of the table: speeds and their spread.
static void printSpeed(llvm::StringRef name, const llvm::json::Object *speed) {
  auto number = [&](llvm::StringRef key) {
    return speed ? speed->getNumber(key).value_or(0) : 0;
  };
  llvm::outs() << llvm::formatv(
      "{0,-8}{1,10:f1} tokens/s  ({2:f1} to {3:f1})\n", name, number("median"),
      number("min"), number("max"));
}

static llvm::Expected<int> printResult(llvm::StringRef text) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return value.takeError();
  const llvm::json::Object *result = value->getAsObject();
  if (!result)
    return failure("the program printed no measurements");
  printSpeed("prefill", result->getObject("prefill"));
  printSpeed("decode", result->getObject("decode"));
  llvm::outs() << llvm::formatv(
      "decode reads {0:f1} MB a token: {1:f1}% of the read bandwidth of "
      "{2:f1} GB/s, {3} threads\n",
      result->getNumber("bytes_per_token").value_or(0) / 1e6,
      100 * result->getNumber("share_of_limit").value_or(0),
      result->getNumber("read_bandwidth").value_or(0) / 1e9,
      result->getInteger("threads").value_or(0));
  return Success;
}

/// A program is as it was compiled.
static llvm::Error checkForProgram(const Invocation &invocation) {
  for (const llvm::opt::Arg *arg : invocation.args) {
    const llvm::opt::Option &option = arg->getOption();
    bool ofRun = false;
    for (OptionID id : {OPT_INPUT, OPT_prompt, OPT_tokens, OPT_rounds,
                        OPT_threads, OPT_json, OPT_quiet})
      ofRun |= option.matches(id);
    if (!ofRun)
      return usageError(arg->getSpelling().rtrim('=') + ": '" +
                        invocation.operands.front() +
                        "' is a program, which is compiled already");
  }
  return llvm::Error::success();
}

llvm::Expected<int> benchCommand(const Invocation &invocation) {
  struct Number {
    OptionID id;
    int64_t value;
  } numbers[] = {{OPT_prompt, 512}, {OPT_tokens, 64}, {OPT_rounds, 5}};
  std::string counts;
  for (Number &number : numbers) {
    auto given = invocation.integer(number.id, 1);
    if (!given)
      return given.takeError();
    counts += (counts.empty() ? "" : ",") +
              std::to_string(given->value_or(number.value));
  }
  auto threads = invocation.integer(OPT_threads, 1);
  if (!threads)
    return threads.takeError();

  std::string program =
      invocation.operands.empty() ? "" : invocation.operands.front();
  if (ProgramFile::open(program, program)) {
    if (llvm::Error error = checkForProgram(invocation))
      return error;
  } else {
    llvm::Expected<std::string> cached = cachedProgram(invocation);
    if (!cached)
      return cached.takeError();
    program = *cached;
  }
  std::vector<std::string> arguments = {"--bench", counts};
  if (*threads)
    arguments.insert(arguments.end(), {"-t", std::to_string(**threads)});
  llvm::Expected<std::string> text = runProgramForText(program, arguments);
  if (!text)
    return text.takeError();
  if (!invocation.has(OPT_json))
    return printResult(*text);
  llvm::outs() << *text;
  return Success;
}

} // namespace sinter
