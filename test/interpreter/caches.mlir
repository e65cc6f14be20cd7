// Caches over several steps, in place, rounded to their type.
// RUN: sinter-opt %s --sinter-interpret -o /dev/null
// RUN: sinter-opt %s --sinter-interpret=precision=f32 -o /dev/null

// Two tokens, then one more, into slot 1 of 2; the sequences have different
// lengths, as the second starts with one token that was there (zeros).
func.func @test_append_and_attend(%k0: !sinter.cache<2x1x2xf32>, %v0: !sinter.cache<2x1x3xf32>) {
  %slot = arith.constant 1 : index
  %past = arith.constant dense<[0, 1]> : tensor<2xi32>
  %now = arith.constant dense<[2, 3]> : tensor<2xi32>
  %ka = arith.constant dense<[[[[-0.19, 0.24]], [[1.7, -0.14]]], [[[-1.26, 0.05]], [[0.52, 1.17]]]]> : tensor<2x2x1x2xf32>
  %va = arith.constant dense<[[[[-1.64, 1.24, 0.77]], [[-1.83, 1.93, 1.86]]], [[[-1.94, 0.11, -1.76]], [[-1.24, -1.03, -1.88]]]]> : tensor<2x2x1x3xf32>
  %kb = arith.constant dense<[[[[0.03, 0.35]]], [[[-1.62, -0.79]]]]> : tensor<2x1x1x2xf32>
  %vb = arith.constant dense<[[[[0.62, 0.46, -1.37]]], [[[-0.14, -0.24, 1.37]]]]> : tensor<2x1x1x3xf32>
  %q = arith.constant dense<[[[[0.08, 0.56], [-0.0, 0.65]]], [[[-0.17, -0.89], [1.99, 1.98]]]]> : tensor<2x1x2x2xf32>
  %k1 = sinter.append %ka into %k0[%slot] at %past : tensor<2x2x1x2xf32>, !sinter.cache<2x1x2xf32>, tensor<2xi32>
  %v1 = sinter.append %va into %v0[%slot] at %past : tensor<2x2x1x3xf32>, !sinter.cache<2x1x3xf32>, tensor<2xi32>
  %k2 = sinter.append %kb into %k1[%slot] at %now : tensor<2x1x1x2xf32>, !sinter.cache<2x1x2xf32>, tensor<2xi32>
  %v2 = sinter.append %vb into %v1[%slot] at %now : tensor<2x1x1x3xf32>, !sinter.cache<2x1x3xf32>, tensor<2xi32>
  %y = sinter.attention %q, %k2, %v2[%slot] past %now : tensor<2xi32> scale 0.5 causal
    : tensor<2x1x2x2xf32>, !sinter.cache<2x1x2xf32>, !sinter.cache<2x1x3xf32> -> tensor<2x1x2x3xf32>
  check.almost_eq %y, dense<[[[[-0.9200637, 1.19268, 0.3814685], [-0.895422, 1.172008, 0.3404008]]], [[[-0.7101107, -0.1999071, -0.1748879], [-1.072123, -0.8155541, -1.551415]]]]> : tensor<2x1x2x3xf32> : tensor<2x1x2x3xf32>
  return
}

