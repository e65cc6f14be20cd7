// Linears, norms, element-wise functions and shape: functions are named for
// the constraint that they break.
// RUN: sinter-opt %s --split-input-file --verify-diagnostics

func.func @embed_c1(%ids: tensor<?x?xi32>, %w: tensor<8x4x2xf32>) {
  // expected-error @below {{table must be a matrix of known size, but has shape 8x4x2}}
  %y = sinter.embed %ids, %w : tensor<?x?xi32>, tensor<8x4x2xf32> -> tensor<?x?x4xf32>
  return
}

// -----

func.func @embed_c2(%ids: tensor<?x?xi32>, %w: tensor<8x4xf32>) {
  // expected-error @below {{result must have shape ?x?x4 (shape of ids, columns of table), but has shape ?x?x8}}
  %y = sinter.embed %ids, %w : tensor<?x?xi32>, tensor<8x4xf32> -> tensor<?x?x8xf32>
  return
}

// -----

func.func @linear_c1(%x: tensor<?x?x4xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{weight must be a matrix of known size, but has shape 4}}
  %y = sinter.linear %x, %w : tensor<?x?x4xf32>, tensor<4xf32> -> tensor<?x?x4xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<?x?x64xf32>, %w: tensor<8x32xf32>) {
  // expected-error @below {{weight must have 64 columns (last dimension of input), but has 32}}
  %y = sinter.linear %x, %w : tensor<?x?x64xf32>, tensor<8x32xf32> -> tensor<?x?x8xf32>
  return
}

// -----

func.func @linear_c3(%x: tensor<?x?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{result must have shape ?x?x8 (leading dimensions of input, rows of weight), but has shape ?x?x64}}
  %y = sinter.linear %x, %w : tensor<?x?x64xf32>, tensor<8x64xf32> -> tensor<?x?x64xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<?x?x64xf32>, %w: tensor<8x64xf32>, %b: tensor<64xf32>) {
  // expected-error @below {{bias must have length 8 (rows of weight), but has length 64}}
  %y = sinter.linear %x, %w bias %b : tensor<64xf32>, : tensor<?x?x64xf32>, tensor<8x64xf32> -> tensor<?x?x8xf32>
  return
}

// -----

func.func @linear_c5(%x: tensor<?x?x64x!sinter.block<a8>>, %w: tensor<8x64xf32>) {
  // expected-error @below {{weight must be weight blocks (input is blocks), but is 'tensor<8x64xf32>'}}
  %y = sinter.linear %x, %w : tensor<?x?x64x!sinter.block<a8>>, tensor<8x64xf32> -> tensor<?x?x8xf32>
  return
}

// -----

func.func @linear_c5_input(%x: tensor<?x?x64x!sinter.block<q8_0>>, %w: tensor<8x64xf32>) {
  // expected-error @below {{input must be floats or blocks of a8 or a16}}
  %y = sinter.linear %x, %w : tensor<?x?x64x!sinter.block<q8_0>>, tensor<8x64xf32> -> tensor<?x?x8xf32>
  return
}

// -----

func.func @quantize_c1(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{result must have shape ?x?x64 (shape of input), but has shape ?x?x32}}
  %y = sinter.quantize %x : tensor<?x?x64xf32> -> tensor<?x?x32x!sinter.block<a8>>
  return
}

// -----

func.func @quantize_c2(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{result must be blocks of a8 or a16 or floats, but is 'tensor<?x?x64x!sinter.block<q4_0>>'}}
  %y = sinter.quantize %x : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<q4_0>>
  return
}

// -----

func.func @quantize_c3(%x: tensor<?x?x40xf32>) {
  // expected-error @below {{last dimension must be a multiple of 32 (for blocks), but is 40}}
  %y = sinter.quantize %x : tensor<?x?x40xf32> -> tensor<?x?x40x!sinter.block<a8>>
  return
}

// -----

func.func @quantize_c4(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{crest must be a number of at least 0, but is -1}}
  %y = sinter.quantize %x crest -1.0 : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a16>>
  return
}

// -----

func.func @quantize_c4_a8(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{crest needs a result of a16, but it is 'tensor<?x?x64x!sinter.block<a8>>'}}
  %y = sinter.quantize %x crest 4.0 : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>>
  return
}

// -----

