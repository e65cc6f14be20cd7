// RUN: sinter-opt %s --sinter-hoist-last | FileCheck %s
// RUN: sinter-opt %s --sinter-hoist-last --sinter-hoist-last | FileCheck %s

// The last of two layers of one form becomes a form of its own: attention is computed of all tokens, what follows it of the last
// ones. The final norm and the head follow without a `last`.
module {
  sinter.param @o layers 2 : tensor<8x8xf32>
  sinter.param @norm : tensor<8xf32>
  sinter.param @head : tensor<5x8xf32>

  // CHECK-LABEL: func.func private @layer(
  // CHECK-SAME:    %[[X:[^:]*]]: tensor<?x?x8xf32>, %{{.*}}: index, %{{.*}}: tensor<?xi32>, %{{.*}}: index)
  // CHECK-NOT:     sinter.last
  // CHECK-LABEL: func.func private @layer_last(
  // CHECK-SAME:    %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[LAYER:[^:]*]]: index, %{{.*}}: tensor<?xi32>, %[[COUNT:[^:]*]]: index)
  // CHECK:         %[[ATTENDED:.*]] = sinter.attention
  // CHECK:         %[[LAST:.*]] = sinter.last %[[ATTENDED]], %[[COUNT]] : tensor<?x?x2x4xf32>
  // CHECK:         %[[FLAT:.*]] = sinter.reshape %[[LAST]]
  // CHECK:         %[[W:.*]] = sinter.weight @o[%[[LAYER]]]
  // CHECK:         %[[O:.*]] = sinter.linear %[[FLAT]], %[[W]]
  // CHECK:         %[[OLD:.*]] = sinter.last %[[X]], %[[COUNT]] : tensor<?x?x8xf32>
  // CHECK:         %[[Y:.*]] = sinter.add %[[OLD]], %[[O]]
  // CHECK:         return %[[Y]]
  func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index, %past: tensor<?xi32>) -> tensor<?x?x8xf32> {
    %q = sinter.reshape %x : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
    %a = sinter.attention %q, %q, %q scale 0.5 causal : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32> -> tensor<?x?x2x4xf32>
    %f = sinter.reshape %a : tensor<?x?x2x4xf32> -> tensor<?x?x8xf32>
    %w = sinter.weight @o[%layer] : tensor<8x8xf32>
    %o = sinter.linear %f, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    %y = sinter.add %x, %o : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    return %y : tensor<?x?x8xf32>
  }

  // CHECK-LABEL: func.func @forward(
  // CHECK-SAME:    %[[LAST:[^:]*]]: index {sinter.name = "last"}
  // CHECK:         %[[Y:.*]] = sinter.stack [@layer, @layer_last] layers [0, 1] carry(%{{.*}}) with(%{{.*}}, %[[LAST]])
  // CHECK-NOT:     sinter.last
  // CHECK:         sinter.rms_norm %[[Y]]
  func.func @forward(%x: tensor<?x?x8xf32>, %past: tensor<?xi32>, %last: index {sinter.name = "last"}) -> tensor<?x?x5xf32> {
    %y = sinter.stack [@layer] layers [0, 0] carry(%x) with(%past) : (tensor<?x?x8xf32>), (tensor<?xi32>) -> (tensor<?x?x8xf32>)
    %g = sinter.weight @norm : tensor<8xf32>
    %n = sinter.rms_norm %y, %g eps 1.0e-5 : tensor<?x?x8xf32>, tensor<8xf32>
    %l = sinter.last %n, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
    %h = sinter.weight @head : tensor<5x8xf32>
    %z = sinter.linear %l, %h : tensor<?x?x8xf32>, tensor<5x8xf32> -> tensor<?x?x5xf32>
    return %z : tensor<?x?x5xf32>
  }

  // Of one token.
  // CHECK-LABEL: func.func @forward_one(
  // CHECK-SAME:    %[[X:[^:]*]]: tensor<1x1x8xf32>
  // CHECK-NEXT:    return %[[X]]
  func.func @forward_one(%x: tensor<1x1x8xf32>, %last: index {sinter.name = "last"}) -> tensor<1x1x8xf32> {
    %l = sinter.last %x, %last : tensor<1x1x8xf32> -> tensor<1x1x8xf32>
    return %l : tensor<1x1x8xf32>
  }
}
