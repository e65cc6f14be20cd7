// RUN: sinter-opt %s --sinter-specialize-decode | FileCheck %s

// The form and the entry get clones with batch and tokens of one.
// CHECK-LABEL: func.func private @form(
// CHECK-SAME:    tensor<?x?x8xf32>
// CHECK-LABEL: func.func private @form_one(
// CHECK-SAME:    %{{.*}}: tensor<1x1x8xf32>, %{{.*}}: index) -> tensor<1x1x8xf32>
// CHECK:         sinter.unary silu %{{.*}} : tensor<1x1x8xf32>
func.func private @form(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
  %y = sinter.unary silu %x : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @forward(
// CHECK:         sinter.stack [@form]
// CHECK-LABEL: func.func @forward_one(
// CHECK-SAME:    tensor<1xi32> {sinter.name = "past"}
// CHECK:         sinter.stack [@form_one] layers [0, 0]
// CHECK-SAME:    -> (tensor<1x1x8xf32>)
func.func @forward(%x: tensor<?x?x8xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x8xf32> {
  %y = sinter.stack [@form] layers [0, 0] carry(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  return %y : tensor<?x?x8xf32>
}

// A mask of the keys in a cache keeps its columns.
// CHECK-LABEL: func.func private @masked_one(
// CHECK-SAME:    %{{.*}}: tensor<1x1x4x16xf32>, %{{.*}}: index, %{{.*}}: tensor<1x?xi32>, %{{.*}}: !sinter.cache
func.func private @masked(%q: tensor<?x?x4x16xf32>, %layer: index, %mask: tensor<?x?xi32>, %c: !sinter.cache<1x4x16xf32>, %keys: tensor<?xi32>) -> tensor<?x?x4x16xf32> {
  %slot = arith.constant 0 : index
  %a = sinter.attention %q, %c, %c[%slot] scale 0.25 full keys %keys : tensor<?xi32> key_mask %mask : tensor<?x?xi32>
      : tensor<?x?x4x16xf32>, !sinter.cache<1x4x16xf32>, !sinter.cache<1x4x16xf32> -> tensor<?x?x4x16xf32>
  return %a : tensor<?x?x4x16xf32>
}

// Nor does a form that is given it and does not use it.
// CHECK-LABEL: func.func private @unmasked_one(
// CHECK-SAME:    %{{.*}}: tensor<1x1x4x16xf32>, %{{.*}}: index, %{{.*}}: tensor<1x?xi32>, %{{.*}}: !sinter.cache
func.func private @unmasked(%q: tensor<?x?x4x16xf32>, %layer: index, %mask: tensor<?x?xi32>, %c: !sinter.cache<1x4x16xf32>, %keys: tensor<?xi32>) -> tensor<?x?x4x16xf32> {
  return %q : tensor<?x?x4x16xf32>
}

// CHECK-LABEL: func.func @cross_one(
// CHECK-SAME:    %{{.*}}: tensor<1x1x4x16xf32>, %{{.*}}: tensor<1xi32> {{.*}}, %{{.*}}: tensor<1x?xi32>
func.func @cross(%q: tensor<?x?x4x16xf32>, %past: tensor<?xi32> {sinter.name = "past"}, %mask: tensor<?x?xi32>, %c: !sinter.cache<1x4x16xf32>) -> tensor<?x?x4x16xf32> {
  %y = sinter.stack [@unmasked, @masked] layers [0, 1] carry(%q) with(%mask, %c, %past) : (tensor<?x?x4x16xf32>), (tensor<?x?xi32>, !sinter.cache<1x4x16xf32>, tensor<?xi32>) -> (tensor<?x?x4x16xf32>)
  return %y : tensor<?x?x4x16xf32>
}