func.func @rms_norm_c1(%x: tensor<1x4x64xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.rms_norm"(%x) {eps = 1.0e-5 : f32} : (tensor<1x4x64xf32>) -> tensor<4x64xbf16>
  return
}

// -----

func.func @rms_norm_c2(%x: tensor<1x4x64xf32>, %w: tensor<32xf32>) {
  // expected-error @below {{weight must have length 64 (last dimension of input), but has length 32}}
  %y = sinter.rms_norm %x, %w eps 1.0e-5 : tensor<1x4x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @rms_norm_c3(%x: tensor<1x4x64xf32>) {
  // expected-error @below {{eps must be a number of at least 0, but is -1.0}}
  %y = sinter.rms_norm %x eps -1.0 : tensor<1x4x64xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<1x4x64xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.layer_norm"(%x) {eps = 1.0e-5 : f32, operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<1x4x64xf32>) -> tensor<4x64xbf16>
  return
}

// -----

func.func @layer_norm_c2(%x: tensor<1x4x64xf32>, %w: tensor<64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{bias must have length 64 (last dimension of input), but has length 32}}
  %y = sinter.layer_norm %x, %w bias %b eps 1.0e-5 : tensor<1x4x64xf32>, tensor<64xf32> bias tensor<32xf32>
  return
}

// -----

func.func @layer_norm_c3(%x: tensor<1x4x64xf32>) {
  // expected-error @below {{eps must be a number of at least 0}}
  %y = sinter.layer_norm %x eps -1.0e-5 : tensor<1x4x64xf32>
  return
}

// -----

func.func @unary_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.unary"(%x) {kind = 0 : i32} : (tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @scale_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.scale"(%x) {factor = 2.0 : f32} : (tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @scale_by_c1(%x: tensor<4x64xf32>, %f: f32) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.scale_by"(%x, %f) : (tensor<4x64xf32>, f32) -> tensor<4x32xf32>
  return
}

// -----

func.func @add_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{failed to verify that all of {lhs, result} have same type}}
  %y = "sinter.add"(%x, %x) : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @add_c2(%x: tensor<?x?x64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{rhs must have shape ?x?x64 (of lhs) or that of its features, but has shape 32}}
  %y = sinter.add %x, %b : tensor<?x?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @sub_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{failed to verify that all of {lhs, result} have same type}}
  %y = "sinter.sub"(%x, %x) : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @sub_c2(%x: tensor<?x?x64xf32>, %b: tensor<?x?x32xf32>) {
  // expected-error @below {{rhs must have shape ?x?x64}}
  %y = sinter.sub %x, %b : tensor<?x?x64xf32>, tensor<?x?x32xf32>
  return
}

// -----

func.func @mul_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{failed to verify that all of {lhs, result} have same type}}
  %y = "sinter.mul"(%x, %x) : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @mul_c2(%x: tensor<?x?x64xf32>, %b: tensor<?x?x32xf32>) {
  // expected-error @below {{rhs must have shape ?x?x64}}
  %y = sinter.mul %x, %b : tensor<?x?x64xf32>, tensor<?x?x32xf32>
  return
}

// -----

func.func @soft_cap_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.soft_cap"(%x) {cap = 2.0 : f32} : (tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @soft_cap_c2(%x: tensor<4x64xf32>) {
  // expected-error @below {{cap must be positive, but is 0.0}}
  %y = sinter.soft_cap %x by 0.0 : tensor<4x64xf32>
  return
}

// -----

func.func @clamp_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.clamp"(%x) {low = 1.0 : f32, high = 2.0 : f32} : (tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @clamp_c2(%x: tensor<4x64xf32>) {
  // expected-error @below {{low must be at most high}}
  %y = sinter.clamp %x from 2.0 to 1.0 : tensor<4x64xf32>
  return
}

// -----

func.func @log_softmax_c1(%x: tensor<4x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.log_softmax"(%x) : (tensor<4x64xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @scale_tokens_c1(%x: tensor<4x8x64xf32>, %f: tensor<4x8xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "sinter.scale_tokens"(%x, %f) : (tensor<4x8x64xf32>, tensor<4x8xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @scale_tokens_c2(%x: tensor<4x8x64xf32>, %f: tensor<4x9xf32>) {
  // expected-error @below {{factors must have shape 4x8 (first two dimensions of input), but has shape 4x9}}
  %y = sinter.scale_tokens %x by %f : tensor<4x8x64xf32>, tensor<4x9xf32>
  return
}

