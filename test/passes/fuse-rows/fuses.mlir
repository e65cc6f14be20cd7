// RUN: sinter-opt %s --sinter-fuse-rows | FileCheck %s

// CHECK-LABEL: func.func @norm_and_quantize
// CHECK:         %[[Q:.*]] = sinter.fused {
// CHECK-NEXT:      sinter.rms_norm
// CHECK-NEXT:      sinter.quantize
// CHECK-NEXT:      sinter.yield
// CHECK:         return %[[Q]]
func.func @norm_and_quantize(%x: tensor<?x?x32xf32>, %w: tensor<32xf32>) -> tensor<?x?x32x!sinter.block<a8>> {
  %n = sinter.rms_norm %x, %w eps 1.0e-5 : tensor<?x?x32xf32>, tensor<32xf32>
  %q = sinter.quantize %n : tensor<?x?x32xf32> -> tensor<?x?x32x!sinter.block<a8>>
  return %q : tensor<?x?x32x!sinter.block<a8>>
}

// A value used inside and outside is yielded too.
// CHECK-LABEL: func.func @also_used_outside
// CHECK:         %[[R:.*]]:2 = sinter.fused {
// CHECK:         sinter.linear %[[R]]#1
// CHECK:         return %[[R]]#0
func.func @also_used_outside(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %a = sinter.add %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %n = sinter.rms_norm %a eps 1.0e-5 : tensor<?x?x8xf32>
  %y = sinter.linear %n, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %a, %y : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// A table's rows are not the tokens': two kernels.
// CHECK-LABEL: func.func @other_rows
// CHECK:         sinter.fused
// CHECK-NEXT:      sinter.unary silu %arg0
// CHECK-NEXT:      sinter.unary relu
// CHECK-NEXT:      sinter.yield
// CHECK:         sinter.fused
// CHECK-NEXT:      sinter.unary silu %arg1
// CHECK-NEXT:      sinter.unary relu
// CHECK-NEXT:      sinter.yield
func.func @other_rows(%x: tensor<?x?x8xf32>, %table: tensor<1x24x8xf32>) -> (tensor<?x?x8xf32>, tensor<1x24x8xf32>) {
  %0 = sinter.unary silu %x : tensor<?x?x8xf32>
  %1 = sinter.unary relu %0 : tensor<?x?x8xf32>
  %2 = sinter.unary silu %table : tensor<1x24x8xf32>
  %3 = sinter.unary relu %2 : tensor<1x24x8xf32>
  return %1, %3 : tensor<?x?x8xf32>, tensor<1x24x8xf32>
}
