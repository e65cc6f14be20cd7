// What types leave open is checked when a module runs, and a failed
// expectation fails the run.
// RUN: not sinter-opt %s --sinter-interpret --split-input-file 2>&1 | FileCheck %s

// CHECK: errors.mlir:8:3: 'check.almost_eq' element 1 must be 2.5{{.*}} within 0.25{{.*}}, but is 2.0
func.func @test_almost_eq_fails() {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  check.almost_eq %x, dense<[[1.0, 2.5]]> : tensor<1x2xf32> within 0.25 : tensor<1x2xf32>
  return
}

// -----

// CHECK: 'check.eq' value has another shape than what is expected
func.func @test_eq_shape_fails() {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  check.eq %x, dense<[1.0, 2.0]> : tensor<2xf32> : tensor<1x2xf32>
  return
}

// -----

// CHECK: has no function whose name starts with test
func.func private @nothing_runs()

// -----

// CHECK: 'sinter.last' count must be 1 to 2 (tokens), but is 3
func.func @test_last_of_too_many() {
  %n = arith.constant 3 : index
  %x = arith.constant dense<1.0> : tensor<1x2x1xf32>
  %y = sinter.last %x, %n : tensor<1x2x1xf32> -> tensor<1x?x1xf32>
  return
}

// -----

// CHECK: 'sinter.append' cache has room for 8 tokens, but there are 9
func.func @test_append_beyond_the_end(%c: !sinter.cache<1x1x1xf32>) {
  %slot = arith.constant 0 : index
  %past = arith.constant dense<8> : tensor<2xi32>
  %x = arith.constant dense<1.0> : tensor<2x1x1x1xf32>
  %c1 = sinter.append %x into %c[%slot] at %past : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32>, tensor<2xi32>
  return
}

// -----

// CHECK: 'sinter.append' slot 1 is not below 1
func.func @test_append_into_no_slot(%c: !sinter.cache<1x1x1xf32>) {
  %slot = arith.constant 1 : index
  %past = arith.constant dense<0> : tensor<2xi32>
  %x = arith.constant dense<1.0> : tensor<2x1x1x1xf32>
  %c1 = sinter.append %x into %c[%slot] at %past : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32>, tensor<2xi32>
  return
}

// -----

// CHECK: 'sinter.attention' map names row 4 of 4 rows of bias
func.func @test_map_beyond_the_table() {
  %q = arith.constant dense<1.0> : tensor<1x1x1x1xf32>
  %map = arith.constant dense<4> : tensor<1xi32>
  %bias = arith.constant dense<0.0> : tensor<4x1xf32>
  %y = sinter.attention %q, %q, %q scale 1.0 full map %map : tensor<1xi32> bias %bias : tensor<4x1xf32>
    : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32> -> tensor<1x1x1x1xf32>
  return
}

// -----

sinter.param @w layers 2 : tensor<1x1xf32>
// CHECK: @w has no check.value
func.func @test_weight_without_numbers() {
  %l = arith.constant 1 : index
  %w = sinter.weight @w[%l] : tensor<1x1xf32>
  return
}

// -----

sinter.param @w layers 2 {check.value = dense<1.0> : tensor<1x1xf32>} : tensor<1x1xf32>
// CHECK: 'sinter.weight' layer 2 is not below 2
func.func @test_weight_of_no_layer() {
  %l = arith.constant 2 : index
  %w = sinter.weight @w[%l] : tensor<1x1xf32>
  return
}

// -----

sinter.param @w {check.value = dense<1.0> : tensor<1x2xf32>} : tensor<1x1xf32>
// CHECK: 'sinter.weight' the tensor of @w must have shape 1x1, but has shape 1x2
func.func @test_weight_of_another_shape() {
  %w = sinter.weight @w : tensor<1x1xf32>
  return
}

// -----

// CHECK: @test_unknown_argument takes 1 arguments, but is given 0
func.func @test_unknown_argument(%c: tensor<1xf32>) {
  return
}

// -----

// CHECK: calls are nested too deeply
func.func @test_recursion() {
  func.call @test_recursion() : () -> ()
  return
}

// -----

// CHECK: 'arith.negf' has no meaning in the interpreter
func.func @test_unknown_op() {
  %x = arith.constant 2.0 : f32
  %y = arith.negf %x : f32
  return
}

// -----

// CHECK: 'sinter.append' cache has room for 8 tokens, but there are 9
func.func @test_step_longer_than_ring(%c: !sinter.cache<1x1x1xf32, ring 2>) {
  %slot = arith.constant 0 : index
  %past = arith.constant dense<0> : tensor<1xi32>
  %x = arith.constant dense<1.0> : tensor<1x9x1x1xf32>
  %y = sinter.append %x into %c[%slot] at %past : tensor<1x9x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<1xi32>
  return
}

// -----

// A step of eight tokens and three before its first: the first of these is gone.
// CHECK: needs 11 keys, but there are 8
func.func @test_ring_without_room_for_step(%c: !sinter.cache<1x1x1xf32, ring 4>) {
  %slot = arith.constant 0 : index
  %w = arith.constant 4 : index
  %past = arith.constant dense<3> : tensor<1xi32>
  %x = arith.constant dense<1.0> : tensor<1x8x1x1xf32>
  %y = sinter.append %x into %c[%slot] at %past : tensor<1x8x1x1xf32>, !sinter.cache<1x1x1xf32, ring 4>, tensor<1xi32>
  %z = sinter.attention %x, %y, %y[%slot] past %past : tensor<1xi32> window %w scale 1.0 causal
    : tensor<1x8x1x1xf32>, !sinter.cache<1x1x1xf32, ring 4>, !sinter.cache<1x1x1xf32, ring 4> -> tensor<1x8x1x1xf32>
  return
}

// -----

// CHECK: a window of 0 does not fit a ring of 4 tokens
sinter.layer_table @window = [0] : index
func.func @test_window_longer_than_ring(%c: !sinter.cache<1x1x1xf32, ring 4>) {
  %slot = arith.constant 0 : index
  %w = sinter.layer_value @window[%slot] : index
  %past = arith.constant dense<0> : tensor<1xi32>
  %x = arith.constant dense<1.0> : tensor<1x1x1x1xf32>
  %y = sinter.append %x into %c[%slot] at %past : tensor<1x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 4>, tensor<1xi32>
  %z = sinter.attention %x, %y, %y[%slot] past %past : tensor<1xi32> window %w scale 1.0 causal
    : tensor<1x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 4>, !sinter.cache<1x1x1xf32, ring 4> -> tensor<1x1x1x1xf32>
  return
}
