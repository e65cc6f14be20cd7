// RUN: sinter-opt %s --sinter-fuse-rows | FileCheck %s
// CHECK-NOT: sinter.fused

func.func @one_op(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x8xf32>
  return %n : tensor<?x?x8xf32>
}

// A reshape beside one op moves nothing.
func.func @reshape_and_op(%x: tensor<?x?x8xf32>) -> tensor<?x?x2x4xf32> {
  %n = sinter.unary silu %x : tensor<?x?x8xf32>
  %r = sinter.reshape %n : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  return %r : tensor<?x?x2x4xf32>
}

// A linear between two token-wise ops parts them.
func.func @linear_between(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %n = sinter.unary silu %x : tensor<?x?x8xf32>
  %y = sinter.linear %n, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.unary silu %y : tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}
