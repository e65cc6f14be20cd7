// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-place-barriers --sinter-lower-to-loops --split-input-file --verify-diagnostics | FileCheck %s

// Entries take the call and a thread; a kernel that others' tokens go into
// waits for a barrier, one that is cut by the same tokens does not.

// CHECK: sinter.entries = [{name = "forward"}]
// CHECK: func.func private @sinter_barrier(!llvm.ptr)
// CHECK-LABEL: func.func @forward(%{{.*}}: !llvm.ptr, %{{.*}}: i64) {
// CHECK-NOT: sinter_barrier
// CHECK: call @sinter_barrier
// CHECK-NOT: sinter_barrier
// CHECK: return
// CHECK: func.func @forward.scratch(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64) -> i64
// CHECK: func.func @sinter_cache_bytes
func.func @forward(%x: tensor<?x?x8xf32> {sinter.name = "x"}) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  %b = sinter.unary silu %a : tensor<?x?x8xf32>
  %c = sinter.linear %b, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>

// -----

// A cache cannot be laid out as keys and as values.
// expected-error @below {{a cache is read as keys and as values, which are laid out differently}}
func.func @both(%q: tensor<?x?x4x16xf32>, %c: !sinter.cache<1x4x16xf32>, %past: tensor<?xi32>) -> tensor<?x?x4x16xf32> {
  %slot = arith.constant 0 : index
  %a = sinter.attention %q, %c, %c[%slot] past %past : tensor<?xi32> scale 0.25 causal
      : tensor<?x?x4x16xf32>, !sinter.cache<1x4x16xf32>, !sinter.cache<1x4x16xf32> -> tensor<?x?x4x16xf32>
  return %a : tensor<?x?x4x16xf32>
}
