// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4 --sinter-plan --sinter-lower | FileCheck %s

// One token's attention fetches the next block of keys and values while it uses one; many tokens use each long enough.

// CHECK-LABEL: func.func @many(
// CHECK-NOT:     llvm.intr.prefetch
// CHECK-LABEL: func.func @one(
// CHECK:         llvm.intr.prefetch
// CHECK:         math.fma
// CHECK:         llvm.intr.prefetch
func.func @many(%q: tensor<?x?x4x16xf32>, %past: tensor<?xi32>, %keys: !sinter.cache<1x2x16xf32> {sinter.name = "keys"},
                %values: !sinter.cache<1x2x16xf32> {sinter.name = "values"}) -> tensor<?x?x4x16xf32> {
  %slot = arith.constant 0 : index
  %a = sinter.attention %q, %keys, %values[%slot] past %past : tensor<?xi32> scale 0.25 causal
      : tensor<?x?x4x16xf32>, !sinter.cache<1x2x16xf32>, !sinter.cache<1x2x16xf32> -> tensor<?x?x4x16xf32>
  return %a : tensor<?x?x4x16xf32>
}
func.func @one(%q: tensor<1x1x4x16xf32>, %past: tensor<1xi32>, %keys: !sinter.cache<1x2x16xf32> {sinter.name = "keys"},
               %values: !sinter.cache<1x2x16xf32> {sinter.name = "values"}) -> tensor<1x1x4x16xf32> {
  %slot = arith.constant 0 : index
  %a = sinter.attention %q, %keys, %values[%slot] past %past : tensor<1xi32> scale 0.25 causal
      : tensor<1x1x4x16xf32>, !sinter.cache<1x2x16xf32>, !sinter.cache<1x2x16xf32> -> tensor<1x1x4x16xf32>
  return %a : tensor<1x1x4x16xf32>
}
