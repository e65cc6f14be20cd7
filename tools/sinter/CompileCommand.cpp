//===- CompileCommand.cpp - sinter compile --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Compiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

using llvm::Error;

/// Writes text or an object; "-" is standard output.
static Error writeOutput(const std::string &path, llvm::StringRef bytes) {
  if (path == "-") {
    llvm::outs() << bytes;
    llvm::outs().flush();
    if (!llvm::outs().has_error())
      return Error::success();
    std::string why = llvm::outs().error().message();
    llvm::outs().clear_error();
    return failure("cannot write to standard output: " + why);
  }
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return failure(file.message());
  if (Failure wrong =
          file->write(0, std::as_bytes(std::span(bytes.data(), bytes.size()))))
    return failure(wrong.message());
  if (Failure wrong = file->finish())
    return failure(wrong.message());
  return Error::success();
}

static Error emitOther(const Invocation &invocation, Compiler &compiler,
                       llvm::StringRef kind, const std::string &output) {
  std::string stage = invocation.get(OPT_stage);
  if (!stage.empty())
    if (Error error = compiler.runUntil(stage))
      return error;
  if (kind == "mlir")
    return writeOutput(output.empty() ? "-" : output, compiler.printModule());
  if (Error error = compiler.runTensorStages())
    return error;
  CodeFile file = kind == "obj"   ? CodeFile::Object
                  : kind == "asm" ? CodeFile::Assembly
                                  : CodeFile::LlvmIr;
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> code =
      compiler.emit(file);
  if (!code)
    return code.takeError();
  return writeOutput(output.empty() ? "-" : output, (*code)->getBuffer());
}

/// Fails when what is to be written would replace what is read.
static Error checkOutputs(const Compiler &compiler, const std::string &output,
                          bool external) {
  if (output.empty() || output == "-")
    return Error::success();
  InputFiles inputs = compiler.inputs();
  if (Failure wrong = inputs.check(output))
    return failure(wrong.message());
  if (!external)
    return Error::success();
  if (Failure wrong = inputs.check(output + ".weights"))
    return failure(wrong.message());
  return Error::success();
}

llvm::Expected<int> compileCommand(const Invocation &invocation) {
  std::string emit = invocation.get(OPT_emit, "exe");
  std::string output = invocation.get(OPT_output);
  std::string store = invocation.get(OPT_store, "embed");
  if (store != "embed" && store != "external")
    return usageError("--store: expected embed or external, found '" + store +
                      "'");
  if (!llvm::is_contained({"exe", "shared", "obj", "asm", "llvm", "mlir"},
                          emit))
    return usageError(
        "--emit: expected exe, shared, obj, asm, llvm or mlir, found '" + emit +
        "'");
  if (invocation.has(OPT_stage) && emit != "mlir")
    return usageError("--stage is for --emit=mlir");
  bool links = emit == "exe" || emit == "shared";
  if (invocation.has(OPT_store) && !links)
    return usageError("--store is for programs and libraries, not --emit=" +
                      emit);
  if (invocation.has(OPT_insert) && emit == "mlir")
    return usageError("--insert is not for --emit=mlir");
  if (output.empty() && (links || emit == "obj"))
    return usageError("where to? Give -o FILE");
  Compiler compiler(invocation);
  if (Error error = compiler.readOptions())
    return error;
  bool external = store == "external";
  if (Error error = checkOutputs(compiler, output, external))
    return error;
  if (Error error = compiler.load())
    return error;
  // Now all files are known that weights come from.
  if (Error error = checkOutputs(compiler, output, external))
    return error;
  if (!links) {
    if (Error error = emitOther(invocation, compiler, emit, output))
      return error;
    return Success;
  }
  if (Error error = compiler.compileTo(output, external, emit == "shared"))
    return error;
  uint64_t bytes = 0;
  llvm::sys::fs::file_size(output, bytes);
  invocation.progress("wrote " + output + " (" + llvm::Twine(bytes >> 20) +
                      " MiB)");
  return Success;
}

} // namespace sinter
