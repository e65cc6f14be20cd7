// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory | FileCheck %s

// Buffers are taken again after the last use, in place where elements meet,
// apart for rows of other numbers, larger for padded tiles.

// CHECK-LABEL: func.func @reuses
// CHECK-SAME: sinter.arena = #sinter.arena<output 0, tokens x 32, tokens x 32>
func.func @reuses(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  // CHECK: sinter.place<[1]>
  %b = sinter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  // CHECK: sinter.place<[2]>
  %c = sinter.linear %b, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  // CHECK: sinter.place<[1]>
  %d = sinter.linear %c, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  // CHECK: sinter.place<[0]>
  return %d : tensor<?x?x8xf32>
}

// A linear reads all of its input: no result may lie on it.
// CHECK-LABEL: func.func @linear_not_in_place
func.func @linear_not_in_place(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  // CHECK: sinter.place<[1]>
  %r = sinter.fused {
    %w1 = sinter.weight @w : tensor<8x8xf32>
    %l = sinter.linear %a, %w1 : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    %s = sinter.add %l, %a : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %s : tensor<?x?x8xf32>
  } : tensor<?x?x8xf32>
  // CHECK: sinter.linear
  // CHECK: sinter.place<[0]>
  return %r : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @rows
// CHECK-SAME: tokens x 32 + 224, tokens x 32, last x 32
func.func @rows(%x: tensor<?x?x8xf32>, %last: index) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %t = sinter.quantize %x : tensor<?x?x8xf32> -> tensor<?x?x8xf32, #sinter.tiled<tokens = 8>>
  %a = sinter.linear %t, %w : tensor<?x?x8xf32, #sinter.tiled<tokens = 8>>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %l = sinter.last %a, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  %b = sinter.linear %l, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>
