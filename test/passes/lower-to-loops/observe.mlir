// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-plan --sinter-lower=observe=true | FileCheck %s
// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-plan --sinter-lower | FileCheck %s --check-prefix=PLAIN

// Between two meetings of all threads after each kernel, what it made is shown:
// kernel, layer, result and where it lies.

// PLAIN-NOT: sinter_observe

// CHECK-LABEL: func.func @forward(
// CHECK: call @sinter_barrier
// CHECK-NEXT: %[[KERNEL:.*]] = arith.constant 0 : i64
// CHECK-NEXT: %[[LAYER:.*]] = arith.constant -1 : i64
// CHECK-NEXT: %[[RESULT:.*]] = arith.constant 0 : i64
// CHECK-NEXT: call @sinter_observe(%{{.*}}, %{{.*}}, %[[KERNEL]], %[[LAYER]], %[[RESULT]], %{{.*}})
// CHECK-NEXT: call @sinter_barrier
// CHECK: call @sinter_observe
// CHECK-NEXT: call @sinter_barrier
// CHECK-NEXT: return
func.func @forward(%x: tensor<?x?x8xf32> {sinter.name = "x"}) -> tensor<?x?x8xf32> {
  %w = sinter.weight @w : tensor<8x8xf32>
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  %c = sinter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %c : tensor<?x?x8xf32>
}
sinter.param @w : tensor<8x8xf32>
