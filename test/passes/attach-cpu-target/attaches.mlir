// RUN: sinter-opt %s --sinter-attach-cpu-target | FileCheck %s --check-prefix=V3
// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4,+avx512vnni,+avx512bf16 | FileCheck %s --check-prefix=MORE
// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4,-avx512vl | FileCheck %s --check-prefix=LESS
// RUN: sinter-opt %s --sinter-attach-cpu-target=features=baseline --sinter-attach-cpu-target=features=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: not sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v9 2>&1 | FileCheck %s --check-prefix=BAD

// V3: module attributes {sinter.target = #cpu.target<cpu = "x86-64-v3">}
// MORE: module attributes {sinter.target = #cpu.target<cpu = "x86-64-v4", features = "+avx512bf16,+avx512vnni">}

// A level without one of its features is the level below and what is left.
// LESS: module attributes {sinter.target = #cpu.target<cpu = "x86-64-v3", features = "+avx512bw,+avx512cd,+avx512dq,+avx512f">}
// BAD: error: --features: unknown base 'x86-64-v9'
module {
}