// Ten tokens in a ring of eight: the last two are there.
func.func @test_ring(%c0: !sinter.cache<1x1x1xf32, ring 2>) {
  %slot = arith.constant 0 : index
  %w = arith.constant 2 : index
  %p0 = arith.constant dense<0> : tensor<2xi32>
  %x0 = arith.constant dense<0.68> : tensor<2x1x1x1xf32>
  %c1 = sinter.append %x0 into %c0[%slot] at %p0 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p1 = arith.constant dense<1> : tensor<2xi32>
  %x1 = arith.constant dense<0.42> : tensor<2x1x1x1xf32>
  %c2 = sinter.append %x1 into %c1[%slot] at %p1 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p2 = arith.constant dense<2> : tensor<2xi32>
  %x2 = arith.constant dense<-0.37> : tensor<2x1x1x1xf32>
  %c3 = sinter.append %x2 into %c2[%slot] at %p2 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p3 = arith.constant dense<3> : tensor<2xi32>
  %x3 = arith.constant dense<-0.54> : tensor<2x1x1x1xf32>
  %c4 = sinter.append %x3 into %c3[%slot] at %p3 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p4 = arith.constant dense<4> : tensor<2xi32>
  %x4 = arith.constant dense<-0.42> : tensor<2x1x1x1xf32>
  %c5 = sinter.append %x4 into %c4[%slot] at %p4 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p5 = arith.constant dense<5> : tensor<2xi32>
  %x5 = arith.constant dense<-0.86> : tensor<2x1x1x1xf32>
  %c6 = sinter.append %x5 into %c5[%slot] at %p5 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p6 = arith.constant dense<6> : tensor<2xi32>
  %x6 = arith.constant dense<0.53> : tensor<2x1x1x1xf32>
  %c7 = sinter.append %x6 into %c6[%slot] at %p6 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p7 = arith.constant dense<7> : tensor<2xi32>
  %x7 = arith.constant dense<-0.2> : tensor<2x1x1x1xf32>
  %c8 = sinter.append %x7 into %c7[%slot] at %p7 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p8 = arith.constant dense<8> : tensor<2xi32>
  %x8 = arith.constant dense<0.69> : tensor<2x1x1x1xf32>
  %c9 = sinter.append %x8 into %c8[%slot] at %p8 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %p9 = arith.constant dense<9> : tensor<2xi32>
  %x9 = arith.constant dense<-0.23> : tensor<2x1x1x1xf32>
  %c10 = sinter.append %x9 into %c9[%slot] at %p9 : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, tensor<2xi32>
  %q = arith.constant dense<1.0> : tensor<2x1x1x1xf32>
  %y = sinter.attention %q, %c10, %c10[%slot] past %p9 : tensor<2xi32> window %w scale 1.0 causal
    : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32, ring 2>, !sinter.cache<1x1x1xf32, ring 2> -> tensor<2x1x1x1xf32>
  check.almost_eq %y, dense<[[[[0.4278387]]], [[[0.4278387]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  return
}

// Keys and values of an encoder stay in a cache: `keys` says how many.
func.func @test_cross_attention(%k0: !sinter.cache<1x1x1xf32>) {
  %slot = arith.constant 0 : index
  %none = arith.constant dense<0> : tensor<2xi32>
  %n = arith.constant dense<[1, 2]> : tensor<2xi32>
  %x = arith.constant dense<[[[[1.0]], [[3.0]]], [[[2.0]], [[2.0]]]]> : tensor<2x2x1x1xf32>
  %k = sinter.append %x into %k0[%slot] at %none : tensor<2x2x1x1xf32>, !sinter.cache<1x1x1xf32>, tensor<2xi32>
  %q = arith.constant dense<0.0> : tensor<2x1x1x1xf32>
  %y = sinter.attention %q, %k, %k[%slot] scale 1.0 full keys %n : tensor<2xi32>
    : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xf32>, !sinter.cache<1x1x1xf32> -> tensor<2x1x1x1xf32>
  check.almost_eq %y, dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  return
}

// A cache of bf16 holds 1 + 1/256 as 1.
func.func @test_narrow_cache(%k0: !sinter.cache<1x1x1xbf16>) {
  %slot = arith.constant 0 : index
  %none = arith.constant dense<0> : tensor<2xi32>
  %x = arith.constant dense<1.00390625> : tensor<2x1x1x1xf32>
  %k = sinter.append %x into %k0[%slot] at %none : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xbf16>, tensor<2xi32>
  %y = sinter.attention %x, %k, %k[%slot] past %none : tensor<2xi32> scale 1.0 causal
    : tensor<2x1x1x1xf32>, !sinter.cache<1x1x1xbf16>, !sinter.cache<1x1x1xbf16> -> tensor<2x1x1x1xf32>
  check.eq %y, dense<1.0> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  return
}
