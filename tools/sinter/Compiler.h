//===- Compiler.h - From a model to a program, step by step -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Owns the IR between the steps, and reports progress and times. Commands call
// the steps that they need, in the order of their declaration.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_COMPILER_H
#define SINTER_TOOLS_SINTER_COMPILER_H

#include "codegen/cpu/Object.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "codegen/link/LinkProgram.h"
#include "formats/InputFiles.h"
#include "spec/Model.h"
#include "tools/sinter/Driver.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Timer.h"

#include <optional>

namespace sinter {

class Compiler {
public:
  explicit Compiler(const Invocation &invocation);

  /// Checks the options that choose a model and how it is compiled.
  llvm::Error readOptions();

  /// Loads the model that the options name: spec, checkpoint, IR.
  llvm::Error load();

  /// All that is read: what the options name, and once that is loaded, what it
  /// led to.
  InputFiles inputs() const;

  /// The module as text, which load() reads too; with `locations`, all that is
  /// known of it.
  std::string printModule(bool locations = false);

  /// Runs the stages on tensors, up to packed weights and fused kernels.
  llvm::Error runTensorStages();

  /// Runs the stages up to and with the named one.
  llvm::Error runUntil(llvm::StringRef stage);

  /// Plans memory, after runTensorStages(), for those who want no code.
  llvm::Error planMemory();

  /// Lowers to LLVM and generates code, after runTensorStages().
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emit(CodeFile kind);

  /// The passes that runTensorStages() and emit() run, up to loops.
  std::vector<StagePass> passes() const;

  /// Runs passes given as text; fails with what they report.
  llvm::Error runPipeline(llvm::StringRef pipeline);

  /// Goes on with a module given as text.
  llvm::Error readModule(llvm::StringRef text);

  /// Code of loops: the rest of emit().
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> generate(CodeFile kind);

  /// Weights and tokenizer for the trailer, after runTensorStages().
  llvm::Expected<std::vector<ProgramSection>> sections(bool external);

  /// Writes the program of an object and the sections to `output`.
  llvm::Error link(const llvm::MemoryBuffer &object,
                   const std::vector<ProgramSection> &sections,
                   const std::string &output, bool shared = false);

  /// All of the above but load(): writes the program to `output`.
  llvm::Error compileTo(const std::string &output, bool external,
                        bool shared = false);

  Model &model() { return *loaded; }
  mlir::ModuleOp module() { return loaded->module.get(); }
  const Target &target() const { return *chosenTarget; }
  const LoadOptions &loadOptions() const { return request; }
  /// Sentence on the weights that --quant rounded, or empty.
  std::string roundedWeights() const;

  /// Text that changes whenever a program compiled with these options might.
  std::string optionsKey() const;

private:
  llvm::Error readModelOptions();
  llvm::Error checkTogether() const;
  llvm::Error loadPrinted();
  llvm::Error runPasses(const char *step, mlir::PassManager &manager);
  void setStageOptions(StageOptions &options) const;
  llvm::Error buildStages(mlir::PassManager &manager,
                          const StageOptions &options);
  void setManifest(llvm::StringRef key, int64_t value);
  llvm::Error limitContext();
  void printTime(const char *step, double seconds);

  const Invocation &invocation;
  LoadOptions request;
  std::optional<Target> chosenTarget;
  std::string activations;   ///< of --activations
  bool narrowCaches = false; ///< where the CPU converts f16
  std::optional<int64_t> maxContext;
  std::optional<ElementType> weightType; ///< of --quant
  size_t roundedParams = 0;              ///< to that type
  std::unique_ptr<mlir::MLIRContext> context;
  std::optional<Model> loaded;
};

/// Runs `step`, returns its seconds.
template <typename Step> double timed(Step &&step) {
  llvm::TimeRecord begin = llvm::TimeRecord::getCurrentTime();
  step();
  return llvm::TimeRecord::getCurrentTime(false).getWallTime() -
         begin.getWallTime();
}

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_COMPILER_H
