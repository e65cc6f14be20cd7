//===- Tool.cpp - What every tool begins with -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/common/Tool.h"
#include "formats/MappedFile.h"
#include "runtime/core/Console.h"
#include "tools/common/OutOfMemory.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace sinter {

using llvm::StringRef;

static const char *toolName = "sinter";

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

/// LLVM's last words: about a limit of the process, or of a disk, they are an
/// error like others. What else it cannot go on with is a bug of ours.
static void reportFatal(void *, const char *reason, bool isBug) {
  StringRef text(reason);
  auto contains = [&](std::initializer_list<int> numbers) {
    return llvm::any_of(
        numbers, [&](int number) { return text.contains(strerror(number)); });
  };
  // EAGAIN: no thread can be started.
  bool memory = contains({EAGAIN, ENOMEM});
  bool limit = memory || contains({EMFILE, ENFILE, EFBIG, ENOSPC});
  if (isBug && !limit) {
    llvm::errs() << "LLVM ERROR: " << text << "\n";
    return;
  }
  llvm::errs() << toolName << ": error: " << (memory ? "out of memory: " : "")
               << text;
  if (memory) {
    llvm::errs() << "; the limits are those of ulimit -v and -u\n";
  } else if (limit) {
    llvm::SmallString<128> folder;
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
    llvm::errs() << "; temporary files are in " << folder
                 << " (TMPDIR), limits are those of ulimit\n";
  } else {
    llvm::errs() << "\n";
  }
  llvm::sys::RunInterruptHandlers();
  _exit(1);
}

/// Limits of the process end it with a message, and with nothing left behind.
static void guardLimits() {
  reportLimits(llvm::sys::RunInterruptHandlers);
  llvm::install_fatal_error_handler(reportFatal);
  llvm::install_bad_alloc_error_handler(
      [](void *, const char *, bool) { endOutOfMemory(); });
}

int onLargeStack(llvm::function_ref<int()> work) {
  constexpr rlim_t enough = 8 << 20;
  rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= enough)
    return work();
  // Stacks of threads are as large as we ask, LLVM's own threads' too.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, enough);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
  int code = 1;
  std::thread([&] { code = work(); }).join();
  return code;
}

//===----------------------------------------------------------------------===//
// Options and crashes
//===----------------------------------------------------------------------===//

/// Hides the options that LLVM's libraries bring along, hundreds of them, from
/// --help; --help-hidden has them.
static void hideLibraryOptions() {
  for (auto &entry : llvm::cl::getRegisteredOptions())
    if (entry.first != "help" && entry.first != "version")
      entry.second->setHiddenFlag(llvm::cl::Hidden);
}

static void printVersion(llvm::raw_ostream &stream) {
  stream << toolName << " " SINTER_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
}

void prepareTool(const char *name) {
  toolName = name;
  guardStandardFiles();
  // In place of LLVM's request to report to its own tracker.
  llvm::setBugReportMsg("this is a bug of Sinter, not of LLVM; to repeat it: "
                        "the program arguments below, with their input\n");
  hideLibraryOptions();
  llvm::cl::SetVersionPrinter(printVersion);
  guardLimits();
  exitOnVanishedPages();
}

int runTool(const char *name, int argc, char **argv,
            llvm::function_ref<int()> work) {
  llvm::InitLLVM init(argc, argv);
  prepareTool(name);
  return onLargeStack(work);
}

} // namespace sinter
