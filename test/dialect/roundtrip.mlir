// What is printed parses to the same.
// RUN: sinter-opt %s | sinter-opt | FileCheck %s
// RUN: sinter-opt %s --mlir-print-op-generic | sinter-opt | FileCheck %s

// CHECK: sinter.param @embed : tensor<256x64x!sinter.block<q8_0>>
sinter.param @embed : tensor<256x64x!sinter.block<q8_0>>
// CHECK: sinter.param @w layers 3 at [0, 64, -1] : tensor<64x64xbf16>
sinter.param @w layers 3 at [0, 64, -1] : tensor<64x64xbf16>
// CHECK: sinter.param @packed : tensor<64x64x!sinter.block<q4_1>, #sinter.packed<rows = 16, biased = true>>
sinter.param @packed : tensor<64x64x!sinter.block<q4_1>, #sinter.packed<rows = 16, biased = true>>
// CHECK: sinter.layer_table @window = [32, 8, 32] : index
sinter.layer_table @window = [32, 8, 32] : index

// CHECK-LABEL: func.func private @form
func.func private @form(%x: tensor<?x?x64xf32>, %c: !sinter.cache<3x4x16xf16, ring 32>, %l: index, %past: tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>) {
  // CHECK: sinter.weight @w[%{{.*}}] : tensor<64x64xbf16>
  %w = sinter.weight @w[%l] : tensor<64x64xbf16>
  // CHECK: sinter.layer_value @window[%{{.*}}] : index
  %window = sinter.layer_value @window[%l] : index
  // CHECK: sinter.linear %{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<64x64xbf16> -> tensor<?x?x64xf32>
  %q = sinter.linear %x, %w : tensor<?x?x64xf32>, tensor<64x64xbf16> -> tensor<?x?x64xf32>
  %h = sinter.reshape %q : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  // CHECK: sinter.append %{{.*}} into %{{.*}}[%{{.*}}] at %{{.*}} : tensor<?x?x4x16xf32>, <3x4x16xf16, ring 32>, tensor<?xi32>
  %c1 = sinter.append %h into %c[%l] at %past : tensor<?x?x4x16xf32>, !sinter.cache<3x4x16xf16, ring 32>, tensor<?xi32>
  // CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}[%{{.*}}] past %{{.*}} : tensor<?xi32> window %{{.*}} scale 2.500000e-01 causal soft_cap 3.000000e+01 : tensor
  %o = sinter.attention %h, %c1, %c1[%l] past %past : tensor<?xi32> window %window scale 0.25 causal soft_cap 30.0
    : tensor<?x?x4x16xf32>, !sinter.cache<3x4x16xf16, ring 32>, !sinter.cache<3x4x16xf16, ring 32> -> tensor<?x?x4x16xf32>
  %m = sinter.reshape %o : tensor<?x?x4x16xf32> -> tensor<?x?x64xf32>
  return %m, %c1 : tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>
}

// CHECK-LABEL: func.func @forward
func.func @forward(%ids: tensor<?x?xi32>, %c: !sinter.cache<3x4x16xf16, ring 32>, %past: tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>) {
  %e = sinter.weight @embed : tensor<256x64x!sinter.block<q8_0>>
  // CHECK: sinter.embed %{{.*}}, %{{.*}} : tensor<?x?xi32>, tensor<256x64x!sinter.block<q8_0>> -> tensor<?x?x64xf32>
  %x = sinter.embed %ids, %e : tensor<?x?xi32>, tensor<256x64x!sinter.block<q8_0>> -> tensor<?x?x64xf32>
  // CHECK: sinter.stack [@form] layers [0, 0, 0] carry(%{{.*}}, %{{.*}}) with(%{{.*}}) : (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>), (tensor<?xi32>) -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>)
  %y, %c1 = sinter.stack [@form] layers [0, 0, 0] carry(%x, %c) with(%past)
    : (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>), (tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>)
  return %y, %c1 : tensor<?x?x64xf32>, !sinter.cache<3x4x16xf16, ring 32>
}

