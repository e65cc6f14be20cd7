// RUN: sinter-op-test %s 1x1x1 1x7x1 2x5x1 3x1x1 1x40x1
// RUN: sinter-op-test %s 1x1x1 1x7x1 2x5x1 3x1x1 1x40x1 plain
// RUN: sinter-op-test %s 1x1x1 1x7x1 2x5x1 3x1x1 1x40x1 quantized
// Experts: with and without gates, biases, limits, weighed inputs; weights of
// every type; sizes that no vector divides.
sinter.param @down_1_19_21_f32 : tensor<1x19x21xf32>
sinter.param @down_3_1_1_f32 : tensor<3x1x1xf32>
sinter.param @down_4_33_16_f32 : tensor<4x33x16xf32>
sinter.param @down_5_19_21_bf16 : tensor<5x19x21xbf16>
sinter.param @down_5_19_21_f32 : tensor<5x19x21xf32>
sinter.param @down_5_19_22_f16 : tensor<5x19x22xf16>
sinter.param @down_6_64_32_f32 : tensor<6x64x32xf32>
sinter.param @down_6_64_32_q4_0 : tensor<6x64x32x!sinter.block<q4_0>>
sinter.param @down_6_64_32_q4_1 : tensor<6x64x32x!sinter.block<q4_1>>
sinter.param @down_6_64_32_q8_0 : tensor<6x64x32x!sinter.block<q8_0>>
sinter.param @down_6_64_96_q4_0 : tensor<6x64x96x!sinter.block<q4_0>>
sinter.param @down_6_64_96_q4_1 : tensor<6x64x96x!sinter.block<q4_1>>
sinter.param @down_6_64_96_q8_0 : tensor<6x64x96x!sinter.block<q8_0>>
sinter.param @down_8_16_48_f32 : tensor<8x16x48xf32>
sinter.param @down_bias_5_19_bf16 : tensor<5x19xbf16>
sinter.param @down_bias_5_19_f32 : tensor<5x19xf32>
sinter.param @down_bias_6_64_f32 : tensor<6x64xf32>
sinter.param @gate_1_21_19_f32 : tensor<1x21x19xf32>
sinter.param @gate_3_1_1_f32 : tensor<3x1x1xf32>
sinter.param @gate_4_16_33_f32 : tensor<4x16x33xf32>
sinter.param @gate_5_21_19_bf16 : tensor<5x21x19xbf16>
sinter.param @gate_5_21_19_f32 : tensor<5x21x19xf32>
sinter.param @gate_5_22_19_f16 : tensor<5x22x19xf16>
sinter.param @gate_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
sinter.param @gate_6_32_64_q8_0 : tensor<6x32x64x!sinter.block<q8_0>>
sinter.param @gate_6_96_64_q4_0 : tensor<6x96x64x!sinter.block<q4_0>>
sinter.param @gate_6_96_64_q4_1 : tensor<6x96x64x!sinter.block<q4_1>>
sinter.param @gate_6_96_64_q8_0 : tensor<6x96x64x!sinter.block<q8_0>>
sinter.param @gate_8_48_16_f32 : tensor<8x48x16xf32>
sinter.param @gate_bias_5_21_bf16 : tensor<5x21xbf16>
sinter.param @gate_bias_5_21_f32 : tensor<5x21xf32>
sinter.param @up_1_21_19_f32 : tensor<1x21x19xf32>
sinter.param @up_3_1_1_f32 : tensor<3x1x1xf32>
sinter.param @up_4_16_33_f32 : tensor<4x16x33xf32>
sinter.param @up_5_21_19_bf16 : tensor<5x21x19xbf16>
sinter.param @up_5_21_19_f32 : tensor<5x21x19xf32>
sinter.param @up_5_22_19_f16 : tensor<5x22x19xf16>
sinter.param @up_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
sinter.param @up_6_32_64_q8_0 : tensor<6x32x64x!sinter.block<q8_0>>
sinter.param @up_6_96_64_q4_0 : tensor<6x96x64x!sinter.block<q4_0>>
sinter.param @up_6_96_64_q4_1 : tensor<6x96x64x!sinter.block<q4_1>>
sinter.param @up_6_96_64_q8_0 : tensor<6x96x64x!sinter.block<q8_0>>
sinter.param @up_8_48_16_f32 : tensor<8x48x16xf32>
sinter.param @up_bias_5_21_f16 : tensor<5x21xf16>
sinter.param @up_bias_5_21_f32 : tensor<5x21xf32>
func.func @gated(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32>
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @plain_relu2(%x: tensor<?x?x19xf32>, %i: tensor<?x?x3xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x3xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %y = sinter.moe relu2 %x route %i, %w up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32>
    : tensor<?x?x19xf32>, tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @all_biases(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %gate_bias = sinter.weight @gate_bias_5_21_f32 : tensor<5x21xf32>
  %up_bias = sinter.weight @up_bias_5_21_f32 : tensor<5x21xf32>
  %down_bias = sinter.weight @down_bias_5_19_f32 : tensor<5x19xf32>
  %y = sinter.moe gelu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> gate_bias %gate_bias : tensor<5x21xf32> up_bias %up_bias : tensor<5x21xf32> down_bias %down_bias : tensor<5x19xf32>
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @half_biases(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> attributes {sinter.tolerance = 1.0e-4 : f64} {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %gate_bias = sinter.weight @gate_bias_5_21_bf16 : tensor<5x21xbf16>
  %up_bias = sinter.weight @up_bias_5_21_f16 : tensor<5x21xf16>
  %down_bias = sinter.weight @down_bias_5_19_bf16 : tensor<5x19xbf16>
  %y = sinter.moe gelu_tanh %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> gate_bias %gate_bias : tensor<5x21xbf16> up_bias %up_bias : tensor<5x21xf16> down_bias %down_bias : tensor<5x19xbf16>
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @limit_and_offset(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %gate_bias = sinter.weight @gate_bias_5_21_f32 : tensor<5x21xf32>
  %up_bias = sinter.weight @up_bias_5_21_f32 : tensor<5x21xf32>
  %y = sinter.moe gelu_quick %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> gate_bias %gate_bias : tensor<5x21xf32> up_bias %up_bias : tensor<5x21xf32> limit 0.25 up_offset 1.0
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @limit_of_plain(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %up_bias = sinter.weight @up_bias_5_21_f32 : tensor<5x21xf32>
  %y = sinter.moe tanh %x route %i, %w up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> up_bias %up_bias : tensor<5x21xf32> limit 0.25
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @weighed_inputs(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %down_bias = sinter.weight @down_bias_5_19_f32 : tensor<5x19xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> down_bias %down_bias : tensor<5x19xf32> weigh_input
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @identities(%x: tensor<?x?x19xf32>, %i: tensor<?x?x3xi32> {sinter.below = 9 : i64}, %w: tensor<?x?x3xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> beta 1.7 identities
    : tensor<?x?x19xf32>, tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @weighed_identities(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 10 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %y = sinter.moe relu2 %x route %i, %w up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> weigh_input identities
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @one_expert(%x: tensor<?x?x19xf32>, %i: tensor<?x?x1xi32> {sinter.below = 1 : i64}, %w: tensor<?x?x1xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_1_21_19_f32 : tensor<1x21x19xf32>
  %d = sinter.weight @down_1_19_21_f32 : tensor<1x19x21xf32>
  %g = sinter.weight @gate_1_21_19_f32 : tensor<1x21x19xf32>
  %y = sinter.moe sigmoid %x route %i, %w gate %g : tensor<1x21x19xf32> up %u : tensor<1x21x19xf32> down %d : tensor<1x19x21xf32>
    : tensor<?x?x19xf32>, tensor<?x?x1xi32>, tensor<?x?x1xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @one_choice(%x: tensor<?x?x16xf32>, %i: tensor<?x?x1xi32> {sinter.below = 8 : i64}, %w: tensor<?x?x1xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x16xf32> {
  %u = sinter.weight @up_8_48_16_f32 : tensor<8x48x16xf32>
  %d = sinter.weight @down_8_16_48_f32 : tensor<8x16x48xf32>
  %g = sinter.weight @gate_8_48_16_f32 : tensor<8x48x16xf32>
  %y = sinter.moe relu %x route %i, %w gate %g : tensor<8x48x16xf32> up %u : tensor<8x48x16xf32> down %d : tensor<8x16x48xf32>
    : tensor<?x?x16xf32>, tensor<?x?x1xi32>, tensor<?x?x1xf32>
  return %y : tensor<?x?x16xf32>
}
func.func @all_chosen(%x: tensor<?x?x33xf32>, %i: tensor<?x?x4xi32> {sinter.below = 4 : i64}, %w: tensor<?x?x4xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x33xf32> {
  %u = sinter.weight @up_4_16_33_f32 : tensor<4x16x33xf32>
  %d = sinter.weight @down_4_33_16_f32 : tensor<4x33x16xf32>
  %g = sinter.weight @gate_4_16_33_f32 : tensor<4x16x33xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<4x16x33xf32> up %u : tensor<4x16x33xf32> down %d : tensor<4x33x16xf32>
    : tensor<?x?x33xf32>, tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %y : tensor<?x?x33xf32>
}
func.func @tiny(%x: tensor<?x?x1xf32>, %i: tensor<?x?x2xi32> {sinter.below = 3 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x1xf32> {
  %u = sinter.weight @up_3_1_1_f32 : tensor<3x1x1xf32>
  %d = sinter.weight @down_3_1_1_f32 : tensor<3x1x1xf32>
  %g = sinter.weight @gate_3_1_1_f32 : tensor<3x1x1xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<3x1x1xf32> up %u : tensor<3x1x1xf32> down %d : tensor<3x1x1xf32>
    : tensor<?x?x1xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x1xf32>
}
func.func @bf16_weights(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_21_19_bf16 : tensor<5x21x19xbf16>
  %d = sinter.weight @down_5_19_21_bf16 : tensor<5x19x21xbf16>
  %g = sinter.weight @gate_5_21_19_bf16 : tensor<5x21x19xbf16>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xbf16> up %u : tensor<5x21x19xbf16> down %d : tensor<5x19x21xbf16>
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @f16_weights(%x: tensor<?x?x19xf32>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf32> {
  %u = sinter.weight @up_5_22_19_f16 : tensor<5x22x19xf16>
  %d = sinter.weight @down_5_19_22_f16 : tensor<5x19x22xf16>
  %g = sinter.weight @gate_5_22_19_f16 : tensor<5x22x19xf16>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x22x19xf16> up %u : tensor<5x22x19xf16> down %d : tensor<5x19x22xf16>
    : tensor<?x?x19xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x19xf32>
}
func.func @bf16_activations(%x: tensor<?x?x19xbf16>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xbf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xbf16> attributes {sinter.tolerance = 2.0e-2 : f64} {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %down_bias = sinter.weight @down_bias_5_19_f32 : tensor<5x19xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> down_bias %down_bias : tensor<5x19xf32>
    : tensor<?x?x19xbf16>, tensor<?x?x2xi32>, tensor<?x?x2xbf16>
  return %y : tensor<?x?x19xbf16>
}
func.func @f16_activations(%x: tensor<?x?x19xf16>, %i: tensor<?x?x2xi32> {sinter.below = 5 : i64}, %w: tensor<?x?x2xf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x19xf16> attributes {sinter.tolerance = 4.0e-3 : f64} {
  %u = sinter.weight @up_5_21_19_f32 : tensor<5x21x19xf32>
  %d = sinter.weight @down_5_19_21_f32 : tensor<5x19x21xf32>
  %g = sinter.weight @gate_5_21_19_f32 : tensor<5x21x19xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<5x21x19xf32> up %u : tensor<5x21x19xf32> down %d : tensor<5x19x21xf32> weigh_input
    : tensor<?x?x19xf16>, tensor<?x?x2xi32>, tensor<?x?x2xf16>
  return %y : tensor<?x?x19xf16>
}
func.func @q8_0(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_96_64_q8_0 : tensor<6x96x64x!sinter.block<q8_0>>
  %d = sinter.weight @down_6_64_96_q8_0 : tensor<6x64x96x!sinter.block<q8_0>>
  %g = sinter.weight @gate_6_96_64_q8_0 : tensor<6x96x64x!sinter.block<q8_0>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x96x64x!sinter.block<q8_0>> up %u : tensor<6x96x64x!sinter.block<q8_0>> down %d : tensor<6x64x96x!sinter.block<q8_0>>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @q4_0(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_96_64_q4_0 : tensor<6x96x64x!sinter.block<q4_0>>
  %d = sinter.weight @down_6_64_96_q4_0 : tensor<6x64x96x!sinter.block<q4_0>>
  %g = sinter.weight @gate_6_96_64_q4_0 : tensor<6x96x64x!sinter.block<q4_0>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x96x64x!sinter.block<q4_0>> up %u : tensor<6x96x64x!sinter.block<q4_0>> down %d : tensor<6x64x96x!sinter.block<q4_0>>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @q4_1(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_96_64_q4_1 : tensor<6x96x64x!sinter.block<q4_1>>
  %d = sinter.weight @down_6_64_96_q4_1 : tensor<6x64x96x!sinter.block<q4_1>>
  %g = sinter.weight @gate_6_96_64_q4_1 : tensor<6x96x64x!sinter.block<q4_1>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x96x64x!sinter.block<q4_1>> up %u : tensor<6x96x64x!sinter.block<q4_1>> down %d : tensor<6x64x96x!sinter.block<q4_1>>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @mixed_blocks(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
  %d = sinter.weight @down_6_64_32_q4_1 : tensor<6x64x32x!sinter.block<q4_1>>
  %g = sinter.weight @gate_6_32_64_q8_0 : tensor<6x32x64x!sinter.block<q8_0>>
  %down_bias = sinter.weight @down_bias_6_64_f32 : tensor<6x64xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x32x64x!sinter.block<q8_0>> up %u : tensor<6x32x64x!sinter.block<q4_0>> down %d : tensor<6x64x32x!sinter.block<q4_1>> down_bias %down_bias : tensor<6x64xf32>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @weighed_blocks(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
  %d = sinter.weight @down_6_64_32_q4_0 : tensor<6x64x32x!sinter.block<q4_0>>
  %g = sinter.weight @gate_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x32x64x!sinter.block<q4_0>> up %u : tensor<6x32x64x!sinter.block<q4_0>> down %d : tensor<6x64x32x!sinter.block<q4_0>> weigh_input
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @blocks_of_bf16(%x: tensor<?x?x64xbf16>, %i: tensor<?x?x3xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x3xbf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xbf16> attributes {sinter.tolerance = 2.0e-2 : f64} {
  %u = sinter.weight @up_6_32_64_q8_0 : tensor<6x32x64x!sinter.block<q8_0>>
  %d = sinter.weight @down_6_64_32_q8_0 : tensor<6x64x32x!sinter.block<q8_0>>
  %g = sinter.weight @gate_6_32_64_q8_0 : tensor<6x32x64x!sinter.block<q8_0>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x32x64x!sinter.block<q8_0>> up %u : tensor<6x32x64x!sinter.block<q8_0>> down %d : tensor<6x64x32x!sinter.block<q8_0>>
    : tensor<?x?x64xbf16>, tensor<?x?x3xi32>, tensor<?x?x3xbf16>
  return %y : tensor<?x?x64xbf16>
}
func.func @blocks_and_floats(%x: tensor<?x?x64xf32>, %i: tensor<?x?x2xi32> {sinter.below = 6 : i64}, %w: tensor<?x?x2xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x64xf32> attributes {sinter.tolerance = 2.0e-4 : f64} {
  %u = sinter.weight @up_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
  %d = sinter.weight @down_6_64_32_f32 : tensor<6x64x32xf32>
  %g = sinter.weight @gate_6_32_64_q4_0 : tensor<6x32x64x!sinter.block<q4_0>>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<6x32x64x!sinter.block<q4_0>> up %u : tensor<6x32x64x!sinter.block<q4_0>> down %d : tensor<6x64x32xf32>
    : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}
