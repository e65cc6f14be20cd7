// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4,+avx512vnni --sinter-pack-weights | FileCheck %s

// 17 rows of 5 f32 make two panels of 320 bytes; then 64 bytes for the norm; the
// second layer follows the first; the table that only `embed` reads stays as it is.
// CHECK: module attributes {sinter.target = #cpu.target<cpu = "x86-64-v4", features = "+avx512vnni">, sinter.weights_bytes = 2176 : i64}
// CHECK-DAG: sinter.param @table at [0] : tensor<7x5xf32>
// CHECK-DAG: sinter.param @norm layers 2 at [192, 896] : tensor<5xf32>
// CHECK-DAG: sinter.param @w layers 2 at [256, 960] : tensor<17x5xf32, #sinter.packed<rows = 16>>
// CHECK-DAG: sinter.param @head at [1600] : tensor<16x32x!sinter.block<q8_0>, #sinter.packed<rows = 16, biased = true>>
// CHECK-NOT: @unused
sinter.param @table : tensor<7x5xf32>
sinter.param @norm layers 2 : tensor<5xf32>
sinter.param @w layers 2 : tensor<17x5xf32>
sinter.param @head : tensor<16x32x!sinter.block<q8_0>>
sinter.param @unused : tensor<5xf32>

// CHECK-LABEL: func.func private @form
// CHECK:         %[[N:.*]] = sinter.rms_norm
// CHECK:         %[[T:.*]] = sinter.quantize %[[N]] : tensor<?x?x5xf32> -> tensor<?x?x5xf32, #sinter.tiled<tokens = 12>>
// CHECK:         sinter.linear %[[T]], %{{.*}} : tensor<?x?x5xf32, #sinter.tiled<tokens = 12>>, tensor<17x5xf32, #sinter.packed<rows = 16>>
func.func private @form(%x: tensor<?x?x5xf32>, %y: tensor<?x?x17xf32>, %layer: index) -> (tensor<?x?x5xf32>, tensor<?x?x17xf32>) {
  %n = sinter.weight @norm[%layer] : tensor<5xf32>
  %w = sinter.weight @w[%layer] : tensor<17x5xf32>
  %h = sinter.rms_norm %x, %n eps 1.0e-5 : tensor<?x?x5xf32>, tensor<5xf32>
  %z = sinter.linear %h, %w : tensor<?x?x5xf32>, tensor<17x5xf32> -> tensor<?x?x17xf32>
  return %x, %z : tensor<?x?x5xf32>, tensor<?x?x17xf32>
}

func.func @forward(%ids: tensor<?x?xi32>, %y: tensor<?x?x17xf32>) -> tensor<?x?x17xf32> {
  %t = sinter.weight @table : tensor<7x5xf32>
  %x = sinter.embed %ids, %t : tensor<?x?xi32>, tensor<7x5xf32> -> tensor<?x?x5xf32>
  %s:2 = sinter.stack [@form] layers [0, 0] carry(%x, %y) : (tensor<?x?x5xf32>, tensor<?x?x17xf32>) -> (tensor<?x?x5xf32>, tensor<?x?x17xf32>)
  return %s#1 : tensor<?x?x17xf32>
}

// One token: a tile of one token is the plain layout, so floats are read in place.
// CHECK-LABEL: func.func @one_token
// CHECK-NEXT:    sinter.weight
// CHECK-NEXT:    sinter.linear %{{.*}}, %{{.*}} : tensor<1x1x32x!sinter.block<a8>>
func.func @one_token(%x: tensor<1x1x32x!sinter.block<a8>>) -> tensor<1x1x16xf32> {
  %w = sinter.weight @head : tensor<16x32x!sinter.block<q8_0>>
  %y = sinter.linear %x, %w : tensor<1x1x32x!sinter.block<a8>>, tensor<16x32x!sinter.block<q8_0>> -> tensor<1x1x16xf32>
  return %y : tensor<1x1x16xf32>
}
