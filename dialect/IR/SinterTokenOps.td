//===- SinterTokenOps.td - What positions and sequences become --*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Position tables and factors, and the pooling of a sequence's tokens.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTERTOKENOPS_TD
#define SINTER_DIALECT_IR_SINTERTOKENOPS_TD

def Sinter_SinusoidsOp : Sinter_Op<"sinusoids", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Sines and cosines of positions, side by side";
  let description = [{
    With P frequencies f, feature pair i of a token at position p is (sin(p f[i]), cos(p f[i])): features (i, i + P) for `halves`,
    (2i, 2i + 1) for `neighbours`. The product is rounded to f32. Of an odd number of features, the last pair has the sine
    alone. (Vaswani et al. 2017)
    ```mlir
    %e = sinter.sinusoids %pos, %f halves : tensor<?x?xi32>, tensor<32xf32> -> tensor<?x?x64xf32>
    ```
    Constraints: (C1) positions are (B, T), the result is (B, T, 2 frequencies), or one feature less.
  }];
  let arguments = (ins Sinter_Ids:$positions, Sinter_Vector:$frequencies, Sinter_RopePairs:$pairs);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$positions `,` $frequencies $pairs attr-dict `:` type($positions) `,` type($frequencies) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_PositionFactorsOp : Sinter_Op<"position_factors", [Pure, Sinter_Computes<"Row">]> {
  let summary = "A factor for each token that grows beyond a length";
  let description = [{
    With n = positions[b, t] + 1 and L = length: `log_ratio` max(1, log(n) / log(L)); `log_floor` 1 + gain * log(1 + floor(n / L)).
    Computed in f32.
    ```mlir
    %f = sinter.position_factors %pos log_ratio 2048 : tensor<?x?xi32> -> tensor<?x?xf32>
    ```
    Constraints: (C1) the result has the shape of positions; (C2) length is at least 2.
  }];
  let arguments = (ins Sinter_Ids:$positions, Sinter_FactorKind:$kind, I64Attr:$length, DefaultValuedAttr<F32Attr, "1.0">:$gain);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$positions $kind $length (`gain` $gain^)? attr-dict `:` type($positions) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_LengthFrequenciesOp : Sinter_Op<"length_frequencies", [Pure, Sinter_Computes<"Sequence", "Nothing">, AllTypesMatch<["below", "above"]> /*length_frequencies_c3*/]> {
  let summary = "Rotary frequencies for short or for long sequences";
  let description = [{
    y[b] = long if lengths[b] > trained, else short. (Ding et al. 2024)
    ```mlir
    %f = sinter.length_frequencies %n, %short, %long trained 4096 : tensor<?xi32>, tensor<48xf32> -> tensor<?x48xf32>
    ```
    Constraints: (C1) the result is (lengths, pairs) of short and long (pairs); (C2) trained is positive; (C3) short and long have the same type.
  }];
  let arguments = (ins Sinter_Ids:$lengths, Sinter_Vector:$below, Sinter_Vector:$above, I64Attr:$trained);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$lengths `,` $below `,` $above `trained` $trained attr-dict `:` type($lengths) `,` type($below) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_NtkFrequenciesOp : Sinter_Op<"ntk_frequencies", [Pure, Sinter_Computes<"Sequence", "Nothing">]> {
  let summary = "Rotary frequencies whose base grows with a sequence's length";
  let description = [{
    With n = lengths[b], L = trained, P pairs: y[b, i] = (theta * a^(2P / (2P - 2)))^(-i / P), where a is, for n > L, `linear`
    factor * n / L - (factor - 1), `power_of_two` max(1, 2^ceil(log2(n / L) + 1) - 1), and 1 otherwise. Computed in f64, rounded once.
    ```mlir
    %f = sinter.ntk_frequencies %n power_of_two theta 1.0e4 trained 2048 : tensor<?xi32> -> tensor<?x64xf32>
    ```
    Constraints: (C1) the result is (lengths, pairs) with at least two pairs; (C2) theta, trained and factor are positive.
  }];
  let arguments = (ins Sinter_Ids:$lengths, Sinter_NtkKind:$kind, F64Attr:$theta, I64Attr:$trained,
                       DefaultValuedAttr<F64Attr, "1.0">:$factor);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$lengths $kind `theta` $theta `trained` $trained (`factor` $factor^)? attr-dict `:` type($lengths) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_PoolOp : Sinter_Op<"pool", [Pure, Sinter_Computes<"Sequence", "Nothing">]> {
  let summary = "One token for each sequence";
  let description = [{
    y[b, 0, ...] is the `first` or the `last` token, or the `mean` or the `max` over tokens, of those with mask[b, t] != 0 (all without mask;
    zeros if there is none). Of n tokens, `root_mean` is their sum divided by sqrt(n). In the `weighted_mean` a token counts mask[b, t] times,
    without mask t + 1 times: sum(w x) / sum(w). Sums accumulate in f32 in the order of tokens, and round once.
    ```mlir
    %y = sinter.pool mean %x mask %m : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
    %z = sinter.pool weighted_mean %x mask %places : tensor<?x?x64xf32>, tensor<?x?xi32> -> tensor<?x1x64xf32>
    ```
    Constraints: (C1) the result is (B, 1, features...) of input; (C2) mask is (B, T) of input.
  }];
  let arguments = (ins Sinter_PoolKind:$kind, Sinter_Float:$input, Optional<Sinter_Ids>:$mask);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$kind $input (`mask` $mask^)? attr-dict `:` type($input) (`,` type($mask)^)? `->` type($result)";
  let hasVerifier = 1;
}

#endif // SINTER_DIALECT_IR_SINTERTOKENOPS_TD
