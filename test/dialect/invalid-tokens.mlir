// Positions, rotations, pooling and experts: functions are named for the
// constraint that they break.
// RUN: sinter-opt %s --split-input-file --verify-diagnostics

func.func @positions_c1(%past: tensor<3xi32>, %ids: tensor<2x?xi32>) {
  // expected-error @below {{past must have length 2 (batch of ids), but has length 3}}
  %p = sinter.positions %past, %ids : tensor<3xi32>, tensor<2x?xi32> -> tensor<2x?xi32>
  return
}

// -----

func.func @positions_c2(%past: tensor<2xi32>, %ids: tensor<2x5xi32>) {
  // expected-error @below {{result must have shape 2x5 (shape of ids), but has shape 2x4}}
  %p = sinter.positions %past, %ids : tensor<2xi32>, tensor<2x5xi32> -> tensor<2x4xi32>
  return
}

// -----

func.func @mask_positions_c1(%m: tensor<3x?xi32>, %past: tensor<2xi32>, %ids: tensor<2x?xi32>) {
  // expected-error @below {{mask must have shape 2x? (batch of ids, keys), but has shape 3x?}}
  %p = sinter.mask_positions %m, %ids past %past : tensor<3x?xi32>, tensor<2x?xi32>, tensor<2xi32> -> tensor<2x?xi32>
  return
}

// -----

func.func @mask_positions_c2(%m: tensor<2x5xi32>, %past: tensor<2xi32>, %ids: tensor<2x5xi32>) {
  // expected-error @below {{result must have shape 2x5 (shape of ids), but has shape 2x4}}
  %p = sinter.mask_positions %m, %ids past %past : tensor<2x5xi32>, tensor<2x5xi32>, tensor<2xi32> -> tensor<2x4xi32>
  return
}

// -----

func.func @rope_angles_c1(%p: tensor<?x?xi32>, %f: tensor<32xf32>) {
  // expected-error @below {{result must have shape ?x?x32x2 (positions, frequencies, cosine and sine), but has shape ?x?x64}}
  %a = sinter.rope_angles %p, %f : tensor<?x?xi32>, tensor<32xf32> -> tensor<?x?x64xf32>
  return
}

// -----

func.func @rope_angles_c3(%p: tensor<2x?xi32>, %f: tensor<32xf32>, %g: tensor<31xf32>) {
  // expected-error @below {{growth must have length 32 (frequencies), but has length 31}}
  %a = sinter.rope_angles %p, %f growth %g : tensor<31xf32> : tensor<2x?xi32>, tensor<32xf32> -> tensor<2x?x32x2xf32>
  return
}

// -----

func.func @rope_angles_c2(%p: tensor<2x?xi32>, %f: tensor<3x32xf32>) {
  // expected-error @below {{frequencies must be (pairs) or (batch, pairs) with the batch of positions, but have shape 3x32}}
  %a = sinter.rope_angles %p, %f : tensor<2x?xi32>, tensor<3x32xf32> -> tensor<2x?x32x2xf32>
  return
}

// -----

func.func @rope_c1(%x: tensor<1x1x4x64xf32>, %a: tensor<1x1x32x2xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.rope"(%x, %a) {pairs = 0 : i32} : (tensor<1x1x4x64xf32>, tensor<1x1x32x2xf32>) -> tensor<1x1x4x32xf32>
  return
}

// -----

func.func @rope_c2(%x: tensor<?x?x4x64xf32>, %a: tensor<?x?x32xf32>) {
  // expected-error @below {{angles must have shape ?x?x?x2 (batch, tokens, pairs, cosine and sine), but has shape ?x?x32}}
  %y = sinter.rope %x, %a halves : tensor<?x?x4x64xf32>, tensor<?x?x32xf32>
  return
}

// -----

func.func @rope_c2_input(%x: tensor<?x?x64xf32>, %a: tensor<?x?x32x2xf32>) {
  // expected-error @below {{input must be (batch, tokens, heads, features), but has shape ?x?x64}}
  %y = sinter.rope %x, %a halves : tensor<?x?x64xf32>, tensor<?x?x32x2xf32>
  return
}

// -----

func.func @rope_c3(%x: tensor<?x?x4x64xf32>, %a: tensor<?x?x32x2xf32>) {
  // expected-error @below {{must rotate a part of 64 features (last dimension of input), but rotates 32 pairs at 2}}
  %y = sinter.rope %x, %a halves offset 2 : tensor<?x?x4x64xf32>, tensor<?x?x32x2xf32>
  return
}

// -----

func.func @sinusoids_c1(%p: tensor<?x?xi32>, %f: tensor<32xf32>) {
  // expected-error @below {{result must have shape ?x?x64 (positions, twice the frequencies), but has shape ?x?x32}}
  %y = sinter.sinusoids %p, %f halves : tensor<?x?xi32>, tensor<32xf32> -> tensor<?x?x32xf32>
  return
}

// -----

func.func @position_factors_c1(%p: tensor<?x?xi32>) {
  // expected-error @below {{result must have shape ?x? (shape of positions), but has shape ?x?x1}}
  %y = sinter.position_factors %p log_ratio 2048 : tensor<?x?xi32> -> tensor<?x?x1xf32>
  return
}

// -----

func.func @position_factors_c2(%p: tensor<?x?xi32>) {
  // expected-error @below {{length must be at least 2, but is 1}}
  %y = sinter.position_factors %p log_ratio 1 : tensor<?x?xi32> -> tensor<?x?xf32>
  return
}

// -----

