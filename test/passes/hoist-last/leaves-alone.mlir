// RUN: sinter-opt %s --sinter-hoist-last --split-input-file > %t
// RUN: sinter-opt %s --split-input-file | diff - %t
// No-op: nothing here may change.

// Another reader of all tokens.
func.func @read_twice(%x: tensor<?x?x8xf32>, %last: index) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x8xf32>
  %l = sinter.last %n, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l, %n : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// Tokens that look at each other.
func.func @attention(%x: tensor<?x?x2x4xf32>, %last: index) -> tensor<?x?x2x4xf32> {
  %a = sinter.attention %x, %x, %x scale 0.5 causal : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32> -> tensor<?x?x2x4xf32>
  %l = sinter.last %a, %last : tensor<?x?x2x4xf32> -> tensor<?x?x2x4xf32>
  return %l : tensor<?x?x2x4xf32>
}

// A known number of tokens.
func.func @known(%x: tensor<?x?x8xf32>) -> tensor<?x2x8xf32> {
  %two = arith.constant 2 : index
  %n = sinter.rms_norm %x eps 1.0e-5 : tensor<?x?x8xf32>
  %l = sinter.last %n, %two : tensor<?x?x8xf32> -> tensor<?x2x8xf32>
  return %l : tensor<?x2x8xf32>
}

// -----

// No matrices: another form would be code for little.
func.func private @scaled(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
  %y = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @no_matrices(%x: tensor<?x?x8xf32>, %last: index) -> tensor<?x?x8xf32> {
  %y = sinter.stack [@scaled] layers [0, 0] carry(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}

// -----

// A form that another stack calls.
sinter.param @w layers 2 : tensor<8x8xf32>
func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w[%layer] : tensor<8x8xf32>
  %y = sinter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @shared(%x: tensor<?x?x8xf32>, %last: index) -> tensor<?x?x8xf32> {
  %y = sinter.stack [@layer] layers [0, 0] carry(%x) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  %z = sinter.stack [@layer] layers [0, 0] carry(%y) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  %l = sinter.last %z, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}

// -----

// Chosen experts that another op reads too: their numbers are of all tokens.
sinter.param @up layers 1 : tensor<4x6x8xf32>
sinter.param @down layers 1 : tensor<4x8x6xf32>
func.func private @chosen(%x: tensor<?x?x8xf32>, %m: tensor<?x?x8xf32>, %layer: index) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %s = sinter.slice %x at 0 : tensor<?x?x8xf32> -> tensor<?x?x4xf32>
  %ids, %p = sinter.route %s softmax top_k 2 : tensor<?x?x4xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %u = sinter.weight @up[%layer] : tensor<4x6x8xf32>
  %d = sinter.weight @down[%layer] : tensor<4x8x6xf32>
  %y = sinter.moe silu %x route %ids, %p up %u : tensor<4x6x8xf32> down %d : tensor<4x8x6xf32> : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  %z = sinter.moe relu %m route %ids, %p up %u : tensor<4x6x8xf32> down %d : tensor<4x8x6xf32> : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %y, %z : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
func.func @two_experts(%x: tensor<?x?x8xf32>, %last: index) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %y, %z = sinter.stack [@chosen] layers [0] carry(%x, %x) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l, %z : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// -----

// Blocks: after quantization it is too late.
func.func @blocks(%x: tensor<?x?x32x!sinter.block<a8>>, %w: tensor<8x32x!sinter.block<q8_0>>, %last: index) -> tensor<?x?x8xf32> {
  %y = sinter.linear %x, %w : tensor<?x?x32x!sinter.block<a8>>, tensor<8x32x!sinter.block<q8_0>> -> tensor<?x?x8xf32>
  %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}

// Numbers of tokens are no floats.
func.func @ids(%ids: tensor<?x?xi32>, %table: tensor<10x8xf32>, %last: index) -> tensor<?x?x8xf32> {
  %y = sinter.embed %ids, %table : tensor<?x?xi32>, tensor<10x8xf32> -> tensor<?x?x8xf32>
  %l = sinter.last %y, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}
