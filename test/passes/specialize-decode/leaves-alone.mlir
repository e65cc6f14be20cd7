// RUN: sinter-opt %s --sinter-specialize-decode | FileCheck %s
// RUN: sinter-opt %s --sinter-specialize-decode --sinter-specialize-decode | FileCheck %s --check-prefix=TWICE

// An entry that does not continue a sequence.
// CHECK-LABEL: func.func @encode(
// CHECK-NOT:   @encode_one
func.func @encode(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}

// A module whose clones exist.
// TWICE-COUNT-1: @forward_one(
// TWICE-NOT:     @forward_one
func.func @forward(%x: tensor<?x?x8xf32>, %past: tensor<?xi32> {sinter.name = "past"}) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}
