// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory | FileCheck %s
// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory --sinter-check-plan -o /dev/null

// Results of a kernel are stored one by one, and what is between an operand and
// the results is computed anew for each: unless it is a result itself.

// The sum is a result, which the second reads where it is stored.
// CHECK-LABEL: func.func @over_a_result
func.func @over_a_result(%x: tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  // CHECK: sinter.place<[1]>
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  // CHECK: sinter.place<[0]>
  %b = sinter.scale %x by 3.0 : tensor<?x?x8xf32>
  // CHECK: sinter.place = #sinter.place<[1, 0]>
  %r:2 = sinter.fused {
    %sum = sinter.add %a, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    %tanh = sinter.unary tanh %sum : tensor<?x?x8xf32>
    sinter.yield %sum, %tanh : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  } : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %r#1, %r#0 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// The sum is none: it is computed from %a again for the second result, which
// must not be gone by then.
// CHECK-LABEL: func.func @of_a_shared_value
func.func @of_a_shared_value(%x: tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  // CHECK: sinter.place<[2]>
  %a = sinter.scale %x by 2.0 : tensor<?x?x8xf32>
  // CHECK: sinter.place = #sinter.place<[0, 1]>
  %r:2 = sinter.fused {
    %sum = sinter.add %a, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    %tanh = sinter.unary tanh %sum : tensor<?x?x8xf32>
    %relu = sinter.unary relu %sum : tensor<?x?x8xf32>
    sinter.yield %tanh, %relu : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  } : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %r#0, %r#1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