// CHECK-LABEL: func.func @rows
func.func @rows(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>, %m: tensor<64x64xf32>, %n: index, %f: tensor<?x?xf32>,
    %parts: tensor<?x?x2x8xf32>, %factors: tensor<4xf32>) {
  // CHECK: sinter.rms_norm %{{.*}}, %{{.*}} eps 9.99999974E-6 plus_one : tensor<?x?x64xf32>, tensor<64xf32>
  %0 = sinter.rms_norm %x, %w eps 1.0e-5 plus_one : tensor<?x?x64xf32>, tensor<64xf32>
  // CHECK: sinter.rms_norm %{{.*}} eps 9.99999974E-6 : tensor<?x?x64xf32>
  %1 = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x64xf32>
  // CHECK: sinter.layer_norm %{{.*}}, %{{.*}} bias %{{.*}} eps 1.000000e+00 : tensor<?x?x64xf32>, tensor<64xf32> bias tensor<64xf32>
  %2 = sinter.layer_norm %x, %w bias %w eps 1.0 : tensor<?x?x64xf32>, tensor<64xf32> bias tensor<64xf32>
  // CHECK: sinter.layer_norm %{{.*}} eps 1.000000e+00 plus_one : tensor<?x?x64xf32>
  %3 = sinter.layer_norm %x eps 1.0 plus_one : tensor<?x?x64xf32>
  // CHECK: sinter.linear %{{.*}}, %{{.*}} bias %{{.*}} : tensor<64xf32>, : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  %4 = sinter.linear %x, %m bias %w : tensor<64xf32>, : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  // CHECK: sinter.unary gelu_tanh %{{.*}} : tensor<?x?x64xf32>
  %5 = sinter.unary gelu_tanh %x : tensor<?x?x64xf32>
  // CHECK: sinter.sub %{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<64xf32>
  %6 = sinter.sub %x, %w : tensor<?x?x64xf32>, tensor<64xf32>
  // CHECK: sinter.soft_cap %{{.*}} by 3.000000e+01 : tensor<?x?x64xf32>
  %7 = sinter.soft_cap %x by 30.0 : tensor<?x?x64xf32>
  // CHECK: sinter.clamp %{{.*}} from -8.000000e+00 to 8.000000e+00 : tensor<?x?x64xf32>
  %8 = sinter.clamp %x from -8.0 to 8.0 : tensor<?x?x64xf32>
  // CHECK: sinter.log_softmax %{{.*}} : tensor<?x?x64xf32>
  %9 = sinter.log_softmax %x : tensor<?x?x64xf32>
  // CHECK: sinter.mix %{{.*}} by %{{.*}} : tensor<?x?x2x8xf32>, tensor<4xf32> -> tensor<?x?x2x8xf32>
  %mixed = sinter.mix %parts by %factors : tensor<?x?x2x8xf32>, tensor<4xf32> -> tensor<?x?x2x8xf32>
  // CHECK: sinter.scale_tokens %{{.*}} by %{{.*}} : tensor<?x?x64xf32>, tensor<?x?xf32>
  %10 = sinter.scale_tokens %x by %f : tensor<?x?x64xf32>, tensor<?x?xf32>
  // CHECK: sinter.slice %{{.*}} at 8 : tensor<?x?x64xf32> -> tensor<?x?x16xf32>
  %11 = sinter.slice %x at 8 : tensor<?x?x64xf32> -> tensor<?x?x16xf32>
  // CHECK: sinter.concat %{{.*}}, %{{.*}} : tensor<?x?x16xf32>, tensor<?x?x64xf32> -> tensor<?x?x80xf32>
  %12 = sinter.concat %11, %x : tensor<?x?x16xf32>, tensor<?x?x64xf32> -> tensor<?x?x80xf32>
  // CHECK: sinter.last %{{.*}}, %{{.*}} : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  %13 = sinter.last %x, %n : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  // CHECK: sinter.quantize %{{.*}} crest 4.000000e+00 : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a16>>
  %crest = sinter.quantize %x crest 4.0 : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a16>>
  // CHECK: sinter.quantize %{{.*}} : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>, #sinter.tiled<tokens = 4>>
  %14 = sinter.quantize %x : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>, #sinter.tiled<tokens = 4>>
  // CHECK: sinter.scale_by %{{.*}}, %{{.*}} : tensor<?x?x64xf32>
  %s = arith.constant 2.0 : f32
  %16 = sinter.scale_by %x, %s : tensor<?x?x64xf32>
  // CHECK: sinter.fused {
  // CHECK:   sinter.yield %{{.*}} : tensor<?x?x64xf32>
  // CHECK: } : tensor<?x?x64xf32>
  %15 = sinter.fused {
    %a = sinter.add %x, %x : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    sinter.yield %a : tensor<?x?x64xf32>
  } : tensor<?x?x64xf32>
  return
}

