// Weights, layer tables, stacks and fusion: functions and symbols are named
// for the constraint that they break.
// RUN: sinter-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{type must be a static tensor of f32, bf16, f16 or of weight blocks, but is 'tensor<4x32xi32>'}}
sinter.param @param_c1 : tensor<4x32xi32>

// -----

// expected-error @below {{type must be a static tensor of f32, bf16, f16 or of weight blocks, but is 'tensor<?x32xf32>'}}
sinter.param @param_c1_dynamic : tensor<?x32xf32>

// -----

// expected-error @below {{but is 'tensor<4x32x!sinter.block<a8>>'}}
sinter.param @param_c1_a8 : tensor<4x32x!sinter.block<a8>>

// -----

// expected-error @below {{last dimension of a tensor of blocks must be a multiple of 32, but the type is 'tensor<4x33x!sinter.block<q8_0>>'}}
sinter.param @param_c2 : tensor<4x33x!sinter.block<q8_0>>

// -----

// expected-error @below {{layers must be 1 to 65536, but is 0}}
sinter.param @param_c3 layers 0 : tensor<4xf32>

// -----

// expected-error @below {{offsets must have 3 entries (layers, or 1), but has 2}}
sinter.param @param_c4 layers 3 at [0, 64] : tensor<4xf32>

// -----

// expected-note @below {{the param is here}}
sinter.param @w : tensor<4x32xf32>
func.func @weight_c1() {
  // expected-error @below {{result must have type 'tensor<4x32xf32>' (of its param), but has type 'tensor<4x64xf32>'}}
  %w = sinter.weight @w : tensor<4x64xf32>
  return
}

// -----

func.func @weight_c1_missing() {
  // expected-error @below {{@w must name a sinter.param}}
  %w = sinter.weight @w : tensor<4x64xf32>
  return
}

// -----

// expected-note @below {{the param is here}}
sinter.param @w layers 2 : tensor<4x32xf32>
func.func @weight_c2() {
  // expected-error @below {{must name a layer, as its param has layers}}
  %w = sinter.weight @w : tensor<4x32xf32>
  return
}

// -----

// expected-note @below {{the param is here}}
sinter.param @w : tensor<4x32xf32>
func.func @weight_c2_no_layers(%l: index) {
  // expected-error @below {{must have no layer, as its param has no layers}}
  %w = sinter.weight @w[%l] : tensor<4x32xf32>
  return
}

// -----

// expected-error @below {{type must be index or f32, but is 'i32'}}
sinter.layer_table @layer_table_c1 = [1, 2] : i32

// -----

// expected-error @below {{values must be floats (the table is of 'f32'), but that of layer 1 is 2 : i64}}
sinter.layer_table @layer_table_c2 = [1.0, 2] : f32

// -----

// expected-note @below {{the table is here}}
sinter.layer_table @table = [1, 2] : index
func.func @layer_value_c1(%l: index) {
  // expected-error @below {{result must have type 'index' (of its table), but has type 'f32'}}
  %v = sinter.layer_value @table[%l] : f32
  return
}

// -----

// expected-note @below {{the form is here}}
func.func private @form(%x: tensor<1x1x8xf32>, %l: index) -> tensor<1x1x8xf32> {
  return %x : tensor<1x1x8xf32>
}
func.func @stack_c1(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  // expected-error @below {{form @form must have type '(tensor<1x1x4xf32>, index) -> tensor<1x1x4xf32>' (carried, layer, shared), but has type '(tensor<1x1x8xf32>, index) -> tensor<1x1x8xf32>'}}
  %y = sinter.stack [@form] layers [0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return %y : tensor<1x1x4xf32>
}

// -----

func.func @stack_c1_missing(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{form @form must name a function}}
  %y = sinter.stack [@form] layers [0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return
}

// -----

func.func @stack_c2(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{layers must name one of 1 forms, but layer 1 names form 2}}
  %y = sinter.stack [@form] layers [0, 2] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return
}

// -----

func.func @stack_c3(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{results must have the types of the carried values ('tensor<1x1x4xf32>'), but have types 'tensor<1x1x8xf32>'}}
  %y = sinter.stack [@form] layers [0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x8xf32>)
  return
}

// -----

func.func @stack_c4(%c: !sinter.cache<1x1x4xf32>) -> !sinter.cache<1x1x4xf32> {
  // expected-error @below {{carried cache 0 is overwritten here and must have no later use, but 'func.return' uses it}}
  %y = sinter.stack [@form] layers [0] carry(%c) : (!sinter.cache<1x1x4xf32>) -> (!sinter.cache<1x1x4xf32>)
  // expected-note @below {{the later use is here}}
  return %c : !sinter.cache<1x1x4xf32>
}

