// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-check-plan --split-input-file --verify-diagnostics

// What the planner makes passes; test/passes/check-plan/packs.test has more.
func.func @sound(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  %b = sinter.fused {
    %0 = sinter.add %x, %a : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}

// -----

// Two live values in one buffer.
func.func @live(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  // expected-note @below {{by this}}
  %b = sinter.fused {
    %0 = sinter.scale %x by 3.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  // expected-error @below {{reads a value whose buffer 1 was written again meanwhile}}
  %c = sinter.fused {
    %0 = sinter.add %a, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}

// -----

// A product reads all of its input for each of its results.
sinter.param @w : tensor<8x8xf32>
func.func @in_place(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  // expected-error @below {{writes buffer 0 while it reads it}}
  %b = sinter.fused {
    %w = sinter.weight @w : tensor<8x8xf32>
    %0 = sinter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}

// -----

// The sum is computed anew for the second result: by then %a is gone.
func.func @shared(%x: tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) attributes {sinter.arena = #sinter.arena<output 0, output 1>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  // expected-error @below {{writes buffer 0 while it reads it}}
  %b:2 = sinter.fused {
    %sum = sinter.add %a, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    %tanh = sinter.unary tanh %sum : tensor<?x?x8xf32>
    %relu = sinter.unary relu %sum : tensor<?x?x8xf32>
    sinter.yield %tanh, %relu : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0, 1]>} : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %b#0, %b#1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// -----

func.func @too_small(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 28>} {
  // expected-error @below {{needs N rows of 32 bytes and 0 more, but buffer 1 has N rows of 28 and 0}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  %b = sinter.fused {
    %0 = sinter.scale %a by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}

// -----

func.func @elsewhere(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  // expected-error @below {{returns value 0 in another buffer than that of output 0}}
  return %a : tensor<?x?x8xf32>
}

// -----

// Nothing copies a cache.
func.func @cache(%x: tensor<?x?x4x16xf32>, %c: !sinter.cache<1x4x16xf32>, %past: tensor<?xi32>) -> !sinter.cache<1x4x16xf32>
    attributes {sinter.arena = #sinter.arena<tokens x 256>} {
  // expected-error @below {{would copy a cache into buffer 0}}
  %d = sinter.fused {
    %slot = arith.constant 0 : index
    %0 = sinter.append %x into %c[%slot] at %past : tensor<?x?x4x16xf32>, !sinter.cache<1x4x16xf32>, tensor<?xi32>
    sinter.yield %0 : !sinter.cache<1x4x16xf32>
  } {sinter.place = #sinter.place<[0]>} : !sinter.cache<1x4x16xf32>
  return %d : !sinter.cache<1x4x16xf32>
}

// -----

// Weights have places of their own; layers of one may share.
module attributes {sinter.weights_bytes = 512 : i64} {
  sinter.param @a layers 2 at [0, 0] : tensor<8x8xf32>
  // expected-error @below {{overlaps @a in the packed weights}}
  sinter.param @b at [192] : tensor<8x8xf32>
}

// -----

module attributes {sinter.weights_bytes = 256 : i64} {
  // expected-error @below {{ends after the packed weights}}
  sinter.param @a at [64] : tensor<8x8xf32>
}

// -----

// What passes between the phases of a kernel where its input is.
func.func @workspace(%x: tensor<?x?x8xf32>, %i: tensor<?x?x2xi32>, %w: tensor<?x?x2xf32>, %u: tensor<3x4x8xf32>, %d: tensor<3x8x4xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 500 + 500>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  // expected-error @below {{works in buffer 1 which it reads or writes}}
  %b = sinter.moe relu %a route %i, %w up %u : tensor<3x4x8xf32> down %d : tensor<3x8x4xf32> {sinter.place = #sinter.place<[0], workspace 1>}
    : tensor<?x?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
  return %b : tensor<?x?x8xf32>
}

// -----

// An output is as large as the last tokens; a stack carries all.
func.func private @layer_last(%x: tensor<?x?x8xf32>, %layer: index, %last: index) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<argument 0, last x 32>} {
  %l = sinter.fused {
    %0 = sinter.last %x, %last : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  %y = sinter.fused {
    %0 = sinter.scale %l by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @forward(%x: tensor<?x?x8xf32>, %last: index) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  // expected-error @below {{needs N rows of 32 bytes and 0 more, but buffer 0 has L rows of 32 and 0}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  %y = sinter.stack [@layer_last] layers [0] carry(%a) with(%last) : (tensor<?x?x8xf32>), (index) -> (tensor<?x?x8xf32>)
  return %y : tensor<?x?x8xf32>
}

// -----

// Two buffers that are one.
// expected-error @below {{has two buffers for output 0}}
func.func @aliases(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, output 0>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %a : tensor<?x?x8xf32>
}

// -----

// expected-error @below {{has a buffer for an argument, which is not its own to write}}
func.func @others(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<argument 0>} {
  return %x : tensor<?x?x8xf32>
}

// -----

func.func @unplanned(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  // expected-error @below {{has no place in a memory plan: it is neither a kernel nor free}}
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  return %a : tensor<?x?x8xf32>
}

// -----

func.func @no_buffers(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  // expected-error @below {{has no buffers}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } : tensor<?x?x8xf32>
  return %a : tensor<?x?x8xf32>
}

// -----

// Numbers that are no buffer's, the largest among them.
func.func @no_buffer(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  // expected-error @below {{has a result without a buffer}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1099511627776]>} : tensor<?x?x8xf32>
  return %a : tensor<?x?x8xf32>
}
