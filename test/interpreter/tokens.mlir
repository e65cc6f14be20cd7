// Positions, rotations and pooling.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// Tokens before this call, plus the index, plus the offset.
func.func @test_positions() {
  %past = arith.constant dense<[5, 0]> : tensor<2xi32>
  %i = arith.constant dense<[[0, 0, 0], [0, 0, 0]]> : tensor<2x3xi32>
  %p = sinter.positions %past, %i offset 2 : tensor<2xi32>, tensor<2x3xi32> -> tensor<2x3xi32>
  check.eq %p, dense<[[7, 8, 9], [2, 3, 4]]> : tensor<2x3xi32> : tensor<2x3xi32>
  return
}

// Cosine and sine of position times frequency.
func.func @test_rope_angles() {
  %p = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %f = arith.constant dense<[1.0, 0.25]> : tensor<2xf32>
  %a = sinter.rope_angles %p, %f scale 1.5 : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x2x2xf32>
  check.almost_eq %a, dense<[[[[1.5, 0.0], [1.5, 0.0]], [[-1.484989, 0.21168], [1.097533, 1.022458]]]]> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  return
}

// Each sequence has its frequencies.
func.func @test_rope_angles_by_sequence() {
  %p = arith.constant dense<[[3], [3]]> : tensor<2x1xi32>
  %f = arith.constant dense<[[1.0, 0.25], [0.5, 0.125]]> : tensor<2x2xf32>
  %a = sinter.rope_angles %p, %f : tensor<2x1xi32>, tensor<2x2xf32> -> tensor<2x1x2x2xf32>
  check.almost_eq %a, dense<[[[[-0.9899925, 0.14112], [0.7316889, 0.6816388]]], [[[0.0707372, 0.997495], [0.9305076, 0.3662725]]]]> : tensor<2x1x2x2xf32> : tensor<2x1x2x2xf32>
  return
}

