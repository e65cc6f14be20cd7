// RUN: sinter-opt %s --sinter-fuse-linears | FileCheck %s

// A product with two uses is stored anyway: the activation stays outside.
// CHECK-LABEL: func.func @second_use
// CHECK:         sinter.fused {
// CHECK-NEXT:      sinter.linear
// CHECK-NEXT:      sinter.yield
// CHECK:         sinter.unary
func.func @second_use(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.unary silu %y : tensor<?x?x8xf32>
  return %y, %z : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// The other operand is made after the product.
// CHECK-LABEL: func.func @operand_comes_later
// CHECK:         sinter.fused {
// CHECK-NEXT:      sinter.linear
// CHECK-NEXT:      sinter.yield
// CHECK:         sinter.unary
// CHECK:         sinter.mul
func.func @operand_comes_later(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %u = sinter.unary silu %x : tensor<?x?x8xf32>
  %z = sinter.mul %y, %u : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}

// Two inputs, two kernels.
// CHECK-LABEL: func.func @other_input
// CHECK-COUNT-2: sinter.fused
func.func @other_input(%x: tensor<?x?x8xf32>, %u: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.linear %u, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %y, %z : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// A block of 32 is wider than a panel.
// CHECK-LABEL: func.func @blocks
// CHECK:         sinter.fused {
// CHECK-NEXT:      sinter.linear
// CHECK-NEXT:      sinter.yield
// CHECK:         sinter.quantize
func.func @blocks(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32x!sinter.block<a8>> {
  %y = sinter.linear %x, %w : tensor<?x?x32xf32>, tensor<32x32xf32> -> tensor<?x?x32xf32>
  %b = sinter.quantize %y : tensor<?x?x32xf32> -> tensor<?x?x32x!sinter.block<a8>>
  return %b : tensor<?x?x32x!sinter.block<a8>>
}
