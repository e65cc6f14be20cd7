//===- Driver.h - What the commands of sinter share -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_DRIVER_H
#define SINTER_TOOLS_SINTER_DRIVER_H

#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// Which commands take an option (visibilities of Options.td).
enum CommandVisibility : unsigned {
  CompileCommand = 1u << 2,
  RunCommand = 1u << 3,
  BenchCommand = 1u << 4,
  ExplainCommand = 1u << 5,
  VerifyCommand = 1u << 6,
  InterpretCommand = 1u << 7,
  CacheCommand = 1u << 8,
};

enum OptionID {
  OPT_INVALID = 0,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "tools/sinter/Options.inc"
#undef OPTION
};

/// The table made of Options.td.
const llvm::opt::OptTable &optionTable();

/// Exit codes.
enum ExitCode { Success = 0, Failed = 1, WrongUsage = 2, WrongMachine = 3 };

/// A failure of how sinter was called.
class UsageError : public llvm::ErrorInfo<UsageError> {
public:
  static char ID;
  explicit UsageError(std::string text) : text(std::move(text)) {}
  void log(llvm::raw_ostream &stream) const override { stream << text; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string text;
};

/// A number, or null for an infinity, which JSON does not know.
llvm::json::Value jsonNumber(double number);

llvm::Error usageError(const llvm::Twine &message);
llvm::Error failure(const llvm::Twine &message);

/// A command with its arguments parsed.
struct Invocation {
  std::string sinter; ///< path of this executable
  const llvm::opt::InputArgList &args;
  std::vector<std::string> operands; ///< MODEL, ...
  std::vector<std::string> rest;     ///< run: arguments of the program

  bool has(OptionID id) const { return args.hasArg(id); }
  std::string get(OptionID id, llvm::StringRef otherwise = "") const {
    return args.getLastArgValue(id, otherwise).str();
  }
  /// An option's integer of at least `least`.
  llvm::Expected<std::optional<int64_t>> integer(OptionID id,
                                                 int64_t least) const;
  /// A folder of this installation: "lib/sinter", "share/sinter/models".
  std::string installed(llvm::StringRef folder) const;
  /// Says what goes on, on standard error, unless --quiet.
  void progress(const llvm::Twine &message) const;
};

/// The whole of sinter; returns its exit code.
int runSinter(int argc, char **argv);

/// The commands; each returns its exit code or an error to be printed.
llvm::Expected<int> compileCommand(const Invocation &invocation);
llvm::Expected<int> runCommand(const Invocation &invocation);
llvm::Expected<int> benchCommand(const Invocation &invocation);
llvm::Expected<int> explainCommand(const Invocation &invocation);
llvm::Expected<int> verifyCommand(const Invocation &invocation);
llvm::Expected<int> interpretCommand(const Invocation &invocation);
llvm::Expected<int> cacheCommand(const Invocation &invocation);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_DRIVER_H
