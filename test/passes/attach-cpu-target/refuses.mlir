// RUN: sinter-opt %s --sinter-pack --sinter-quantize --sinter-plan --split-input-file --verify-diagnostics

// expected-error @below {{the module has no target (attribute sinter.target): run a pass that attaches one first, such as sinter-attach-cpu-target}}
module {
}

// -----

// expected-error @below {{attribute 'sinter.target' must be a module's target, such as #cpu.target<...>, but is "x86"}}
module attributes {sinter.target = "x86"} {
}

// -----

// expected-error @below {{unknown cpu 'z80', expected x86-64, x86-64-v2, x86-64-v3 or x86-64-v4}}
module attributes {sinter.target = #cpu.target<cpu = "z80">} {
}

// -----

// expected-error @below {{unknown feature '+avx4096', expected + and one of a level's features or avxvnni,}}
module attributes {sinter.target = #cpu.target<cpu = "x86-64-v3", features = "+avx4096">} {
}

// -----

// expected-error @below {{feature 'amx-int8' needs 'amx-tile'}}
module attributes {sinter.target = #cpu.target<cpu = "x86-64-v4", features = "+amx-int8">} {
}

// -----

// expected-error @below {{expected the features '+avx512bf16,+avx512vnni', sorted, without those of the cpu, found '+avx512vnni,+avx512bf16'}}
module attributes {sinter.target = #cpu.target<cpu = "x86-64-v4", features = "+avx512vnni,+avx512bf16">} {
}
