// RUN: sinter-native-test %source/test/codegen/native/grouped-heads.mlir 1e-5 2 3,5 plain

// No two live values share memory: buffers overwritten too early would show,
// for each op is a kernel of its own here. test/codegen/native has more.
