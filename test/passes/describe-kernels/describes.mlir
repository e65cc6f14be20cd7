// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-describe-kernels | FileCheck %s

// What each kernel has to do, counted by hand.

// CHECK: sinter.kernels = [

// 64 features, read and written: 2 * 256 bytes; the weight is 256.
// CHECK-SAME: {flops = 64 : i64, function = "layer", kind = "rows", memory = 256 : i64, memory_row = 0 : i64, name = "rms_norm (attention.norm)", near_row = 512 : i64, rows = "N", unit = "f32"}

// 2 * 64 * (64 + 32) FLOPs; blocks of 32 take 34 bytes; 64 in, 96 out.
// CHECK-SAME: {flops = 12288 : i64, function = "layer", kind = "linear", memory = 6528 : i64, memory_row = 0 : i64, name = "attention.q+k", near_row = 640 : i64, rows = "N", unit = "f32"}

// Two caches of 2 heads of 16 halves: 64 bytes each and token.
// CHECK-SAME: {flops = 0 : i64, function = "layer", kind = "rows", memory = 0 : i64, memory_row = 128 : i64, name = "append"

// 4 heads of 16: 2 * 4 * (16 + 16) FLOPs a pair; windows of two layers.
// CHECK-SAME: key_bytes = 128 : i64, kind = "attention", mask = "causal", memory = 0 : i64, memory_row = 0 : i64, name = "attention", near_row = 512 : i64, pair_flops = 256 : i64, past = "past", rows = "N", unit = "f32", windows = [7, 0]}

// A table is touched by the row.
// CHECK-SAME: {flops = 64 : i64, function = "forward", kind = "rows", memory = 0 : i64, memory_row = 256 : i64, name = "embed (table)"
// Positions with logits only.
// CHECK-SAME: {flops = 1280 : i64, function = "forward", kind = "linear", memory = 2560 : i64, memory_row = 0 : i64, name = "table", near_row = 296 : i64, rows = "L", unit = "f32"}

// Two of 8 experts of 3 matrices for each token.
// CHECK-SAME: {chosen = 2 : i64, expert_bytes = 122880 : i64, experts = 8 : i64, flops = 122880 : i64, function = "experts", kind = "moe", memory = 0 : i64, memory_row = 0 : i64, name = "ffn.gate+up+down", near_row = 512 : i64, rows = "N", unit = "f32"}

// CHECK: sinter.fused {
// CHECK: sinter.kernel = 0 : i64
func.func private @layer(%x: tensor<?x?x64xf32>, %kc: !sinter.cache<2x2x16xf16>, %vc: !sinter.cache<2x2x16xf16>, %layer: index,
                         %past: tensor<?xi32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>) {
  %norm = sinter.weight @layer.attention.norm[%layer] : tensor<64xf32>
  %n = sinter.rms_norm %x, %norm eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %q, %k = sinter.fused {
    %wq = sinter.weight @layer.attention.q[%layer] : tensor<64x64x!sinter.block<q8_0>>
    %wk = sinter.weight @layer.attention.k[%layer] : tensor<32x64x!sinter.block<q8_0>>
    %a = sinter.linear %n, %wq : tensor<?x?x64xf32>, tensor<64x64x!sinter.block<q8_0>> -> tensor<?x?x64xf32>
    %b = sinter.linear %n, %wk : tensor<?x?x64xf32>, tensor<32x64x!sinter.block<q8_0>> -> tensor<?x?x32xf32>
    sinter.yield %a, %b : tensor<?x?x64xf32>, tensor<?x?x32xf32>
  } : tensor<?x?x64xf32>, tensor<?x?x32xf32>
  %qh = sinter.reshape %q : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %kh = sinter.reshape %k : tensor<?x?x32xf32> -> tensor<?x?x2x16xf32>
  %k1, %v1 = sinter.fused {
    %a = sinter.append %kh into %kc[%layer] at %past : tensor<?x?x2x16xf32>, !sinter.cache<2x2x16xf16>, tensor<?xi32>
    %b = sinter.append %kh into %vc[%layer] at %past : tensor<?x?x2x16xf32>, !sinter.cache<2x2x16xf16>, tensor<?xi32>
    sinter.yield %a, %b : !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>
  } : !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>
  %w = sinter.layer_value @window[%layer] : index
  %o = sinter.attention %qh, %k1, %v1[%layer] past %past : tensor<?xi32> window %w scale 0.25 causal
      : tensor<?x?x4x16xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16> -> tensor<?x?x4x16xf32>
  %y = sinter.reshape %o : tensor<?x?x4x16xf32> -> tensor<?x?x64xf32>
  return %y, %k1, %v1 : tensor<?x?x64xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>
}

func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %before: tensor<?xi32> {sinter.name = "past"},
                   %last: index {sinter.name = "last"}, %k: !sinter.cache<2x2x16xf16> {sinter.name = "keys"},
                   %v: !sinter.cache<2x2x16xf16> {sinter.name = "values"})
    -> (tensor<?x?x10xf32> {sinter.name = "logits"}, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>) {
  %t = sinter.weight @table : tensor<10x64xf32>
  %x = sinter.embed %ids, %t : tensor<?x?xi32>, tensor<10x64xf32> -> tensor<?x?x64xf32>
  %y, %k1, %v1 = sinter.stack [@layer] layers [0, 0] carry(%x, %k, %v) with(%before)
      : (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>), (tensor<?xi32>)
      -> (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>)
  %z = sinter.last %y, %last : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  %logits = sinter.linear %z, %t : tensor<?x?x64xf32>, tensor<10x64xf32> -> tensor<?x?x10xf32>
  return %logits, %k1, %v1 : tensor<?x?x10xf32>, !sinter.cache<2x2x16xf16>, !sinter.cache<2x2x16xf16>
}

func.func private @experts(%x: tensor<?x?x64xf32>, %layer: index, %ids: tensor<?x?x2xi32>, %weights: tensor<?x?x2xf32>) -> tensor<?x?x64xf32> {
  %g = sinter.weight @ffn.gate : tensor<8x160x64xf32>
  %u = sinter.weight @ffn.up : tensor<8x160x64xf32>
  %d = sinter.weight @ffn.down : tensor<8x64x160xf32>
  %y = sinter.moe silu %x route %ids, %weights gate %g : tensor<8x160x64xf32> up %u : tensor<8x160x64xf32> down %d : tensor<8x64x160xf32>
      : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x64xf32>
}

sinter.param @layer.attention.norm layers 2 : tensor<64xf32>
sinter.param @layer.attention.q layers 2 : tensor<64x64x!sinter.block<q8_0>>
sinter.param @layer.attention.k layers 2 : tensor<32x64x!sinter.block<q8_0>>
sinter.layer_table @window = [7, 0] : index
sinter.param @table : tensor<10x64xf32>
sinter.param @ffn.gate : tensor<8x160x64xf32>
sinter.param @ffn.up : tensor<8x160x64xf32>
sinter.param @ffn.down : tensor<8x64x160xf32>
