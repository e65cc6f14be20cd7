// Routers and experts.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// The best two by softmax.
func.func @test_route_softmax() {
  %x = arith.constant dense<[[[1.58, -1.77, 0.91, -0.83], [1.91, -1.94, 1.23, -0.64]]]> : tensor<1x2x4xf32>
  %i, %w = sinter.route %x softmax top_k 2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[0, 2], [0, 2]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.6110198, 0.3126641], [0.6226734, 0.3154569]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// Weights that sum to the factor.
func.func @test_route_normalized() {
  %x = arith.constant dense<[[[-1.44, -1.99, 1.33, 0.11], [-1.26, -0.26, 1.65, -1.13]]]> : tensor<1x2x4xf32>
  %i, %w = sinter.route %x softmax top_k 2 normalize factor 2.5 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[2, 3], [2, 1]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[1.930159, 0.5698411], [2.177548, 0.3224521]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// A bias counts in the choice, not in the weight.
func.func @test_route_sigmoid_bias() {
  %x = arith.constant dense<[[[0.29, -1.45, -1.28, 1.08], [0.85, -1.21, -1.68, -1.65]]]> : tensor<1x2x4xf32>
  %b = arith.constant dense<[1.0, -1.0, 0.5, 0.0]> : tensor<4xf32>
  %i, %w = sinter.route %x sigmoid bias %b : tensor<4xf32> top_k 2 : tensor<1x2x4xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[0, 3], [0, 2]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.5719961, 0.746494], [0.7005671, 0.1570955]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  return
}

