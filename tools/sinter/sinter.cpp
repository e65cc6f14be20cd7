//===- sinter.cpp - The compiler's command line ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "tools/common/Tool.h"
#include "tools/sinter/Manual.h"
#include "tools/sinter/Reproducer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace sinter;
using namespace llvm::opt;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// The option table
//===----------------------------------------------------------------------===//

#define OPTTABLE_STR_TABLE_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_STR_TABLE_CODE

#define OPTTABLE_PREFIXES_TABLE_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_PREFIXES_TABLE_CODE

static constexpr llvm::opt::OptTable::Info optionInfos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "tools/sinter/Options.inc"
#undef OPTION
};

namespace {
struct SinterTable : GenericOptTable {
  SinterTable()
      : GenericOptTable(OptionStrTable, OptionPrefixesTable, optionInfos) {}
};
} // namespace

const OptTable &sinter::optionTable() {
  static const SinterTable table;
  return table;
}

//===----------------------------------------------------------------------===//
// Errors and helpers
//===----------------------------------------------------------------------===//

char UsageError::ID;

llvm::json::Value sinter::jsonNumber(double number) {
  if (std::isfinite(number))
    return number;
  return nullptr;
}

llvm::Error sinter::usageError(const llvm::Twine &message) {
  return llvm::make_error<UsageError>(message.str());
}

