// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v4,+avx512vnni,+avx512bf16 --sinter-lower-cpu-dots --canonicalize | FileCheck %s
// RUN: sinter-opt %s --sinter-attach-cpu-target=features=x86-64-v3,+avxvnni --sinter-lower-cpu-dots --canonicalize | FileCheck %s

// What adds is one instruction; what does not has its addition, or none to zero.

// CHECK-LABEL: func.func @quads(
// CHECK-NEXT:    %[[R:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"(%arg0, %arg1, %arg2)
// CHECK-NEXT:    return %[[R]]
func.func @quads(%s: vector<8xi32>, %w: vector<32xi8>, %x: vector<32xi8>) -> vector<8xi32> {
  %r = cpu.dot <u8s8x4> %s, %w, %x : vector<8xi32>, vector<32xi8>
  return %r : vector<8xi32>
}

// CHECK-LABEL: func.func @pairs(
// CHECK-NEXT:    %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%arg1, %arg2)
// CHECK-NEXT:    %[[R:.*]] = arith.addi %arg0, %[[P]]
// CHECK-NEXT:    return %[[R]]
func.func @pairs(%s: vector<16xi16>, %w: vector<32xi8>, %x: vector<32xi8>) -> vector<16xi16> {
  %r = cpu.dot <u8s8x2> %s, %w, %x : vector<16xi16>, vector<32xi8>
  return %r : vector<16xi16>
}

// CHECK-LABEL: func.func @from_zero(
// CHECK-NEXT:    %[[P:.*]] = llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"(%arg0, %arg1)
// CHECK-NEXT:    return %[[P]]
func.func @from_zero(%w: vector<8xi16>, %x: vector<8xi16>) -> vector<4xi32> {
  %s = arith.constant dense<0> : vector<4xi32>
  %r = cpu.dot <s16x2> %s, %w, %x : vector<4xi32>, vector<8xi16>
  return %r : vector<4xi32>
}

// An instruction for 32 bytes, a select for others.

// CHECK-LABEL: func.func @signs(
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.psign.b"(%arg0, %arg1)
// CHECK:         arith.cmpi slt
// CHECK:         arith.select
func.func @signs(%x: vector<32xi8>, %w: vector<32xi8>, %y: vector<16xi8>, %v: vector<16xi8>) -> (vector<32xi8>, vector<16xi8>) {
  %r = cpu.with_sign %x, %w : vector<32xi8>
  %q = cpu.with_sign %y, %v : vector<16xi8>
  return %r, %q : vector<32xi8>, vector<16xi8>
}
