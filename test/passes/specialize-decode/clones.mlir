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