// CHECK-LABEL: func.func @tokens
func.func @tokens(%past: tensor<?xi32>, %ids: tensor<?x?xi32>, %f: tensor<8xf32>, %h: tensor<?x?x4x16xf32>, %x: tensor<?x?x64xf32>) {
  // CHECK: sinter.positions %{{.*}}, %{{.*}} offset 2 : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %p = sinter.positions %past, %ids offset 2 : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  // CHECK: sinter.mask_positions %{{.*}}, %{{.*}} past %{{.*}} offset 2 : tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32> -> tensor<?x?xi32>
  %p2 = sinter.mask_positions %ids, %ids past %past offset 2 : tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32> -> tensor<?x?xi32>
  // CHECK: sinter.mask_positions %{{.*}}, %{{.*}} : tensor<?x?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %p3 = sinter.mask_positions %ids, %ids : tensor<?x?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  // CHECK: sinter.rope_angles %{{.*}}, %{{.*}} scale 1.250000e+00 : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8x2xf32>
  %a = sinter.rope_angles %p, %f scale 1.25 : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8x2xf32>
  // CHECK: sinter.rope_angles %{{.*}}, %{{.*}} growth %{{.*}} : tensor<8xf32> origin 7 : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8x2xf32>
  %a2 = sinter.rope_angles %p, %f growth %f : tensor<8xf32> origin 7 : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8x2xf32>
  // CHECK: sinter.rope %{{.*}}, %{{.*}} neighbours : tensor<?x?x4x16xf32>, tensor<?x?x8x2xf32>
  %r = sinter.rope %h, %a neighbours : tensor<?x?x4x16xf32>, tensor<?x?x8x2xf32>
  // CHECK: sinter.sinusoids %{{.*}}, %{{.*}} halves : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x16xf32>
  %s = sinter.sinusoids %p, %f halves : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x16xf32>
  // CHECK: sinter.position_factors %{{.*}} log_floor 8192 gain 1.000000e-01 : tensor<?x?xi32> -> tensor<?x?xf32>
  %g = sinter.position_factors %p log_floor 8192 gain 0.1 : tensor<?x?xi32> -> tensor<?x?xf32>
  // CHECK: sinter.length_frequencies %{{.*}}, %{{.*}}, %{{.*}} trained 2048 : tensor<?xi32>, tensor<8xf32> -> tensor<?x8xf32>
  %l = sinter.length_frequencies %past, %f, %f trained 2048 : tensor<?xi32>, tensor<8xf32> -> tensor<?x8xf32>
  // CHECK: sinter.ntk_frequencies %{{.*}} linear theta 1.000000e+04 trained 2048 factor 2.000000e+00 : tensor<?xi32> -> tensor<?x8xf32>
  %n = sinter.ntk_frequencies %past linear theta 1.0e4 trained 2048 factor 2.0 : tensor<?xi32> -> tensor<?x8xf32>
  // CHECK: sinter.pool mean %{{.*}} mask %{{.*}} : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
  %o = sinter.pool mean %x mask %ids : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
  // CHECK: sinter.pool root_mean %{{.*}} : tensor<?x?x64xf32> -> tensor<?x1x64xf32>
  %rm = sinter.pool root_mean %x : tensor<?x?x64xf32> -> tensor<?x1x64xf32>
  // CHECK: sinter.pool weighted_mean %{{.*}} mask %{{.*}} : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
  %wm = sinter.pool weighted_mean %x mask %ids : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
  return
}