func.func @length_frequencies_c1(%n: tensor<?xi32>, %f: tensor<8xf32>) {
  // expected-error @below {{result must be (lengths, pairs), but has shape ?x4 for lengths of shape ? and 8 pairs}}
  %g = sinter.length_frequencies %n, %f, %f trained 16 : tensor<?xi32>, tensor<8xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @length_frequencies_c2(%n: tensor<?xi32>, %f: tensor<8xf32>) {
  // expected-error @below {{trained must be positive}}
  %g = sinter.length_frequencies %n, %f, %f trained 0 : tensor<?xi32>, tensor<8xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @length_frequencies_c3(%n: tensor<?xi32>, %f: tensor<8xf32>, %h: tensor<4xf32>) {
  // expected-error @below {{failed to verify that all of {below, above} have same type}}
  %g = "sinter.length_frequencies"(%n, %f, %h) <{trained = 16 : i64}> : (tensor<?xi32>, tensor<8xf32>, tensor<4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @ntk_frequencies_c1(%n: tensor<?xi32>) {
  // expected-error @below {{result must be (lengths, pairs) with at least two pairs, but has shape ?x1 for lengths of shape ?}}
  %f = sinter.ntk_frequencies %n linear theta 1.0e4 trained 2048 : tensor<?xi32> -> tensor<?x1xf32>
  return
}

// -----

func.func @ntk_frequencies_c2(%n: tensor<?xi32>) {
  // expected-error @below {{theta, trained and factor must be positive}}
  %f = sinter.ntk_frequencies %n linear theta 1.0e4 trained 0 : tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

func.func @pool_c1(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{result must have shape ?x1x64 (input with one token), but has shape ?x64}}
  %y = sinter.pool mean %x : tensor<?x?x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @pool_c2(%x: tensor<?x5x64xf32>, %m: tensor<?x4xi32>) {
  // expected-error @below {{mask must have shape ?x5 (first two dimensions of input), but has shape ?x4}}
  %y = sinter.pool mean %x mask %m : tensor<?x5x64xf32>, tensor<?x4xi32> -> tensor<?x1x64xf32>
  return
}

// -----

func.func @route_c1(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{ids must have shape ?x?x2 (batch, tokens, top_k), but has shape ?x?x3}}
  %i, %w = sinter.route %x softmax top_k 2 : tensor<?x?x8xf32> -> tensor<?x?x3xi32>, tensor<?x?x2xf32>
  return
}

// -----

func.func @route_c2(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{top_k must be 1 to 4 (experts to choose from), but is 5}}
  %i, %w = sinter.route %x softmax top_k 5 groups 2 keep 1 : tensor<?x?x8xf32> -> tensor<?x?x5xi32>, tensor<?x?x5xf32>
  return
}

// -----

func.func @route_c3(%x: tensor<?x?x8xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{bias must have length 8 (experts of logits), but has length 4}}
  %i, %w = sinter.route %x softmax bias %b : tensor<4xf32> top_k 2 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return
}

// -----

func.func @route_c5(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{within must not be negative, and needs successive}}
  %i, %w = sinter.route %x softmax top_k 2 within 0.5 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return
}

// -----

func.func @route_c4(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{groups (3) must divide 8 experts, and keep (1) must be 1 to groups}}
  %i, %w = sinter.route %x softmax top_k 2 groups 3 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return
}

// -----

func.func @moe_c1(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.moe"(%x, %i, %w, %u, %d) {kind = 0 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1, 0, 0, 0>}
    : (tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>, tensor<3x8x4xf32>, tensor<3x4x8xf32>) -> tensor<1x1x8xf32>
  return
}

// -----

func.func @moe_c2(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x3xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{weights must have shape 1x1x2 (batch, tokens, chosen experts), but has shape 1x1x3}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32>
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x3xf32>
  return
}

// -----

func.func @moe_c3(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x8x4xf32>) {
  // expected-error @below {{down must have shape 3x4x8 (experts, features of input, width), but has shape 3x8x4}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x8x4xf32>
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c4(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>, %b: tensor<3x4xf32>) {
  // expected-error @below {{up_bias must have shape 3x8 (experts, width), but has shape 3x4}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32> up_bias %b : tensor<3x4xf32>
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c5(%x: tensor<1x1x32xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x32x32xf32>, %d: tensor<3x32x32xf32>) {
  // expected-error @below {{weights of experts must be weight blocks (quantized), but one is 'tensor<3x32x32xf32>'}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x32x32xf32> down %d : tensor<3x32x32xf32> quantized
    : tensor<1x1x32xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c6(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{limit must be at least 0, but is -1.0}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32> limit -1.0
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c7(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{tile must be 1 to 1024, but is 0}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32> tile 0
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c8(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{crest needs quantized}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32> crest 4.0
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @moe_c9(%x: tensor<1x1x4xf32>, %i: tensor<1x1x2xi32>, %w: tensor<1x1x2xf32>, %u: tensor<3x8x4xf32>, %d: tensor<3x4x8xf32>) {
  // expected-error @below {{beta must be finite and not 0, but is 0}}
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x8x4xf32> down %d : tensor<3x4x8xf32> beta 0.0
    : tensor<1x1x4xf32>, tensor<1x1x2xi32>, tensor<1x1x2xf32>
  return
}

// -----

func.func @route_c6(%x: tensor<?x?x8xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{gains must have length 8 (experts of logits), but has length 4}}
  %i, %w = sinter.route %x softmax gains %g : tensor<4xf32> top_k 2 : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return
}
