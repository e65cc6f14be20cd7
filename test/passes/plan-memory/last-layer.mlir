// RUN: sinter-opt %s --sinter-hoist-last --sinter-fuse --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-check-plan | FileCheck %s

// What the last layer makes is of the last tokens (L).
// CHECK-LABEL: func.func private @layer(
// CHECK-SAME:    sinter.arena = #sinter.arena<argument 0, tokens x 32>
// CHECK-LABEL: func.func private @layer_last(
// CHECK-SAME:    sinter.arena = #sinter.arena<argument 0, last x 32>
sinter.param @w layers 3 : tensor<8x8xf32>
func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w[%layer] : tensor<8x8xf32>
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.add %x, %y : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}

// What is large enough for the last tokens is not for all that the stack carries: a copy.
// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    sinter.arena = #sinter.arena<output 0, tokens x 32>
// CHECK:         sinter.copy
// CHECK:         {sinter.place = #sinter.place<[1]>}
// CHECK:         sinter.stack
// CHECK:         sinter.copy
// CHECK:         {sinter.place = #sinter.place<[0]>}
func.func @forward(%x: tensor<?x?x8xf32> {sinter.name = "x"}, %last: index {sinter.name = "last"}) -> tensor<?x?x8xf32> {
  %y = sinter.stack [@layer] layers [0, 0, 0] carry(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}
