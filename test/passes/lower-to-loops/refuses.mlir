// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-lower-to-loops --split-input-file --verify-diagnostics

// Params are gone once functions are lowered; nothing else may need them.
sinter.param @w : tensor<8x8xf32>
// expected-error @below {{has no place outside of functions}}
%w = sinter.weight @w : tensor<8x8xf32>
