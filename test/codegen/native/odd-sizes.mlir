// RUN: sinter-native-test %s 1e-5 1 5,1,1,3 plain
// RUN: sinter-native-test %s 1e-5 2 17,1
// RUN: sinter-native-test %s 1e-5 1 70,1
// RUN: sinter-native-test %s 1e-5 1 6,1 x86-64-v3
// No size is a multiple of a vector; one feature of a head does not rotate.
sinter.param @embed : tensor<23x37xf32>
sinter.param @norm layers 3 : tensor<37xf32>
sinter.param @norm2 layers 3 : tensor<37xf32>
sinter.param @q layers 3 : tensor<21x37xf32>
sinter.param @k layers 3 : tensor<7x37xf32>
sinter.param @v layers 3 : tensor<7x37xf32>
sinter.param @o layers 3 : tensor<37x21xf32>
sinter.param @gate layers 3 : tensor<29x37xf32>
sinter.param @up layers 3 : tensor<29x37xf32>
sinter.param @down layers 3 : tensor<37x29xf32>
sinter.param @final : tensor<37xf32>
func.func private @block(%x: tensor<?x?x37xf32>, %k0: !sinter.cache<3x1x7xf32>, %v0: !sinter.cache<3x1x7xf32>, %layer: index, %past: tensor<?xi32>, %angles: tensor<?x?x3x2xf32>) -> (tensor<?x?x37xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>) {
  %wq = sinter.weight @q[%layer] : tensor<21x37xf32>
  %wk = sinter.weight @k[%layer] : tensor<7x37xf32>
  %wv = sinter.weight @v[%layer] : tensor<7x37xf32>
  %wo = sinter.weight @o[%layer] : tensor<37x21xf32>
  %wgate = sinter.weight @gate[%layer] : tensor<29x37xf32>
  %wup = sinter.weight @up[%layer] : tensor<29x37xf32>
  %wdown = sinter.weight @down[%layer] : tensor<37x29xf32>
  %wnorm = sinter.weight @norm[%layer] : tensor<37xf32>
  %wnorm2 = sinter.weight @norm2[%layer] : tensor<37xf32>
  %n = sinter.rms_norm %x, %wnorm eps 1.0e-5 : tensor<?x?x37xf32>, tensor<37xf32>
  %q = sinter.linear %n, %wq : tensor<?x?x37xf32>, tensor<21x37xf32> -> tensor<?x?x21xf32>
  %k = sinter.linear %n, %wk : tensor<?x?x37xf32>, tensor<7x37xf32> -> tensor<?x?x7xf32>
  %v = sinter.linear %n, %wv : tensor<?x?x37xf32>, tensor<7x37xf32> -> tensor<?x?x7xf32>
  %qh = sinter.reshape %q : tensor<?x?x21xf32> -> tensor<?x?x3x7xf32>
  %kh = sinter.reshape %k : tensor<?x?x7xf32> -> tensor<?x?x1x7xf32>
  %vh = sinter.reshape %v : tensor<?x?x7xf32> -> tensor<?x?x1x7xf32>
  %qr = sinter.rope %qh, %angles halves : tensor<?x?x3x7xf32>, tensor<?x?x3x2xf32>
  %kr = sinter.rope %kh, %angles halves : tensor<?x?x1x7xf32>, tensor<?x?x3x2xf32>
  %k1 = sinter.append %kr into %k0[%layer] at %past : tensor<?x?x1x7xf32>, !sinter.cache<3x1x7xf32>, tensor<?xi32>
  %v1 = sinter.append %vh into %v0[%layer] at %past : tensor<?x?x1x7xf32>, !sinter.cache<3x1x7xf32>, tensor<?xi32>
  %a = sinter.attention %qr, %k1, %v1[%layer] past %past : tensor<?xi32> scale 0.377964 causal : tensor<?x?x3x7xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32> -> tensor<?x?x3x7xf32>
  %ar = sinter.reshape %a : tensor<?x?x3x7xf32> -> tensor<?x?x21xf32>
  %o = sinter.linear %ar, %wo : tensor<?x?x21xf32>, tensor<37x21xf32> -> tensor<?x?x37xf32>
  %h = sinter.add %o, %x : tensor<?x?x37xf32>, tensor<?x?x37xf32>
  %n2 = sinter.rms_norm %h, %wnorm2 eps 1.0e-5 : tensor<?x?x37xf32>, tensor<37xf32>
  %g = sinter.linear %n2, %wgate : tensor<?x?x37xf32>, tensor<29x37xf32> -> tensor<?x?x29xf32>
  %u = sinter.linear %n2, %wup : tensor<?x?x37xf32>, tensor<29x37xf32> -> tensor<?x?x29xf32>
  %s = sinter.unary silu %g : tensor<?x?x29xf32>
  %m = sinter.mul %s, %u : tensor<?x?x29xf32>, tensor<?x?x29xf32>
  %d = sinter.linear %m, %wdown : tensor<?x?x29xf32>, tensor<37x29xf32> -> tensor<?x?x37xf32>
  %y = sinter.add %d, %h : tensor<?x?x37xf32>, tensor<?x?x37xf32>
  return %y, %k1, %v1 : tensor<?x?x37xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>
}
func.func @forward(%ids: tensor<?x?xi32> {sinter.name = "input_ids"}, %past: tensor<?xi32> {sinter.name = "past"}, %last: index {sinter.name = "last"}, %k0: !sinter.cache<3x1x7xf32> {sinter.name = "keys"}, %v0: !sinter.cache<3x1x7xf32> {sinter.name = "values"}) -> (tensor<?x?x23xf32> {sinter.name = "logits"}, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>) {
  %p = sinter.positions %past, %ids : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
  %f = arith.constant dense<[1.000000000e+00, 4.641588834e-02, 2.154434690e-03]> : tensor<3xf32>
  %angles = sinter.rope_angles %p, %f : tensor<?x?xi32>, tensor<3xf32> -> tensor<?x?x3x2xf32>
  %wembed = sinter.weight @embed : tensor<23x37xf32>
  %x = sinter.embed %ids, %wembed : tensor<?x?xi32>, tensor<23x37xf32> -> tensor<?x?x37xf32>
  %y, %k1, %v1 = sinter.stack [@block] layers [0, 0, 0] carry(%x, %k0, %v0) with(%past, %angles) : (tensor<?x?x37xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>), (tensor<?xi32>, tensor<?x?x3x2xf32>) -> (tensor<?x?x37xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>)
  %t = sinter.last %y, %last : tensor<?x?x37xf32> -> tensor<?x?x37xf32>
  %wfinal = sinter.weight @final : tensor<37xf32>
  %nf = sinter.rms_norm %t, %wfinal eps 1.0e-5 : tensor<?x?x37xf32>, tensor<37xf32>
  %logits = sinter.linear %nf, %wembed : tensor<?x?x37xf32>, tensor<23x37xf32> -> tensor<?x?x23xf32>
  return %logits, %k1, %v1 : tensor<?x?x23xf32>, !sinter.cache<3x1x7xf32>, !sinter.cache<3x1x7xf32>
}
