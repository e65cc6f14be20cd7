//===- PlanMutants.cpp - Checks of plans against a replay -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-plan-mutants COUNT SEED FILE.mlir...
//
// Each file has a plan and barriers (after sinter-place-barriers). COUNT times
// one of them is damaged at random; sinter-check-plan and sinter-check-barriers
// must refuse what a replay with threads finds wrong, and nothing else.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"
#include "passes/CheckPlan/CheckPlan.h"
#include "test/codegen/plans/Mutate.h"
#include "test/codegen/plans/Replay.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <map>

using namespace mlir;
using namespace sinter;

namespace {

/// What the checks refuse, in their words, or empty.
std::string check(ModuleOp module) {
  std::string said;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &wrong) {
    if (said.empty())
      said = wrong.str();
    return success();
  });
  if (succeeded(checkPlan(module)))
    (void)checkBarriers(module);
  return said;
}

bool isValid(ModuleOp module) {
  ScopedDiagnosticHandler handler(module.getContext(),
                                  [](Diagnostic &) { return success(); });
  return succeeded(verify(module));
}

std::string replayed(ModuleOp module) {
  for (int threads : {2, 3})
    if (std::string wrong = replay::play(module, threads); !wrong.empty())
      return wrong;
  return "";
}

struct Tally {
  int sound = 0, refused = 0, apart = 0;
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 4)
    return fprintf(stderr, "COUNT SEED FILE.mlir...\n"), 2;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<SinterDialect, cpu::CpuDialect>();
  std::vector<OwningOpRef<ModuleOp>> modules;
  for (int i = 3; i < argc; ++i) {
    modules.push_back(parseSourceFile<ModuleOp>(argv[i], &context));
    if (!modules.back())
      return 1;
    std::string wrong = replayed(*modules.back());
    if (wrong.empty())
      wrong = check(*modules.back());
    if (!wrong.empty())
      return printf("%s is wrong before any damage: %s\n", argv[i],
                    wrong.c_str()),
             1;
  }
  std::mt19937 random(atoi(argv[2]));
  std::map<std::string, Tally> tallies;
  int apart = 0, count = atoi(argv[1]);
  for (int done = 0; done < count;) {
    size_t number = random() % modules.size();
    OwningOpRef<ModuleOp> mutant = modules[number]->clone();
    std::string what = replay::mutate(*mutant, random);
    if (what.empty() || !isValid(*mutant))
      continue;
    ++done;
    Tally &tally = tallies[what];
    std::string said = check(*mutant), wrong = replayed(*mutant);
    ++(said.empty() ? tally.sound : tally.refused);
    if (said.empty() == wrong.empty())
      continue;
    ++tally.apart;
    if (++apart > 5)
      continue;
    printf("%s, mutant %d, %s\n  checks: %s\n  replay: %s\n", argv[3 + number],
           done, what.c_str(), said.empty() ? "sound" : said.c_str(),
           wrong.empty() ? "sound" : wrong.c_str());
  }
  for (const auto &[what, tally] : tallies)
    printf("%s: %d sound, %d refused, %d apart\n", what.c_str(), tally.sound,
           tally.refused, tally.apart);
  printf("%d mutants, checks and replay apart on %d\n", count, apart);
  return apart ? 1 : 0;
}