// CHECK-LABEL: func.func @attention
func.func @attention(%q: tensor<?x?x4x16xf32>, %b: tensor<?xi32>, %s: tensor<4xf32>, %m: tensor<?x?xi32>, %map: tensor<9xi32>,
    %bias: tensor<8x4xf32>, %r: tensor<1x8x4x16xf32>) {
  // CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}} past %{{.*}} : tensor<?xi32> scale 1.000000e+00 full chunk 64 memory 32 first %{{.*}} : tensor<?xi32> key_mask %{{.*}} : tensor<?x?xi32> prefix %{{.*}} : tensor<?xi32> slopes %{{.*}} : tensor<4xf32> sinks %{{.*}} : tensor<4xf32> map %{{.*}} : tensor<9xi32> bias %{{.*}} : tensor<8x4xf32> rel_map %{{.*}} : tensor<9xi32> rel_query %{{.*}} : tensor<?x?x4x16xf32> rel_keys %{{.*}} : tensor<1x8x4x16xf32> rel_queries %{{.*}} : tensor<1x8x4x16xf32> rel_values %{{.*}} : tensor<1x8x4x16xf32> : tensor<?x?x4x16xf32>,
  %o = sinter.attention %q, %q, %q past %b : tensor<?xi32> scale 1.0 full chunk 64 memory 32 first %b : tensor<?xi32> key_mask %m : tensor<?x?xi32>
    prefix %b : tensor<?xi32> slopes %s : tensor<4xf32> sinks %s : tensor<4xf32> map %map : tensor<9xi32>
    bias %bias : tensor<8x4xf32> rel_map %map : tensor<9xi32> rel_query %q : tensor<?x?x4x16xf32> rel_keys %r : tensor<1x8x4x16xf32>
    rel_queries %r : tensor<1x8x4x16xf32> rel_values %r : tensor<1x8x4x16xf32>
    : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32> -> tensor<?x?x4x16xf32>
  return
}

// CHECK-LABEL: func.func @experts
func.func @experts(%x: tensor<?x?x64xf32>, %l: tensor<?x?x8xf32>, %b: tensor<8xf32>, %u: tensor<8x32x64xbf16>, %d: tensor<8x64x32xbf16>,
    %ub: tensor<8x32xf32>, %db: tensor<8x64xf32>) {
  // CHECK: sinter.route %{{.*}} sigmoid bias %{{.*}} : tensor<8xf32> top_k 2 groups 4 keep 2 by best_two normalize factor 2.500000e+00 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %i, %w = sinter.route %l sigmoid bias %b : tensor<8xf32> top_k 2 groups 4 keep 2 by best_two normalize factor 2.5
    : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.route %{{.*}} sigmoid top_k 2 by_logits normalize : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %il, %wl = sinter.route %l sigmoid top_k 2 by_logits normalize : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.route %{{.*}} successive top_k 2 within 2.000000e-02 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %j, %v = sinter.route %l successive top_k 2 within 0.02 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.moe silu %{{.*}} route %{{.*}}, %{{.*}} gate %{{.*}} : tensor<8x32x64xbf16> up %{{.*}} : tensor<8x32x64xbf16> down %{{.*}} : tensor<8x64x32xbf16> gate_bias %{{.*}} : tensor<8x32xf32> up_bias %{{.*}} : tensor<8x32xf32> down_bias %{{.*}} : tensor<8x64xf32> limit 7.000000e+00 up_offset 1.000000e+00 weigh_input : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %y = sinter.moe silu %x route %i, %w gate %u : tensor<8x32x64xbf16> up %u : tensor<8x32x64xbf16> down %d : tensor<8x64x32xbf16>
    gate_bias %ub : tensor<8x32xf32> up_bias %ub : tensor<8x32xf32> down_bias %db : tensor<8x64xf32> limit 7.0 up_offset 1.0 weigh_input
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.route %{{.*}} sqrt_softplus gains %{{.*}} : tensor<8xf32> top_k 2 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %ig, %wg = sinter.route %l sqrt_softplus gains %b : tensor<8xf32> top_k 2 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.moe silu %{{.*}} beta 1.500000e+00 identities : tensor<?x?x64xf32>
  %yi = sinter.moe silu %x route %i, %w up %u : tensor<8x32x64xbf16> down %d : tensor<8x64x32xbf16> beta 1.5 identities
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  // CHECK: sinter.moe relu %{{.*}} route %{{.*}}, %{{.*}} up %{{.*}} : tensor<8x32x64xbf16> down %{{.*}} : tensor<8x64x32xbf16> : tensor<?x?x64xf32>
  %z = sinter.moe relu %x route %i, %w up %u : tensor<8x32x64xbf16> down %d : tensor<8x64x32xbf16>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return
}
