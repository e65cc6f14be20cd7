// RUN: sinter-opt %s --sinter-check-plan --split-input-file --verify-diagnostics

// Threads cannot share an addition by panels, and many rows are not each thread's own.

func.func @panels(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{attribute 'sinter.share' must be how a kernel of these ops can be shared (#sinter.share<...>), but is #sinter.share<panels>}}
  %y = sinter.fused {
    %0 = sinter.add %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.share = #sinter.share<panels>} : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @many(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{attribute 'sinter.share' must be how}}
  %y = sinter.fused {
    %0 = sinter.add %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    sinter.yield %0 : tensor<?x?x8xf32>
  } {sinter.share = #sinter.share<replicated>} : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