// Only the best two of four groups take part.
func.func @test_route_groups() {
  %x = arith.constant dense<[[[0.43, -0.02, -0.9, -1.18, 0.45, 0.83, 1.25, 0.33], [-1.19, -1.74, 0.93, -0.37, 0.89, -1.78, 1.24, -0.66]]]> : tensor<1x2x8xf32>
  %i, %w = sinter.route %x softmax top_k 3 groups 4 keep 2 : tensor<1x2x8xf32> -> tensor<1x2x3xi32>, tensor<1x2x3xf32>
  check.eq %i, dense<[[[6, 5, 4], [6, 2, 3]]]> : tensor<1x2x3xi32> : tensor<1x2x3xi32>
  check.almost_eq %w, dense<[[[0.2914875, 0.1915209, 0.1309738], [0.3361094, 0.2465184, 0.0671841]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Groups judged by their two best.
func.func @test_route_best_two() {
  %x = arith.constant dense<[[[1.37, 1.46, -0.03, -1.94, 1.64, -0.09, 1.49, -0.93], [-1.26, 1.33, -0.53, -1.35, -0.52, 0.38, -1.98, 0.08]]]> : tensor<1x2x8xf32>
  %i, %w = sinter.route %x sigmoid top_k 2 groups 2 keep 1 by best_two : tensor<1x2x8xf32> -> tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.eq %i, dense<[[[4, 6], [1, 2]]]> : tensor<1x2x2xi32> : tensor<1x2x2xi32>
  check.almost_eq %w, dense<[[[0.8375349, 0.8160783], [0.7908406, 0.3705169]]]> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
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
  %x = arith.constant dense<[[[-0.27, 0.02], [-1.92, -1.44]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[-0.22, 0.06], [-1.52, 0.86], [1.27, 1.46]], [[-0.72, 0.84], [-0.47, 1.01], [-1.76, 1.49]], [[1.82, -0.02], [0.05, 0.12], [0.15, -1.92]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[1.87, -1.11], [-1.27, -1.59], [-1.0, 1.27]], [[-1.88, -1.61], [0.8, -1.22], [-1.93, 0.4]], [[0.31, 0.09], [0.81, -1.59], [1.48, 0.87]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-1.82, -1.51, -0.03], [0.0, -0.88, -1.51]], [[-0.38, -1.45, 0.37], [1.44, -1.41, 0.29]], [[0.99, -1.34, 1.3], [1.75, -0.45, -0.32]]]> : tensor<3x2x3xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[0.001464197, 0.01317335], [-0.4797172, -0.8654835]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// Without gate.
func.func @test_moe_plain() {
  %x = arith.constant dense<[[[-0.27, 0.02], [-1.92, -1.44]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %u = arith.constant dense<[[[1.87, -1.11], [-1.27, -1.59], [-1.0, 1.27]], [[-1.88, -1.61], [0.8, -1.22], [-1.93, 0.4]], [[0.31, 0.09], [0.81, -1.59], [1.48, 0.87]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-1.82, -1.51, -0.03], [0.0, -0.88, -1.51]], [[-0.38, -1.45, 0.37], [1.44, -1.41, 0.29]], [[0.99, -1.34, 1.3], [1.75, -0.45, -0.32]]]> : tensor<3x2x3xf32>
  %y = sinter.moe relu %x route %i, %w up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-0.1196558, -0.1799555], [0.707424, -4.566288]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// With biases, limits and an offset.
func.func @test_moe_biases() {
  %x = arith.constant dense<[[[-0.27, 0.02], [-1.92, -1.44]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[-0.22, 0.06], [-1.52, 0.86], [1.27, 1.46]], [[-0.72, 0.84], [-0.47, 1.01], [-1.76, 1.49]], [[1.82, -0.02], [0.05, 0.12], [0.15, -1.92]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[1.87, -1.11], [-1.27, -1.59], [-1.0, 1.27]], [[-1.88, -1.61], [0.8, -1.22], [-1.93, 0.4]], [[0.31, 0.09], [0.81, -1.59], [1.48, 0.87]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-1.82, -1.51, -0.03], [0.0, -0.88, -1.51]], [[-0.38, -1.45, 0.37], [1.44, -1.41, 0.29]], [[0.99, -1.34, 1.3], [1.75, -0.45, -0.32]]]> : tensor<3x2x3xf32>
  %gb = arith.constant dense<[[1.36, 0.1, -0.42], [1.77, 1.11, -0.65], [-1.04, -0.66, -0.26]]> : tensor<3x3xf32>
  %ub = arith.constant dense<[[1.92, 1.22, 1.65], [1.26, 1.39, -1.79], [0.07, 1.83, 1.74]]> : tensor<3x3xf32>
  %db = arith.constant dense<[[-1.0, -0.31], [0.53, -0.54], [0.12, -1.72]]> : tensor<3x2xf32>
  %y = sinter.moe gelu_quick %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> gate_bias %gb : tensor<3x3xf32> up_bias %ub : tensor<3x3xf32> down_bias %db : tensor<3x2xf32> limit 1.5 up_offset 1.0 : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[-1.880372, -1.349813], [0.9409701, -1.670324]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}

// The weight goes in, not out.
func.func @test_moe_weigh_input() {
  %x = arith.constant dense<[[[-0.27, 0.02], [-1.92, -1.44]]]> : tensor<1x2x2xf32>
  %i = arith.constant dense<[[[2, 0], [1, 1]]]> : tensor<1x2x2xi32>
  %w = arith.constant dense<[[[0.75, 0.25], [0.5, -1.0]]]> : tensor<1x2x2xf32>
  %g = arith.constant dense<[[[-0.22, 0.06], [-1.52, 0.86], [1.27, 1.46]], [[-0.72, 0.84], [-0.47, 1.01], [-1.76, 1.49]], [[1.82, -0.02], [0.05, 0.12], [0.15, -1.92]]]> : tensor<3x3x2xf32>
  %u = arith.constant dense<[[[1.87, -1.11], [-1.27, -1.59], [-1.0, 1.27]], [[-1.88, -1.61], [0.8, -1.22], [-1.93, 0.4]], [[0.31, 0.09], [0.81, -1.59], [1.48, 0.87]]]> : tensor<3x3x2xf32>
  %d = arith.constant dense<[[[-1.82, -1.51, -0.03], [0.0, -0.88, -1.51]], [[-0.38, -1.45, 0.37], [1.44, -1.41, 0.29]], [[0.99, -1.34, 1.3], [1.75, -0.45, -0.32]]]> : tensor<3x2x3xf32>
  %y = sinter.moe silu %x route %i, %w gate %g : tensor<3x3x2xf32> up %u : tensor<3x3x2xf32> down %d : tensor<3x2x3xf32> weigh_input : tensor<1x2x2xf32>, tensor<1x2x2xi32>, tensor<1x2x2xf32>
  check.almost_eq %y, dense<[[[0.01412735, 0.01357289], [0.4567324, 1.42823]]]> : tensor<1x2x2xf32> within 4.0e-6 : tensor<1x2x2xf32>
  return
}
