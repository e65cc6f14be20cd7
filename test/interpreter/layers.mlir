// Weights of layers, a stack, fusion, calls, and caches over several steps.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

sinter.param @w layers 3 {check.value = [dense<2.0> : tensor<1x1xf32>, dense<3.0> : tensor<1x1xf32>,
                                         dense<-1.0> : tensor<1x1xf32>]} : tensor<1x1xf32>
sinter.param @bias {check.value = dense<0.5> : tensor<1xf32>} : tensor<1xf32>
sinter.layer_table @slots = [1, 0, 2] : index

// y = w[l] * x + bias, and y goes into the slot that the table gives.
func.func private @scaled(%x: tensor<?x?x1xf32>, %c: !sinter.cache<3x1x1xf32>, %l: index, %past: tensor<?xi32>)
    -> (tensor<?x?x1xf32>, !sinter.cache<3x1x1xf32>) {
  %w = sinter.weight @w[%l] : tensor<1x1xf32>
  %bias = sinter.weight @bias : tensor<1xf32>
  %slot = sinter.layer_value @slots[%l] : index
  %y = sinter.fused {
    %a = sinter.linear %x, %w : tensor<?x?x1xf32>, tensor<1x1xf32> -> tensor<?x?x1xf32>
    %b = sinter.add %a, %bias : tensor<?x?x1xf32>, tensor<1xf32>
    sinter.yield %b : tensor<?x?x1xf32>
  } : tensor<?x?x1xf32>
  %h = sinter.reshape %y : tensor<?x?x1xf32> -> tensor<?x?x1x1xf32>
  %c1 = sinter.append %h into %c[%slot] at %past : tensor<?x?x1x1xf32>, !sinter.cache<3x1x1xf32>, tensor<?xi32>
  return %y, %c1 : tensor<?x?x1xf32>, !sinter.cache<3x1x1xf32>
}

// Another form: the layer's index is added.
func.func private @negated(%x: tensor<?x?x1xf32>, %c: !sinter.cache<3x1x1xf32>, %l: index, %past: tensor<?xi32>)
    -> (tensor<?x?x1xf32>, !sinter.cache<3x1x1xf32>) {
  %y = sinter.scale %x by -1.0 : tensor<?x?x1xf32>
  return %y, %c : tensor<?x?x1xf32>, !sinter.cache<3x1x1xf32>
}

func.func private @empty() -> !sinter.cache<3x1x1xf32> attributes {check.cache = 4}

// x = 1: layer 0 gives 2 * 1 + 0.5, layer 1 its negative, layer 2 -1 * -2.5 + 0.5.
func.func @test_stack() {
  %x = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %d = sinter.reshape %x : tensor<1x1x1xf32> -> tensor<?x?x1xf32>
  %past = arith.constant dense<0> : tensor<1xi32>
  %none = arith.constant dense<0> : tensor<1x1xi32>
  %p = sinter.positions %past, %none : tensor<1xi32>, tensor<1x1xi32> -> tensor<?x?xi32>
  check.eq %p, dense<0> : tensor<1x1xi32> : tensor<?x?xi32>
  return
}
