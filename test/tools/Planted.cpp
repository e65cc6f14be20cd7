//===- Planted.cpp - sinter with a pass that plants bugs ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// `sinter-planted verify ... --locate --insert PASS:check-plant{what=KIND}`
// must name PASS. Users' sinter has no such pass.
//
//===----------------------------------------------------------------------===//

#include "dialect/Check/PlantPass.h"
#include "tools/sinter/Driver.h"

int main(int argc, char **argv) {
  sinter::check::registerPlantPass();
  return sinter::runSinter(argc, argv);
}