// -----

func.func @mix_c1(%x: tensor<4x8x3x64xf32>, %w: tensor<6xf32>) {
  // expected-error @below {{result must have shape 4x8x2x64 (those of input but for the parts), but has shape 4x8x2x32}}
  %y = sinter.mix %x by %w : tensor<4x8x3x64xf32>, tensor<6xf32> -> tensor<4x8x2x32xf32>
  return
}

// -----

func.func @mix_c2(%x: tensor<4x8x3x64xf32>, %w: tensor<4x8x5xf32>) {
  // expected-error @below {{weights must have shape 4x8x6 (a number for each part of input and of result), but has shape 4x8x5}}
  %y = sinter.mix %x by %w : tensor<4x8x3x64xf32>, tensor<4x8x5xf32> -> tensor<4x8x2x64xf32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<2x3x64xf32>) {
  // expected-error @below {{result must agree with input in element type and in the first two dimensions}}
  %y = sinter.reshape %x : tensor<2x3x64xf32> -> tensor<3x2x64xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{result must have 64 features a token (as input), but has 60}}
  %y = sinter.reshape %x : tensor<?x?x64xf32> -> tensor<?x?x4x15xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<?x?x4x64xf32>) {
  // expected-error @below {{result must agree with input in element type and in all dimensions but the last}}
  %y = sinter.slice %x at 0 : tensor<?x?x4x64xf32> -> tensor<?x?x5x32xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{must take a part of 64 features (last dimension of input), but takes 32 at 33}}
  %y = sinter.slice %x at 33 : tensor<?x?x64xf32> -> tensor<?x?x32xf32>
  return
}

// -----

func.func @concat_c1(%x: tensor<?x?x4x64xf32>, %z: tensor<?x?x5x64xf32>) {
  // expected-error @below {{input 1 must agree with result in element type and in all dimensions but the last}}
  %y = "sinter.concat"(%x, %z) : (tensor<?x?x4x64xf32>, tensor<?x?x5x64xf32>) -> tensor<?x?x4x128xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<?x?x64xf32>) {
  // expected-error @below {{result must have last dimension 128 (sum of those of the inputs), but has 127}}
  %y = sinter.concat %x, %x : tensor<?x?x64xf32>, tensor<?x?x64xf32> -> tensor<?x?x127xf32>
  return
}

// -----

func.func @last_c1(%x: tensor<?x?x64xf32>, %n: index) {
  // expected-error @below {{result must have shape ?x?x64 (batch, count, features of input), but has shape ?x?x32}}
  %y = sinter.last %x, %n : tensor<?x?x64xf32> -> tensor<?x?x32xf32>
  return
}

// -----

// What follows the first two dimensions is known when code is made.
func.func @features_are_static(%x: tensor<?x?x?xf32>) {
  // expected-error @below {{operand 0 must have features of known sizes (after batch and tokens), and at least one number, but has shape ?x?x?}}
  %y = sinter.unary silu %x : tensor<?x?x?xf32>
  return
}

// -----

func.func @features_are_some(%x: tensor<?x?x0xf32>) {
  // expected-error @below {{operand 0 must have features of known sizes (after batch and tokens), and at least one number, but has shape ?x?x0}}
  %y = sinter.unary silu %x : tensor<?x?x0xf32>
  return
}

// -----

func.func @add_c2_tokens(%x: tensor<?x?xf32>, %y: tensor<4xf32>) {
  // expected-error @below {{rhs must have shape ?x? (of lhs) or that of its features, but has shape 4}}
  %z = sinter.add %x, %y : tensor<?x?xf32>, tensor<4xf32>
  return
}

// -----

func.func @results_have_tokens(%x: tensor<4xf32>) {
  // expected-error @below {{result 0 must be (batch, tokens, ...), but has shape 4}}
  %y = sinter.unary silu %x : tensor<4xf32>
  return
}

// -----

func.func @embed_c1_size(%ids: tensor<?x?xi32>, %w: tensor<?x4xf32>) {
  // expected-error @below {{table must be a matrix of known size, but has shape ?x4}}
  %y = sinter.embed %ids, %w : tensor<?x?xi32>, tensor<?x4xf32> -> tensor<?x?x4xf32>
  return
}

// -----