llvm::Error sinter::failure(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<std::optional<int64_t>>
Invocation::integer(OptionID id, int64_t least) const {
  const llvm::opt::Arg *arg = args.getLastArg(id);
  if (!arg)
    return std::nullopt;
  int64_t value;
  if (StringRef(arg->getValue()).getAsInteger(10, value) || value < least)
    return usageError(arg->getSpelling() +
                      ": expected an integer of at least " +
                      llvm::Twine(least) + ", found '" + arg->getValue() + "'");
  return value;
}

std::string Invocation::installed(StringRef folder) const {
  return installedPath(sinter, folder);
}

void Invocation::progress(const llvm::Twine &message) const {
  if (!has(OPT_quiet))
    llvm::errs() << "sinter: " << printable(message.str()) << "\n";
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

namespace {

const Command commands[] = {
    {"compile", CompileCommand, compileCommand, 1,
     "sinter compile MODEL -o PROGRAM [options]",
     "make a program of a model (a Hugging Face folder or a GGUF file)"},
    {"run", RunCommand, runCommand, 1,
     "sinter run MODEL [options] [options of the program]",
     "compile into a cache unless done before, and run the program"},
    {"bench", BenchCommand, benchCommand, 1,
     "sinter bench MODEL|PROGRAM [options]", "measure tokens a second"},
    {"explain", ExplainCommand, explainCommand, 1,
     "sinter explain MODEL [options]",
     "parameters, forms, memory, work a token, approximations"},
    {"verify", VerifyCommand, verifyCommand, 2,
     "sinter verify MODEL GOLDEN [options]",
     "compare native code and interpreter with expected tensors"},
    {"interpret", InterpretCommand, interpretCommand, 1,
     "sinter interpret FILE.mlir|MODEL --input IN --output OUT [options]",
     "compute by the reference interpreter"},
    {"cache", CacheCommand, cacheCommand, SIZE_MAX,
     "sinter cache list|clear|rm NAME... [options]",
     "show or delete the programs that other commands have compiled"},
};

} // namespace

static void printHelp(llvm::raw_ostream &stream) {
  stream << "usage: sinter COMMAND ...; sinter COMMAND --help\n\n";
  for (const Command &command : commands)
    stream << "  " << llvm::left_justify(command.name, 12) << command.help
           << "\n";
  stream << "\n  --version, --manual (a page for man), --completion "
            "bash|zsh|fish (a script)\n";
  stream << "\nExit codes: 0 success, 1 failure, 2 wrong usage, 3 this machine "
            "cannot run it.\n";
}

/// What names a file says "FILE: error: ..." itself.
static int report(llvm::Error error) {
  int code = error.isA<UsageError>() ? WrongUsage : Failed;
  std::string message = llvm::toString(std::move(error));
  StringRef text = message;
  text.consume_front("error: ");
  bool placed = text.split('\n').first.contains(": error: ");
  llvm::errs() << (placed ? "" : "sinter: error: ") << printable(text.str())
               << "\n";
  return code;
}

static const Command *findCommand(StringRef name) {
  const Command *found = llvm::find_if(
      commands, [&](const Command &command) { return name == command.name; });
  return found == std::end(commands) ? nullptr : found;
}

static int reportUnknownCommand(StringRef name) {
  unsigned distance = 3; // what is further off is no slip
  std::string hint = "; sinter --help lists them";
  for (const Command &command : commands) {
    unsigned apart = name.edit_distance(command.name, true, distance);
    if (apart < distance) {
      distance = apart;
      hint = std::string(", did you mean '") + command.name + "'?";
    }
  }
  return report(usageError("unknown command '" + name + "'" + hint));
}

static void printHelpOf(const Command &command) {
  optionTable().printHelp(llvm::outs(), command.usage, command.help,
                          /*ShowHidden=*/false, /*ShowAllAliases=*/false,
                          llvm::opt::Visibility(command.visibility));
}

/// Takes the arguments of `run` apart: ours, the model, the program's.
static llvm::opt::InputArgList parse(const Command &command,
                                     llvm::ArrayRef<const char *> arguments,
                                     std::vector<std::string> &rest,
                                     unsigned &missingIndex,
                                     unsigned &missingCount) {
  llvm::opt::Visibility visible(command.visibility);
  if (command.visibility != RunCommand)
    return optionTable().ParseArgs(arguments, missingIndex, missingCount,
                                   visible);
  llvm::opt::InputArgList args(arguments.begin(), arguments.end());
  bool model = false;
  for (unsigned index = 0; index < arguments.size();) {
    unsigned begin = index;
    std::unique_ptr<llvm::opt::Arg> arg =
        optionTable().ParseOneArg(args, index, visible);
    if (!arg) {
      missingIndex = begin;
      missingCount = index - begin - 1;
      break;
    }
    bool ours = !arg->getOption().matches(OPT_UNKNOWN) &&
                !(model && arg->getOption().matches(OPT_INPUT)) &&
                !(model && arg->getOption().matches(OPT_help));
    model |= arg->getOption().matches(OPT_INPUT);
    if (ours)
      args.append(arg.release());
    else
      rest.push_back(arguments[begin]);
  }
  return args;
}

static int runCommandLine(const Command &command, std::string sinter,
                          llvm::ArrayRef<const char *> arguments) {
  unsigned missingIndex = 0, missingCount = 0;
  std::vector<std::string> rest;
  llvm::opt::InputArgList args =
      parse(command, arguments, rest, missingIndex, missingCount);
  if (missingCount)
    return report(usageError(llvm::Twine(args.getArgString(missingIndex)) +
                             " needs a value"));
  for (const llvm::opt::Arg *arg : args.filtered(OPT_UNKNOWN)) {
    std::string spelling = arg->getAsString(args), nearest;
    std::string hint;
    if (optionTable().findNearest(
            spelling, nearest, llvm::opt::Visibility(command.visibility)) <= 2)
      hint = ", did you mean '" + nearest + "'?";
    return report(usageError("unknown option '" + spelling + "'" + hint));
  }
  if (args.hasArg(OPT_help)) {
    printHelpOf(command);
    return Success;
  }
  Invocation invocation{std::move(sinter), args,
                        args.getAllArgValues(OPT_INPUT), std::move(rest)};
  if (invocation.operands.size() > command.operands)
    return report(usageError("unexpected '" +
                             invocation.operands[command.operands] +
                             "'; usage: " + command.usage));
  llvm::Expected<int> code = command.run(invocation);
  return code ? *code : report(code.takeError());
}

static int runArguments(int argc, char **argv) {
  llvm::ArrayRef<const char *> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    printHelp(llvm::errs());
    return WrongUsage;
  }
  StringRef name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    if (arguments.size() == 1) {
      printHelp(llvm::outs());
      return Success;
    }
    const Command *command = findCommand(arguments[1]);
    if (!command)
      return reportUnknownCommand(arguments[1]);
    printHelpOf(*command);
    return Success;
  }
  if (name == "--version") {
    llvm::outs() << "sinter " SINTER_VERSION " (LLVM " LLVM_VERSION_STRING
                    ")\n";
    return Success;
  }
  if (name == "--manual") {
    printManual(commands, llvm::outs());
    return Success;
  }
  if (name == "--completion") {
    if (printCompletion(commands, arguments.size() > 1 ? arguments[1] : "",
                        llvm::outs()))
      return Success;
    return report(usageError("--completion: expected bash, zsh or fish"));
  }
  std::string sinter = thisExecutable(argv[0]);
  if (const Command *command = findCommand(name))
    return runCommandLine(*command, sinter, arguments.drop_front());
  return reportUnknownCommand(name);
}

/// Messages that nobody could read are no reason to fail, results are.
static int flushOutput(int code) {
  llvm::outs().flush();
  llvm::errs().clear_error();
  if (!llvm::outs().has_error())
    return code;
  std::string why = llvm::outs().error().message();
  llvm::outs().clear_error();
  return ::report(failure("cannot write to standard output: " + why));
}

int sinter::runSinter(int argc, char **argv) {
  return runTool("sinter", argc, argv, [&] {
    reproduceCommand(llvm::ArrayRef<const char *>(argv, argc));
    return flushOutput(runArguments(argc, argv));
  });
}
