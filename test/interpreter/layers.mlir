// Weights of layers, a stack, fusion, calls, and arithmetic on indices.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

sinter.param @w layers 3 {check.value = [dense<2.0> : tensor<1x1xf32>, dense<0.0> : tensor<1x1xf32>,
                                         dense<-1.0> : tensor<1x1xf32>]} : tensor<1x1xf32>
sinter.param @bias {check.value = dense<0.5> : tensor<1xf32>} : tensor<1xf32>
sinter.layer_table @slots = [1, 0, 2] : index
sinter.layer_table @theta = [0.5, 0.25] : f32

// y = w[l] * x + bias, and y goes into the slot that the table gives.
func.func private @scaled(%x: tensor<2x1x1xf32>, %c: !sinter.cache<3x1x1xf32>, %l: index, %past: tensor<2xi32>)
    -> (tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>) {
  %w = sinter.weight @w[%l] : tensor<1x1xf32>
  %bias = sinter.weight @bias : tensor<1xf32>
  %slot = sinter.layer_value @slots[%l] : index
  %y = sinter.fused {
    %a = sinter.linear %x, %w : tensor<2x1x1xf32>, tensor<1x1xf32> -> tensor<2x1x1xf32>
    %b = sinter.add %a, %bias : tensor<2x1x1xf32>, tensor<1xf32>
    sinter.yield %b : tensor<2x1x1xf32>
  } : tensor<2x1x1xf32>
  %h = sinter.reshape %y : tensor<2x1x1xf32> -> tensor<2x1x1x1xf32>
  %c1 = sinter.append %h into %c[%slot] at %past : tensor<2x1x1x1xf32>, !sinter.cache<3x1x1xf32>, tensor<2xi32>
  return %y, %c1 : tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>
}

// Another form.
func.func private @negated(%x: tensor<2x1x1xf32>, %c: !sinter.cache<3x1x1xf32>, %l: index, %past: tensor<2xi32>)
    -> (tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>) {
  %y = sinter.scale %x by -1.0 : tensor<2x1x1xf32>
  return %y, %c : tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>
}

func.func private @read(%c: !sinter.cache<3x1x1xf32>, %slot: index) -> tensor<2x1x1x1xf32> {
  %none = arith.constant dense<0> : tensor<2xi32>
  %q = arith.constant dense<1.0> : tensor<2x1x1x1xf32>
  %y = sinter.attention %q, %c, %c[%slot] past %none : tensor<2xi32> scale 1.0 causal
    : tensor<2x1x1x1xf32>, !sinter.cache<3x1x1xf32>, !sinter.cache<3x1x1xf32> -> tensor<2x1x1x1xf32>
  return %y : tensor<2x1x1x1xf32>
}

// From x = 1 layer 0 gives 2 * 1 + 0.5, layer 1 its negative, layer 2
// -1 * -2.5 + 0.5. Layers 0 and 2 wrote slots 1 and 2; slot 0 is as it was.
func.func @test_stack(%c: !sinter.cache<3x1x1xf32>) {
  %x = arith.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %past = arith.constant dense<0> : tensor<2xi32>
  %y, %c1 = sinter.stack [@scaled, @negated] layers [0, 1, 0] carry(%x, %c) with(%past)
    : (tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>), (tensor<2xi32>) -> (tensor<2x1x1xf32>, !sinter.cache<3x1x1xf32>)
  check.eq %y, dense<[[[3.0]], [[5.0]]]> : tensor<2x1x1xf32> : tensor<2x1x1xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %slot0 = func.call @read(%c1, %0) : (!sinter.cache<3x1x1xf32>, index) -> tensor<2x1x1x1xf32>
  %slot1 = func.call @read(%c1, %1) : (!sinter.cache<3x1x1xf32>, index) -> tensor<2x1x1x1xf32>
  %slot2 = func.call @read(%c1, %2) : (!sinter.cache<3x1x1xf32>, index) -> tensor<2x1x1x1xf32>
  check.eq %slot0, dense<0.0> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  check.eq %slot1, dense<[[[[2.5]]], [[[4.5]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  check.eq %slot2, dense<[[[[3.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  return
}

// A cache that a caller still holds is not changed by what it calls.
func.func private @overwrite(%c: !sinter.cache<3x1x1xf32>) -> !sinter.cache<3x1x1xf32> {
  %0 = arith.constant 0 : index
  %past = arith.constant dense<0> : tensor<2xi32>
  %x = arith.constant dense<7.0> : tensor<2x1x1x1xf32>
  %c1 = sinter.append %x into %c[%0] at %past : tensor<2x1x1x1xf32>, !sinter.cache<3x1x1xf32>, tensor<2xi32>
  return %c1 : !sinter.cache<3x1x1xf32>
}

func.func @test_cache_is_a_value(%c: !sinter.cache<3x1x1xf32>) {
  %0 = arith.constant 0 : index
  %c1 = func.call @overwrite(%c) : (!sinter.cache<3x1x1xf32>) -> !sinter.cache<3x1x1xf32>
  %old = func.call @read(%c, %0) : (!sinter.cache<3x1x1xf32>, index) -> tensor<2x1x1x1xf32>
  %new = func.call @read(%c1, %0) : (!sinter.cache<3x1x1xf32>, index) -> tensor<2x1x1x1xf32>
  check.eq %old, dense<0.0> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  check.eq %new, dense<7.0> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  return
}

func.func private @take(%x: tensor<1x2x1xf32>, %count: index) -> tensor<1x?x1xf32> {
  %y = sinter.last %x, %count : tensor<1x2x1xf32> -> tensor<1x?x1xf32>
  return %y : tensor<1x?x1xf32>
}

// count = max(5 - 2 * 2, 0) = 1, chosen as 1 < 2.
func.func @test_index_arithmetic() {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %5 = arith.constant 5 : index
  %4 = arith.muli %2, %2 : index
  %1 = arith.subi %5, %4 : index
  %max = arith.maxsi %1, %0 : index
  %less = arith.cmpi slt, %max, %2 : index
  %count = arith.select %less, %max, %5 : index
  %x = arith.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>
  %y = func.call @take(%x, %count) : (tensor<1x2x1xf32>, index) -> tensor<1x?x1xf32>
  check.eq %y, dense<2.0> : tensor<1x1x1xf32> : tensor<1x?x1xf32>
  return
}
