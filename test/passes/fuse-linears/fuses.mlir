// RUN: sinter-opt %s --sinter-fuse-linears | FileCheck %s

// Gate and up read one input; activation and product finish them.
// CHECK-LABEL: func.func @gate_and_up
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x8xf32>, %[[G:[^:]*]]: tensor<12x8xf32>, %[[U:[^:]*]]: tensor<12x8xf32>
// CHECK-NEXT:    sinter.fused {
// CHECK-NEXT:      %[[GX:.*]] = sinter.linear %[[X]], %[[G]]
// CHECK-NEXT:      %[[UX:.*]] = sinter.linear %[[X]], %[[U]]
// CHECK-NEXT:      %[[A:.*]] = sinter.unary silu %[[GX]]
// CHECK-NEXT:      %[[M:.*]] = sinter.mul %[[A]], %[[UX]]
// CHECK-NEXT:      sinter.yield %[[M]]
func.func @gate_and_up(%x: tensor<?x?x8xf32>, %g: tensor<12x8xf32>, %u: tensor<12x8xf32>) -> tensor<?x?x12xf32> {
  %gx = sinter.linear %x, %g : tensor<?x?x8xf32>, tensor<12x8xf32> -> tensor<?x?x12xf32>
  %a = sinter.unary silu %gx : tensor<?x?x12xf32>
  %ux = sinter.linear %x, %u : tensor<?x?x8xf32>, tensor<12x8xf32> -> tensor<?x?x12xf32>
  %m = sinter.mul %a, %ux : tensor<?x?x12xf32>, tensor<?x?x12xf32>
  return %m : tensor<?x?x12xf32>
}

// The residual is added where the product is made.
// CHECK-LABEL: func.func @residual
// CHECK-NEXT:    sinter.fused {
// CHECK-NEXT:      sinter.linear
// CHECK-NEXT:      sinter.add %{{.*}}
// CHECK-NEXT:      sinter.yield
func.func @residual(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.add %x, %y : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}

// Queries and keys differ in size and leave as two results; a consumer that stands between
// them follows the kernel.
// CHECK-LABEL: func.func @queries_and_keys
// CHECK-NEXT:    %[[QK:.*]]:2 = sinter.fused {
// CHECK:           sinter.yield
// CHECK:         sinter.reshape %[[QK]]#0
func.func @queries_and_keys(%x: tensor<?x?x8xf32>, %q: tensor<8x8xf32>, %k: tensor<4x8xf32>) -> (tensor<?x?x2x4xf32>, tensor<?x?x4xf32>) {
  %qx = sinter.linear %x, %q : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %h = sinter.reshape %qx : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %kx = sinter.linear %x, %k : tensor<?x?x8xf32>, tensor<4x8xf32> -> tensor<?x?x4xf32>
  return %h, %kx : tensor<?x?x2x4xf32>, tensor<?x?x4xf32>
}

// What rounds each element lays the result out for the next linear, which alone reads it.
// CHECK-LABEL: func.func @rounded
// CHECK-NEXT:    sinter.fused {
// CHECK-NEXT:      sinter.linear
// CHECK-NEXT:      sinter.unary
// CHECK-NEXT:      %[[B:.*]] = sinter.quantize %{{.*}} -> tensor<?x?x8xbf16, #sinter.tiled<tokens = 6, together = 2>>
// CHECK-NEXT:      sinter.yield %[[B]]
func.func @rounded(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xbf16, #sinter.tiled<tokens = 6, together = 2>> {
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  %z = sinter.unary silu %y : tensor<?x?x8xf32>
  %b = sinter.quantize %z : tensor<?x?x8xf32> -> tensor<?x?x8xbf16, #sinter.tiled<tokens = 6, together = 2>>
  return %b : tensor<?x?x8xbf16, #sinter.tiled<tokens = 6, together = 2>>
}
