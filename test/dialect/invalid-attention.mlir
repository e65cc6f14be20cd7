// Caches and attention: functions are named for the constraint that they
// break.
// RUN: sinter-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{slots, heads and dim of a cache must be positive}}
func.func private @cache_type(!sinter.cache<1x0x4xf32>)

// -----

// expected-error @below {{a cache holds f32, bf16 or f16, not 'i8'}}
func.func private @cache_type_element(!sinter.cache<1x2x4xi8>)

// -----

func.func @append_c1(%k: tensor<?x?x2x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index, %past: tensor<?xi32>) {
  // expected-error @below {{input must have shape ?x?x3x64 (batch, tokens, heads and dim of cache), but has shape ?x?x2x64}}
  %c1 = sinter.append %k into %c[%l] at %past : tensor<?x?x2x64xf32>, !sinter.cache<4x3x64xf32>, tensor<?xi32>
  return
}

// -----

func.func @append_c2(%k: tensor<?x?x3x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index, %past: tensor<?xi32>)
    -> !sinter.cache<4x3x64xf32> {
  // expected-error @below {{cache is overwritten here and must have no later use, but 'func.return' uses it}}
  %c1 = sinter.append %k into %c[%l] at %past : tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>, tensor<?xi32>
  // expected-note @below {{the later use is here}}
  return %c : !sinter.cache<4x3x64xf32>
}

// -----

// An append in a fused region overwrites what is used after the region.
func.func @append_c2_fused(%k: tensor<?x?x3x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index, %past: tensor<?xi32>)
    -> !sinter.cache<4x3x64xf32> {
  %f = sinter.fused {
    // expected-error @below {{cache is overwritten here and must have no later use, but 'func.return' uses it}}
    %c1 = sinter.append %k into %c[%l] at %past : tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>, tensor<?xi32>
    sinter.yield %c1 : !sinter.cache<4x3x64xf32>
  } : !sinter.cache<4x3x64xf32>
  // expected-note @below {{the later use is here}}
  return %c : !sinter.cache<4x3x64xf32>
}

// -----

// A use before the append reads the old cache, as it should.
func.func @append_earlier_use(%q: tensor<?x?x3x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index, %past: tensor<?xi32>)
    -> (tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>) {
  %o = sinter.attention %q, %c, %c[%l] past %past : tensor<?xi32> scale 0.125 causal
    : tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>, !sinter.cache<4x3x64xf32> -> tensor<?x?x3x64xf32>
  %c1 = sinter.append %q into %c[%l] at %past : tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>, tensor<?xi32>
  return %o, %c1 : tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>
}

// -----

func.func @append_c3(%k: tensor<?x?x3x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index, %past: tensor<?xi32>) {
  // expected-error @below {{failed to verify that all of {cache, result} have same type}}
  %c1 = "sinter.append"(%k, %c, %l, %past) : (tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32>, index, tensor<?xi32>) -> !sinter.cache<5x3x64xf32>
  return
}

// -----

