// Routers and experts.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// The best two by softmax.
func.func @test_route_softmax() {
  %x = arith.constant dense<[[[1.3, 1.75, -0.45, -0.32], [1.36, 0.1, -0.42, 1.77]]]> : tensor<1x2x4xf32>
  %i, %w = sinter.route %x softmax top_k 2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[1, 0], [3, 0]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.5334423, 0.3401378], [0.5092132, 0.3379395]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// Weights that sum to the factor.
func.func @test_route_normalized() {
  %x = arith.constant dense<[[[1.11, -0.65, -1.04, -0.66], [-0.26, 1.92, 1.22, 1.65]]]> : tensor<1x2x4xf32>
  %i, %w = sinter.route %x softmax top_k 2 normalize factor 2.5 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[0, 1], [1, 3]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[2.133024, 0.3669758], [1.417732, 1.082268]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// A bias counts in the choice, not in the weight.
func.func @test_route_sigmoid_bias() {
  %x = arith.constant dense<[[[1.26, 1.39, -1.79, 0.07], [1.83, 1.74, -1.0, -0.31]]]> : tensor<1x2x4xf32>
  %b = arith.constant dense<[1.0, -1.0, 0.5, 0.0]> : tensor<4xf32>
  %i, %w = sinter.route %x sigmoid bias %b : tensor<4xf32> top_k 2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[0, 2], [0, 2]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.7790261, 0.1430727], [0.8617617, 0.2689414]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// A bias of logits: 1.26 + 0.1 is less than 1.39, 0.779 + 0.1 more than 0.801.
func.func @test_route_by_logits() {
  %x = arith.constant dense<[[[1.26, 1.39, -1.79]]]> : tensor<1x1x3xf32>
  %b = arith.constant dense<[0.1, 0.0, 0.0]> : tensor<3xf32>
  %i, %w = sinter.route %x sigmoid bias %b : tensor<3xf32> top_k 1 by_logits : tensor<1x1x3xf32> -> tensor<1x1x1xi32>, tensor<1x1x1xf32>
  check.eq %i, dense<[[[1]]]> : tensor<1x1x1xi32> : tensor<1x1x1xi32>
  check.almost_eq %w, dense<[[[0.8005922]]]> : tensor<1x1x1xf32> : tensor<1x1x1xf32>
  %j, %v = sinter.route %x sigmoid bias %b : tensor<3xf32> top_k 1 : tensor<1x1x3xf32> -> tensor<1x1x1xi32>, tensor<1x1x1xf32>
  check.eq %j, dense<[[[0]]]> : tensor<1x1x1xi32> : tensor<1x1x1xi32>
  return
}

// Other scores, and factors of experts after all else.
func.func @test_route_gains() {
  %x = arith.constant dense<[[[1.3, 1.75, -0.45, -0.32]]]> : tensor<1x1x4xf32>
  %g = arith.constant dense<[0.5, 2.0, 1.0, 1.0]> : tensor<4xf32>
  %i, %w = sinter.route %x sqrt_softplus gains %g : tensor<4xf32> top_k 2 normalize factor 2.0 : tensor<1x1x4xf32> -> tensor<1x1x2xi32>, tensor<1x1x2xf32>
  check.eq %i, dense<[[[1, 0]]]> : tensor<1x1x2xi32> : tensor<1x1x2xi32>
  check.almost_eq %w, dense<[[[2.1072887, 0.4731778]]]> : tensor<1x1x2xf32> : tensor<1x1x2xf32>
  return
}

// Ids beyond the experts are the token itself; an activation with a beta.
func.func @test_moe_identities() {
  %x = arith.constant dense<[[[0.5, -1.0], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[0, 1], [2, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.6, 0.4]]]> : tensor<1x2x2xf32>
  %u = arith.constant dense<[[[1.0, 2.0], [-1.0, 0.5]]]> : tensor<1x2x2xf32>
  %d = arith.constant dense<[[[1.0, -1.0], [0.5, 2.0]]]> : tensor<1x2x2xf32>
  %y = sinter.moe silu %x route %i, %w up %u : tensor<1x2x2xf32> down %d : tensor<1x2x2xf32> beta 1.5 identities : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[0.154551, -0.5772724], [0.5, -1.0]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// Only the best two of four groups take part.
func.func @test_route_groups() {
  %x = arith.constant dense<[[[0.53, -0.54, 0.12, -1.72, -0.27, 0.02, -1.92, -1.44], [1.88, 1.11, 1.75, 0.53, 1.24, 1.54, 1.54, -1.86]]]> : tensor<1x2x8xf32>
  %i, %w = sinter.route %x softmax top_k 3 groups 4 keep 2 : tensor<1x2x8xf32> -> tensor<1x2x3xi32>, tensor<1x2x3xf32>
  check.eq %i, dense<[[[0, 2, 1], [0, 2, 1]]]> : tensor<1x2x3xi32> : tensor<1x2x3xi32>
  check.almost_eq %w, dense<[[[0.2951914, 0.1959038, 0.1012532], [0.2185823, 0.1919361, 0.1012065]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Groups judged by their two best.
func.func @test_route_best_two() {
  %x = arith.constant dense<[[[0.57, -0.94, 0.71, -0.91, 0.17, 1.7, 0.49, -1.0], [0.08, -0.27, 1.8, -0.85, -0.78, 0.59, -1.52, 0.38]]]> : tensor<1x2x8xf32>
  %i, %w = sinter.route %x sigmoid top_k 2 groups 2 keep 1 by best_two : tensor<1x2x8xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[5, 6], [2, 0]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.8455347, 0.6201064], [0.8581489, 0.5199893]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// Each chosen expert against those that are left, near it alone.
func.func @test_route_successive() {
  %x = arith.constant dense<[[[1.2, 1.0, -0.7, 0.9], [-0.3, -0.35, -0.5, -0.31]]]> : tensor<1x2x4xf32>
  %i0, %w0 = sinter.route %x successive top_k 2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i0, dense<[[[0, 1], [0, 3]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w0, dense<[[[0.3691239, 0.4790371], [0.2659567, 0.3587124]]]> : tensor<1x2x2xf32> within 2.0e-6 : tensor<1x2x2xf32>
  %i1, %w1 = sinter.route %x successive top_k 2 within 0.2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i1, dense<[[[0, 1], [0, 3]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w1, dense<[[[0.549834, 0.5249792], [0.3399881, 0.5099987]]]> : tensor<1x2x2xf32> within 2.0e-6 : tensor<1x2x2xf32>
  %b = arith.constant dense<[0.0, 0.0, 3.0, 0.0]> : tensor<4xf32>
  %i2, %w2 = sinter.route %x successive bias %b : tensor<4xf32> top_k 2 within 0.5 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i2, dense<[[[2, 0], [2, 0]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w2, dense<[[[0.05520935, 0.3906938], [0.217747, 0.3399881]]]> : tensor<1x2x2xf32> within 2.0e-6 : tensor<1x2x2xf32>
  return
}

// Of equals the lower goes first.
func.func @test_route_ties() {
  %x = arith.constant dense<[[[1.0, 2.0, 2.0, 1.0]]]> : tensor<1x1x4xf32>
  %i, %w = sinter.route %x sigmoid top_k 3 : tensor<1x1x4xf32> -> tensor<1x1x3xi32>, tensor<1x1x3xf32>
  check.eq %i, dense<[[[1, 2, 0]]]> : tensor<1x1x3xi32> : tensor<1x1x3xi32>
  return
}

// Two experts for each token, gated; one may come twice.
func.func @test_moe_gated() {
  %x = arith.constant dense<[[[0.43, -0.48], [-0.19, -0.17]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[1.82, 0.06], [-0.93, -0.13], [0.14, -1.41]], [[-1.5, -1.47], [-0.83, -0.37], [-0.85, -1.03]], [[-1.65, 0.19], [1.36, 0.44], [0.28, 0.6]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[-1.2, 0.84], [-0.16, 0.19], [0.45, -0.12]], [[-0.76, -1.03], [-1.11, 0.05], [-0.47, 0.34]], [[-1.95, -0.59], [1.45, -1.05], [0.23, -0.03]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-0.86, 1.95, -0.82], [1.09, -1.37, -1.73]], [[1.49, -0.24, -1.75], [-0.45, -0.24, 0.94]], [[-1.56, -1.1, 1.84], [0.95, -1.38, -0.65]]]> : tensor<3x2x3xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-0.2924487, -0.3460613], [-0.07190633, 0.02431534]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// Without gate.
func.func @test_moe_plain() {
  %x = arith.constant dense<[[[0.43, -0.48], [-0.19, -0.17]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %u = arith.constant dense<[[[-1.2, 0.84], [-0.16, 0.19], [0.45, -0.12]], [[-0.76, -1.03], [-1.11, 0.05], [-0.47, 0.34]], [[-1.95, -0.59], [1.45, -1.05], [0.23, -0.03]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-0.86, 1.95, -0.82], [1.09, -1.37, -1.73]], [[1.49, -0.24, -1.75], [-0.45, -0.24, 0.94]], [[-1.56, -1.1, 1.84], [0.95, -1.38, -0.65]]]> : tensor<3x2x3xf32>
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-0.825309, -1.330797], [-0.186177, 0.0813705]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// With biases, limits and an offset.
func.func @test_moe_biases() {
  %x = arith.constant dense<[[[0.43, -0.48], [-0.19, -0.17]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[1.82, 0.06], [-0.93, -0.13], [0.14, -1.41]], [[-1.5, -1.47], [-0.83, -0.37], [-0.85, -1.03]], [[-1.65, 0.19], [1.36, 0.44], [0.28, 0.6]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[-1.2, 0.84], [-0.16, 0.19], [0.45, -0.12]], [[-0.76, -1.03], [-1.11, 0.05], [-0.47, 0.34]], [[-1.95, -0.59], [1.45, -1.05], [0.23, -0.03]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-0.86, 1.95, -0.82], [1.09, -1.37, -1.73]], [[1.49, -0.24, -1.75], [-0.45, -0.24, 0.94]], [[-1.56, -1.1, 1.84], [0.95, -1.38, -0.65]]]> : tensor<3x2x3xf32>
  %gb = arith.constant dense<[[-0.59, 0.7, 0.47], [1.4, 1.28, 0.07], [0.96, 0.97, 1.04]]> : tensor<3x3xf32>
  %ub = arith.constant dense<[[-0.1, 1.14, 0.83], [1.66, -1.49, 1.48], [-1.98, 1.06, 0.34]]> : tensor<3x3xf32>
  %db = arith.constant dense<[[-0.01, 1.85], [0.29, -0.33], [1.13, 1.49]]> : tensor<3x2xf32>
  %y = sinter.moe gelu_quick %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> gate_bias %gb : tensor<3x3xf32> up_bias %ub : tensor<3x3xf32> down_bias %db : tensor<3x2xf32> limit 1.5 up_offset 1.0 : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-0.4200271, -3.235191], [-2.192262, 0.5813959]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// The weight goes in, not out.
func.func @test_moe_weigh_input() {
  %x = arith.constant dense<[[[0.43, -0.48], [-0.19, -0.17]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[1.82, 0.06], [-0.93, -0.13], [0.14, -1.41]], [[-1.5, -1.47], [-0.83, -0.37], [-0.85, -1.03]], [[-1.65, 0.19], [1.36, 0.44], [0.28, 0.6]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[-1.2, 0.84], [-0.16, 0.19], [0.45, -0.12]], [[-0.76, -1.03], [-1.11, 0.05], [-0.47, 0.34]], [[-1.95, -0.59], [1.45, -1.05], [0.23, -0.03]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-0.86, 1.95, -0.82], [1.09, -1.37, -1.73]], [[1.49, -0.24, -1.75], [-0.45, -0.24, 0.94]], [[-1.56, -1.1, 1.84], [0.95, -1.38, -0.65]]]> : tensor<3x2x3xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> weigh_input : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-0.277528, -0.1377887], [0.1136924, -0.03997762]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}