// Two pairs of five features rotate, from feature 0 on.
func.func @test_rope_halves_0() {
  %x = arith.constant dense<[[[[-0.39, 1.79, 0.9, -1.32, -1.49], [-1.4, 1.62, 1.23, -1.42, 1.31]], [[1.92, 0.63, -0.6, 0.19, -1.48], [-1.94, 1.88, 0.6, 0.11, 1.73]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a halves offset 0 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[-0.9680417, 2.060926, 0.1580981, -0.8361107, -1.49], [-1.791432, 1.920951, -0.5134879, -0.9750606, 1.31]], [[-1.816113, 0.3314527, 0.8649456, 0.5684535, -1.48], [1.835912, 1.300595, -0.867768, 1.361967, 1.73]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 0 on.
func.func @test_rope_neighbours_0() {
  %x = arith.constant dense<[[[[-0.26, 1.49, 1.3, -1.16, -0.99], [-0.83, -1.04, 0.35, -0.96, -0.32]], [[-1.48, 1.64, -0.58, -0.17, 0.33], [1.62, -0.32, 1.67, 0.01, 0.13]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a neighbours offset 0 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[-1.39427, 0.5862675, 1.546574, -0.8023127, -0.99], [0.4266792, -1.260335, 0.576627, -0.8435641, -0.32]], [[1.233751, -1.832444, -0.308501, -0.5197377, 0.33], [-1.558629, 0.5454118, 1.215104, 1.145654, 0.13]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 1 on.
func.func @test_rope_halves_1() {
  %x = arith.constant dense<[[[[0.09, -1.93, -0.24, -1.27, -1.98], [1.2, -1.31, -0.11, 0.9, 0.23]], [[-0.7, 0.07, 0.22, 1.14, -1.58], [0.24, -1.01, -0.89, 1.09, 0.03]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a halves offset 1 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[0.09, 0.02588531, 0.257321, -2.310223, -1.977823], [1.2, -1.46512, -0.1634832, -0.6160552, 0.1956353]], [[-0.7, -0.2301762, 1.237961, -1.118712, -1.006108], [0.24, 0.8460711, -0.6716524, -1.221622, -0.584708]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 1 on.
func.func @test_rope_neighbours_1() {
  %x = arith.constant dense<[[[[0.25, 1.04, 1.65, -0.23, 0.45], [0.02, 0.05, 0.77, -0.19, 0.13]], [[-0.09, 1.77, 0.8, 1.51, 1.77], [-0.96, 0.24, 1.77, 1.36, -1.45]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a neighbours offset 1 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[0.25, -0.8265131, 1.766628, -0.3341816, 0.3791075], [0.02, -0.6209176, 0.4581061, -0.2162558, 0.0789518]], [[-0.09, -1.865182, -0.5422112, -0.1016506, 2.324364], [-0.96, -0.4873805, -1.718417, 1.983474, -0.13392]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Sines and cosines as features.
func.func @test_sinusoids_halves() {
  %p = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %f = arith.constant dense<[1.0, 0.25]> : tensor<2xf32>
  %y = sinter.sinusoids %p, %f halves : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x4xf32>
  check.almost_eq %y, dense<[[[0.0, 0.0, 1.0, 1.0], [0.14112, 0.6816388, -0.9899925, 0.7316889]]]> : tensor<1x2x4xf32> : tensor<1x2x4xf32>
  return
}

// Sines and cosines as features.
func.func @test_sinusoids_neighbours() {
  %p = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %f = arith.constant dense<[1.0, 0.25]> : tensor<2xf32>
  %y = sinter.sinusoids %p, %f neighbours : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x4xf32>
  check.almost_eq %y, dense<[[[0.0, 1.0, 0.0, 1.0], [0.14112, -0.9899925, 0.6816388, 0.7316889]]]> : tensor<1x2x4xf32> : tensor<1x2x4xf32>
  return
}

// log_L(n) beyond the length, 1 within.
func.func @test_position_factors_log_ratio() {
  %p = arith.constant dense<[[0, 15, 16, 40]]> : tensor<1x4xi32>
  %y = sinter.position_factors %p log_ratio 16 : tensor<1x4xi32> -> tensor<1x4xf32>
  check.almost_eq %y, dense<[[1.0, 1.0, 1.021866, 1.339388]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// A step each time the length is passed.
func.func @test_position_factors_log_floor() {
  %p = arith.constant dense<[[0, 15, 16, 40]]> : tensor<1x4xi32>
  %y = sinter.position_factors %p log_floor 16 gain 0.5 : tensor<1x4xi32> -> tensor<1x4xf32>
  check.almost_eq %y, dense<[[1.0, 1.346574, 1.346574, 1.549306]]> : tensor<1x4xf32> : tensor<1x4xf32>
  return
}

// The base grows beyond 16 tokens.
func.func @test_ntk_frequencies_linear() {
  %n = arith.constant dense<[16, 40]> : tensor<2xi32>
  %f = sinter.ntk_frequencies %n linear theta 1.0e4 trained 16 factor 2.0 : tensor<2xi32> -> tensor<2x4xf32>
  check.almost_eq %f, dense<[[1.0, 0.1, 0.01, 0.001], [1.0, 0.06299605, 0.003968503, 0.00025]]> : tensor<2x4xf32> : tensor<2x4xf32>
  return
}

// The base grows beyond 16 tokens.
func.func @test_ntk_frequencies_power_of_two() {
  %n = arith.constant dense<[16, 40]> : tensor<2xi32>
  %f = sinter.ntk_frequencies %n power_of_two theta 1.0e4 trained 16 factor 1.0 : tensor<2xi32> -> tensor<2x4xf32>
  check.almost_eq %f, dense<[[1.0, 0.1, 0.01, 0.001], [1.0, 0.0522758, 0.002732759, 0.0001428571]]> : tensor<2x4xf32> : tensor<2x4xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_first() {
  %x = arith.constant dense<[[[-1.51, -0.23], [-1.71, -1.04], [-1.71, 0.68]], [[1.14, 1.59], [-1.38, 0.86], [0.64, -1.43]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool first %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-1.71, -1.04]], [[1.14, 1.59]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_last() {
  %x = arith.constant dense<[[[-1.51, -0.23], [-1.71, -1.04], [-1.71, 0.68]], [[1.14, 1.59], [-1.38, 0.86], [0.64, -1.43]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool last %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-1.71, 0.68]], [[-1.38, 0.86]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_mean() {
  %x = arith.constant dense<[[[-1.51, -0.23], [-1.71, -1.04], [-1.71, 0.68]], [[1.14, 1.59], [-1.38, 0.86], [0.64, -1.43]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-1.71, -0.18]], [[-0.12, 1.225]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_max() {
  %x = arith.constant dense<[[[-1.51, -0.23], [-1.71, -1.04], [-1.71, 0.68]], [[1.14, 1.59], [-1.38, 0.86], [0.64, -1.43]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool max %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-1.71, 0.68]], [[1.14, 1.59]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// Zeros where the mask has none; all tokens without mask.
func.func @test_pool_nothing() {
  %x = arith.constant dense<[[[-1.51, -0.23], [-1.71, -1.04], [-1.71, 0.68]], [[1.14, 1.59], [-1.38, 0.86], [0.64, -1.43]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 0, 0], [0, 0, 0]]> : tensor<2x3xi32>
  %y = sinter.pool mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[0.0, 0.0]], [[0.0, 0.0]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  %z = sinter.pool mean %x : tensor<2x3x2xf32> -> tensor<2x1x2xf32>
  check.almost_eq %z, dense<[[[-1.643333, -0.1966667]], [[0.1333333, 0.34]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}
