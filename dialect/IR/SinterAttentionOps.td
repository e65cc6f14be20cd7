//===- SinterAttentionOps.td - Rotations, caches, attention -----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTERATTENTIONOPS_TD
#define SINTER_DIALECT_IR_SINTERATTENTIONOPS_TD

def Sinter_RopeAnglesOp : Sinter_Op<"rope_angles", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Cosines and sines of rotary positions";
  let description = [{
    y[b, t, i, 0] = scale * cos(p[b, t] * f[i]), y[b, t, i, 1] = scale * sin(p[b, t] * f[i]). The product is rounded to f32.
    f holds the rotation frequency of each pair, with any position scaling already in it; f of shape (B, pairs) gives each
    sequence its own. With `growth` g, all of it is multiplied by exp((p[b, t] - origin) * g[i]). (Su et al. 2021; Sun et al. 2022)
    ```mlir
    %a = sinter.rope_angles %pos, %f : tensor<?x?xi32>, tensor<32xf32> -> tensor<?x?x32x2xf32>
    ```
    Constraints: (C1) positions are (B, T), the result is (B, T, pairs, 2); (C2) frequencies are (pairs) or (B, pairs);
    (C3) growth is (pairs).
  }];
  let arguments = (ins Sinter_Ids:$positions, Sinter_Float:$frequencies, DefaultValuedAttr<F32Attr, "1.0">:$scale,
                       Optional<Sinter_Vector>:$growth, DefaultValuedAttr<I64Attr, "0">:$origin);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$positions `,` $frequencies (`scale` $scale^)? (`growth` $growth^ `:` type($growth))? (`origin` $origin^)? attr-dict `:` type($positions) `,` type($frequencies) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_RopeOp : Sinter_Op<"rope", [Pure, Sinter_Computes<"Row">, AllTypesMatch<["input", "result"]> /*rope_c1*/]> {
  let summary = "Rotates pairs of features by their token's angles";
  let description = [{
    With P pairs, features offset .. offset + 2P of each head rotate, the rest passes. Pair i is features (i, i + P) for `halves`,
    (2i, 2i + 1) for `neighbours`, counted from offset: (a, b) -> (a cos - b sin, b cos + a sin).
    ```mlir
    %r = sinter.rope %q, %a halves : tensor<?x?x9x64xf32>, tensor<?x?x32x2xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) input is (B, T, heads, features) and angles are (B, T, pairs, 2);
    (C3) 0 <= offset and offset + 2 pairs <= features.
  }];
  let arguments = (ins Sinter_Float:$input, Sinter_Float:$angles, Sinter_RopePairs:$pairs, DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `,` $angles $pairs (`offset` $offset^)? attr-dict `:` type($input) `,` type($angles)";
  let hasVerifier = 1;
}

def Sinter_AppendOp : Sinter_Op<"append", [Pure, Sinter_Computes<"Row">, AllTypesMatch<["cache", "result"]> /*append_c3*/]> {
  let summary = "Puts the keys or values of new tokens into a cache";
  let description = [{
    y = cache, with y[slot, b, past[b] + t, :, :] = x[b, t, :, :], rounded to the cache's type; in a ring, at (past[b] + t) modulo the
    capacity. Destination style: the compiled code writes in place.
    ```mlir
    %k1 = sinter.append %k into %k0[%layer] at %past : tensor<?x?x3x64xf32>, !sinter.cache<30x3x64xf32>, tensor<?xi32>
    ```
    Constraints: (C1) input is (B, T, heads, dim) of the cache; (C2) the cache operand has no later use in its block; (C3) cache and
    result have the same type.
  }];
  let arguments = (ins Sinter_Float:$input, Sinter_CacheType:$cache, Index:$slot, Sinter_Ids:$past);
  let results = (outs Sinter_CacheType:$result);
  let assemblyFormat = "$input `into` $cache `[` $slot `]` `at` $past attr-dict `:` type($input) `,` type($cache) `,` type($past)";
  let hasVerifier = 1;
}

def Sinter_AttentionOp : Sinter_Op<"attention", [Sinter_Kernel, Sinter_Computes<"Sequence", "Nothing">, AttrSizedOperandSegments]> {
  let summary = "Scaled dot-product attention with grouped heads";
  let description = [{
    For query t of sequence b at index i = past[b] + t, and key j < past[b] + T (T the tokens of q); without past i = t, and
    j runs over all S keys of a tensor, or over keys[b] of a cache:

    s[h, j] = scale * q[b, t, h, :] . k[b, j, h / (H / KV), :], soft-capped: cap * tanh(s / cap) if cap > 0
    y[b, t, h, :] = sum_j softmax_j(s)[j] * v[b, j, h / (H / VV), :] over the visible j,

    of H query, KV key and VV value heads.

    Visible: causal j <= i; full every j; with `window w` > 0 also j > i - w (causal) or |i - j| <= w (full); with `chunk c` > 0
    also i / c == j / c (whole numbers). `prefix`: keys j < prefix[b] are visible whatever the mask. But never those with `memory m` > 0
    j < past[b] - m (what a segment remembers of those before), `first` j < first[b], `keys` j >= keys[b], `key_mask` key_mask[b, j] = 0.

    Added to s, after the cap, in this order, with r = map[clamp(j - i, -D, D) + D] where map has 2D + 1 entries (for rel_keys, rel_queries and
    rel_values those of `rel_map`, if it is there):

    | operand | term |
    |---|---|
    | `slopes` (H) | -slopes[h] * abs(j - i) (Press et al. 2022) |
    | `bias` (R, H) | bias[r, h] (Raffel et al. 2020) |
    | `rel_keys` (1, R, G, dk) | scale * p[b, t, h, :] . rel_keys[0, r, h / (H / G), :], where p is `rel_query` or else q (Shaw et al. 2018; Dai et al. 2019) |
    | `rel_queries` (1, R, G, dk) | scale * k[b, j, h / (H / KV), :] . rel_queries[0, r, h / (H / G), :] (He et al. 2021) |

    `rel_values` (1, R, G, dv): rel_values[0, r, h / (H / G), :] is added to each v[b, j, ...] that a query sees (Shaw et al. 2018).

    `sinks` (H): a key more that has s = sinks[h] and v = 0 takes part in the softmax.

    A query that sees nothing gives zeros. Online softmax, accumulated in f32; scores are never stored. k and v are tensors
    (B, S, KV, dim) or caches read at `slot`, which hold the new tokens too. (Vaswani et al. 2017; Ainslie et al. 2023;
    Dao et al. 2022)
    ```mlir
    %o = sinter.attention %q, %k, %v[%layer] past %past : tensor<?xi32> scale 0.125 causal
        : tensor<?x?x9x64xf32>, !sinter.cache<30x3x64xf32>, !sinter.cache<30x3x64xf32> -> tensor<?x?x9x64xf32>
    ```
    Constraints: (C1) q is (B, T, H, dk); (C2) k and v are both caches or both tensors; the heads of k, KV, divide H, those
    of v, VV, divide KV; (C3) k has feature size dk; (C4) the result is (B, T, H, dv); (C5) caches need slot, and past or keys; tensors have no slot; (C6) past, prefix,
    first and keys are vectors over the sequences (B), key_mask is (B, S); (C7) slopes and sinks have an entry for each head;
    (C8) bias, rel_keys, rel_queries and rel_values need map, which has an odd length; rel_map, whose length is odd too, needs bias and one of the others; (C9) bias is (R, H); (C10) rel_keys and rel_queries are
    (1, R, G, dk), rel_values is (1, R, G, dv), of any G that divides H; rel_query has q's type and needs rel_keys; (C11) chunk, memory and soft_cap are not
    negative, and memory needs past; (C12) k and v are rings of one length N or neither is; with rings the mask is causal, there
    is past and no prefix, and window (if it is a constant), chunk or memory + 1 is positive and at most N.
  }];
  let arguments = (ins Sinter_Float:$query, Sinter_KeyOrValue:$key, Sinter_KeyOrValue:$value, Optional<Index>:$slot,
                       Optional<Sinter_Ids>:$past, Optional<Index>:$window,
                       F32Attr:$scale, Sinter_Mask:$mask, DefaultValuedAttr<F32Attr, "0.0">:$soft_cap,
                       DefaultValuedAttr<I64Attr, "0">:$chunk, DefaultValuedAttr<I64Attr, "0">:$memory, Optional<Sinter_Ids>:$keys, Optional<Sinter_Ids>:$first,
                       Optional<Sinter_Ids>:$key_mask, Optional<Sinter_Ids>:$prefix, Optional<Sinter_Vector>:$slopes,
                       Optional<Sinter_Vector>:$sinks, Optional<Sinter_Ids>:$map, Optional<Sinter_Float>:$bias,
                       Optional<Sinter_Ids>:$rel_map, Optional<Sinter_Float>:$rel_query, Optional<Sinter_Float>:$rel_keys, Optional<Sinter_Float>:$rel_queries,
                       Optional<Sinter_Float>:$rel_values);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`[` $slot^ `]`)? (`past` $past^ `:` type($past))? (`window` $window^)? `scale` $scale $mask (`soft_cap` $soft_cap^)?
    (`chunk` $chunk^)? (`memory` $memory^)? (`keys` $keys^ `:` type($keys))? (`first` $first^ `:` type($first))? (`key_mask` $key_mask^ `:` type($key_mask))?
    (`prefix` $prefix^ `:` type($prefix))? (`slopes` $slopes^ `:` type($slopes))? (`sinks` $sinks^ `:` type($sinks))?
    (`map` $map^ `:` type($map))? (`bias` $bias^ `:` type($bias))? (`rel_map` $rel_map^ `:` type($rel_map))? (`rel_query` $rel_query^ `:` type($rel_query))?
    (`rel_keys` $rel_keys^ `:` type($rel_keys))? (`rel_queries` $rel_queries^ `:` type($rel_queries))?
    (`rel_values` $rel_values^ `:` type($rel_values))? attr-dict
    `:` type($query) `,` type($key) `,` type($value) `->` type($result)
  }];
  // The plain form: what most models need.
  let builders = [
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$query, "::mlir::Value":$key, "::mlir::Value":$value,
                   "::mlir::Value":$slot, "::mlir::Value":$past, "::mlir::Value":$window, "::llvm::APFloat":$scale,
                   "::sinter::Mask":$mask, CArg<"::llvm::APFloat", "::llvm::APFloat(0.0f)">:$softCap)>,
    OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$query, "::mlir::Value":$key, "::mlir::Value":$value,
                   "::mlir::Value":$slot, "::mlir::Value":$past, "::mlir::Value":$window, "::mlir::FloatAttr":$scale,
                   "::sinter::MaskAttr":$mask, "::mlir::FloatAttr":$softCap)>];
  let hasVerifier = 1;
}

#endif // SINTER_DIALECT_IR_SINTERATTENTIONOPS_TD
