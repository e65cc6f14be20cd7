// Neutral ops vanish; two views become one.
// RUN: sinter-opt %s --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @scale_by_one
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    return %[[X]]
func.func @scale_by_one(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = sinter.scale %x by 1.0 : tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @scale_by_two
// CHECK:         sinter.scale
func.func @scale_by_two(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = sinter.scale %x by 2.0 : tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @neutral_constants
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    return %[[X]]
func.func @neutral_constants(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %one = arith.constant dense<1.0> : tensor<64xf32>
  %a = sinter.add %x, %zero : tensor<?x?x64xf32>, tensor<64xf32>
  %b = sinter.sub %a, %zero : tensor<?x?x64xf32>, tensor<64xf32>
  %c = sinter.mul %b, %one : tensor<?x?x64xf32>, tensor<64xf32>
  return %c : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @reshape_there_and_back
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    return %[[X]]
func.func @reshape_there_and_back(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %a = sinter.reshape %x : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %b = sinter.reshape %a : tensor<?x?x4x16xf32> -> tensor<?x?x64xf32>
  return %b : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @reshape_of_reshape
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    %[[Y:.*]] = sinter.reshape %[[X]] : tensor<?x?x64xf32> -> tensor<?x?x8x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @reshape_of_reshape(%x: tensor<?x?x64xf32>) -> tensor<?x?x8x8xf32> {
  %a = sinter.reshape %x : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %b = sinter.reshape %a : tensor<?x?x4x16xf32> -> tensor<?x?x8x8xf32>
  return %b : tensor<?x?x8x8xf32>
}

// CHECK-LABEL: func.func @slice_of_slice
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    %[[Y:.*]] = sinter.slice %[[X]] at 40 : tensor<?x?x64xf32> -> tensor<?x?x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @slice_of_slice(%x: tensor<?x?x64xf32>) -> tensor<?x?x8xf32> {
  %a = sinter.slice %x at 32 : tensor<?x?x64xf32> -> tensor<?x?x32xf32>
  %b = sinter.slice %a at 8 : tensor<?x?x32xf32> -> tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}

// Rounding to f32 what is f32 is nothing; to a8 it is something.
// CHECK-LABEL: func.func @quantize_to_itself
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    %[[Y:.*]] = sinter.quantize %[[X]] : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>>
// CHECK-NEXT:    return %[[Y]]
func.func @quantize_to_itself(%x: tensor<?x?x64xf32>) -> tensor<?x?x64x!sinter.block<a8>> {
  %a = sinter.quantize %x : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  %b = sinter.quantize %a : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>>
  return %b : tensor<?x?x64x!sinter.block<a8>>
}

// Two copies of a value are two, unless nobody reads one.
// CHECK-LABEL: func.func @copies
// CHECK-SAME:    %[[X:.*]]: tensor
// CHECK-NEXT:    %[[A:.*]] = sinter.copy %[[X]]
// CHECK-NEXT:    %[[B:.*]] = sinter.copy %[[X]]
// CHECK-NEXT:    return %[[A]], %[[B]]
func.func @copies(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a = sinter.copy %x : tensor<?x?x64xf32>
  %b = sinter.copy %x : tensor<?x?x64xf32>
  %c = sinter.copy %x : tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// Equal kernels become one, but for those that a memory plan has given their places.
// CHECK-LABEL: func.func @kernels
// CHECK:         %[[A:.*]] = sinter.fused
// CHECK-NOT:     sinter.fused
// CHECK:         return %[[A]], %[[A]]
func.func @kernels(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a = sinter.fused {
    %0 = sinter.unary relu %x : tensor<?x?x64xf32>
    sinter.yield %0 : tensor<?x?x64xf32>
  } : tensor<?x?x64xf32>
  %b = sinter.fused {
    %0 = sinter.unary relu %x : tensor<?x?x64xf32>
    sinter.yield %0 : tensor<?x?x64xf32>
  } : tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @planned_kernels
// CHECK-COUNT-2: sinter.place = #sinter.place<[0]>
// CHECK-NOT:     sinter.fused
func.func @planned_kernels(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a = sinter.fused {
    %0 = sinter.unary relu %x : tensor<?x?x64xf32>
    sinter.yield %0 : tensor<?x?x64xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x64xf32>
  %b = sinter.fused {
    %0 = sinter.unary relu %x : tensor<?x?x64xf32>
    sinter.yield %0 : tensor<?x?x64xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x64xf32>
  %c = sinter.fused {
    %0 = sinter.unary silu %x : tensor<?x?x64xf32>
    sinter.yield %0 : tensor<?x?x64xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}
