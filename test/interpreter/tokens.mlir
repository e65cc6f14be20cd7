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

// Padding on either side does not count: the third token of the mask is the
// second that is real.
func.func @test_mask_positions() {
  %m = arith.constant dense<[[0, 1, 1, 1], [1, 1, 0, 1]]> : tensor<2x4xi32>
  %past = arith.constant dense<[1, 2]> : tensor<2xi32>
  %i = arith.constant dense<[[0, 0], [0, 0]]> : tensor<2x2xi32>
  %p = sinter.mask_positions %m, %i past %past offset 2 : tensor<2x4xi32>, tensor<2x2xi32>, tensor<2xi32> -> tensor<2x2xi32>
  check.eq %p, dense<[[2, 3], [3, 4]]> : tensor<2x2xi32> : tensor<2x2xi32>
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

// Lengths grow or shrink with the distance from the origin.
func.func @test_rope_angles_growth() {
  %p = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %f = arith.constant dense<[1.0, 0.25]> : tensor<2xf32>
  %g = arith.constant dense<[0.5, -0.125]> : tensor<2xf32>
  %a = sinter.rope_angles %p, %f scale 1.5 growth %g : tensor<2xf32> origin 2 : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x2x2xf32>
  check.almost_eq %a, dense<[[[[0.5518192, 0.0], [1.926038, 0.0]], [[-2.448333, 0.3490013], [0.9685697, 0.9023161]]]]> : tensor<1x2x2x2xf32> within 1.0e-6 : tensor<1x2x2x2xf32>
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
  %x = arith.constant dense<[[[[0.33, 1.62, -0.32, 1.67, 0.01], [0.13, 0.09, -1.93, -0.24, -1.27]], [[-1.98, 1.2, -1.31, -0.11, 0.9], [0.23, -0.7, 0.07, 0.22, 1.14]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a halves offset 0 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[0.4475704, 1.156473, 0.1047888, 2.018878, 0.01], [1.694278, 0.146579, -0.9333916, -0.2102725, -1.27]], [[2.145051, 0.9530071, 1.017472, 0.737481, 0.9], [-0.2375766, -0.6621429, -0.03684184, -0.3161757, 1.14]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 0 on.
func.func @test_rope_neighbours_0() {
  %x = arith.constant dense<[[[[-1.58, 0.24, -1.01, -0.89, 1.09], [0.03, 0.25, 1.04, 1.65, -0.23]], [[0.45, 0.02, 0.05, 0.77, -0.19], [0.13, -0.09, 1.77, 0.8, 1.51]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a neighbours offset 0 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[-1.05563, -1.199852, -0.7584116, -1.11221, 1.09], [-0.1941587, 0.1603196, 0.5994519, 1.856005, -0.23]], [[-0.4483188, 0.04370416, -0.4882776, 0.5974825, -0.19], [-0.1159982, 0.1074449, 0.7497783, 1.791852, 1.51]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 1 on.
func.func @test_rope_halves_1() {
  %x = arith.constant dense<[[[[1.77, -0.96, 0.24, 1.77, 1.36], [-1.45, -1.51, -0.23, -1.71, -1.04]], [[-1.71, 0.68, 1.14, 1.59, -1.38], [0.86, 0.64, -1.43, 1.53, 1.87]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a halves offset 1 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[1.77, -2.008094, -0.1039306, 0.1485224, 1.377097], [-1.45, 0.6230594, 0.0344504, -2.194538, -1.064571]], [[-1.71, -0.8975754, 1.774787, -1.478126, -0.2326624], [0.86, -0.8495085, -2.32098, -1.424371, 0.3935147]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
  return
}

// Two pairs of five features rotate, from feature 1 on.
func.func @test_rope_neighbours_1() {
  %x = arith.constant dense<[[[[-1.12, 1.81, -0.41, -0.05, 1.96], [1.33, -1.35, -0.27, 0.06, -0.64]], [[-1.22, -0.73, 0.89, -1.92, 0.22], [-0.24, -1.93, -0.67, 0.5, 0.05]]]]> : tensor<1x2x2x5xf32>
  %a = arith.constant dense<[[[[0.540302, 0.841471], [0.968912, 0.247404]], [[-0.989992, 0.14112], [0.731689, 0.681639]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.rope %x, %a neighbours offset 1 : tensor<1x2x2x5xf32>, tensor<1x2x2x2xf32>
  check.almost_eq %y, dense<[[[[-1.12, 1.32295, 1.301539, -0.5333574, 1.886697], [1.33, -0.5022105, -1.281867, 0.2164733, -0.6052594]], [[-1.22, 0.5970974, -0.9841105, -1.554803, -1.147775], [-0.24, 2.005235, 0.390933, 0.3317625, 0.3774039]]]]> : tensor<1x2x2x5xf32> : tensor<1x2x2x5xf32>
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

// The last pair of an odd number of features has the sine alone.
func.func @test_sinusoids_odd() {
  %p = arith.constant dense<[[0, 3]]> : tensor<1x2xi32>
  %f = arith.constant dense<[1.0, 0.25]> : tensor<2xf32>
  %y = sinter.sinusoids %p, %f halves : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x3xf32>
  check.almost_eq %y, dense<[[[0.0, 0.0, 1.0], [0.14112, 0.6816388, -0.9899925]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  %z = sinter.sinusoids %p, %f neighbours : tensor<1x2xi32>, tensor<2xf32> -> tensor<1x2x3xf32>
  check.almost_eq %z, dense<[[[0.0, 1.0, 0.0], [0.14112, -0.9899925, 0.6816388]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
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

// Sequences of more than 16 tokens have others.
func.func @test_length_frequencies() {
  %n = arith.constant dense<[16, 17]> : tensor<2xi32>
  %short = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %long = arith.constant dense<[0.25, 0.125]> : tensor<2xf32>
  %f = sinter.length_frequencies %n, %short, %long trained 16 : tensor<2xi32>, tensor<2xf32> -> tensor<2x2xf32>
  check.almost_eq %f, dense<[[1.0, 0.5], [0.25, 0.125]]> : tensor<2x2xf32> : tensor<2x2xf32>
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
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool first %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[1.15, 1.89]], [[-1.84, 1.12]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_last() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool last %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-1.58, -0.94]], [[-0.92, -1.48]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_mean() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-0.215, 0.475]], [[-1.38, -0.18]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// One token of those that the mask has.
func.func @test_pool_max() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool max %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[1.15, 1.89]], [[-0.92, 1.12]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// The sum over the square root of how many there are.
func.func @test_pool_root_mean() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %y = sinter.pool root_mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-0.3040559, 0.6717514]], [[-1.951615, -0.2545584]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// Tokens count as often as the mask says; without mask, the n-th counts n times.
func.func @test_pool_weighted_mean() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 2, 3], [1, 4, 0]]> : tensor<2x3xi32>
  %y = sinter.pool weighted_mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[-0.488, 0.192]], [[-1.104, -0.96]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  %z = sinter.pool weighted_mean %x : tensor<2x3x2xf32> -> tensor<2x1x2xf32>
  check.almost_eq %z, dense<[[[-0.6966667, 0.4833333]], [[-0.7683333, 0.5183333]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}

// Zeros where the mask has none; all tokens without mask.
func.func @test_pool_nothing() {
  %x = arith.constant dense<[[[-1.74, 1.94], [1.15, 1.89], [-1.58, -0.94]], [[-1.84, 1.12], [-0.92, -1.48], [-0.31, 1.65]]]> : tensor<2x3x2xf32>
  %m = arith.constant dense<[[0, 0, 0], [0, 0, 0]]> : tensor<2x3xi32>
  %y = sinter.pool mean %x mask %m : tensor<2x3x2xf32>, tensor<2x3xi32> -> tensor<2x1x2xf32>
  check.almost_eq %y, dense<[[[0.0, 0.0]], [[0.0, 0.0]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  %z = sinter.pool mean %x : tensor<2x3x2xf32> -> tensor<2x1x2xf32>
  check.almost_eq %z, dense<[[[-0.7233333, 0.9633333]], [[-1.023333, 0.43]]]> : tensor<2x1x2xf32> : tensor<2x1x2xf32>
  return
}
