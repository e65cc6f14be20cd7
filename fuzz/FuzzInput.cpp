//===- FuzzInput.cpp - What a program is given with --input ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The model is a stand-in that takes every kind of input and computes nothing.
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"
#include "runtime/core/TensorIo.h"

#include <cstring>

using namespace sinter;

namespace {

constexpr std::string_view kManifest = R"({
  "kind": "causal", "name": "m", "vocab": 11, "context": 64, "parameters": 1,
  "inputs": {"position_ids": {"advance": 1, "below": 64}},
  "entries": {"forward": {
    "inputs": [{"name": "input_ids", "type": "i32", "shape": ["B", "T"]},
               {"name": "past", "type": "i32", "shape": ["B"]},
               {"name": "last", "type": "index"},
               {"name": "keys", "type": "cache"},
               {"name": "position_ids", "type": "i32", "shape": ["B", "T"]},
               {"name": "prefix_length", "type": "i32", "shape": ["B"]}],
    "outputs": [{"name": "logits", "type": "f32", "shape": ["B", "last", 11]},
                {"name": "keys", "type": "cache"}]}}})";

class NoModel : public Backend {
public:
  Failure run(const EntryDescription &entry, SinterCall &call) override {
    for (size_t i = 0; i < entry.outputs.size(); ++i)
      if (!entry.outputs[i].isCache())
        memset(call.outputs[i], 0,
               size_t(call.batch * call.last * entry.outputs[i].features()) *
                   sizeof(float));
    return Failure::none();
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const Result<Manifest> manifest =
      Manifest::parse(std::string(kManifest));
  if (!manifest)
    abort();
  InputFile file(data, size);
  TensorRunOptions options;
  options.input = file.path();
  options.output = "/dev/null";
  options.generate = 2;
  options.cuts = {3, 1};
  options.context = 64;
  (void)runTensors(*manifest, options, [&](const SessionShape &shape) {
    return Session::create(*manifest, std::make_unique<NoModel>(), shape);
  });
  return 0;
}
