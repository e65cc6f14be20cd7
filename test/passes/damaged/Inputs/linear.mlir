sinter.param @w : tensor<64x64xf32>
func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %w = sinter.weight @w : tensor<64x64xf32>
  %y = sinter.linear %x, %w : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
