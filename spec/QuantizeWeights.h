//===- QuantizeWeights.h - Float weights as blocks --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What --quant does: the matrices of a model change their type, and their
// source rounds them when they are read, one at a time. The bits are those of
// ggml's quantizers (formats/Quantize.h).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_QUANTIZEWEIGHTS_H
#define SINTER_SPEC_QUANTIZEWEIGHTS_H

#include "spec/Model.h"

namespace sinter {

/// The symbols whose weights quantizeWeights() would change: floats whose rows
/// are whole blocks, used only as matrices of `sinter.linear` and `sinter.moe`
/// and as tables of `sinter.embed`. Not what routes tokens to experts: an error
/// there changes more than last digits.
std::vector<std::string> quantizable(mlir::ModuleOp module);

/// Gives the quantizable weights of a module that was just built the type
/// `type`, q8_0, q4_0 or q4_1. Returns how many params changed.
size_t quantizeWeights(Model &model, ElementType type);

/// Makes the source of a model read blocks where the module has blocks and the
/// checkpoint has floats.
void roundAsDeclared(Model &model);

} // namespace sinter

#endif // SINTER_SPEC_QUANTIZEWEIGHTS_H
