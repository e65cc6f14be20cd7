// Shape, embedding, linear layers and quantized activations.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// Features are cut otherwise, in row-major order.
func.func @test_reshape() {
  %x = arith.constant dense<[[[[0.56, -0.51], [0.19, -1.75]], [[-1.76, -1.18], [0.72, -0.29]]]]> : tensor<1x2x2x2xf32>
  %y = sinter.reshape %x : tensor<1x2x2x2xf32> -> tensor<1x2x4xf32>
  check.eq %y, dense<[[[0.56, -0.51, 0.19, -1.75], [-1.76, -1.18, 0.72, -0.29]]]> : tensor<1x2x4xf32> : tensor<1x2x4xf32>
  return
}

// Three features from the second on.
func.func @test_slice() {
  %x = arith.constant dense<[[[-0.74, 0.34, -0.19, -0.8, 1.18], [0.8, -1.02, 0.3, 0.1, 1.5]]]> : tensor<1x2x5xf32>
  %y = sinter.slice %x at 1 : tensor<1x2x5xf32> -> tensor<1x2x3xf32>
  check.eq %y, dense<[[[0.34, -0.19, -0.8], [-1.02, 0.3, 0.1]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// Features side by side.
func.func @test_concat() {
  %x = arith.constant dense<[[[-0.74, 0.34, -0.19, -0.8, 1.18], [0.8, -1.02, 0.3, 0.1, 1.5]]]> : tensor<1x2x5xf32>
  %z = arith.constant dense<[[[0.92, -0.85], [1.92, -1.53]]]> : tensor<1x2x2xf32>
  %y = sinter.concat %x, %z, %z : tensor<1x2x5xf32>, tensor<1x2x2xf32>, tensor<1x2x2xf32> -> tensor<1x2x9xf32>
  check.eq %y, dense<[[[-0.74, 0.34, -0.19, -0.8, 1.18, 0.92, -0.85, 0.92, -0.85], [0.8, -1.02, 0.3, 0.1, 1.5, 1.92, -1.53, 1.92, -1.53]]]> : tensor<1x2x9xf32> : tensor<1x2x9xf32>
  return
}

// The last two tokens of each sequence.
func.func @test_last() {
  %x = arith.constant dense<[[[-0.33, 1.03], [-1.39, -0.04], [-1.84, 0.67]], [[1.06, 0.29], [1.5, -0.75], [0.78, 0.38]]]> : tensor<2x3x2xf32>
  %n = arith.constant 2 : index
  %y = sinter.last %x, %n : tensor<2x3x2xf32> -> tensor<2x?x2xf32>
  check.eq %y, dense<[[[-1.39, -0.04], [-1.84, 0.67]], [[1.5, -0.75], [0.78, 0.38]]]> : tensor<2x2x2xf32> : tensor<2x?x2xf32>
  return
}

// Rows of a table.
func.func @test_embed() {
  %i = arith.constant dense<[[2, 0, 3]]> : tensor<1x3xi32>
  %t = arith.constant dense<[[0.32, -0.18, 1.36], [1.78, -0.1, 0.66], [-1.76, 0.81, 0.59], [1.97, 1.29, -0.86]]> : tensor<4x3xf32>
  %y = sinter.embed %i, %t : tensor<1x3xi32>, tensor<4x3xf32> -> tensor<1x3x3xf32>
  check.eq %y, dense<[[[-1.76, 0.81, 0.59], [0.32, -0.18, 1.36], [1.97, 1.29, -0.86]]]> : tensor<1x3x3xf32> : tensor<1x3x3xf32>
  return
}

// Ids outside the table are clamped to it.
func.func @test_embed_clamps() {
  %i = arith.constant dense<[[-1, 9]]> : tensor<1x2xi32>
  %t = arith.constant dense<[[0.32, -0.18, 1.36], [1.78, -0.1, 0.66], [-1.76, 0.81, 0.59], [1.97, 1.29, -0.86]]> : tensor<4x3xf32>
  %y = sinter.embed %i, %t : tensor<1x2xi32>, tensor<4x3xf32> -> tensor<1x2x3xf32>
  check.eq %y, dense<[[[0.32, -0.18, 1.36], [1.97, 1.29, -0.86]]]> : tensor<1x2x3xf32> : tensor<1x2x3xf32>
  return
}

// y = x W^T + bias, for 1 token.
func.func @test_linear_1() {
  %x = arith.constant dense<[[[-0.46, 0.67, -1.91, -0.15]]]> : tensor<1x1x4xf32>
  %w = arith.constant dense<[[-1.33, -1.53, -1.76, 1.07], [-1.48, -1.01, -0.44, 1.49], [-1.68, -0.2, 0.2, 1.53], [1.28, 1.46, -0.89, -0.34], [-0.56, 1.54, 1.83, -1.4]]> : tensor<5x4xf32>
  %b = arith.constant dense<[-1.3, -1.07, -1.07, -0.06, 0.36]> : tensor<5xf32>
  %y = sinter.linear %x, %w bias %b : tensor<5xf32>, : tensor<1x1x4xf32>, tensor<5x4xf32> -> tensor<1x1x5xf32>
  check.almost_eq %y, dense<[[[1.4878, -0.449, -1.0427, 2.0803, -1.6359]]]> : tensor<1x1x5xf32> within 2.0e-6 : tensor<1x1x5xf32>
  return
}

// y = x W^T + bias, for 3 tokens.
func.func @test_linear_3() {
  %x = arith.constant dense<[[[-0.95, -1.98, -0.32, -0.52], [0.27, 1.81, 0.76, 0.06], [0.47, 0.7, -1.78, 1.6]]]> : tensor<1x3x4xf32>
  %w = arith.constant dense<[[1.12, 1.5, 1.19, -0.43], [-0.4, -1.59, 0.54, -1.75], [-1.73, -1.16, -1.35, -0.64], [-1.79, -2.0, -1.39, -1.59], [-0.55, -1.9, 1.5, 0.46]]> : tensor<5x4xf32>
  %b = arith.constant dense<[-1.41, -0.99, -0.61, -0.54, -1.51]> : tensor<5xf32>
  %y = sinter.linear %x, %w bias %b : tensor<5xf32>, : tensor<1x3x4xf32>, tensor<5x4xf32> -> tensor<1x3x5xf32>
  check.almost_eq %y, dense<[[[-5.6012, 3.2754, 4.0951, 6.3921, 2.0553], [2.486, -3.6705, -4.2411, -5.7951, -3.9299], [-2.6398, -6.0522, -0.8561, -2.8511, -5.0325]]]> : tensor<1x3x5xf32> within 2.0e-6 : tensor<1x3x5xf32>
  return
}

// More tokens than the loop takes at once.
func.func @test_linear_many() {
  %x = arith.constant dense<[[[1.4, 1.97], [-0.14, -0.06], [-1.66, -1.59], [-0.63, -0.94], [1.32, -1.35], [-1.91, 1.8], [0.11, -1.41], [0.17, -1.89], [0.11, 1.91], [1.45, 0.78], [-0.96, -0.53], [-1.33, 1.09], [0.13, 1.12], [-0.68, -1.11], [1.25, 1.94], [1.41, 1.22], [1.27, 0.96], [-1.09, 0.07]]]> : tensor<1x18x2xf32>
  %w = arith.constant dense<[[-0.58, -1.88]]> : tensor<1x2xf32>
  %y = sinter.linear %x, %w : tensor<1x18x2xf32>, tensor<1x2xf32> -> tensor<1x18x1xf32>
  check.almost_eq %y, dense<[[[-4.5156], [0.194], [3.952], [2.1326], [1.7724], [-2.2762], [2.587], [3.4546], [-3.6546], [-2.3074], [1.5532], [-1.2778], [-2.181], [2.4812], [-4.3722], [-3.1114], [-2.5414], [0.5006]]]> : tensor<1x18x1xf32> within 2.0e-6 : tensor<1x18x1xf32>
  return
}

// With max 127 the scale is 1, and halves go to the even neighbour.
func.func @test_quantize_ties() {
  %x = arith.constant dense<[[[127.0, -63.0, 0.5, 1.5, -2.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32>
  %y = sinter.quantize %x : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a8>>
  check.eq %y, dense<[[[127.0, -63.0, 0.0, 2.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32> : tensor<1x1x32x!sinter.block<a8>>
  return
}

// Each block has its scale; one of zeros stays zeros.
func.func @test_quantize_blocks() {
  %x = arith.constant dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.94, -0.44, -0.48, 0.39, 0.91, -0.11, 0.87, 0.98, 0.91, -0.27, -0.56, -0.55, -0.61, -0.59, 0.25, 0.8, 0.68, -0.04, 0.31, 0.6, -0.83, 0.32, 0.82, 0.56, 0.5, -0.04, -0.64, 0.58, -0.33, 0.6, 0.94, -0.21]]]> : tensor<1x1x64xf32>
  %y = sinter.quantize %x : tensor<1x1x64xf32> -> tensor<1x1x64x!sinter.block<a8>>
  check.almost_eq %y, dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.9414173, -0.4398425, -0.4784252, 0.3935433, 0.9105512, -0.1080315, 0.8719685, 0.98, 0.9105512, -0.2700787, -0.5633071, -0.547874, -0.6096063, -0.5864567, 0.2469291, 0.8025197, 0.6790551, -0.03858268, 0.3086614, 0.6018898, -0.8333858, 0.316378, 0.8179528, 0.5633071, 0.5015748, -0.03858268, -0.6404725, 0.5787402, -0.331811, 0.6018898, 0.9414173, -0.2083465]]]> : tensor<1x1x64xf32> within 1.0e-7 : tensor<1x1x64x!sinter.block<a8>>
  return
}

// Results of narrow types are rounded once, ties to even, in f64 too.
func.func @test_rounding() {
  %x = arith.constant dense<[[1.0, 1.00390625, 3.0e38, 1.0e-40]]> : tensor<1x4xf32>
  %y = sinter.quantize %x : tensor<1x4xf32> -> tensor<1x4xbf16>
  check.eq %y, dense<[[1.0, 1.0, 3.00405527E+38, 1.01021e-40]]> : tensor<1x4xbf16> : tensor<1x4xbf16>
  %z = arith.constant dense<[[1.0009765625, 1.00048828125, 65519.0, 7.0e4]]> : tensor<1x4xf32>
  %h = sinter.quantize %z : tensor<1x4xf32> -> tensor<1x4xf16>
  check.eq %h, dense<[[1.0009765625, 1.0, 65504.0, 0x7C00]]> : tensor<1x4xf16> : tensor<1x4xf16>
  return
}
