//===- PrintChanges.cpp - What each pass changed --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// MLIR's own printing shows the whole module, or a function that a pass ran on;
// a model has dozens of params that one pass changes and the others do not.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/PrintChanges.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace {

class ChangePrinter : public PassInstrumentation {
public:
  explicit ChangePrinter(llvm::raw_ostream &stream) : stream(stream) {}

  void runBeforePass(Pass *, Operation *op) final {
    if (hashes.empty())
      for (Operation &symbol : moduleOf(op).getOps())
        (void)changed(nameOf(&symbol), textOf(&symbol));
  }

  void runAfterPass(Pass *pass, Operation *op) final {
    if (pass->getArgument().empty())
      return; // the adaptor around passes on functions
    if (!isa<ModuleOp>(op))
      return show(pass, op);
    llvm::StringSet<> present;
    for (Operation &symbol : cast<ModuleOp>(op).getOps()) {
      present.insert(nameOf(&symbol));
      show(pass, &symbol);
    }
    SmallVector<StringRef> gone;
    for (const auto &known : hashes)
      if (!present.contains(known.getKey()))
        gone.push_back(known.getKey());
    llvm::sort(gone);
    for (StringRef name : gone) {
      stream << "// " << pass->getArgument() << " erased " << name << "\n";
      hashes.erase(name);
    }
  }

private:
  static ModuleOp moduleOf(Operation *op) {
    auto module = dyn_cast<ModuleOp>(op);
    return module ? module : op->getParentOfType<ModuleOp>();
  }

  static std::string nameOf(Operation *op) {
    auto name = SymbolTable::getSymbolName(op);
    return name ? "@" + name.getValue().str()
                : op->getName().getStringRef().str();
  }

  static std::string textOf(Operation *op) {
    std::string text;
    llvm::raw_string_ostream out(text);
    op->print(out, OpPrintingFlags().useLocalScope());
    return text;
  }

  /// Whether the text of an op is another than before; remembers it.
  bool changed(StringRef name, StringRef text) {
    uint64_t hash = llvm::xxh3_64bits(text);
    auto [known, isNew] = hashes.try_emplace(name, hash);
    bool differs = isNew || known->second != hash;
    known->second = hash;
    return differs;
  }

  void show(Pass *pass, Operation *op) {
    std::string text = textOf(op);
    if (changed(nameOf(op), text))
      stream << "// " << pass->getArgument() << " changed " << nameOf(op)
             << "\n"
             << text << "\n\n";
  }

  llvm::raw_ostream &stream;
  llvm::StringMap<uint64_t> hashes;
};

} // namespace

void sinter::printChanges(PassManager &manager, llvm::raw_ostream &stream) {
  manager.getContext()->disableMultithreading();
  manager.addInstrumentation(std::make_unique<ChangePrinter>(stream));
}
