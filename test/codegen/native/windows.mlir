// RUN: sinter-native-test %s 2e-2 1 5,1,1,30 plain
// RUN: sinter-native-test %s 2e-2 2 33,1
// RUN: sinter-native-test %s 2e-2 1 90,1,1
// Windows on some layers, capped scores, norms of heads, partial rotation, bf16 caches.
sinter.param @embed : tensor<50x64xf32>
sinter.param @norm layers 2 : tensor<64xf32>
sinter.param @norm2 layers 2 : tensor<64xf32>
sinter.param @q layers 2 : tensor<96x64xf32>
sinter.param @k layers 2 : tensor<48x64xf32>
sinter.param @v layers 2 : tensor<48x64xf32>
sinter.param @o layers 2 : tensor<64x96xf32>
sinter.param @gate layers 2 : tensor<96x64xf32>
sinter.param @up layers 2 : tensor<96x64xf32>
sinter.param @down layers 2 : tensor<64x96xf32>
sinter.param @qnorm layers 2 : tensor<24xf32>
sinter.param @final : tensor<64xf32>
sinter.layer_table @window = [5, 0] : index
func.func private @block(%x: tensor<?x?x64xf32>, %k0: !sinter.cache<2x2x24xbf16>, %v0: !sinter.cache<2x2x24xbf16>, %layer: index, %past: tensor<?xi32>, %angles: tensor<?x?x6x2xf32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>) {
  %wq = sinter.weight @q[%layer] : tensor<96x64xf32>
  %wk = sinter.weight @k[%layer] : tensor<48x64xf32>
  %wv = sinter.weight @v[%layer] : tensor<48x64xf32>
  %wo = sinter.weight @o[%layer] : tensor<64x96xf32>
  %wgate = sinter.weight @gate[%layer] : tensor<96x64xf32>
  %wup = sinter.weight @up[%layer] : tensor<96x64xf32>
  %wdown = sinter.weight @down[%layer] : tensor<64x96xf32>
  %wnorm = sinter.weight @norm[%layer] : tensor<64xf32>
  %wnorm2 = sinter.weight @norm2[%layer] : tensor<64xf32>
  %n = sinter.rms_norm %x, %wnorm eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %q = sinter.linear %n, %wq : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %k = sinter.linear %n, %wk : tensor<?x?x64xf32>, tensor<48x64xf32> -> tensor<?x?x48xf32>
  %v = sinter.linear %n, %wv : tensor<?x?x64xf32>, tensor<48x64xf32> -> tensor<?x?x48xf32>
  %qh = sinter.reshape %q : tensor<?x?x96xf32> -> tensor<?x?x4x24xf32>
  %kh = sinter.reshape %k : tensor<?x?x48xf32> -> tensor<?x?x2x24xf32>
  %vh = sinter.reshape %v : tensor<?x?x48xf32> -> tensor<?x?x2x24xf32>
  %wqn = sinter.weight @qnorm[%layer] : tensor<24xf32>
  %qn = sinter.rms_norm %qh, %wqn eps 1.0e-6 : tensor<?x?x4x24xf32>, tensor<24xf32>
  %kn = sinter.rms_norm %kh, %wqn eps 1.0e-6 : tensor<?x?x2x24xf32>, tensor<24xf32>
  %qr = sinter.rope %qn, %angles neighbours offset 4 : tensor<?x?x4x24xf32>, tensor<?x?x6x2xf32>
  %kr = sinter.rope %kn, %angles neighbours offset 4 : tensor<?x?x2x24xf32>, tensor<?x?x6x2xf32>
  %k1 = sinter.append %kr into %k0[%layer] at %past : tensor<?x?x2x24xf32>, !sinter.cache<2x2x24xbf16>, tensor<?xi32>
  %v1 = sinter.append %vh into %v0[%layer] at %past : tensor<?x?x2x24xf32>, !sinter.cache<2x2x24xbf16>, tensor<?xi32>
  %win = sinter.layer_value @window[%layer] : index
  %a = sinter.attention %qr, %k1, %v1[%layer] past %past : tensor<?xi32> window %win scale 0.204124 causal soft_cap 3.0 : tensor<?x?x4x24xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16> -> tensor<?x?x4x24xf32>
  %ar = sinter.reshape %a : tensor<?x?x4x24xf32> -> tensor<?x?x96xf32>
  %o = sinter.linear %ar, %wo : tensor<?x?x96xf32>, tensor<64x96xf32> -> tensor<?x?x64xf32>
  %h = sinter.add %o, %x : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %n2 = sinter.rms_norm %h, %wnorm2 eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %g = sinter.linear %n2, %wgate : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %u = sinter.linear %n2, %wup : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %s = sinter.unary gelu_tanh %g : tensor<?x?x96xf32>
  %m = sinter.mul %s, %u : tensor<?x?x96xf32>, tensor<?x?x96xf32>
  %d = sinter.linear %m, %wdown : tensor<?x?x96xf32>, tensor<64x96xf32> -> tensor<?x?x64xf32>
  %y = sinter.add %d, %h : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  return %y, %k1, %v1 : tensor<?x?x64xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>
}
func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %past: tensor<?xi32> {sinter.name = "past"}, %last: index {sinter.name = "last"}, %k0: !sinter.cache<2x2x24xbf16> {sinter.name = "keys"}, %v0: !sinter.cache<2x2x24xbf16> {sinter.name = "values"}) -> (tensor<?x?x50xf32> {sinter.name = "logits"}, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>) {
  %p = sinter.positions %past, %ids : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %f = arith.constant dense<[1.000000000e+00, 2.154434690e-01, 4.641588834e-02, 1.000000000e-02, 2.154434690e-03, 4.641588834e-04]> : tensor<6xf32>
  %angles = sinter.rope_angles %p, %f : tensor<?x?xi32>, tensor<6xf32> -> tensor<?x?x6x2xf32>
  %wembed = sinter.weight @embed : tensor<50x64xf32>
  %x = sinter.embed %ids, %wembed : tensor<?x?xi32>, tensor<50x64xf32> -> tensor<?x?x64xf32>
  %y, %k1, %v1 = sinter.stack [@block] layers [0, 0] carry(%x, %k0, %v0) with(%past, %angles) : (tensor<?x?x64xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>), (tensor<?xi32>, tensor<?x?x6x2xf32>) -> (tensor<?x?x64xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>)
  %t = sinter.last %y, %last : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
  %wfinal = sinter.weight @final : tensor<64xf32>
  %nf = sinter.rms_norm %t, %wfinal eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
  %logits = sinter.linear %nf, %wembed : tensor<?x?x64xf32>, tensor<50x64xf32> -> tensor<?x?x50xf32>
  return %logits, %k1, %v1 : tensor<?x?x50xf32>, !sinter.cache<2x2x24xbf16>, !sinter.cache<2x2x24xbf16>
}
