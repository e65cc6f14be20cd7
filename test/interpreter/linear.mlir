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
  %x = arith.constant dense<[[[1.4, 1.97], [-0.14, -0.06], [-1.66, -1.59], [-0.63, -0.94], [1.32, -1.35], [-1.91, 1.8], [0.11, -1.41], [0.17, -1.89], [0.11, 1.91], [1.45, 0.78], [-0.96, -0.53], [-1.33, 1.09], [0.13, 1.12], [-0.68, -1.11], [1.25, 1.94], [1.41, 1.22], [1.27, 0.96], [-1.09, 0.07], [-0.58, -1.88], [-1.89, -0.88], [-0.96, 0.77], [1.83, -0.21], [1.75, 1.95], [1.82, -0.54], [-1.12, -1.09], [-1.21, -1.18], [0.5, 1.6], [1.36, -0.08], [0.61, 1.2], [-1.66, 0.64], [1.64, 1.13], [1.0, -0.09], [-1.29, 1.16], [-0.67, 1.2], [1.89, -0.42]]]> : tensor<1x35x2xf32>
  %w = arith.constant dense<[[-0.39, 1.79]]> : tensor<1x2xf32>
  %y = sinter.linear %x, %w : tensor<1x35x2xf32>, tensor<1x2xf32> -> tensor<1x35x1xf32>
  check.almost_eq %y, dense<[[[2.9803], [-0.0528], [-2.1987], [-1.4369], [-2.9313], [3.9669], [-2.5668], [-3.4494], [3.376], [0.8307], [-0.5743], [2.4698], [1.9541], [-1.7217], [2.9851], [1.6339], [1.2231], [0.5504], [-3.139], [-0.8381], [1.7527], [-1.0896], [2.808], [-1.6764], [-1.5143], [-1.6403], [2.669], [-0.6736], [1.9101], [1.793], [1.3831], [-0.5511], [2.5795], [2.4093], [-1.4889]]]> : tensor<1x35x1xf32> within 2.0e-6 : tensor<1x35x1xf32>
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
  %x = arith.constant dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.45, -0.66, -0.75, -0.7, 0.81, 0.61, -0.71, 0.65, 0.96, 0.31, -0.3, 0.1, -0.74, -0.97, 0.94, 0.3, 0.05, 0.87, -0.13, 0.74, 0.65, -0.58, -0.5, -0.41, -0.52, 0.17, -0.48, -0.16, -0.74, 0.82, -0.29, -0.08]]]> : tensor<1x1x64xf32>
  %y = sinter.quantize %x : tensor<1x1x64xf32> -> tensor<1x1x64x!sinter.block<a8>>
  check.almost_eq %y, dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4506299, -0.6568504, -0.748504, -0.7026772, 0.8096063, 0.6110236, -0.710315, 0.6492126, 0.9623622, 0.3131496, -0.297874, 0.09929134, -0.7408662, -0.97, 0.9394488, 0.297874, 0.05346457, 0.8707087, -0.1298425, 0.7408662, 0.6492126, -0.5804725, -0.4964567, -0.412441, -0.5193701, 0.1680315, -0.4811811, -0.1603937, -0.7408662, 0.8172441, -0.2902362, -0.07637796]]]> : tensor<1x1x64xf32> within 1.0e-7 : tensor<1x1x64x!sinter.block<a8>>
  return
}

// The largest of these values is 5.06 root mean squares: with a crest below that, the block has 16 bits. Rests end at -127.
func.func @test_quantize_crest() {
  %x = arith.constant dense<[[[127.0, -63.25, 0.5, 1.5, -2.5, 0.25, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32>
  %y = sinter.quantize %x crest 4.0 : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a16>>
  check.eq %y, dense<[[[127.0, -63.25, 0.50390625, 1.50390625, -2.49609375, 0.25, 0.30078125, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32> : tensor<1x1x32x!sinter.block<a16>>
  %z = sinter.quantize %x crest 5.5 : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a16>>
  check.eq %z, dense<[[[127.0, -63.0, 1.0, 2.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32> : tensor<1x1x32x!sinter.block<a16>>
  %w = sinter.quantize %x : tensor<1x1x32xf32> -> tensor<1x1x32x!sinter.block<a16>>
  check.eq %w, dense<[[[127.0, -63.25, 0.50390625, 1.50390625, -2.49609375, 0.25, 0.30078125, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<1x1x32xf32> : tensor<1x1x32x!sinter.block<a16>>
  return
}

// Results of narrow types are rounded once, ties to even, in f64 too.
func.func @test_rounding() {
  %x = arith.constant dense<[[[1.0, 1.00390625, 3.0e38, 1.0e-40]]]> : tensor<1x1x4xf32>
  %y = sinter.quantize %x : tensor<1x1x4xf32> -> tensor<1x1x4xbf16>
  check.eq %y, dense<[[[1.0, 1.0, 3.00405527E+38, 1.01021e-40]]]> : tensor<1x1x4xbf16> : tensor<1x1x4xbf16>
  %z = arith.constant dense<[[[1.0009765625, 1.00048828125, 65519.0, 7.0e4]]]> : tensor<1x1x4xf32>
  %h = sinter.quantize %z : tensor<1x1x4xf32> -> tensor<1x1x4xf16>
  check.eq %h, dense<[[[1.0009765625, 1.0, 65504.0, 0x7C00]]]> : tensor<1x1x4xf16> : tensor<1x1x4xf16>
  return
}
