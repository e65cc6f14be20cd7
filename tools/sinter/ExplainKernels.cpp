//===- ExplainKernels.cpp - What kernels have to do -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ExplainKernels.h"
#include "codegen/cpu/Descriptor.h"
#include "dialect/IR/Sinter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <nlohmann/json.hpp>

namespace sinter {

llvm::Expected<Machine> machineOf(const Invocation &invocation) {
  std::string given = invocation.get(OPT_machine);
  if (given.empty() && !invocation.has(OPT_html))
    return Machine();
  Result<Machine> machine = Failure("");
  if (given.empty() || given == "probe") {
    Result<std::unique_ptr<Team>> team = Team::create(usableCores());
    if (!team)
      return failure(team.message());
    machine = Machine::probe(**team);
  } else {
    auto file = llvm::MemoryBuffer::getFile(given);
    if (!file)
      return failure(given + ": error: " + file.getError().message());
    machine = Machine::parse((*file)->getBuffer(), given);
  }
  if (!machine)
    return failure(machine.message());
  return *machine;
}

/// How often an entry calls each function.
static llvm::StringMap<int64_t> callsOf(mlir::func::FuncOp entry) {
  llvm::StringMap<int64_t> calls;
  calls[entry.getName()] = 1;
  entry.walk([&](StackOp stack) {
    for (int32_t form : stack.getLayers())
      ++calls[mlir::cast<mlir::FlatSymbolRefAttr>(stack.getForms()[form])
                  .getValue()];
  });
  return calls;
}

static void addPart(Report &report, mlir::func::FuncOp entry,
                    const std::vector<Kernel> &kernels, std::string name,
                    int64_t tokens, int32_t past, int32_t keys) {
  ReportPart part;
  part.name = std::move(name);
  part.steps = 1;
  part.tokens = tokens;
  llvm::StringMap<int64_t> calls = callsOf(entry);
  for (const Kernel &kernel : kernels) {
    auto found = calls.find(kernel.function);
    if (found == calls.end())
      continue;
    ReportLine &line = part.lines.emplace_back();
    line.kernel = &kernel;
    line.calls = found->second;
    StepSizes sizes;
    sizes.tokens = tokens;
    const int32_t &before = kernel.past.empty() ? keys : past;
    Work work = kernel.work(sizes, std::span(&before, 1));
    line.work.flops = work.flops * double(line.calls);
    line.work.memory = work.memory * double(line.calls);
    line.work.near = work.near * double(line.calls);
  }
  if (!part.lines.empty())
    report.parts.push_back(std::move(part));
}

Report reportOf(mlir::ModuleOp module, int64_t tokens,
                std::vector<Kernel> &kernels) {
  nlohmann::json table;
  if (mlir::Attribute rows = module->getAttr("sinter.kernels"))
    table["kernels"] = nlohmann::json::parse(toJson(rows));
  kernels = readKernels(table);
  Report report;
  auto add = [&](llvm::StringRef entry, const std::string &what, int64_t count,
                 int64_t past) {
    if (auto function = module.lookupSymbol<mlir::func::FuncOp>(entry))
      addPart(report, function, kernels, entry.str() + what, count,
              int32_t(past), int32_t(tokens));
  };
  std::string number = std::to_string(tokens);
  add("encode", ", " + number + " tokens", tokens, 0);
  add("forward", ", " + number + " tokens", tokens, 0);
  add("forward_one", ", one token after " + number, 1, tokens);
  return report;
}

} // namespace sinter
