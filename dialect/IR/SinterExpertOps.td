//===- SinterExpertOps.td - Mixture of experts ------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTEREXPERTOPS_TD
#define SINTER_DIALECT_IR_SINTEREXPERTOPS_TD

def Sinter_RouteOp : Sinter_Op<"route", [Pure, Sinter_Computes<"Row", "Nothing">, AttrSizedOperandSegments]> {
  let summary = "Chooses experts for each token, and their weights";
  let description = [{
    p = softmax(x), sigmoid(x) or sqrt(softplus(x)) over the E experts; c = p + bias, with `by_logits` x + bias. With G `groups` of E / G consecutive experts, a group is worth its
    `best` c or the sum of its `best_two`, and only the `keep` best groups take part. ids are the top_k experts by c, best first; equals: the
    lower first. weights = factor * p[ids], divided by their sum first with `normalize`, and times gains[ids]. Computed in f32. (Fedus et al. 2022; DeepSeek-AI 2024)

    With `successive` c = x + bias, and the p of a chosen expert e is its share among those that compete with it: exp(x[e]) / sum_j exp(x[j]) over e
    and the j of kept groups that were not chosen before it; with `within r` only those near it, for which not x[e] - x[j] > r max(abs(x[j]), x[e]).
    (Liu et al. 2024)

    A softmax over the chosen logits alone is `softmax ... normalize`: the two are the same number.
    ```mlir
    %ids, %w = sinter.route %x softmax top_k 2 normalize : tensor<?x?x8xf32> -> tensor<?x?x2xi32>, tensor<?x?x2xf32>
    %more, %v = sinter.route %z sigmoid bias %b : tensor<256xf32> top_k 8 groups 8 keep 4 by best_two normalize factor 2.5
        : tensor<?x?x256xf32> -> tensor<?x?x8xi32>, tensor<?x?x8xf32>
    ```
    Constraints: (C1) ids and weights are (B, T, top_k) of logits (B, T, E); (C2) 1 <= top_k <= E, or of the experts in `keep` groups;
    (C3) bias is a vector of length E; (C4) groups divides E, 1 <= keep <= groups, and `best_two` needs two experts a group;
    (C5) within is not negative, and for `successive` alone; (C6) gains are a vector of length E.
  }];
  let arguments = (ins Sinter_Float:$logits, Optional<Sinter_Vector>:$bias, Optional<Sinter_Vector>:$gains, Sinter_RouteScore:$score, I64Attr:$top_k,
                       DefaultValuedAttr<I64Attr, "1">:$groups, DefaultValuedAttr<I64Attr, "1">:$keep,
                       DefaultValuedAttr<Sinter_GroupScore, "::sinter::GroupScore::Best">:$group_score,
                       OptionalAttr<F32Attr>:$within, UnitAttr:$by_logits, UnitAttr:$normalize,
                       DefaultValuedAttr<F32Attr, "1.0">:$factor);
  let results = (outs Sinter_Ids:$ids, Sinter_Float:$weights);
  let assemblyFormat = [{
    $logits $score (`bias` $bias^ `:` type($bias))? (`gains` $gains^ `:` type($gains))? `top_k` $top_k (`groups` $groups^)? (`keep` $keep^)? (`by` $group_score^)?
    (`within` $within^)? (`by_logits` $by_logits^)? (`normalize` $normalize^)? (`factor` $factor^)? attr-dict `:` type($logits) `->` type($ids) `,` type($weights)
  }];
  let hasVerifier = 1;
}

def Sinter_MoeOp : Sinter_Op<"moe", [Sinter_Kernel, Sinter_Computes<"Row", "Nothing">, AttrSizedOperandSegments, AllTypesMatch<["input", "result"]> /*moe_c1*/]> {
  let summary = "The chosen experts' feed-forward networks, weighted";
  let description = [{
    y[b, t] = sum_k w * f(e, x[b, t]) in the order of k, with e = ids[b, t, k], w = weights[b, t, k];
    with `weigh_input` sum_k f(e, w * x[b, t]). An expert computes

    g = gate[e] x + gate_bias[e], u = up[e] x + up_bias[e]; with `limit m` > 0 g is min(g, m) and u is clamped to -m .. m;
    f = down[e] (act(beta g) / beta * (u + up_offset)) + down_bias[e]; without gate f = down[e] act(beta u) / beta + down_bias[e].

    With `identities`, an id of E (the number of experts) or more gives the token itself, f(e, x) = x; these are added first. Without, ids are below E.

    Products accumulate as those of `linear`; the inner activations are rounded to the type of x. x is floats; where a pass
    quantizes activations, `quantized` says that x and the inner activations pass through `quantize` to a8, or to a16 with `crest`. With `tile M`, compiled
    code gathers the tokens of an expert in tiles of M (see #sinter.tiled); numbers do not depend on it.
    ```mlir
    %y = sinter.moe silu %x route %ids, %w gate %g : tensor<8x160x64xf32> up %u : tensor<8x160x64xf32> down %d : tensor<8x64x160xf32>
        : tensor<?x?x64xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) ids and weights are (B, T, K) of input (B, T, features); (C3) up and gate are
    (E, F, features), down is (E, features, F); (C4) biases are (E, F), (E, F) and (E, features), and gate_bias needs gate;
    (C5) weights are not of a format of activations, and are blocks with `quantized`; (C6) limit is not negative; (C7) tile is 1 to 1024;
    (C8) crest needs `quantized`, is finite and not negative; (C9) beta is finite and not 0.
  }];
  let arguments = (ins Sinter_UnaryKind:$kind, Sinter_Float:$input, Sinter_Ids:$ids, Sinter_Float:$weights,
                       Optional<Sinter_Weight>:$gate, Sinter_Weight:$up, Sinter_Weight:$down,
                       Optional<Sinter_Float>:$gate_bias, Optional<Sinter_Float>:$up_bias, Optional<Sinter_Float>:$down_bias,
                       DefaultValuedAttr<F32Attr, "0.0">:$limit, DefaultValuedAttr<F32Attr, "0.0">:$up_offset,
                       DefaultValuedAttr<F32Attr, "1.0">:$beta, UnitAttr:$weigh_input, UnitAttr:$identities, UnitAttr:$quantized,
                       OptionalAttr<F32Attr>:$crest,
                       DefaultValuedAttr<I64Attr, "1">:$tile);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = [{
    $kind $input `route` $ids `,` $weights (`gate` $gate^ `:` type($gate))? `up` $up `:` type($up) `down` $down `:` type($down)
    (`gate_bias` $gate_bias^ `:` type($gate_bias))? (`up_bias` $up_bias^ `:` type($up_bias))? (`down_bias` $down_bias^ `:` type($down_bias))?
    (`limit` $limit^)? (`up_offset` $up_offset^)? (`beta` $beta^)? (`weigh_input` $weigh_input^)?
    (`identities` $identities^)? (`quantized` $quantized^)? (`crest` $crest^)? (`tile` $tile^)?
    attr-dict
    `:` type($input) `,` type($ids) `,` type($weights)
  }];
  let hasVerifier = 1;
}

#endif // SINTER_DIALECT_IR_SINTEREXPERTOPS_TD
