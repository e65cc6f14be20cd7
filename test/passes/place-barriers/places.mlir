// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-place-barriers --split-input-file > %t
// RUN: FileCheck %s < %t
// RUN: sinter-opt %t --sinter-check-barriers --split-input-file -o /dev/null
// RUN: sinter-opt %t --sinter-place-barriers --split-input-file | FileCheck %s

// Rows keep their thread from kernel to kernel. A linear reads rows of all threads, and what it makes they all need.

// CHECK-LABEL: func.func @rows_then_panels(
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.unary silu
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.unary relu
// CHECK:         cpu.barrier
// CHECK:         sinter.linear
// CHECK:         cpu.barrier
// CHECK:         sinter.unary tanh
// CHECK-NOT:     cpu.barrier
// CHECK:         return
func.func @rows_then_panels(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.unary silu %x : tensor<?x?x8xf32>
  %b = sinter.unary relu %a : tensor<?x?x8xf32>
  %c = sinter.linear %b, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %d = sinter.unary tanh %c : tensor<?x?x8xf32>
  return %d : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// Linears that read the same, and nothing of each other, run without one between them.

// CHECK-LABEL: func.func @independent(
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.linear
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.linear
// CHECK:         cpu.barrier
// CHECK:         sinter.add
func.func @independent(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %v = sinter.weight @v : tensor<8x8xf32>
  %a = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %b = sinter.linear %x, %v : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %c = sinter.add %a, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>
sinter.param @v : tensor<8x8xf32>

// -----

// The last tokens' rows are others than those of all tokens.

// CHECK-LABEL: func.func @last(
// CHECK:         sinter.unary
// CHECK:         cpu.barrier
// CHECK:         sinter.last
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.rms_norm
func.func @last(%x: tensor<?x?x8xf32>, %n: index {sinter.name = "last"}) -> tensor<?x?x8xf32> {
  %a = sinter.unary silu %x : tensor<?x?x8xf32>
  %b = sinter.last %a, %n : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  %c = sinter.rms_norm %b eps 1.0e-5 : tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}

// -----

// Tokens are appended by the threads that have them, and read by all.

// CHECK-LABEL: func.func @attends(
// CHECK:         sinter.append
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.append
// CHECK:         cpu.barrier
// CHECK:         sinter.attention
func.func @attends(%q: tensor<?x?x2x4xf32>, %past: tensor<?xi32>, %k0: !sinter.cache<1x2x4xf32> {sinter.name = "k"}, %v0: !sinter.cache<1x2x4xf32> {sinter.name = "v"}) -> (tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>, !sinter.cache<1x2x4xf32>) {
  %i = arith.constant 0 : index
  %k = sinter.append %q into %k0[%i] at %past : tensor<?x?x2x4xf32>, <1x2x4xf32>, tensor<?xi32>
  %v = sinter.append %q into %v0[%i] at %past : tensor<?x?x2x4xf32>, <1x2x4xf32>, tensor<?xi32>
  %o = sinter.attention %q, %k, %v[%i] past %past : tensor<?xi32> scale 0.5 causal : tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>, !sinter.cache<1x2x4xf32> -> tensor<?x?x2x4xf32>
  return %o, %k, %v : tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>, !sinter.cache<1x2x4xf32>
}

// -----

// What happened before a layer is not known to it, and what happened in layers not to what follows.

// CHECK-LABEL: func.func private @layer(
// CHECK:         cpu.barrier
// CHECK:         sinter.unary
// CHECK-NOT:     cpu.barrier
// CHECK:         return
func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
  %y = sinter.unary silu %x : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @layers(
// CHECK:         sinter.scale
// CHECK-NOT:     cpu.barrier
// CHECK:         sinter.stack
// CHECK:         cpu.barrier
// CHECK:         sinter.rms_norm
func.func @layers(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  %b = sinter.stack [@layer] layers [0, 0] carry(%a) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  %c = sinter.rms_norm %b eps 1.0e-5 : tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}
