// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v3 --sinter-lower-cpu-dots --split-input-file --verify-diagnostics

func.func @none(%s: vector<8xi32>, %w: vector<32xi8>, %x: vector<32xi8>) -> vector<8xi32> {
  // expected-error @below {{cannot be made by this target: no instruction set of it has u8s8x4 of 32 bytes}}
  %r = cpu.dot <u8s8x4> %s, %w, %x : vector<8xi32>, vector<32xi8>
  return %r : vector<8xi32>
}

// -----

func.func @lanes(%s: vector<8xi32>, %w: vector<16xi8>, %x: vector<16xi8>) -> vector<8xi32> {
  // expected-error @below {{needs sums of 'i32' and 4 factors of 'i8' for each, but has 'vector<8xi32>' and 'vector<16xi8>'}}
  %r = cpu.dot <u8s8x4> %s, %w, %x : vector<8xi32>, vector<16xi8>
  return %r : vector<8xi32>
}

// -----

func.func @types(%s: vector<8xf32>, %w: vector<16xi16>, %x: vector<16xi16>) -> vector<8xf32> {
  // expected-error @below {{needs sums of 'i32' and 2 factors of 'i16' for each}}
  %r = cpu.dot <s16x2> %s, %w, %x : vector<8xf32>, vector<16xi16>
  return %r : vector<8xf32>
}
