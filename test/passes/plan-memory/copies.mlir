// RUN: sinter-opt %s --sinter-attach-cpu-target --sinter-form-kernels --sinter-plan-memory | FileCheck %s

// Results that cannot be made where they have to be are copied, once each and
// in plain sight.

// CHECK-LABEL: func.func private @swaps
func.func private @swaps(%x: tensor<?x?x8xf32>, %y: tensor<?x?x8xf32>, %layer: index)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  // CHECK-COUNT-3: sinter.copy
  // CHECK-NOT: sinter.copy
  // CHECK: return
  return %y, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// An entry's arguments are not its own to write.
// CHECK-LABEL: func.func @argument_into_stack
func.func @argument_into_stack(%x: tensor<?x?x8xf32>, %y: tensor<?x?x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  // CHECK-COUNT-2: sinter.copy
  // CHECK: sinter.stack
  %a, %b = sinter.stack [@swaps] layers [0] carry(%x, %y)
      : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  return %a, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// A result that is an argument.
// CHECK-LABEL: func.func @identity
func.func @identity(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // CHECK: sinter.copy
  // CHECK: {sinter.place = #sinter.place<[0]>}
  return %x : tensor<?x?x8xf32>
}