func.func @embed_c2_ids(%ids: tensor<?x?x3xi32>, %w: tensor<8x4xf32>) {
  // expected-error @below {{ids must be (batch, tokens), but have shape ?x?x3}}
  %y = sinter.embed %ids, %w : tensor<?x?x3xi32>, tensor<8x4xf32> -> tensor<?x?x3x4xf32>
  return
}

// -----

func.func @linear_c2_heads(%x: tensor<?x?x3x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{input must be (batch, tokens, features), but has shape ?x?x3x64}}
  %y = sinter.linear %x, %w : tensor<?x?x3x64xf32>, tensor<8x64xf32> -> tensor<?x?x3x8xf32>
  return
}

// -----

func.func @quantize_c1_tokens(%x: tensor<4x32xf32>) {
  // expected-error @below {{input must be (batch, tokens, features...), but has shape 4x32}}
  %y = sinter.quantize %x : tensor<4x32xf32> -> tensor<4x32xbf16>
  return
}

// -----

func.func @rms_norm_c2_tokens(%x: tensor<?x?xf32>) {
  // expected-error @below {{input must be (batch, tokens, features...), but has shape ?x?}}
  %y = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?xf32>
  return
}

// -----

func.func @layer_norm_c2_tokens(%x: tensor<?x?xf32>) {
  // expected-error @below {{input must be (batch, tokens, features...), but has shape ?x?}}
  %y = sinter.layer_norm %x eps 1.0e-5 : tensor<?x?xf32>
  return
}

// -----

func.func @log_softmax_c2(%x: tensor<?x?xf32>) {
  // expected-error @below {{input must be (batch, tokens, features...), but has shape ?x?}}
  %y = sinter.log_softmax %x : tensor<?x?xf32>
  return
}

// -----

func.func @slice_c1_tokens(%x: tensor<?x64xf32>) {
  // expected-error @below {{input must be (batch, tokens, features...), but has shape ?x64}}
  %y = sinter.slice %x at 0 : tensor<?x64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @concat_c1_tokens(%x: tensor<?x64xf32>) {
  // expected-error @below {{result must be (batch, tokens, features...), but has shape ?x64}}
  %y = sinter.concat %x : tensor<?x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @last_c2(%x: tensor<?x?x64xf32>, %layer: index) {
  %one = arith.constant 1 : index
  %count = arith.addi %layer, %one : index
  // expected-error @below {{count must be a constant or an argument}}
  %y = sinter.last %x, %count : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  return
}

// -----

func.func @last_c2_constant(%x: tensor<?x?x64xf32>) {
  %count = arith.constant 1 : index
  // expected-error @below {{result must have as many tokens as count (1, at least 1), but has shape ?x40x64}}
  %y = sinter.last %x, %count : tensor<?x?x64xf32> -> tensor<?x40x64xf32>
  return
}

// -----

func.func @last_c2_argument(%x: tensor<?x?x64xf32>, %count: index) {
  // expected-error @below {{result must have a dynamic number of tokens (count is an argument), but has shape ?x1x64}}
  %y = sinter.last %x, %count : tensor<?x?x64xf32> -> tensor<?x1x64xf32>
  return
}

// -----

func.func @vectors_are_static(%x: tensor<?x?x64xf32>, %w: tensor<?xf32>) {
  // expected-error @below {{operand 1 must have features of known sizes}}
  %y = sinter.rms_norm %x, %w eps 1.0e-5 : tensor<?x?x64xf32>, tensor<?xf32>
  return
}

// -----

func.func @copy_c1(%x: tensor<4x8x64xf32>) {
  // expected-error @below {{requires the same type for all operands and results}}
  %y = "sinter.copy"(%x) : (tensor<4x8x64xf32>) -> tensor<4x8x32xf32>
  return
}

// -----

func.func @copy_c2(%x: tensor<4x8x64xf32, #sinter.tiled<tokens = 4>>) {
  // expected-error @below {{input must have no layout}}
  %y = sinter.copy %x : tensor<4x8x64xf32, #sinter.tiled<tokens = 4>>
  return
}

// -----

func.func @too_many_numbers(%x: tensor<?x?x1099511627776x1099511627776xf32>) {
  // expected-error @below {{operand 0 must have at most 2^40 numbers}}
  %y = sinter.unary relu %x : tensor<?x?x1099511627776x1099511627776xf32>
  return
}
