// RUN: sinter-op-test %s 1x1x1 1x7x3 2x5x2 3x1x1
// RUN: sinter-op-test %s 1x1x1 1x7x3 2x5x2 plain
// Ops of rows, alone and one behind the other, at sizes that no vector divides.
sinter.param @table : tensor<11x96xf32>
sinter.param @blocks : tensor<11x96x!sinter.block<q4_1>>
sinter.param @w21 : tensor<21xf32>
sinter.param @w24_21 : tensor<24x21xf32>
sinter.layer_table @factors = [0.5, -1.5] : f32
func.func @copy(%a: tensor<?x?x3x5xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> (tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>) {
  %b = sinter.copy %a : tensor<?x?x3x5xf32>
  %c = sinter.copy %b : tensor<?x?x3x5xf32>
  return %b, %c : tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>
}
// What folds and cse may leave: values from above, one for two results.
func.func @kernel_yields_from_above(%a: tensor<?x?x37xbf16>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> (tensor<?x?x37xbf16>, tensor<?x?x37xbf16>) attributes {sinter.tolerance = 1.0e-2 : f64} {
  %y:2 = sinter.fused {
    %0 = sinter.unary silu %a : tensor<?x?x37xbf16>
    sinter.yield %a, %0 : tensor<?x?x37xbf16>, tensor<?x?x37xbf16>
  } : tensor<?x?x37xbf16>, tensor<?x?x37xbf16>
  return %y#0, %y#1 : tensor<?x?x37xbf16>, tensor<?x?x37xbf16>
}
func.func @kernel_yields_twice(%a: tensor<?x?x37xf32>, %i: tensor<?x?xi32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> (tensor<?x?x37xf32>, tensor<?x?x37xf32>, tensor<?x?xi32>, tensor<?x?xi32>) {
  %y:2 = sinter.fused {
    %0 = sinter.rms_norm %a eps 1.0e-5 : tensor<?x?x37xf32>
    %1 = sinter.unary silu %0 : tensor<?x?x37xf32>
    sinter.yield %1, %1 : tensor<?x?x37xf32>, tensor<?x?x37xf32>
  } : tensor<?x?x37xf32>, tensor<?x?x37xf32>
  %z:2 = sinter.fused {
    %p = sinter.positions %past, %i : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
    sinter.yield %p, %p : tensor<?x?xi32>, tensor<?x?xi32>
  } : tensor<?x?xi32>, tensor<?x?xi32>
  return %y#0, %y#1, %z#0, %z#1 : tensor<?x?x37xf32>, tensor<?x?x37xf32>, tensor<?x?xi32>, tensor<?x?xi32>
}
func.func @concat_two(%a: tensor<?x?x3x5xf32>, %b: tensor<?x?x3x9xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x14xf32> {
  %y = sinter.concat %a, %b : tensor<?x?x3x5xf32>, tensor<?x?x3x9xf32> -> tensor<?x?x3x14xf32>
  return %y : tensor<?x?x3x14xf32>
}
func.func @concat_one(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %y = sinter.concat %a : tensor<?x?x13xf32> -> tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @concat_same_twice_bf16(%a: tensor<?x?x3xbf16>, %b: tensor<?x?x1xbf16>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x7xbf16> attributes {sinter.tolerance = 1.0e-2 : f64} {
  %y = sinter.concat %a, %b, %a : tensor<?x?x3xbf16>, tensor<?x?x1xbf16>, tensor<?x?x3xbf16> -> tensor<?x?x7xbf16>
  return %y : tensor<?x?x7xbf16>
}
func.func @concat_of_concat(%a: tensor<?x?x2x5xf32>, %b: tensor<?x?x2x8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x46xf32> {
  %c = sinter.concat %a, %b : tensor<?x?x2x5xf32>, tensor<?x?x2x8xf32> -> tensor<?x?x2x13xf32>
  %e = sinter.slice %b at 5 : tensor<?x?x2x8xf32> -> tensor<?x?x2x2xf32>
  %d = sinter.concat %b, %c, %e : tensor<?x?x2x8xf32>, tensor<?x?x2x13xf32>, tensor<?x?x2x2xf32> -> tensor<?x?x2x23xf32>
  %y = sinter.reshape %d : tensor<?x?x2x23xf32> -> tensor<?x?x46xf32>
  return %y : tensor<?x?x46xf32>
}
func.func @concat_behind_norms_and_ropes(%a: tensor<?x?x4x12xf32>, %b: tensor<?x?x4x20xf32>, %p: tensor<?x?x5x2xf32>, %w: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x4x32xf32> {
  %n = sinter.rms_norm %a, %w eps 1.0e-5 : tensor<?x?x4x12xf32>, tensor<12xf32>
  %r = sinter.rope %b, %p halves offset 3 : tensor<?x?x4x20xf32>, tensor<?x?x5x2xf32>
  %c = sinter.concat %n, %r : tensor<?x?x4x12xf32>, tensor<?x?x4x20xf32> -> tensor<?x?x4x32xf32>
  %s = sinter.rope %c, %p neighbours offset 7 : tensor<?x?x4x32xf32>, tensor<?x?x5x2xf32>
  %y = sinter.layer_norm %s eps 1.0e-5 : tensor<?x?x4x32xf32>
  return %y : tensor<?x?x4x32xf32>
}
func.func @concat_quantized(%a: tensor<?x?x40xf32>, %b: tensor<?x?x56xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x96xf32> attributes {sinter.tolerance = 1.0e-2 : f64} {
  %c = sinter.concat %a, %b : tensor<?x?x40xf32>, tensor<?x?x56xf32> -> tensor<?x?x96xf32>
  %q = sinter.quantize %c : tensor<?x?x96xf32> -> tensor<?x?x96xbf16>
  %h = sinter.reshape %q : tensor<?x?x96xbf16> -> tensor<?x?x96xbf16>
  %f = sinter.quantize %h : tensor<?x?x96xbf16> -> tensor<?x?x96xf32>
  return %f : tensor<?x?x96xf32>
}
func.func @slice_of_sum(%a: tensor<?x?x3x10xf32>, %b: tensor<?x?x3x10xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x4xf32> {
  %c = sinter.add %a, %b : tensor<?x?x3x10xf32>, tensor<?x?x3x10xf32>
  %y = sinter.slice %c at 5 : tensor<?x?x3x10xf32> -> tensor<?x?x3x4xf32>
  return %y : tensor<?x?x3x4xf32>
}
func.func @slice_of_slice(%a: tensor<?x?x3x10xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x2xf32> {
  %c = sinter.slice %a at 1 : tensor<?x?x3x10xf32> -> tensor<?x?x3x7xf32>
  %y = sinter.slice %c at 3 : tensor<?x?x3x7xf32> -> tensor<?x?x3x2xf32>
  return %y : tensor<?x?x3x2xf32>
}
func.func @slice_of_norm(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x7xf32> {
  %w = sinter.weight @w21 : tensor<21xf32>
  %n = sinter.layer_norm %a, %w bias %w eps 1.0e-5 plus_one : tensor<?x?x21xf32>, tensor<21xf32> bias tensor<21xf32>
  %y = sinter.slice %n at 9 : tensor<?x?x21xf32> -> tensor<?x?x7xf32>
  return %y : tensor<?x?x7xf32>
}
func.func @parts_of_heads_apart(%a: tensor<?x?x3x10xf32>, %p: tensor<?x?x2x2xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> (tensor<?x?x3x4xf32>, tensor<?x?x3x6xf32>) {
  %l = sinter.slice %a at 0 : tensor<?x?x3x10xf32> -> tensor<?x?x3x4xf32>
  %h = sinter.slice %a at 4 : tensor<?x?x3x10xf32> -> tensor<?x?x3x6xf32>
  %r = sinter.rope %l, %p halves : tensor<?x?x3x4xf32>, tensor<?x?x2x2xf32>
  %n = sinter.rms_norm %h eps 1.0e-5 : tensor<?x?x3x6xf32>
  return %r, %n : tensor<?x?x3x4xf32>, tensor<?x?x3x6xf32>
}
func.func @slice_of_blocks(%i: tensor<?x?xi32> {sinter.below = 14 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x17xf32> {
  %t = sinter.weight @blocks : tensor<11x96x!sinter.block<q4_1>>
  %x = sinter.embed %i, %t : tensor<?x?xi32>, tensor<11x96x!sinter.block<q4_1>> -> tensor<?x?x96xf32>
  %y = sinter.slice %x at 37 : tensor<?x?x96xf32> -> tensor<?x?x17xf32>
  return %y : tensor<?x?x17xf32>
}
func.func @norm_of_heads_of_blocks(%i: tensor<?x?xi32> {sinter.below = 11 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x8x12xf32> {
  %t = sinter.weight @blocks : tensor<11x96x!sinter.block<q4_1>>
  %x = sinter.embed %i, %t : tensor<?x?xi32>, tensor<11x96x!sinter.block<q4_1>> -> tensor<?x?x96xf32>
  %h = sinter.reshape %x : tensor<?x?x96xf32> -> tensor<?x?x8x12xf32>
  %y = sinter.rms_norm %h eps 1.0e-5 : tensor<?x?x8x12xf32>
  return %y : tensor<?x?x8x12xf32>
}
func.func @log_softmax_1(%a: tensor<?x?x1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x1xf32> {
  %y = sinter.log_softmax %a : tensor<?x?x1xf32>
  return %y : tensor<?x?x1xf32>
}
func.func @log_softmax_5(%a: tensor<?x?x5xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x5xf32> {
  %y = sinter.log_softmax %a : tensor<?x?x5xf32>
  return %y : tensor<?x?x5xf32>
}
func.func @log_softmax_8(%a: tensor<?x?x8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x8xf32> {
  %y = sinter.log_softmax %a : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @log_softmax_21(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x21xf32> {
  %y = sinter.log_softmax %a : tensor<?x?x21xf32>
  return %y : tensor<?x?x21xf32>
}
func.func @log_softmax_133(%a: tensor<?x?x133xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x133xf32> {
  %y = sinter.log_softmax %a : tensor<?x?x133xf32>
  return %y : tensor<?x?x133xf32>
}
func.func @log_softmax_of_heads_bf16(%a: tensor<?x?x3x13xbf16>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x13xbf16> attributes {sinter.tolerance = 1.0e-2 : f64} {
  %y = sinter.log_softmax %a : tensor<?x?x3x13xbf16>
  return %y : tensor<?x?x3x13xbf16>
}
func.func @log_softmax_behind_a_head(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x24xf32> attributes {sinter.tolerance = 1.0e-4 : f64} {
  %w = sinter.weight @w24_21 : tensor<24x21xf32>
  %x = sinter.linear %a, %w : tensor<?x?x21xf32>, tensor<24x21xf32> -> tensor<?x?x24xf32>
  %s = sinter.scale %x by 40.0 : tensor<?x?x24xf32>
  %c = sinter.soft_cap %s by 30.0 : tensor<?x?x24xf32>
  %y = sinter.log_softmax %c : tensor<?x?x24xf32>
  return %y : tensor<?x?x24xf32>
}
func.func @norm_of_log_softmax(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> (tensor<?x?x21xf32>, tensor<?x?x21xf32>) {
  %l = sinter.log_softmax %a : tensor<?x?x21xf32>
  %y = sinter.rms_norm %l eps 1.0e-5 : tensor<?x?x21xf32>
  return %l, %y : tensor<?x?x21xf32>, tensor<?x?x21xf32>
}
func.func @sinusoids_halves_1(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x2xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<1xf32> -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}
func.func @sinusoids_neighbours_1(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x2xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<1xf32> -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}
func.func @sinusoids_halves_3(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<3xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x6xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
func.func @sinusoids_neighbours_3(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<3xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x6xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
func.func @sinusoids_halves_8(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x16xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
func.func @sinusoids_neighbours_8(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x16xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
func.func @sinusoids_halves_21(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x42xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<21xf32> -> tensor<?x?x42xf32>
  return %y : tensor<?x?x42xf32>
}
func.func @sinusoids_neighbours_21(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x42xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<21xf32> -> tensor<?x?x42xf32>
  return %y : tensor<?x?x42xf32>
}
func.func @sinusoids_halves_1_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x1xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<1xf32> -> tensor<?x?x1xf32>
  return %y : tensor<?x?x1xf32>
}
func.func @sinusoids_neighbours_1_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x1xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<1xf32> -> tensor<?x?x1xf32>
  return %y : tensor<?x?x1xf32>
}
func.func @sinusoids_halves_3_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<3xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x5xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x5xf32>
  return %y : tensor<?x?x5xf32>
}
func.func @sinusoids_neighbours_3_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<3xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x5xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x5xf32>
  return %y : tensor<?x?x5xf32>
}
func.func @sinusoids_halves_8_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x15xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x15xf32>
  return %y : tensor<?x?x15xf32>
}
func.func @sinusoids_neighbours_8_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x15xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x15xf32>
  return %y : tensor<?x?x15xf32>
}
func.func @sinusoids_halves_21_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x41xf32> {
  %y = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<21xf32> -> tensor<?x?x41xf32>
  return %y : tensor<?x?x41xf32>
}
func.func @sinusoids_neighbours_21_odd(%i: tensor<?x?xi32> {sinter.below = 5000 : i64}, %f: tensor<21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x41xf32> {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<21xf32> -> tensor<?x?x41xf32>
  return %y : tensor<?x?x41xf32>
}
func.func @embedding_with_sinusoids(%i: tensor<?x?xi32> {sinter.below = 11 : i64}, %f: tensor<48xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x96xf32> {
  %t = sinter.weight @blocks : tensor<11x96x!sinter.block<q4_1>>
  %x = sinter.embed %i, %t : tensor<?x?xi32>, tensor<11x96x!sinter.block<q4_1>> -> tensor<?x?x96xf32>
  %p = sinter.positions %past, %i offset 2 : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %s = sinter.sinusoids %p, %f halves : tensor<?x?xi32>, tensor<48xf32> -> tensor<?x?x96xf32>
  %z = sinter.scale %x by 3.0 : tensor<?x?x96xf32>
  %a = sinter.add %z, %s : tensor<?x?x96xf32>, tensor<?x?x96xf32>
  %y = sinter.layer_norm %a eps 1.0e-5 : tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}
func.func @heads_of_sinusoids(%i: tensor<?x?xi32> {sinter.below = 11 : i64}, %f: tensor<9xf32>, %p: tensor<?x?x3x2xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x6xf32> {
  %s = sinter.sinusoids %i, %f halves : tensor<?x?xi32>, tensor<9xf32> -> tensor<?x?x18xf32>
  %h = sinter.reshape %s : tensor<?x?x18xf32> -> tensor<?x?x3x6xf32>
  %y = sinter.rope %h, %p halves : tensor<?x?x3x6xf32>, tensor<?x?x3x2xf32>
  return %y : tensor<?x?x3x6xf32>
}
func.func @sinusoids_of_f16(%i: tensor<?x?xi32> {sinter.below = 50 : i64}, %f: tensor<5xbf16>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x10xf16> attributes {sinter.tolerance = 2.0e-3 : f64} {
  %y = sinter.sinusoids %i, %f neighbours : tensor<?x?xi32>, tensor<5xbf16> -> tensor<?x?x10xf16>
  return %y : tensor<?x?x10xf16>
}
func.func @factors_log_ratio7(%i: tensor<?x?xi32> {sinter.below = 40 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?xf32> {
  %y = sinter.position_factors %i log_ratio 7 : tensor<?x?xi32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
func.func @factors_log_floor5(%i: tensor<?x?xi32> {sinter.below = 40 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?xf32> {
  %y = sinter.position_factors %i log_floor 5 gain 0.3 : tensor<?x?xi32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
func.func @factors_log_ratio4000(%i: tensor<?x?xi32> {sinter.below = 40 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?xf32> {
  %y = sinter.position_factors %i log_ratio 4000 : tensor<?x?xi32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
func.func @scaled_queries(%q: tensor<?x?x3x5xf32>, %i: tensor<?x?xi32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x5xf32> {
  %p = sinter.positions %past, %i : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %f = sinter.position_factors %p log_ratio 3 : tensor<?x?xi32> -> tensor<?x?xf32>
  %g = sinter.scale %f by 0.5 : tensor<?x?xf32>
  %y = sinter.scale_tokens %q by %g : tensor<?x?x3x5xf32>, tensor<?x?xf32>
  return %y : tensor<?x?x3x5xf32>
}
func.func @factors_out_of_a_linear(%q: tensor<?x?x3x5xf32>, %l: tensor<?x?x1xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x5xf32> {
  %s = sinter.unary sigmoid %l : tensor<?x?x1xf32>
  %f = sinter.reshape %s : tensor<?x?x1xf32> -> tensor<?x?xf32>
  %y = sinter.scale_tokens %q by %f : tensor<?x?x3x5xf32>, tensor<?x?xf32>
  return %y : tensor<?x?x3x5xf32>
}
func.func @mix_vector(%x: tensor<?x?x3x7xf32>, %w: tensor<6xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x2x7xf32> {
  %y = sinter.mix %x by %w : tensor<?x?x3x7xf32>, tensor<6xf32> -> tensor<?x?x2x7xf32>
  return %y : tensor<?x?x2x7xf32>
}
func.func @mix_of_computed(%x: tensor<?x?x15xf32>, %z: tensor<?x?x1x5xf32>, %l: tensor<?x?x3xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x5xf32>, tensor<?x?x3x5xf32>) {
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x15xf32>
  %h = sinter.reshape %n : tensor<?x?x15xf32> -> tensor<?x?x3x5xf32>
  %w = sinter.unary tanh %l : tensor<?x?x3xf32>
  %y = sinter.mix %h by %w : tensor<?x?x3x5xf32>, tensor<?x?x3xf32> -> tensor<?x?x1x5xf32>
  %s = sinter.add %y, %z : tensor<?x?x1x5xf32>, tensor<?x?x1x5xf32>
  %spread = sinter.mix %s by %w : tensor<?x?x1x5xf32>, tensor<?x?x3xf32> -> tensor<?x?x3x5xf32>
  %both = sinter.add %h, %spread : tensor<?x?x3x5xf32>, tensor<?x?x3x5xf32>
  %flat = sinter.reshape %y : tensor<?x?x1x5xf32> -> tensor<?x?x5xf32>
  return %flat, %both : tensor<?x?x5xf32>, tensor<?x?x3x5xf32>
}
func.func @ntk_linear_2_9(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x2xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 1.0e4 trained 9 factor 4.0 : tensor<?xi32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
func.func @ntk_linear_5_9(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x5xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 1.0e4 trained 9 factor 4.0 : tensor<?xi32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
func.func @ntk_linear_32_9(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x32xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 1.0e4 trained 9 factor 4.0 : tensor<?xi32> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
func.func @ntk_power_of_two_2_8(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x2xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n power_of_two theta 1.0e6 trained 8 : tensor<?xi32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
func.func @ntk_power_of_two_5_8(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x5xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n power_of_two theta 1.0e6 trained 8 : tensor<?xi32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
func.func @ntk_power_of_two_32_8(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x32xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n power_of_two theta 1.0e6 trained 8 : tensor<?xi32> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
func.func @ntk_linear_2_2000(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x2xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 500.0 trained 2000 : tensor<?xi32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
func.func @ntk_linear_5_2000(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x5xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 500.0 trained 2000 : tensor<?xi32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
func.func @ntk_linear_32_2000(%n: tensor<?xi32> {sinter.below = 90 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x32xf32> attributes {sinter.tolerance = 1.0e-6 : f64} {
  %y = sinter.ntk_frequencies %n linear theta 500.0 trained 2000 : tensor<?xi32> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
func.func @length_frequencies(%n: tensor<?xi32> {sinter.below = 18 : i64}, %f: tensor<7xf32>, %g: tensor<7xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x7xf32> {
  %y = sinter.length_frequencies %n, %f, %g trained 9 : tensor<?xi32>, tensor<7xf32> -> tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}
func.func @ntk_and_rope(%n: tensor<?xi32> {sinter.below = 90 : i64}, %i: tensor<?x?xi32>, %q: tensor<?x?x3x14xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x14xf32> {
  %f = sinter.ntk_frequencies %n power_of_two theta 1.0e4 trained 8 : tensor<?xi32> -> tensor<?x6xf32>
  %p = sinter.positions %past, %i : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %a = sinter.rope_angles %p, %f scale 1.25 : tensor<?x?xi32>, tensor<?x6xf32> -> tensor<?x?x6x2xf32>
  %y = sinter.rope %q, %a halves offset 1 : tensor<?x?x3x14xf32>, tensor<?x?x6x2xf32>
  return %y : tensor<?x?x3x14xf32>
}
func.func @angles_that_are_scaled(%i: tensor<?x?xi32>, %f: tensor<3xf32>, %q: tensor<?x?x2x6xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x2x6xf32> {
  %a = sinter.rope_angles %i, %f : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x3x2xf32>
  %b = sinter.scale %a by 0.5 : tensor<?x?x3x2xf32>
  %y = sinter.rope %q, %b neighbours : tensor<?x?x2x6xf32>, tensor<?x?x3x2xf32>
  return %y : tensor<?x?x2x6xf32>
}
func.func @rope_twice(%a: tensor<?x?x3x2xf32>, %b: tensor<?x?x2x2xf32>, %q: tensor<?x?x3x14xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x14xf32> {
  %r = sinter.rope %q, %a halves : tensor<?x?x3x14xf32>, tensor<?x?x3x2xf32>
  %s = sinter.rope %r, %b halves offset 9 : tensor<?x?x3x14xf32>, tensor<?x?x2x2xf32>
  %y = sinter.rope %s, %a neighbours offset 5 : tensor<?x?x3x14xf32>, tensor<?x?x3x2xf32>
  return %y : tensor<?x?x3x14xf32>
}
func.func @mask_positions(%m: tensor<?x?xi32> {sinter.below = 2 : i64}, %i: tensor<?x?xi32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?xi32> {
  %y = sinter.mask_positions %m, %i offset 2 : tensor<?x?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  return %y : tensor<?x?xi32>
}
func.func @mask_positions_past(%m: tensor<?x?xi32> {sinter.below = 2 : i64, sinter.keys}, %i: tensor<?x?xi32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?xi32> {
  %y = sinter.mask_positions %m, %i past %past : tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32> -> tensor<?x?xi32>
  return %y : tensor<?x?xi32>
}
func.func @embedding_of_mask_positions(%m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x96xf32> {
  %p = sinter.mask_positions %m, %m offset 1 : tensor<?x?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %t = sinter.weight @table : tensor<11x96xf32>
  %y = sinter.embed %p, %t : tensor<?x?xi32>, tensor<11x96xf32> -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}
func.func @pool_first(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool first %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_first_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool first %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_last(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool last %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_last_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool last %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_mean(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool mean %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_mean_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool mean %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_max(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool max %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_max_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool max %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_root_mean(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool root_mean %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_root_mean_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 2 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool root_mean %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_weighted_mean(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %y = sinter.pool weighted_mean %a : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @pool_weighted_mean_masked(%a: tensor<?x?x2x9xf32>, %m: tensor<?x?xi32> {sinter.below = 5 : i64}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x2x9xf32> {
  %y = sinter.pool weighted_mean %a mask %m : tensor<?x?x2x9xf32>, tensor<?x?xi32> -> tensor<?x1x2x9xf32>
  return %y : tensor<?x1x2x9xf32>
}
func.func @pool_between_linears(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x24xf32> {
  %w = sinter.weight @w21 : tensor<21xf32>
  %n = sinter.rms_norm %a, %w eps 1.0e-5 : tensor<?x?x21xf32>, tensor<21xf32>
  %p = sinter.pool mean %n : tensor<?x?x21xf32> -> tensor<?x1x21xf32>
  %v = sinter.weight @w24_21 : tensor<24x21xf32>
  %x = sinter.linear %p, %v : tensor<?x1x21xf32>, tensor<24x21xf32> -> tensor<?x1x24xf32>
  %y = sinter.unary tanh %x : tensor<?x1x24xf32>
  return %y : tensor<?x1x24xf32>
}
func.func @pool_bf16(%a: tensor<?x?x5xbf16>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x5xbf16> attributes {sinter.tolerance = 1.0e-2 : f64} {
  %y = sinter.pool mean %a : tensor<?x?x5xbf16> -> tensor<?x1x5xbf16>
  return %y : tensor<?x1x5xbf16>
}
func.func @last_tokens(%a: tensor<?x?x2x9xf32>, %n: index {sinter.name = "last"}, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x2x9xf32> {
  %y = sinter.last %a, %n : tensor<?x?x2x9xf32> -> tensor<?x?x2x9xf32>
  return %y : tensor<?x?x2x9xf32>
}
func.func @last_token(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x1x13xf32> {
  %n = arith.constant 1 : index
  %x = sinter.last %a, %n : tensor<?x?x13xf32> -> tensor<?x1x13xf32>
  %y = sinter.unary silu %x : tensor<?x1x13xf32>
  return %y : tensor<?x1x13xf32>
}
func.func @identity(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary identity %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @softplus(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary softplus %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @elu(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary elu %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @mish(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary mish %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @relu6(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary relu6 %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @leaky_relu(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary leaky_relu %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @hard_swish(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %x = sinter.scale %a by 4.0 : tensor<?x?x13xf32>
  %y = sinter.unary hard_swish %x : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @scale_by_argument(%a: tensor<?x?x13xf32>, %f: f32, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %y = sinter.scale_by %a, %f : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @scale_by_constant(%a: tensor<?x?x13xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x13xf32> {
  %f = arith.constant -0.75 : f32
  %y = sinter.scale_by %a, %f : tensor<?x?x13xf32>
  return %y : tensor<?x?x13xf32>
}
func.func @scale_by_a_table_behind_a_linear(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x24xf32> {
  %w = sinter.weight @w24_21 : tensor<24x21xf32>
  %x = sinter.linear %a, %w : tensor<?x?x21xf32>, tensor<24x21xf32> -> tensor<?x?x24xf32>
  %l = arith.constant 1 : index
  %f = sinter.layer_value @factors[%l] : f32
  %y = sinter.scale_by %x, %f : tensor<?x?x24xf32>
  return %y : tensor<?x?x24xf32>
}
func.func @layer_norm_plus_one(%a: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x21xf32> {
  %w = sinter.weight @w21 : tensor<21xf32>
  %y = sinter.layer_norm %a, %w eps 1.0e-5 plus_one : tensor<?x?x21xf32>, tensor<21xf32>
  return %y : tensor<?x?x21xf32>
}
func.func @vectors_of_heads_of_two_sizes(%a: tensor<?x?x4x6xf32>, %u: tensor<6xf32>, %v: tensor<8xf32>, %past: tensor<?xi32> {sinter.name = "past", sinter.past}) -> tensor<?x?x3x8xf32> {
  %b = sinter.add %a, %u : tensor<?x?x4x6xf32>, tensor<6xf32>
  %c = sinter.reshape %b : tensor<?x?x4x6xf32> -> tensor<?x?x3x8xf32>
  %y = sinter.mul %c, %v : tensor<?x?x3x8xf32>, tensor<8xf32>
  return %y : tensor<?x?x3x8xf32>
}