func.func @attention_c1(%q: tensor<?x?x64xf32>, %k: tensor<?x?x3x64xf32>) {
  // expected-error @below {{query must be (batch, tokens, heads, dim), but has shape ?x?x64}}
  %o = sinter.attention %q, %k, %k scale 1.0 full : tensor<?x?x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x64xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<?x?x9x64xf32>, %k: tensor<?x?x2x64xf32>) {
  // expected-error @below {{heads of key (2) must divide those of query (9)}}
  %o = sinter.attention %q, %k, %k scale 1.0 full : tensor<?x?x9x64xf32>, tensor<?x?x2x64xf32>, tensor<?x?x2x64xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c2_mixed(%q: tensor<?x?x9x64xf32>, %k: tensor<?x?x3x64xf32>, %c: !sinter.cache<4x3x64xf32>) {
  // expected-error @below {{key and value must both be caches or tensors}}
  %o = sinter.attention %q, %k, %c scale 1.0 full : tensor<?x?x9x64xf32>, tensor<?x?x3x64xf32>, !sinter.cache<4x3x64xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c2_values(%q: tensor<?x?x6x64xf32>, %v: tensor<?x?x4x64xf32>) {
  // expected-error @below {{heads of value (4) must divide those of key (6)}}
  %o = sinter.attention %q, %q, %v scale 1.0 full : tensor<?x?x6x64xf32>, tensor<?x?x6x64xf32>, tensor<?x?x4x64xf32> -> tensor<?x?x6x64xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<?x?x9x64xf32>, %k: tensor<?x?x3x32xf32>) {
  // expected-error @below {{key must have dim 64 (of query), but has 32}}
  %o = sinter.attention %q, %k, %k scale 1.0 full : tensor<?x?x9x64xf32>, tensor<?x?x3x32xf32>, tensor<?x?x3x32xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<?x?x9x64xf32>, %k: tensor<?x?x3x64xf32>, %v: tensor<?x?x3x32xf32>) {
  // expected-error @below {{result must have shape ?x?x9x32 (batch, tokens, heads of query, dim of value), but has shape ?x?x9x64}}
  %o = sinter.attention %q, %k, %v scale 1.0 full : tensor<?x?x9x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x32xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c5(%q: tensor<?x?x9x64xf32>, %c: !sinter.cache<4x3x64xf32>, %l: index) {
  // expected-error @below {{caches need a slot, and past or keys}}
  %o = sinter.attention %q, %c, %c[%l] scale 1.0 full : tensor<?x?x9x64xf32>, !sinter.cache<4x3x64xf32>, !sinter.cache<4x3x64xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c5_tensors(%q: tensor<?x?x9x64xf32>, %k: tensor<?x?x3x64xf32>, %l: index) {
  // expected-error @below {{a slot needs caches, but key and value are tensors}}
  %o = sinter.attention %q, %k, %k[%l] scale 1.0 full : tensor<?x?x9x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x9x64xf32>
  return
}

// -----

func.func @attention_c6(%q: tensor<2x?x3x64xf32>, %m: tensor<3x?xi32>) {
  // expected-error @below {{key_mask must have shape 2x? (batch, keys), but has shape 3x?}}
  %o = sinter.attention %q, %q, %q scale 1.0 full key_mask %m : tensor<3x?xi32>
    : tensor<2x?x3x64xf32>, tensor<2x?x3x64xf32>, tensor<2x?x3x64xf32> -> tensor<2x?x3x64xf32>
  return
}

// -----

func.func @attention_c7(%q: tensor<?x?x3x64xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{slopes must have length 3 (heads of query), but has length 4}}
  %o = sinter.attention %q, %q, %q scale 1.0 full slopes %s : tensor<4xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c8(%q: tensor<?x?x3x64xf32>, %b: tensor<8x3xf32>) {
  // expected-error @below {{bias, rel_keys, rel_queries and rel_values need map, and map needs one of them}}
  %o = sinter.attention %q, %q, %q scale 1.0 full bias %b : tensor<8x3xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c8_alone(%q: tensor<?x?x3x64xf32>, %m: tensor<7xi32>, %b: tensor<8x3xf32>) {
  // expected-error @below {{rel_map needs bias, and rel_keys, rel_queries or rel_values}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<7xi32> bias %b : tensor<8x3xf32> rel_map %m : tensor<7xi32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c8_even(%q: tensor<?x?x3x64xf32>, %m: tensor<8xi32>, %b: tensor<8x3xf32>) {
  // expected-error @below {{map must be a vector of odd length, but has shape 8}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<8xi32> bias %b : tensor<8x3xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c9(%q: tensor<?x?x3x64xf32>, %m: tensor<9xi32>, %b: tensor<8x4xf32>) {
  // expected-error @below {{bias must have shape ?x3 (rows, heads of query), but has shape 8x4}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<9xi32> bias %b : tensor<8x4xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c10(%q: tensor<?x?x3x64xf32>, %m: tensor<9xi32>, %r: tensor<8x3x64xf32>) {
  // expected-error @below {{rel_keys must have shape 1x?x3x64 (1, rows, groups of heads and dim of query), but has shape 8x3x64}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<9xi32> rel_keys %r : tensor<8x3x64xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c10_groups(%q: tensor<?x?x3x64xf32>, %m: tensor<9xi32>, %r: tensor<1x8x2x64xf32>) {
  // expected-error @below {{rel_values must have shape 1x?x3x64 (1, rows, groups of heads and dim of value), but has shape 1x8x2x64}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<9xi32> rel_values %r : tensor<1x8x2x64xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c10_query(%q: tensor<?x?x3x64xf32>, %m: tensor<9xi32>, %r: tensor<1x8x3x64xf32>) {
  // expected-error @below {{rel_query needs rel_keys and the type of query}}
  %o = sinter.attention %q, %q, %q scale 1.0 full map %m : tensor<9xi32> rel_query %q : tensor<?x?x3x64xf32> rel_queries %r : tensor<1x8x3x64xf32>
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c11(%q: tensor<?x?x3x64xf32>) {
  // expected-error @below {{chunk, memory and soft_cap must be at least 0}}
  %o = sinter.attention %q, %q, %q scale 1.0 full chunk -1
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c11_memory(%q: tensor<?x?x3x64xf32>) {
  // expected-error @below {{memory needs past}}
  %o = sinter.attention %q, %q, %q scale 1.0 causal memory 4
    : tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32>, tensor<?x?x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c12(%q: tensor<?x?x3x64xf32>, %k: !sinter.cache<1x3x64xf32, ring 8>, %v: !sinter.cache<1x3x64xf32>, %l: index, %p: tensor<?xi32>) {
  // expected-error @below {{key and value must be rings of one length, but are '!sinter.cache<1x3x64xf32, ring 8>' and '!sinter.cache<1x3x64xf32>'}}
  %o = sinter.attention %q, %k, %v[%l] past %p : tensor<?xi32> scale 1.0 causal
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c12_prefix(%q: tensor<?x?x3x64xf32>, %k: !sinter.cache<1x3x64xf32, ring 8>, %l: index, %p: tensor<?xi32>) {
  %w = arith.constant 8 : index
  // expected-error @below {{rings need past, a causal mask and no prefix}}
  %o = sinter.attention %q, %k, %k[%l] past %p : tensor<?xi32> window %w scale 1.0 causal prefix %p : tensor<?xi32>
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32, ring 8> -> tensor<?x?x3x64xf32>
  return
}

// -----

func.func @attention_c12_window(%q: tensor<?x?x3x64xf32>, %k: !sinter.cache<1x3x64xf32, ring 8>, %l: index, %p: tensor<?xi32>) {
  %w = arith.constant 9 : index
  // expected-error @below {{a ring of 8 tokens needs a window, chunk or memory + 1 of 1 to 8}}
  %o = sinter.attention %q, %k, %k[%l] past %p : tensor<?xi32> window %w scale 1.0 causal memory 8
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32, ring 8> -> tensor<?x?x3x64xf32>
  return
}

// -----

// Any of the three suffices.
func.func @attention_rings(%q: tensor<?x?x3x64xf32>, %k: !sinter.cache<1x3x64xf32, ring 8>, %l: index, %p: tensor<?xi32>) {
  %w = arith.constant 8 : index
  %a = sinter.attention %q, %k, %k[%l] past %p : tensor<?xi32> window %w scale 1.0 causal
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32, ring 8> -> tensor<?x?x3x64xf32>
  %b = sinter.attention %q, %k, %k[%l] past %p : tensor<?xi32> scale 1.0 causal chunk 5
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32, ring 8> -> tensor<?x?x3x64xf32>
  %c = sinter.attention %q, %k, %k[%l] past %p : tensor<?xi32> scale 1.0 causal memory 7
    : tensor<?x?x3x64xf32>, !sinter.cache<1x3x64xf32, ring 8>, !sinter.cache<1x3x64xf32, ring 8> -> tensor<?x?x3x64xf32>
  return
}
