// RUN: sinter-op-test %s 1x1x1 1x7x1 2x5x1 3x1x1
// RUN: sinter-op-test %s 1x1x1 1x7x1 2x5x1 plain
// Choosing experts: scores, biases, groups, weights.
func.func @route_1(%x: tensor<?x?x7xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x softmax top_k 3 : tensor<?x?x7xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_2(%x: tensor<?x?x12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xf32>) {
  %i, %w = sinter.route %x softmax top_k 2 groups 4 keep 2 : tensor<?x?x12xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf32>
}
func.func @route_3(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x softmax bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
func.func @route_by_logits(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x sigmoid bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two by_logits normalize factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
func.func @route_4(%x: tensor<?x?x7xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x softmax top_k 3 normalize : tensor<?x?x7xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_5(%x: tensor<?x?x12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xf32>) {
  %i, %w = sinter.route %x softmax top_k 2 groups 4 keep 2 normalize : tensor<?x?x12xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf32>
}
func.func @route_6(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x softmax bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two normalize factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
func.func @route_7(%x: tensor<?x?x7xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x sigmoid top_k 3 : tensor<?x?x7xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_8(%x: tensor<?x?x12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xf32>) {
  %i, %w = sinter.route %x sigmoid top_k 2 groups 4 keep 2 : tensor<?x?x12xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf32>
}
func.func @route_9(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x sigmoid bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
func.func @route_10(%x: tensor<?x?x7xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x sigmoid top_k 3 normalize : tensor<?x?x7xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_11(%x: tensor<?x?x12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xf32>) {
  %i, %w = sinter.route %x sigmoid top_k 2 groups 4 keep 2 normalize : tensor<?x?x12xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf32>
}
func.func @route_12(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x sigmoid bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two normalize factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
func.func @route_13(%x: tensor<?x?x1xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x1xi32>, tensor<?x?x1xf32>) {
  %i, %w = sinter.route %x softmax top_k 1 : tensor<?x?x1xf32> -> tensor<?x?x1xi32>, tensor<?x?x1xf32>
  return %i, %w : tensor<?x?x1xi32>, tensor<?x?x1xf32>
}
func.func @route_14(%x: tensor<?x?x5xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x5xi32>, tensor<?x?x5xf32>) {
  %i, %w = sinter.route %x sigmoid top_k 5 normalize : tensor<?x?x5xf32> -> tensor<?x?x5xi32>, tensor<?x?x5xf32>
  return %i, %w : tensor<?x?x5xi32>, tensor<?x?x5xf32>
}
func.func @route_15(%x: tensor<?x?x130xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x9xi32>, tensor<?x?x9xf32>) {
  %i, %w = sinter.route %x softmax top_k 9 factor 0.5 : tensor<?x?x130xf32> -> tensor<?x?x9xi32>, tensor<?x?x9xf32>
  return %i, %w : tensor<?x?x9xi32>, tensor<?x?x9xf32>
}
func.func @route_16(%x: tensor<?x?x12xf32>, %b: tensor<12xbf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x sigmoid bias %b : tensor<12xbf16> top_k 3 groups 4 keep 4 by best_two : tensor<?x?x12xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_17(%x: tensor<?x?x8xbf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xbf16>) attributes {sinter.tolerance = 1.0e-2 : f64} {
  %i, %w = sinter.route %x softmax top_k 2 normalize : tensor<?x?x8xbf16> -> tensor<?x?x2xi32>, tensor<?x?x2xbf16>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xbf16>
}
func.func @route_18(%x: tensor<?x?x8xf16>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x2xi32>, tensor<?x?x2xf16>) attributes {sinter.tolerance = 2.0e-3 : f64} {
  %i, %w = sinter.route %x softmax top_k 2 normalize : tensor<?x?x8xf16> -> tensor<?x?x2xi32>, tensor<?x?x2xf16>
  return %i, %w : tensor<?x?x2xi32>, tensor<?x?x2xf16>
}
sinter.param @router : tensor<9x21xf32>
func.func @behind_a_linear(%x: tensor<?x?x21xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x2xf32> {
  %r = sinter.weight @router : tensor<9x21xf32>
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x21xf32>
  %l = sinter.linear %n, %r : tensor<?x?x21xf32>, tensor<9x21xf32> -> tensor<?x?x9xf32>
  %i, %w = sinter.route %l softmax top_k 2 : tensor<?x?x9xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %w : tensor<?x?x2xf32>
}
func.func @route_successive(%x: tensor<?x?x7xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x3xi32>, tensor<?x?x3xf32>) {
  %i, %w = sinter.route %x successive top_k 3 within 0.4 : tensor<?x?x7xf32> -> tensor<?x?x3xi32>, tensor<?x?x3xf32>
  return %i, %w : tensor<?x?x3xi32>, tensor<?x?x3xf32>
}
func.func @route_successive_groups(%x: tensor<?x?x12xf32>, %b: tensor<12xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> (tensor<?x?x4xi32>, tensor<?x?x4xf32>) {
  %i, %w = sinter.route %x successive bias %b : tensor<12xf32> top_k 4 groups 3 keep 2 by best_two normalize factor 2.5 : tensor<?x?x12xf32> -> tensor<?x?x4xi32>, tensor<?x?x4xf32>
  return %i, %w : tensor<?x?x4xi32>, tensor<?x?x4xf32>
}
