// RUN: sinter-opt %s --split-input-file --verify-diagnostics

// Types, layouts, and what passes leave on ops for others: a wrong one is an error, whoever wrote it.

// expected-error @below {{rows of a panel must be a power of two of at most 64, but are 0}}
sinter.param @rows : tensor<8x8xf32, #sinter.packed<rows = 0>>

// -----

// expected-error @below {{rows of a panel must be a power of two of at most 64, but are 24}}
sinter.param @rows : tensor<8x8xf32, #sinter.packed<rows = 24>>

// -----

// expected-error @below {{a tile must have 1 to 1024 tokens, but has 0}}
func.func private @tokens(tensor<?x?x8xf32, #sinter.tiled<tokens = 0>>)

// -----

// expected-error @below {{0, 1, 2, 4 or 32 features can stay together in a tile, but not -1}}
func.func private @together(tensor<?x?x8xf32, #sinter.tiled<tokens = 8, together = -1>>)

// -----

// expected-error @below {{slots, heads and dim of a cache must be at most 65536}}
func.func private @cache(!sinter.cache<1x1x1099511627776xf32>)

// -----

// expected-error @below {{numbers of a buffer must be 0 to 2^40, and a number of rows at least 1}}
func.func @arena(%x: tensor<?x?x8xf32>) attributes {sinter.arena = #sinter.arena<tokens x -1>} {
  return
}

// -----

// expected-error @below {{numbers of a buffer must be 0 to 2^40, and a number of rows at least 1}}
func.func @no_rows(%x: tensor<?x?x8xf32>) attributes {sinter.arena = #sinter.arena<output 0, sequences x 0 x 32>} {
  return
}

// -----

// expected-error @below {{attribute 'sinter.arena' must be a function's buffers (#sinter.arena<...>)}}
func.func @no_arena(%x: tensor<?x?x8xf32>) attributes {sinter.arena = [1]} {
  return
}

// -----

// expected-error @below {{expected}}
func.func @arena_rows(%x: tensor<?x?x8xf32>) attributes {sinter.arena = #sinter.arena<many x 32>} {
  return
}

// -----

func.func @buffers(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{attribute 'sinter.place' must be a kernel's buffers (#sinter.place<[...]>), one for each result}}
  %y = sinter.fused {
    %0 = sinter.unary relu %x : tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.place = #sinter.place<[0, 1]>} : tensor<?x?x8xf32>
  return
}

// -----

func.func @workspace(%x: tensor<?x?x8xf32>) {
  // expected-error @below {{attribute 'sinter.place' must be a kernel's buffers (#sinter.place<[...]>), one for each result}}
  %y = sinter.unary relu %x {sinter.place = #sinter.place<[0], workspace 1>} : tensor<?x?x8xf32>
  return
}

// -----

// expected-error @below {{attribute 'sinter.name' must be a text, but is 1}}
func.func @name(%x: tensor<?x?x8xf32> {sinter.name = 1}) {
  return
}

// -----

// expected-error @below {{attribute 'sinter.manifest' must be a module's dictionary}}
module attributes {sinter.manifest = 1} {
}

// -----

// expected-error @below {{attribute 'sinter.weights_bytes' must be a module's number}}
module attributes {sinter.weights_bytes = -1} {
}
