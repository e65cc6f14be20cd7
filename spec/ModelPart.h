//===- ModelPart.h - A model within another -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Checkpoints that read images or sound, too, have a decoder of another family
// in them: its configuration is an object of theirs, its tensors have a prefix.
// A spec with the section `within` says where; the decoder's own spec says the
// rest.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_MODELPART_H
#define SINTER_SPEC_MODELPART_H

#include "formats/Checkpoint.h"
#include "spec/SpecSearch.h"

namespace sinter {

struct ModelPart {
  Checkpoint checkpoint;            ///< the part alone
  std::vector<std::string> ignored; ///< tensors of the whole beside it
};

/// Whether a spec describes no model, but where one is.
bool isOfPart(const SpecFile &spec);

/// Finds the part that the spec describes. Fails with messages that have the
/// place in the spec.
llvm::Expected<ModelPart> findPart(const SpecFile &spec,
                                   const Checkpoint &whole);

} // namespace sinter

#endif // SINTER_SPEC_MODELPART_H
