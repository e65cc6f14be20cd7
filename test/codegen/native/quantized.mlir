// RUN: sinter-native-test %s 1e-3 1 5,1,1,3 plain
// RUN: sinter-native-test %s 1e-3 2 20,1,1
// RUN: sinter-native-test %s 1e-3 1 5,1 x86-64-v3
// RUN: sinter-native-test %s 1e-1 1 5,1,1,3 quantized
// RUN: sinter-native-test %s 1e-1 2 20,1,1 quantized
// RUN: sinter-native-test %s 1e-1 1 5,1 quantized x86-64-v3
// RUN: sinter-native-test %s 1e-1 1 5,1,37 quantized %if avx512f %{ x86-64-v4,+amx-int8 %} %else %{ x86-64-v2 %}
// RUN: sed 's/!sinter.block<q4_1>/bf16/' %s > %t.bf16.mlir
// RUN: sinter-native-test %t.bf16.mlir 1e-4 1 37 quantized %if avx512f %{ x86-64-v4,+amx-bf16 %} %else %{ x86-64-v2 %}
// Weights in blocks, a table shared with the head, activations as floats and quantized.
sinter.param @embed : tensor<50x64x!sinter.block<q8_0>>
sinter.param @norm layers 2 : tensor<64xf32>
sinter.param @norm2 layers 2 : tensor<64xf32>
sinter.param @q layers 2 : tensor<64x64x!sinter.block<q4_1>>
sinter.param @k layers 2 : tensor<32x64x!sinter.block<q4_1>>
sinter.param @v layers 2 : tensor<32x64x!sinter.block<q4_1>>
sinter.param @o layers 2 : tensor<64x64x!sinter.block<q4_1>>
sinter.param @gate layers 2 : tensor<96x64x!sinter.block<q4_0>>
sinter.param @up layers 2 : tensor<96x64x!sinter.block<q4_0>>
sinter.param @down layers 2 : tensor<64x96x!sinter.block<q8_0>>
sinter.param @final : tensor<64xf32>
func.func private @block(%x: tensor<?x?x64xf32>, %k0: !sinter.cache<2x2x16xf32>, %v0: !sinter.cache<2x2x16xf32>, %layer: index, %past: tensor<?xi32>, %angles: tensor<?x?x8x2xf32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>) {
  %wq = sinter.weight @q[%layer] : tensor<64x64x!sinter.block<q4_1>>
  %wk = sinter.weight @k[%layer] : tensor<32x64x!sinter.block<q4_1>>
  %wv = sinter.weight @v[%layer] : tensor<32x64x!sinter.block<q4_1>>
  %wo = sinter.weight @o[%layer] : tensor<64x64x!sinter.block<q4_1>>
  %wgate = sinter.weight @gate[%layer] : tensor<96x64x!sinter.block<q4_0>>
  %wup = sinter.weight @up[%layer] : tensor<96x64x!sinter.block<q4_0>>
  %wdown = sinter.weight @down[%layer] : tensor<64x96x!sinter.block<q8_0>>
  %wnorm = sinter.weight @norm[%layer] : tensor<64xf32>
  %wnorm2 = sinter.weight @norm2[%layer] : tensor<64xf32>
  %n = sinter.rms_norm %x, %wnorm eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %q = sinter.linear %n, %wq : tensor<?x?x64xf32>, tensor<64x64x!sinter.block<q4_1>> -> tensor<?x?x64xf32>
  %k = sinter.linear %n, %wk : tensor<?x?x64xf32>, tensor<32x64x!sinter.block<q4_1>> -> tensor<?x?x32xf32>
  %v = sinter.linear %n, %wv : tensor<?x?x64xf32>, tensor<32x64x!sinter.block<q4_1>> -> tensor<?x?x32xf32>
  %qh = sinter.reshape %q : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
  %kh = sinter.reshape %k : tensor<?x?x32xf32> -> tensor<?x?x2x16xf32>
  %vh = sinter.reshape %v : tensor<?x?x32xf32> -> tensor<?x?x2x16xf32>
  %qr = sinter.rope %qh, %angles halves : tensor<?x?x4x16xf32>, tensor<?x?x8x2xf32>
  %kr = sinter.rope %kh, %angles halves : tensor<?x?x2x16xf32>, tensor<?x?x8x2xf32>
  %k1 = sinter.append %kr into %k0[%layer] at %past : tensor<?x?x2x16xf32>, !sinter.cache<2x2x16xf32>, tensor<?xi32>
  %v1 = sinter.append %vh into %v0[%layer] at %past : tensor<?x?x2x16xf32>, !sinter.cache<2x2x16xf32>, tensor<?xi32>
  %a = sinter.attention %qr, %k1, %v1[%layer] past %past : tensor<?xi32> scale 0.25 causal : tensor<?x?x4x16xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32> -> tensor<?x?x4x16xf32>
  %ar = sinter.reshape %a : tensor<?x?x4x16xf32> -> tensor<?x?x64xf32>
  %o = sinter.linear %ar, %wo : tensor<?x?x64xf32>, tensor<64x64x!sinter.block<q4_1>> -> tensor<?x?x64xf32>
  %h = sinter.add %o, %x : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %n2 = sinter.rms_norm %h, %wnorm2 eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %g = sinter.linear %n2, %wgate : tensor<?x?x64xf32>, tensor<96x64x!sinter.block<q4_0>> -> tensor<?x?x96xf32>
  %u = sinter.linear %n2, %wup : tensor<?x?x64xf32>, tensor<96x64x!sinter.block<q4_0>> -> tensor<?x?x96xf32>
  %s = sinter.unary silu %g : tensor<?x?x96xf32>
  %m = sinter.mul %s, %u : tensor<?x?x96xf32>, tensor<?x?x96xf32>
  %d = sinter.linear %m, %wdown : tensor<?x?x96xf32>, tensor<64x96x!sinter.block<q8_0>> -> tensor<?x?x64xf32>
  %y = sinter.add %d, %h : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  return %y, %k1, %v1 : tensor<?x?x64xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>
}
func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %past: tensor<?xi32> {sinter.name = "past"}, %last: index {sinter.name = "last"}, %k0: !sinter.cache<2x2x16xf32> {sinter.name = "keys"}, %v0: !sinter.cache<2x2x16xf32> {sinter.name = "values"}) -> (tensor<?x?x50xf32> {sinter.name = "logits"}, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>) {
  %p = sinter.positions %past, %ids : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %f = arith.constant dense<[1.000000000e+00, 3.162277660e-01, 1.000000000e-01, 3.162277660e-02, 1.000000000e-02, 3.162277660e-03, 1.000000000e-03, 3.162277660e-04]> : tensor<8xf32>
  %angles = sinter.rope_angles %p, %f : tensor<?x?xi32>, tensor<8xf32> -> tensor<?x?x8x2xf32>
  %wembed = sinter.weight @embed : tensor<50x64x!sinter.block<q8_0>>
  %x = sinter.embed %ids, %wembed : tensor<?x?xi32>, tensor<50x64x!sinter.block<q8_0>> -> tensor<?x?x64xf32>
  %y, %k1, %v1 = sinter.stack [@block] layers [0, 0] carry(%x, %k0, %v0) with(%past, %angles) : (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>), (tensor<?xi32>, tensor<?x?x8x2xf32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>)
  %t = sinter.last %y, %last : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  %wfinal = sinter.weight @final : tensor<64xf32>
  %nf = sinter.rms_norm %t, %wfinal eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %logits = sinter.linear %nf, %wembed : tensor<?x?x64xf32>, tensor<50x64x!sinter.block<q8_0>> -> tensor<?x?x50xf32>
  return %logits, %k1, %v1 : tensor<?x?x50xf32>, !sinter.cache<2x2x16xf32>, !sinter.cache<2x2x16xf32>
}
