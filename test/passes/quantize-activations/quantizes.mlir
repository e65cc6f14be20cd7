// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-quantize-activations --split-input-file | FileCheck %s
// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4,+avx512bf16 --sinter-quantize-activations --split-input-file | FileCheck %s --check-prefix=BF16
// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-quantize-activations="a16=true crest=3.5" --split-input-file | FileCheck %s --check-prefix=CREST

// Linears that share an input share its quantized form.
// CHECK-LABEL: func.func @shared_input
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x64xf32>, %[[A:[^:]*]]: tensor<32x64x!sinter.block<q4_0>>
// CHECK-NEXT:    %[[Q:.*]] = sinter.quantize %[[X]] : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>>
// CHECK-NEXT:    sinter.linear %[[Q]], %[[A]]
// CREST-LABEL: func.func @shared_input
// CREST-NEXT:    sinter.quantize %{{.*}} crest 3.500000e+00 : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a16>>
// CREST-NEXT:    sinter.linear
// CHECK-NEXT:    sinter.linear %[[Q]],
func.func @shared_input(%x: tensor<?x?x64xf32>, %a: tensor<32x64x!sinter.block<q4_0>>, %b: tensor<96x64x!sinter.block<q8_0>>)
    -> (tensor<?x?x32xf32>, tensor<?x?x96xf32>) {
  %y = sinter.linear %x, %a : tensor<?x?x64xf32>, tensor<32x64x!sinter.block<q4_0>> -> tensor<?x?x32xf32>
  %z = sinter.linear %x, %b : tensor<?x?x64xf32>, tensor<96x64x!sinter.block<q8_0>> -> tensor<?x?x96xf32>
  return %y, %z : tensor<?x?x32xf32>, tensor<?x?x96xf32>
}

// -----

// bf16 weights: only when the target multiplies bf16.
// CHECK-LABEL: func.func @bf16_weight
// CHECK-NOT:     sinter.quantize
// BF16-LABEL: func.func @bf16_weight
// BF16:         sinter.quantize %{{.*}} : tensor<?x?x64xf32> -> tensor<?x?x64xbf16>
func.func @bf16_weight(%x: tensor<?x?x64xf32>, %a: tensor<32x64xbf16>) -> tensor<?x?x32xf32> {
  %y = sinter.linear %x, %a : tensor<?x?x64xf32>, tensor<32x64xbf16> -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

// Float weights stay exact in both.
// CHECK-LABEL: func.func @f32_weight
// CHECK-NOT:     sinter.quantize
// BF16-LABEL: func.func @f32_weight
// BF16-NOT:     sinter.quantize
func.func @f32_weight(%x: tensor<?x?x64xf32>, %a: tensor<32x64xf32>) -> tensor<?x?x32xf32> {
  %y = sinter.linear %x, %a : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

// Already quantized.
// CHECK-LABEL: func.func @quantized_input
// CHECK-NOT:     sinter.quantize
func.func @quantized_input(%x: tensor<?x?x64x!sinter.block<a8>>, %a: tensor<32x64x!sinter.block<q8_0>>) -> tensor<?x?x32xf32> {
  %y = sinter.linear %x, %a : tensor<?x?x64x!sinter.block<a8>>, tensor<32x64x!sinter.block<q8_0>> -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

// A router chooses by its input as it is.
// BF16-LABEL: func.func @router
// BF16-NOT:     sinter.quantize
// BF16:         return
// CHECK-LABEL: func.func @router
// CHECK-NOT:     sinter.quantize
// CHECK:         return
func.func @router(%x: tensor<?x?x64xf32>, %a: tensor<4x64xbf16>, %b: tensor<4x64x!sinter.block<q8_0>>)
    -> (tensor<?x?x2xi32>, tensor<?x?x2xi32>) {
  %y = sinter.linear %x, %a : tensor<?x?x64xf32>, tensor<4x64xbf16> -> tensor<?x?x4xf32>
  %i, %v = sinter.route %y softmax top_k 2 : tensor<?x?x4xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %z = sinter.linear %x, %b : tensor<?x?x64xf32>, tensor<4x64x!sinter.block<q8_0>> -> tensor<?x?x4xf32>
  %s = sinter.scale %z by 2.0 : tensor<?x?x4xf32>
  %j, %w = sinter.route %s softmax top_k 2 : tensor<?x?x4xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %i, %j : tensor<?x?x2xi32>, tensor<?x?x2xi32>
}
