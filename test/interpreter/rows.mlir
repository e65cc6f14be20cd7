// Norms and element-wise functions; expectations were computed apart, from the
// formulas of docs/dialect.md.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// y = x / sqrt(mean(x * x) + eps) * weight.
func.func @test_rms_norm() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.rms_norm %x, %w eps 0.5 : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[1.033697, -0.03504058, -0.9260725], [2.409108, 0.003342998, 0.795156]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// The weight is an offset from 1.
func.func @test_rms_norm_plus_one() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.rms_norm %x, %w eps 0.5 plus_one : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[0.4496874, -1.20306, -0.4254928], [1.04803, 0.1147763, 0.365342]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Without weight the factor is 1.
func.func @test_rms_norm_without_weight() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.rms_norm %x eps 0.5 : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-0.5840097, -1.168019, 0.5005797], [-1.361078, 0.1114333, -0.4298141]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// y = (x - mean) / sqrt(variance + eps) * weight + bias.
func.func @test_layer_norm() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %b = arith.constant dense<[-0.27, -1.72, -1.64]> : tensor<3xf32>
  %y = sinter.layer_norm %x, %w bias %b eps 0.5 : tensor<1x2x3xf32>, tensor<3xf32> bias tensor<3xf32>
  check.almost_eq %y, dense<[[[0.05496672, -1.744786, -3.5081], [1.441565, -1.695697, -1.930256]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// The weight is an offset from 1.
func.func @test_layer_norm_plus_one() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.layer_norm %x, %w eps 0.5 plus_one : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[0.1413697, -0.8509722, -0.8583161], [0.7445789, 0.8343933, -0.1333608]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Without weight and bias.
func.func @test_layer_norm_plain() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.layer_norm %x eps 0.5 : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-0.183597, -0.8261866, 1.009784], [-0.9669856, 0.8100906, 0.156895]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// relu on both sides of zero.
func.func @test_relu() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary relu %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.0, 0.0, 0.0, 1.75]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// relu2 on both sides of zero.
func.func @test_relu2() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary relu2 %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.0, 0.0, 0.0, 3.0625]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// gelu on both sides of zero.
func.func @test_gelu() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary gelu %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.0008142018, -0.1003234, 0.0, 1.679896]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// gelu_tanh on both sides of zero.
func.func @test_gelu_tanh() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary gelu_tanh %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.0006161977, -0.1003246, 0.0, 1.679795]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// gelu_quick on both sides of zero.
func.func @test_gelu_quick() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary gelu_quick %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.009033446, -0.09880035, 0.0, 1.665288]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// silu on both sides of zero.
func.func @test_silu() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary silu %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.1025928, -0.1094559, 0.0, 1.490917]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// sigmoid on both sides of zero.
func.func @test_sigmoid() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary sigmoid %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.02931223, 0.4378235, 0.5, 0.8519528]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// tanh on both sides of zero.
func.func @test_tanh() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 1.75]]> : tensor<1x4xf32>
  %y = sinter.unary tanh %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.9981779, -0.2449187, 0.0, 0.9413755]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// identity on both sides of zero, and far from it.
func.func @test_identity() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary identity %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// softplus on both sides of zero, and far from it.
func.func @test_softplus() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary softplus %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.02975042, 0.5759394, 0.6931472, 7.750431]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// elu on both sides of zero, and far from it.
func.func @test_elu() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary elu %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.9698026, -0.2211992, 0.0, 7.75]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// mish on both sides of zero, and far from it.
func.func @test_mish() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary mish %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.1040958, -0.129927, 0.0, 7.749997]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// relu6 on both sides of zero, and far from it.
func.func @test_relu6() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary relu6 %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.0, 0.0, 0.0, 6.0]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// leaky_relu on both sides of zero, and far from it.
func.func @test_leaky_relu() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary leaky_relu %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[-0.035, -0.0025, 0.0, 7.75]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// hard_swish on both sides of zero, and far from it.
func.func @test_hard_swish() {
  %x = arith.constant dense<[[-3.5, -0.25, 0.0, 7.75]]> : tensor<1x4xf32>
  %y = sinter.unary hard_swish %x : tensor<1x4xf32>
  check.almost_eq %y, dense<[[0.0, -0.1145833, 0.0, 7.75]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// Element by element.
func.func @test_add() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[[[-0.3, 1.31, -1.5], [-1.11, 0.51, 1.79]]]> : tensor<1x2x3xf32>
  %y = sinter.add %x, %z : tensor<1x2x3xf32>, tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-1.0, -0.09, -0.9], [-2.82, 0.65, 1.25]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// rhs is a vector over the last dimension.
func.func @test_add_vector() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.add %x, %z : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[-2.47, -1.37, -1.25], [-3.48, 0.17, -2.39]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Element by element.
func.func @test_sub() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[[[0.31, -0.41, 1.91], [-1.81, 1.43, -0.84]]]> : tensor<1x2x3xf32>
  %y = sinter.sub %x, %z : tensor<1x2x3xf32>, tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-1.01, -0.99, -1.31], [0.1, -1.29, 0.3]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// rhs is a vector over the last dimension.
