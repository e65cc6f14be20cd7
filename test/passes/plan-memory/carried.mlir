// RUN: sinter-opt %s --sinter-plan-memory | FileCheck %s

// What a stack carries stays in one buffer: the residual is written over the
// argument, twice. Caches have no buffer: they are never copied.

// CHECK-LABEL: func.func private @layer
// CHECK-SAME:    sinter.arena = [{argument = 0 : i64}, {bytes = 256 : i64, extra = 0 : i64, rows = "N"}]
func.func private @layer(%x: tensor<?x?x64xf32>, %c: !sinter.cache<2x4x16xf32>, %layer: index, %past: tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>) {
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x64xf32>
  // CHECK: sinter.rms_norm
  // CHECK: {sinter.buffers = array<i64: 1>}
  %h = sinter.reshape %n : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %c1 = sinter.append %h into %c[%layer] at %past : tensor<?x?x4x16xf32>, !sinter.cache<2x4x16xf32>, tensor<?xi32>
  // CHECK: sinter.append
  // CHECK: {sinter.buffers = array<i64: -1>}
  %s = sinter.unary silu %n : tensor<?x?x64xf32>
  // CHECK: sinter.unary
  // CHECK: {sinter.buffers = array<i64: 1>}
  %y = sinter.add %x, %s : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  // CHECK: sinter.add
  // CHECK: {sinter.buffers = array<i64: 0>}
  // CHECK-NOT: sinter.copy
  // CHECK: return
  return %y, %c1 : tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>
}

// CHECK-LABEL: func.func @forward
// CHECK-SAME:    sinter.arena = [{output = 0 : i64}]
func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %past: tensor<?xi32> {sinter.name = "past"},
                   %c: !sinter.cache<2x4x16xf32> {sinter.name = "keys"})
    -> (tensor<?x?x64xf32> {sinter.name = "y"}, !sinter.cache<2x4x16xf32>) {
  %w = sinter.weight @table : tensor<10x64xf32>
  %x = sinter.embed %ids, %w : tensor<?x?xi32>, tensor<10x64xf32> -> tensor<?x?x64xf32>
  // CHECK: sinter.embed
  // CHECK: {sinter.buffers = array<i64: 0>}
  %y, %c1 = sinter.stack [@layer] layers [0, 0] carry(%x, %c) with(%past)
      : (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>), (tensor<?xi32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>)
  return %y, %c1 : tensor<?x?x64xf32>, !sinter.cache<2x4x16xf32>
}
sinter.param @table : tensor<10x64xf32>
