// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-narrow-caches --split-input-file | FileCheck %s

// Types change wherever a cache is handed on.
// CHECK-LABEL: func.func private @block
// CHECK-SAME:    !sinter.cache<2x3x16xf16>, %{{.*}}: !sinter.cache<2x3x16xbf16>
// CHECK:         sinter.append {{.*}} <2x3x16xf16>
func.func private @block(%x: tensor<?x?x64xf32>, %a: tensor<48x64x!sinter.block<q4_0>>, %cache: !sinter.cache<2x3x16xf32>, %other: !sinter.cache<2x3x16xbf16>, %slot: index, %past: tensor<?xi32>) -> !sinter.cache<2x3x16xf32> {
  %q = sinter.quantize %x : tensor<?x?x64xf32> -> tensor<?x?x64x!sinter.block<a8>>
  %y = sinter.linear %q, %a : tensor<?x?x64x!sinter.block<a8>>, tensor<48x64x!sinter.block<q4_0>> -> tensor<?x?x48xf32>
  %k = sinter.reshape %y : tensor<?x?x48xf32> -> tensor<?x?x3x16xf32>
  %new = sinter.append %k into %cache[%slot] at %past : tensor<?x?x3x16xf32>, !sinter.cache<2x3x16xf32>, tensor<?xi32>
  return %new : !sinter.cache<2x3x16xf32>
}

// -----

// Nothing is rounded: nothing changes.
// CHECK-LABEL: func.func @exact
// CHECK-SAME:    !sinter.cache<2x3x16xf32>
func.func @exact(%cache: !sinter.cache<2x3x16xf32>) -> !sinter.cache<2x3x16xf32> {
  return %cache : !sinter.cache<2x3x16xf32>
}