func.func @test_sub_vector() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.sub %x, %z : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[1.07, -1.43, 2.45], [0.06, 0.11, 1.31]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Element by element.
func.func @test_mul() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[[[-1.42, -1.53, -0.77], [1.26, -1.28, 0.33]]]> : tensor<1x2x3xf32>
  %y = sinter.mul %x, %z : tensor<1x2x3xf32>, tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[0.994, 2.142, -0.462], [-2.1546, -0.1792, -0.1782]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// rhs is a vector over the last dimension.
func.func @test_mul_vector() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %z = arith.constant dense<[-1.77, 0.03, -1.85]> : tensor<3xf32>
  %y = sinter.mul %x, %z : tensor<1x2x3xf32>, tensor<3xf32>
  check.almost_eq %y, dense<[[[1.239, -0.042, -1.11], [3.0267, 0.0042, 0.999]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// y = factor * x.
func.func @test_scale() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.scale %x by -1.5 : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[1.05, 2.1, -0.9], [2.565, -0.21, 0.81]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// The factor is a value.
func.func @test_scale_by() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %f = arith.constant 0.25 : f32
  %y = sinter.scale_by %x, %f : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-0.175, -0.35, 0.15], [-0.4275, 0.035, -0.135]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// y = cap * tanh(x / cap).
func.func @test_soft_cap() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.soft_cap %x by 0.75 : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-0.5491082, -0.7149682, 0.4980276], [-0.7344694, 0.1383963, -0.462682]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// y = min(max(x, low), high).
func.func @test_clamp() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.clamp %x from -0.5 to 0.75 : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-0.5, -0.5, 0.6], [-0.5, 0.14, -0.5]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Logarithm of the softmax over the last dimension.
func.func @test_log_softmax() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %y = sinter.log_softmax %x : tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[-1.642076, -2.342076, -0.3420758], [-2.359137, -0.5091367, -1.189137]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Large values do not overflow.
func.func @test_log_softmax_large() {
  %x = arith.constant dense<[[[1000.0, 1001.0, 999.0]]]> : tensor<1x1x3xf32>
  %y = sinter.log_softmax %x : tensor<1x1x3xf32>
  check.almost_eq %y, dense<[[[-1.407606, -0.407606, -2.407606]]]> : tensor<1x1x3xf32> within 1.0e-4 : tensor<1x1x3xf32>
  return
}

// Weighted sums of parts: the same for all tokens, and their own.
func.func @test_mix() {
  %x = arith.constant dense<[[[[0.5, -1.0], [2.0, 0.25], [1.5, -0.75]]]]> : tensor<1x1x3x2xf32>
  %w = arith.constant dense<[0.5, -1.0, 2.0, 1.0, 0.5, 0.0]> : tensor<6xf32>
  %y = sinter.mix %x by %w : tensor<1x1x3x2xf32>, tensor<6xf32> -> tensor<1x1x2x2xf32>
  check.almost_eq %y, dense<[[[[1.25, -2.25], [1.5, -0.875]]]]> : tensor<1x1x2x2xf32> : tensor<1x1x2x2xf32>
  %z = arith.constant dense<[[[[0.5, -1.0]], [[2.0, 3.0]]]]> : tensor<1x2x1x2xf32>
  %own = arith.constant dense<[[[1.0, 2.0], [-1.0, 0.5]]]> : tensor<1x2x2xf32>
  %s = sinter.mix %z by %own : tensor<1x2x1x2xf32>, tensor<1x2x2xf32> -> tensor<1x2x2x2xf32>
  check.almost_eq %s, dense<[[[[0.5, -1.0], [1.0, -2.0]], [[-2.0, -3.0], [1.0, 1.5]]]]> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  return
}

// A factor for each token.
func.func @test_scale_tokens() {
  %x = arith.constant dense<[[[-0.7, -1.4, 0.6], [-1.71, 0.14, -0.54]]]> : tensor<1x2x3xf32>
  %f = arith.constant dense<[[0.5, -2.0]]> : tensor<1x2xf32>
  %y = sinter.scale_tokens %x by %f : tensor<1x2x3xf32>, tensor<1x2xf32>
  check.almost_eq %y, dense<[[[-0.35, -0.7, 0.3], [3.42, -0.28, 1.08]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}
