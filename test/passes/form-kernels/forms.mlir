// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --split-input-file | FileCheck %s
// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-form-kernels --split-input-file | FileCheck %s

// An op that stands alone gets a kernel. One token's norm, which only linears read, is made by each thread; what
// they make of it is shared by panels.

// CHECK-LABEL: func.func @one_token(
// CHECK:         sinter.rms_norm
// CHECK-NEXT:    sinter.yield
// CHECK-NEXT:  {sinter.share = #sinter.share<replicated>}
// CHECK:         sinter.linear
// CHECK:       {sinter.share = #sinter.share<panels>}
// CHECK:         sinter.unary
// CHECK:       {sinter.share = #sinter.share<rows>}
func.func @one_token(%x: tensor<1x1x8xf32>) -> tensor<1x1x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<1x1x8xf32>
  %y = sinter.linear %n, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
  %z = sinter.unary silu %y : tensor<1x1x8xf32>
  return %z : tensor<1x1x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// Many tokens share the work; so they do where somebody else reads the norm too.

// CHECK-LABEL: func.func @many(
// CHECK:         sinter.rms_norm
// CHECK:       {sinter.share = #sinter.share<rows>}
func.func @many(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x8xf32>
  %y = sinter.linear %n, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @read_twice(
// CHECK:         sinter.rms_norm
// CHECK:       {sinter.share = #sinter.share<rows>}
// CHECK:         sinter.add
// CHECK:       {sinter.share = #sinter.share<rows>}
func.func @read_twice(%x: tensor<1x1x8xf32>) -> tensor<1x1x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<1x1x8xf32>
  %y = sinter.linear %n, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
  %z = sinter.add %n, %y : tensor<1x1x8xf32>, tensor<1x1x8xf32>
  return %z : tensor<1x1x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// A row that is too long for every thread's stack is made once.

// CHECK-LABEL: func.func @long_row(
// CHECK:         sinter.rms_norm
// CHECK:       {sinter.share = #sinter.share<rows>}
func.func @long_row(%x: tensor<1x1x32768xf32>) -> tensor<1x1x8xf32> {
  %w = sinter.weight @w : tensor<8x32768xf32>
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<1x1x32768xf32>
  %y = sinter.linear %n, %w : tensor<1x1x32768xf32>, tensor<8x32768xf32> -> tensor<1x1x8xf32>
  return %y : tensor<1x1x8xf32>
}
sinter.param @w : tensor<8x32768xf32>
