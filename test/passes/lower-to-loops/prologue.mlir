// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-place-barriers --sinter-lower-to-loops --split-input-file | FileCheck %s

// What one token's linears read is made by each thread for itself: no barrier
// stands between. The linear before it is waited for.

// CHECK-LABEL: func.func @own(
// CHECK: call @sinter_barrier
// CHECK-NOT: sinter_barrier
// CHECK: return
func.func @own(%x: tensor<1x1x8xf32> {sinter.name = "x"}) -> tensor<1x1x16xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %v = sinter.weight @v : tensor<16x8xf32>
  %a = sinter.linear %x, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
  %b = sinter.unary silu %a : tensor<1x1x8xf32>
  %c = sinter.linear %b, %v : tensor<1x1x8xf32>, tensor<16x8xf32> -> tensor<1x1x16xf32>
  return %c : tensor<1x1x16xf32>
}
sinter.param @w : tensor<8x8xf32>
sinter.param @v : tensor<16x8xf32>

// -----

// Where the linear overwrites what slower threads still read, it waits.

// CHECK-LABEL: func.func @overwrites(
// CHECK-COUNT-3: call @sinter_barrier
// CHECK-NOT: sinter_barrier
// CHECK: return
func.func @overwrites(%x: tensor<1x1x32x!sinter.block<a8>> {sinter.name = "x"}) -> tensor<1x1x32xf32> {
  %w = sinter.weight @w : tensor<32x32x!sinter.block<q8_0>>
  %a = sinter.linear %x, %w : tensor<1x1x32x!sinter.block<a8>>, tensor<32x32x!sinter.block<q8_0>> -> tensor<1x1x32xf32>
  %b = sinter.quantize %a : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a8>>
  %c = sinter.linear %b, %w : tensor<1x1x32x!sinter.block<a8>>, tensor<32x32x!sinter.block<q8_0>> -> tensor<1x1x32xf32>
  %d = sinter.quantize %c : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a8>>
  %e = sinter.linear %d, %w : tensor<1x1x32x!sinter.block<a8>>, tensor<32x32x!sinter.block<q8_0>> -> tensor<1x1x32xf32>
  return %e : tensor<1x1x32xf32>
}
sinter.param @w : tensor<32x32x!sinter.block<q8_0>>

// -----

// What others use too is made once. So is what many tokens have.

// CHECK-LABEL: func.func @shared(
// CHECK-COUNT-3: call @sinter_barrier
// CHECK-NOT: sinter_barrier
// CHECK: return
func.func @shared(%x: tensor<1x1x8xf32> {sinter.name = "x"}) -> tensor<1x1x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.linear %x, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
  %b = sinter.unary silu %a : tensor<1x1x8xf32>
  %c = sinter.linear %b, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
  %d = sinter.add %b, %c : tensor<1x1x8xf32>, tensor<1x1x8xf32>
  return %d : tensor<1x1x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// CHECK-LABEL: func.func @rows(
// CHECK-COUNT-2: call @sinter_barrier
// CHECK-NOT: sinter_barrier
// CHECK: return
func.func @rows(%x: tensor<?x?x8xf32> {sinter.name = "x"}) -> tensor<?x?x16xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %v = sinter.weight @v : tensor<16x8xf32>
  %a = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %b = sinter.unary silu %a : tensor<?x?x8xf32>
  %c = sinter.linear %b, %v : tensor<?x?x8xf32>, tensor<16x8xf32> -> tensor<?x?x16xf32>
  return %c : tensor<?x?x16xf32>
}
sinter.param @w : tensor<8x8xf32>
sinter.param @v : tensor<16x8xf32>