// -----

// Layer 1 has the other form and may have any window.
sinter.layer_table @window = [4, 0, 9] : index
func.func private @ring(%c: !sinter.cache<1x1x4xf32, ring 8>, %l: index, %q: tensor<?x?x1x4xf32>, %p: tensor<?xi32>) -> !sinter.cache<1x1x4xf32, ring 8> {
  %w = sinter.layer_value @window[%l] : index
  // expected-note @below {{the attention is here}}
  %o = sinter.attention %q, %c, %c[%l] past %p : tensor<?xi32> window %w scale 1.0 causal
    : tensor<?x?x1x4xf32>, !sinter.cache<1x1x4xf32, ring 8>, !sinter.cache<1x1x4xf32, ring 8> -> tensor<?x?x1x4xf32>
  return %c : !sinter.cache<1x1x4xf32, ring 8>
}
func.func private @other(%c: !sinter.cache<1x1x4xf32, ring 8>, %l: index, %q: tensor<?x?x1x4xf32>, %p: tensor<?xi32>) -> !sinter.cache<1x1x4xf32, ring 8> {
  return %c : !sinter.cache<1x1x4xf32, ring 8>
}
func.func @stack_c5(%c: !sinter.cache<1x1x4xf32, ring 8>, %q: tensor<?x?x1x4xf32>, %p: tensor<?xi32>) {
  // expected-error @below {{window of layer 2 must be 1 to 8 (the ring of its cache), but is 9}}
  %y = sinter.stack [@ring, @other] layers [0, 1, 0] carry(%c) with(%q, %p)
    : (!sinter.cache<1x1x4xf32, ring 8>), (tensor<?x?x1x4xf32>, tensor<?xi32>) -> (!sinter.cache<1x1x4xf32, ring 8>)
  return
}

// -----

func.func @fused_c1(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{results must have the types that are yielded ('tensor<1x1x4xf32>'), but have types 'tensor<1x1x8xf32>'}}
  %y = sinter.fused {
    sinter.yield %x : tensor<1x1x4xf32>
  } : tensor<1x1x8xf32>
  return
}

// -----

func.func @fused_c2(%x: tensor<4xi32>) {
  // expected-error @below {{results must be tensors (batch, tokens, ...) or caches, but one is 'tensor<4xi32>'}}
  %y = sinter.fused {
    sinter.yield %x : tensor<4xi32>
  } : tensor<4xi32>
  return
}

// -----

// expected-error @below {{layers must be 1 to 65536, but is 1000000000000}}
sinter.param @huge layers 1000000000000 : tensor<4xf32>

// -----

// expected-error @below {{type must have at most 2^40 numbers}}
sinter.param @large : tensor<4294967296x4294967296xf32>

// -----

// expected-error @below {{type must have no layout or, of a matrix, #sinter.packed}}
sinter.param @param_c5 : tensor<4xf32, #sinter.packed<rows = 4>>

// -----

func.func private @itself(%x: tensor<1x1x4xf32>, %l: index) -> tensor<1x1x4xf32> {
  // expected-error @below {{form @itself must have no stack itself: stacks do not nest}}
  %y = sinter.stack [@itself] layers [0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return %y : tensor<1x1x4xf32>
}
sinter.param @stack_c6 : tensor<4xf32>

// -----

func.func private @declared(%x: tensor<1x1x4xf32>, %l: index) -> tensor<1x1x4xf32>
func.func @stack_c6_body(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{form @declared must have a body of one block}}
  %y = sinter.stack [@declared] layers [0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return
}

// -----

// expected-note @below {{of this}}
sinter.layer_table @factors = [0.5, 0.25] : f32
func.func private @scales(%x: tensor<1x1x4xf32>, %l: index) -> tensor<1x1x4xf32> {
  // expected-note @below {{read here}}
  %f = sinter.layer_value @factors[%l] : f32
  %y = sinter.scale_by %x, %f : tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}
func.func @stack_c7(%x: tensor<1x1x4xf32>) {
  // expected-error @below {{layers must be known where their form reads by them, but number 2 is none of 2}}
  %y = sinter.stack [@scales] layers [0, 0, 0] carry(%x) : (tensor<1x1x4xf32>) -> (tensor<1x1x4xf32>)
  return
}
