// RUN: sinter-opt %s --sinter-hoist-last --split-input-file | FileCheck %s

// A form that only the last layer has stays one; what a layer returns besides keeps all tokens.
module {
  sinter.param @w layers 2 : tensor<8x8xf32>
  // CHECK-LABEL: func.func private @first(%{{.*}}: index) ->
  // CHECK-NOT:     sinter.last
  // CHECK-LABEL: func.func private @second(
  // CHECK-SAME:    %[[X:[^:]*]]: tensor<?x?x8xf32>, %[[M:[^:]*]]: tensor<?x?x8xf32>, %{{.*}}: index, %[[COUNT:[^:]*]]: index)
  // CHECK:         %[[SUM:.*]] = sinter.add %[[X]], %[[M]]
  // CHECK:         %[[LAST:.*]] = sinter.last %[[SUM]], %[[COUNT]]
  // CHECK:         %[[Y:.*]] = sinter.linear %[[LAST]]
  // CHECK:         return %[[Y]], %[[SUM]]
  // CHECK-NOT:   @second_last
  func.func private @first(%x: tensor<?x?x8xf32>, %m: tensor<?x?x8xf32>, %layer: index) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
    return %x, %m : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  }
  func.func private @second(%x: tensor<?x?x8xf32>, %m: tensor<?x?x8xf32>, %layer: index) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
    %s = sinter.add %x, %m : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    %w = sinter.weight @w[%layer] : tensor<8x8xf32>
    %y = sinter.linear %s, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    return %y, %s : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  }
  // CHECK-LABEL: func.func @forward(
  // CHECK:         %[[Y:.*]]:2 = sinter.stack [@first, @second] layers [0, 1]
  // CHECK:         return %[[Y]]#0, %[[Y]]#1
  func.func @forward(%x: tensor<?x?x8xf32>, %last: index {sinter.name = "last"}) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
    %y, %m = sinter.stack [@first, @second] layers [0, 1] carry(%x, %x) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
    %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
    return %l, %m : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  }
}

// -----

// Experts and what chooses them are of one token each.
module {
  sinter.param @router layers 1 : tensor<4x8xf32>
  sinter.param @up layers 1 : tensor<4x6x8xf32>
  sinter.param @down layers 1 : tensor<4x8x6xf32>
  // CHECK-LABEL: func.func private @layer(
  // CHECK-SAME:    %[[X:[^:]*]]: tensor<?x?x8xf32>, %{{.*}}: index, %[[COUNT:[^:]*]]: index)
  // CHECK:         %[[LAST:.*]] = sinter.last %[[X]], %[[COUNT]]
  // CHECK:         sinter.linear %[[LAST]]
  // CHECK:         sinter.moe silu %[[LAST]]
  func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
    %r = sinter.weight @router[%layer] : tensor<4x8xf32>
    %s = sinter.linear %x, %r : tensor<?x?x8xf32>, tensor<4x8xf32> -> tensor<?x?x4xf32>
    %ids, %p = sinter.route %s softmax top_k 2 : tensor<?x?x4xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
    %u = sinter.weight @up[%layer] : tensor<4x6x8xf32>
    %d = sinter.weight @down[%layer] : tensor<4x8x6xf32>
    %y = sinter.moe silu %x route %ids, %p up %u : tensor<4x6x8xf32> down %d : tensor<4x8x6xf32> : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
    return %y : tensor<?x?x8xf32>
  }
  func.func @forward(%x: tensor<?x?x8xf32>, %last: index {sinter.name = "last"}) -> tensor<?x?x8xf32> {
    %y = sinter.stack [@layer] layers [0] carry(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
    %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
    return %l : tensor<?x?x8xf32>
  }
}
