// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory | FileCheck %s

// What a stack carries stays in one buffer: the residual is written over the
// argument, twice. Caches have no buffer: they are never copied.

// CHECK-LABEL: func.func private @layer
// CHECK-SAME:    sinter.arena = #sinter.arena<argument 0, tokens x 256>
func.func private @layer(%x: tensor<?x?x64xf32>, %c: !sinter.cache<2x4x16xf32>, %layer: index, %past: tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>) {
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x64xf32>
  // CHECK: sinter.rms_norm
  // CHECK: {sinter.place = #sinter.place<[1]>,
  %h = sinter.reshape %n : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %c1 = sinter.append %h into %c[%layer] at %past : tensor<?x?x4x16xf32>, !sinter.cache<2x4x16xf32>, tensor<?xi32>
  // CHECK: sinter.append
  // CHECK: {sinter.place = #sinter.place<[none]>,
  %s = sinter.unary silu %n : tensor<?x?x64xf32>
  // CHECK: sinter.unary
  // CHECK: {sinter.place = #sinter.place<[1]>,
  %y = sinter.add %x, %s : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  // CHECK: sinter.add
  // CHECK: {sinter.place = #sinter.place<[0]>,
  // CHECK-NOT: sinter.copy
  // CHECK: return
  return %y, %c1 : tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>
}

// CHECK-LABEL: func.func @forward
// CHECK-SAME:    sinter.arena = #sinter.arena<output 0>
func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %past: tensor<?xi32> {sinter.name = "past"},
                   %c: !sinter.cache<2x4x16xf32> {sinter.name = "keys"})
    -> (tensor<?x?x64xf32> {sinter.name = "y"}, !sinter.cache<2x4x16xf32>) {
  %w = sinter.weight @table : tensor<10x64xf32>
  %x = sinter.embed %ids, %w : tensor<?x?xi32>, tensor<10x64xf32> -> tensor<?x?x64xf32>
  // CHECK: sinter.embed
  // CHECK: {sinter.place = #sinter.place<[0]>,
  %y, %c1 = sinter.stack [@layer] layers [0, 0] carry(%x, %c) with(%past)
      : (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>), (tensor<?xi32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>)
  return %y, %c1 : tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>
}
sinter.param @table : tensor<10x64xf32>
