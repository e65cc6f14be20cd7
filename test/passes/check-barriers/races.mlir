// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-check-barriers --split-input-file --verify-diagnostics

// A linear reads rows that other threads write.

func.func @reads(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  // expected-note @below {{this one}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  // expected-error @below {{reads what other threads may not have written yet: there is no barrier between it and another kernel}}
  %b = sinter.fused {
    %w = sinter.weight @w : tensor<8x8xf32>
    %0 = sinter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// Rows of other lengths: mine lie where others have theirs.

func.func @views(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  // expected-note @below {{this one}}
  %a = sinter.fused {
    %0 = sinter.slice %x at 0 : tensor<?x?x8xf32> -> tensor<?x?x4xf32>
    sinter.yield %0 : tensor<?x?x4xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x4xf32>
  %b = sinter.fused {
    %0 = sinter.concat %a, %a : tensor<?x?x4xf32>, tensor<?x?x4xf32> -> tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  // expected-error @below {{writes what other threads may still need: there is no barrier between it and another kernel}}
  %c = sinter.fused {
    %0 = sinter.scale %b by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  cpu.barrier
  %d = sinter.fused {
    %0 = sinter.add %b, %c : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %d : tensor<?x?x8xf32>
}

// -----

// Every thread reads the whole row that a replicated kernel reads.

func.func @replicated(%x: tensor<1x1x8xf32>) -> tensor<1x1x8xf32> attributes {sinter.arena = #sinter.arena<output 0, 1 x 32>} {
  // expected-note @below {{this one}}
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<1x1x8xf32>
    sinter.yield %0 : tensor<1x1x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<1x1x8xf32>
  // expected-error @below {{reads what other threads may not have written yet}}
  %b = sinter.fused {
    %0 = sinter.rms_norm %a eps 1.0e-5 : tensor<1x1x8xf32>
    sinter.yield %0 : tensor<1x1x8xf32>
  } {sinter.place = #sinter.place<[none]>, sinter.share = #sinter.share<replicated>} : tensor<1x1x8xf32>
  %c = sinter.fused {
    %w = sinter.weight @w : tensor<8x8xf32>
    %0 = sinter.linear %b, %w : tensor<1x1x8xf32>, tensor<8x8xf32> -> tensor<1x1x8xf32>
    sinter.yield %0 : tensor<1x1x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<1x1x8xf32>
  return %c : tensor<1x1x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// Nobody else has what is replicated.

func.func @leaks(%x: tensor<1x1x8xf32>) -> tensor<1x1x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  // expected-error @below {{is replicated, but has a result in buffer 0}}
  %b = sinter.fused {
    %0 = sinter.rms_norm %x eps 1.0e-5 : tensor<1x1x8xf32>
    sinter.yield %0 : tensor<1x1x8xf32>
  } {sinter.place = #sinter.place<[0]>, sinter.share = #sinter.share<replicated>} : tensor<1x1x8xf32>
  return %b : tensor<1x1x8xf32>
}

// -----

// A layer's first kernel, and the first after layers.

// expected-note @below {{here}}
func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<argument 0>} {
  // expected-error @below {{needs a barrier before it: other threads may still be at work}}
  %y = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func private @layer(%x: tensor<?x?x8xf32>, %layer: index) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<argument 0>} {
  cpu.barrier
  %y = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

func.func @layers(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  // expected-note @below {{here}}
  %b = sinter.stack [@layer] layers [0, 0] carry(%a) : (tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>)
  // expected-error @below {{needs a barrier before it: other threads may still be at work}}
  %c = sinter.fused {
    %0 = sinter.scale %b by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}

// -----

// Attention reads tokens that others append.

func.func @appended(%q: tensor<?x?x2x4xf32>, %past: tensor<?xi32>, %k0: !sinter.cache<1x2x4xf32> {sinter.name = "k"}, %v: !sinter.cache<1x2x4xf32> {sinter.name = "v"}) -> (tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>) attributes {sinter.arena = #sinter.arena<output 0>} {
  %i = arith.constant 0 : index
  // expected-note @below {{this one}}
  %k = sinter.fused {
    %0 = sinter.append %q into %k0[%i] at %past : tensor<?x?x2x4xf32>, <1x2x4xf32>, tensor<?xi32>
    sinter.yield %0 : !sinter.cache<1x2x4xf32>
  } {sinter.place = #sinter.place<[none]>} : !sinter.cache<1x2x4xf32>
  // expected-error @below {{reads what other threads may not have written yet}}
  %o = sinter.attention %q, %k, %v[%i] past %past : tensor<?xi32> scale 0.5 causal {sinter.place = #sinter.place<[0]>} : tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>, !sinter.cache<1x2x4xf32> -> tensor<?x?x2x4xf32>
  return %o, %k : tensor<?x?x2x4xf32>, !sinter.cache<1x2x4xf32>
}

// -----

// Without a race there is nothing to say.

func.func @sound(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {sinter.arena = #sinter.arena<output 0, tokens x 32>} {
  %a = sinter.fused {
    %0 = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[1]>} : tensor<?x?x8xf32>
  cpu.barrier
  %b = sinter.fused {
    %w = sinter.weight @w : tensor<8x8xf32>
    %0 = sinter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0]>} : tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>
