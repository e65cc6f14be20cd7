//===- SinterOps.td - Ops of the sinter dialect -----------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Each description gives the op's meaning as a formula, the accumulation type
// and rounding point, and numbered constraints; constraint (Ck) of op `name`
// carries the label name_ck in the verifier and in a test function.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTEROPS_TD
#define SINTER_DIALECT_IR_SINTEROPS_TD

include "dialect/IR/KernelInterfaces.td"
include "dialect/IR/SinterDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

/// Tensors of tokens are (B, T, ...) with features of known sizes.
def Sinter_TokenTensors : NativeOpTrait<"TokenTensors"> { let cppNamespace = "::sinter"; }
/// Computes and does nothing else; but once a memory plan has given its results
/// places (sinter.place) it is itself alone: an equal op writes elsewhere, or at
/// another time. Results are then allocated, so that cse leaves it as it is.
def Sinter_OwnResults : TraitList<[AlwaysSpeculatable, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]>;
def Sinter_Kernel : TraitList<[Sinter_OwnResults, DeclareOpInterfaceMethods<Sinter_KernelOpInterface>]>;

class Sinter_Op<string mnemonic, list<Trait> traits = []>
    : Op<Sinter_Dialect, mnemonic, traits # [Sinter_TokenTensors]>;

def Sinter_FloatType : AnyTypeOf<[F32, BF16, F16]>;
/// Activations: floats, of any rank from 2.
def Sinter_Float : RankedTensorOf<[F32, BF16, F16]>;
def Sinter_Block : Type<CPred<"::mlir::isa<::sinter::BlockType>($_self)">, "quantized block element">;
def Sinter_Activation : RankedTensorOf<[F32, BF16, F16, Sinter_Block]>;
def Sinter_Weight : RankedTensorOf<[F32, BF16, F16, Sinter_Block]>;
def Sinter_Ids : RankedTensorOf<[I32]>;
def Sinter_Vector : 1DTensorOf<[F32, BF16, F16]>;
/// What goes into layers and kernels, and comes out of them.
def Sinter_Value : AnyTypeOf<[RankedTensorOf<[F32, BF16, F16, I32, Sinter_Block]>, Sinter_CacheType, Index, F32]>;
def Sinter_KeyOrValue : AnyTypeOf<[Sinter_Float, Sinter_CacheType]>;

//===----------------------------------------------------------------------===//
// Weights and layers
//===----------------------------------------------------------------------===//

def Sinter_ParamOp : Sinter_Op<"param", [Symbol]> {
  let summary = "Declares a weight tensor, or one for each layer";
  let description = [{
    Bytes live outside the IR. `layers N` declares N tensors of one type,
    indexed by layer; layers that do not use it have none. `offsets`, set by
    `sinter-pack-weights`, gives each one's byte offset from the base of the
    packed weights (-1: none).

    ```mlir
    sinter.param @embed : tensor<49152x576x!sinter.block<q8_0>>
    sinter.param @block.q layers 30 : tensor<576x576x!sinter.block<q4_1>>
    ```
    Constraints: (C1) the type is a static tensor of floats or of blocks, not of activations; (C2) the last dimension of a tensor of
    blocks is a multiple of 32; (C3) `layers` is 1 to 65536; (C4) `offsets` has one entry for each layer, or one; (C5) a layout is
    `#sinter.packed`, of a matrix or several.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type,
                       OptionalAttr<I64Attr>:$layers, OptionalAttr<DenseI64ArrayAttr>:$offsets);
  let assemblyFormat = "$sym_name (`layers` $layers^)? (`at` $offsets^)? attr-dict `:` $type";
  let hasVerifier = 1;
}

def Sinter_WeightOp : Sinter_Op<"weight", [Pure, Sinter_BesideKernels, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The weight of a symbol, for a layer if it has one for each";
  let description = [{
    ```mlir
    sinter.param @block.q layers 30 : tensor<576x576x!sinter.block<q4_1>>
    %w = sinter.weight @block.q[%layer] : tensor<576x576x!sinter.block<q4_1>>
    ```
    Constraints: (C1) the symbol names a `sinter.param` of this type; (C2) a layer is given
    if and only if the param has `layers`.
  }];
  let arguments = (ins FlatSymbolRefAttr:$param, Optional<Index>:$layer);
  let results = (outs Sinter_Weight:$result);
  let assemblyFormat = "$param (`[` $layer^ `]`)? attr-dict `:` type($result)";
}

def Sinter_LayerTableOp : Sinter_Op<"layer_table", [Symbol]> {
  let summary = "One number for each layer";
  let description = [{
    ```mlir
    sinter.layer_table @window = [4096, 0, 4096, 0] : index
    sinter.layer_table @theta = [1.0e4, 1.0e6] : f32
    ```
    Constraints: (C1) the type is index or f32; (C2) values are integers for index, floats for f32.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ArrayAttr:$values, TypeAttr:$type);
  let assemblyFormat = "$sym_name `=` $values attr-dict `:` $type";
  let hasVerifier = 1;
}

def Sinter_LayerValueOp : Sinter_Op<"layer_value", [Pure, Sinter_BesideKernels, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A layer's row of a layer table";
  let description = [{
    ```mlir
    sinter.layer_table @window = [4096, 0, 4096, 0] : index
    %w = sinter.layer_value @window[%layer] : index
    ```
    Constraints: (C1) the symbol names a `sinter.layer_table` of this type.
  }];
  let arguments = (ins FlatSymbolRefAttr:$table, Index:$layer);
  let results = (outs AnyTypeOf<[Index, F32]>:$result);
  let assemblyFormat = "$table `[` $layer `]` attr-dict `:` type($result)";
}

def Sinter_StackOp : Sinter_Op<"stack", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A stack of layers, each one of a few forms";
  let description = [{
    Calls for layer l = 0, 1, ... the function `forms[layers[l]]` with (carried values..., l, shared
    values...); its results are the carried values of the next layer. Compile time and code size
    depend on the number of forms, not of layers. The last layer may keep the last tokens alone.

    ```mlir
    func.func private @block(%x: tensor<?x?x64xf32>, %k: !sinter.cache<3x4x16xf32>, %layer: index, %past: tensor<?xi32>)
        -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf32>) {
      %h = sinter.reshape %x : tensor<?x?x64xf32> -> tensor<?x?x4x16xf32>
      %k1 = sinter.append %h into %k[%layer] at %past : tensor<?x?x4x16xf32>, !sinter.cache<3x4x16xf32>, tensor<?xi32>
      %y = sinter.unary silu %x : tensor<?x?x64xf32>
      return %y, %k1 : tensor<?x?x64xf32>, !sinter.cache<3x4x16xf32>
    }
    %y, %k1 = sinter.stack [@block] layers [0, 0, 0] carry(%x, %k0) with(%past)
        : (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf32>), (tensor<?xi32>) -> (tensor<?x?x64xf32>, !sinter.cache<3x4x16xf32>)
    ```
    Constraints: (C1) each form names a function (carried..., index, shared...) -> (carried...); (C2) each layer
    names a form; (C3) results have the types of the carried values, of which tensors are (B, T, ...); (C4) a carried cache has no later use;
    (C5) where an attention of a form reads a ring of N tokens, its window in each layer of that form is 1 to N (if it comes
    from a table, and nothing else bounds what is seen); (C6) forms have a body of one block, without stacks; (C7) tables and params that a
    form reads by its layer number have an entry for each layer of that form.
  }];
  let arguments = (ins FlatSymbolRefArrayAttr:$forms, DenseI32ArrayAttr:$layers,
                       Variadic<Sinter_Value>:$carried, Variadic<Sinter_Value>:$shared);
  let results = (outs Variadic<Sinter_Value>:$results);
  let assemblyFormat = [{
    $forms `layers` $layers `carry` `(` $carried `)` (`with` `(` $shared^ `)`)? attr-dict
    `:` `(` type($carried) `)` (`,` `(` type($shared)^ `)`)? `->` `(` type($results) `)`
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What the form of the last layer returns; null without layers or form.
    ::mlir::Operation *lastReturn();
  }];
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

def Sinter_PositionsOp : Sinter_Op<"positions", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Position of each token: tokens before this call, plus its index";
  let description = [{
    y[b, t] = past[b] + t + offset, shaped like ids.
    ```mlir
    %p = sinter.positions %past, %ids : tensor<?xi32>, tensor<?x?xi32> -> tensor<?x?xi32>
    ```
    Constraints: (C1) past is a vector over the sequences of ids (B, T); (C2) the result has the shape of ids.
  }];
  let arguments = (ins Sinter_Ids:$past, Sinter_Ids:$ids, DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs Sinter_Ids:$result);
  let assemblyFormat = "$past `,` $ids (`offset` $offset^)? attr-dict `:` type($past) `,` type($ids) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_MaskPositionsOp : Sinter_Op<"mask_positions", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Position of each token among those that a mask has";
  let description = [{
    y[b, t] = max(0, n - 1) + offset, where n counts the u <= past[b] + t with mask[b, u] != 0; shaped like ids. Padding on
    either side does not shift positions. Without `past` the mask is of the tokens of ids, as in an encoder, with it of all tokens so far.
    ```mlir
    %p = sinter.mask_positions %mask, %ids past %past : tensor<?x?xi32>, tensor<?x?xi32>, tensor<?xi32> -> tensor<?x?xi32>
    ```
    Constraints: (C1) past is a vector over the sequences of ids (B, T), mask is (B, S), with S = T without past; (C2) the result has the
    shape of ids.
  }];
  let arguments = (ins Sinter_Ids:$mask, Sinter_Ids:$ids, Optional<Sinter_Ids>:$past, DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs Sinter_Ids:$result);
  let assemblyFormat = [{
    $mask `,` $ids (`past` $past^)? (`offset` $offset^)? attr-dict `:` type($mask) `,` type($ids) (`,` type($past)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

def Sinter_EmbedOp : Sinter_Op<"embed", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Rows of a table by id";
  let description = [{
    y[b, t, :] = table[ids[b, t], :], dequantized exactly. Ids outside the table are clamped to it by
    compiled code; the runtime refuses them before.
    ```mlir
    %x = sinter.embed %ids, %table : tensor<?x?xi32>, tensor<49152x576xf32> -> tensor<?x?x576xf32>
    ```
    Constraints: (C1) the table is a matrix (rows, features); (C2) ids are (B, T), the result is (B, T, features).
  }];
  let arguments = (ins Sinter_Ids:$ids, Sinter_Weight:$table);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$ids `,` $table attr-dict `:` type($ids) `,` type($table) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Linear algebra
//===----------------------------------------------------------------------===//

def Sinter_LinearOp : Sinter_Op<"linear", [Pure, Sinter_Computes<"Row", "Linears">]> {
  let summary = "y = x W^T + bias";
  let description = [{
    y[..., n] = sum_k x[..., k] * w[n, k] + bias[n]. Accumulates in f32 (blocks of a8 or a16 by q8_0, q4_0, q4_1
    in i32, then f32), rounds once to the result type. x is a float tensor or blocks of a8 or a16.
    ```mlir
    %y = sinter.linear %x, %w : tensor<?x?x64xf32>, tensor<160x64xbf16> -> tensor<?x?x160xf32>
    %z = sinter.linear %x, %w bias %b : tensor<160xf32>, : tensor<?x?x64xf32>, tensor<160x64xbf16> -> tensor<?x?x160xf32>
    ```
    Constraints: (C1) w is a matrix; (C2) x is (B, T, columns of w); (C3) the result is
    (B, T, rows of w); (C4) bias is a vector of length rows of w;
    (C5) blocks multiply blocks: x is floats, a8 or a16, w is not a8 or a16, and is blocks if x is blocks.
  }];
  let arguments = (ins Sinter_Activation:$input, Sinter_Weight:$weight, Optional<Sinter_Vector>:$bias);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^ `:` type($bias) `,`)? attr-dict `:` type($input) `,` type($weight) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Sinter_QuantizeOp : Sinter_Op<"quantize", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Activations in the form a matmul multiplies";
  let description = [{
    To `a8`: for each 32 values x of the last dimension, d = max|x| / 127, q_i = round(x_i / d), ties to even (0 if
    d is 0). To `a16` with `crest c`: d as for a8, p_i = round(256 x_i / d), q_i = floor((p_i + 128) / 256), and r_i = max(p_i - 256 q_i, -127) where
    max|x| > c sqrt(mean(x * x)) in the block, else r_i = 0. So 16 bits go to
    blocks where the error of 8 bits would be more than c / 440 of the root mean square: those with outliers. To a float type: rounds to nearest even. The result may carry a `#sinter.tiled` encoding.
    This is an approximation, inserted by `sinter-quantize-activations`, listed by `explain`.
    ```mlir
    %q = sinter.quantize %x : tensor<?x?x576xf32> -> tensor<?x?x576x!sinter.block<a8>>
    %r = sinter.quantize %x crest 4.0 : tensor<?x?x576xf32> -> tensor<?x?x576x!sinter.block<a16>>
    ```
    Constraints: (C1) shapes agree and are (B, T, features...); (C2) the result element is a8, a16 or a float; (C3) for blocks the last dimension
    is a multiple of 32; (C4) crest is finite, not negative, and 0 if the result is not a16.
  }];
  let arguments = (ins Sinter_Float:$input, DefaultValuedAttr<F32Attr, "0.0">:$crest);
  let results = (outs Sinter_Activation:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input), [{
    build($_builder, $_state, result, input, ::llvm::APFloat(0.0f));
  }]>];
  let assemblyFormat = "$input (`crest` $crest^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Normalization and element-wise functions
//===----------------------------------------------------------------------===//

def Sinter_RmsNormOp : Sinter_Op<"rms_norm", [Pure, Sinter_Computes<"Statistics">, AllTypesMatch<["input", "result"]> /*rms_norm_c1*/]> {
  let summary = "Root-mean-square normalization over the last dimension";
  let description = [{
    y = x / sqrt(mean(x * x) + eps) * (weight + offset). Accumulates in f32, rounds once to the result type.
    `plus_one` sets offset 1 (default 0); without weight the factor is 1. (Zhang and Sennrich 2019)
    ```mlir
    %y = sinter.rms_norm %x, %w eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) input is (B, T, features...), weight is a vector of the
    length of its last dimension; (C3) eps is not negative.
  }];
  let arguments = (ins Sinter_Float:$input, Optional<Sinter_Vector>:$weight, F32Attr:$eps, UnitAttr:$plus_one);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input (`,` $weight^)? `eps` $eps (`plus_one` $plus_one^)? attr-dict `:` type($input) (`,` type($weight)^)?";
  let hasVerifier = 1;
}

def Sinter_LayerNormOp : Sinter_Op<"layer_norm", [Pure, Sinter_Computes<"Statistics">, AttrSizedOperandSegments, AllTypesMatch<["input", "result"]> /*layer_norm_c1*/]> {
  let summary = "Normalization to mean 0 and variance 1 over the last dimension";
  let description = [{
    y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * (weight + offset) + bias; `plus_one` sets offset 1 (default 0);
    without weight the factor is 1, without bias nothing is added. Accumulates in f32, rounds once to the result type. (Ba et al. 2016)
    ```mlir
    %y = sinter.layer_norm %x, %w bias %b eps 1.0e-5 : tensor<?x?x64xf32>, tensor<64xf32> bias tensor<64xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) input is (B, T, features...), weight and bias are vectors
    of the length of its last dimension; (C3) eps is not negative.
  }];
  let arguments = (ins Sinter_Float:$input, Optional<Sinter_Vector>:$weight, Optional<Sinter_Vector>:$bias, F32Attr:$eps,
                       UnitAttr:$plus_one);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = [{
    $input (`,` $weight^)? (`bias` $bias^)? `eps` $eps (`plus_one` $plus_one^)? attr-dict `:` type($input) (`,` type($weight)^)? (`bias` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Sinter_UnaryOp : Sinter_Op<"unary", [Pure, Sinter_Computes<"Element">, SameOperandsAndResultType /*unary_c1*/]> {
  let summary = "An element-wise function";
  let description = [{
    relu max(x, 0); relu2 max(x, 0)^2; gelu x/2 (1 + erf(x / sqrt 2)); gelu_tanh x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)));
    gelu_quick x sigmoid(1.702 x); silu x sigmoid(x); sigmoid 1 / (1 + exp(-x)); tanh; identity x; softplus log(1 + exp(x));
    elu x if x > 0, else exp(x) - 1; mish x tanh(log(1 + exp(x))); relu6 min(max(x, 0), 6); leaky_relu x if x > 0, else x / 100;
    hard_swish x min(max(x + 3, 0), 6) / 6. Computed in f32, rounded once.
    ```mlir
    %y = sinter.unary silu %x : tensor<?x?x160xf32>
    ```
    Constraints: (C1) input and result have the same type.
  }];
  let arguments = (ins Sinter_UnaryKind:$kind, Sinter_Float:$input);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$kind $input attr-dict `:` type($result)";
}

class Sinter_BinaryOp<string name, string formula> : Sinter_Op<name, [Pure, Sinter_Computes<"Element">, AllTypesMatch<["lhs", "result"]> /*add_c1, sub_c1, mul_c1*/]> {
  let summary = formula;
  let description = !strconcat(formula, [{. rhs has the shape of lhs, or is a vector over its last dimension.
    Computed in f32, rounded once.
    Constraints: (C1) lhs and result have the same type; (C2) rhs has lhs's shape or, where that is
    (B, T, features...), is a vector of its last dimension.
  }]);
  let arguments = (ins Sinter_Float:$lhs, Sinter_Float:$rhs);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
def Sinter_AddOp : Sinter_BinaryOp<"add", "y = lhs + rhs">;
def Sinter_SubOp : Sinter_BinaryOp<"sub", "y = lhs - rhs">;
def Sinter_MulOp : Sinter_BinaryOp<"mul", "y = lhs * rhs">;

def Sinter_ScaleOp : Sinter_Op<"scale", [Pure, Sinter_Computes<"Element">, SameOperandsAndResultType /*scale_c1*/]> {
  let summary = "y = factor * x";
  let description = [{
    Computed in f32, rounded once.
    ```mlir
    %y = sinter.scale %x by 8.0 : tensor<?x?x64xf32>
    ```
    Constraints: (C1) input and result have the same type.
  }];
  let arguments = (ins Sinter_Float:$input, F32Attr:$factor);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `by` $factor attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Sinter_ScaleByOp : Sinter_Op<"scale_by", [Pure, Sinter_Computes<"Element">, AllTypesMatch<["input", "result"]> /*scale_by_c1*/]> {
  let summary = "y = factor * x, the factor being a value, as of a layer table";
  let description = [{
    Computed in f32, rounded once.
    ```mlir
    sinter.layer_table @residual = [0.5, 0.25] : f32
    %f = sinter.layer_value @residual[%layer] : f32
    %y = sinter.scale_by %x, %f : tensor<?x?x64xf32>
    ```
    Constraints: (C1) input and result have the same type.
  }];
  let arguments = (ins Sinter_Float:$input, F32:$factor);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `,` $factor attr-dict `:` type($input)";
}

def Sinter_SoftCapOp : Sinter_Op<"soft_cap", [Pure, Sinter_Computes<"Element">, SameOperandsAndResultType /*soft_cap_c1*/]> {
  let summary = "y = cap * tanh(x / cap)";
  let description = [{
    Computed in f32, rounded once.
    ```mlir
    %y = sinter.soft_cap %x by 30.0 : tensor<?x?x49152xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) cap is positive.
  }];
  let arguments = (ins Sinter_Float:$input, F32Attr:$cap);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `by` $cap attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sinter_ClampOp : Sinter_Op<"clamp", [Pure, Sinter_Computes<"Element">, SameOperandsAndResultType /*clamp_c1*/]> {
  let summary = "y = min(max(x, low), high)";
  let description = [{
    ```mlir
    %y = sinter.clamp %x from -8.0 to 8.0 : tensor<?x?x64xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) low <= high.
  }];
  let arguments = (ins Sinter_Float:$input, F32Attr:$low, F32Attr:$high);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `from` $low `to` $high attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sinter_LogSoftmaxOp : Sinter_Op<"log_softmax", [Pure, Sinter_Computes<"Statistics">, SameOperandsAndResultType /*log_softmax_c1*/]> {
  let summary = "Logarithm of the softmax over the last dimension";
  let description = [{
    y[i] = x[i] - m - log(sum_j exp(x[j] - m)) with m = max x. Accumulates in f32, rounds once.
    ```mlir
    %y = sinter.log_softmax %x : tensor<?x?x220xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) it is (B, T, features...).
  }];
  let arguments = (ins Sinter_Float:$input);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sinter_ScaleTokensOp : Sinter_Op<"scale_tokens", [Pure, Sinter_Computes<"Row">, AllTypesMatch<["input", "result"]> /*scale_tokens_c1*/]> {
  let summary = "A factor for each token";
  let description = [{
    y[b, t, ...] = factors[b, t] * x[b, t, ...]. Computed in f32, rounded once.
    ```mlir
    %y = sinter.scale_tokens %q by %f : tensor<?x?x9x64xf32>, tensor<?x?xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) factors are (B, T) of input.
  }];
  let arguments = (ins Sinter_Float:$input, Sinter_Float:$factors);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `by` $factors attr-dict `:` type($input) `,` type($factors)";
  let hasVerifier = 1;
}

def Sinter_MixOp : Sinter_Op<"mix", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Weighted sums of what a token has several of";
  let description = [{
    y[b, t, m, i] = sum_n w[m N + n] x[b, t, n, i], with the same weights for all tokens or, of (B, T, M N), their own. Accumulates in f32 in
    the order of n, rounds once.
    ```mlir
    %y = sinter.mix %x by %w : tensor<?x?x3x64xf32>, tensor<3xf32> -> tensor<?x?x1x64xf32>
    ```
    Constraints: (C1) input is (B, T, N, features), the result (B, T, M, features) with the same element type; (C2) weights are M N numbers: a
    vector, or (B, T, M N) of input.
  }];
  let arguments = (ins Sinter_Float:$input, Sinter_Float:$weights);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `by` $weights attr-dict `:` type($input) `,` type($weights) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

def Sinter_ReshapeOp : Sinter_Op<"reshape", [Pure, Sinter_Computes<"Element">, Sinter_BesideKernels]> {
  let summary = "The same values, the features of a token cut otherwise";
  let description = [{
    Splits or merges the dimensions after (B, T), in row-major order.
    ```mlir
    %h = sinter.reshape %q : tensor<?x?x576xf32> -> tensor<?x?x9x64xf32>
    ```
    Constraints: (C1) the first two dimensions and the element type agree; (C2) both have as many features a token.
  }];
  let arguments = (ins Sinter_Float:$input);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sinter_SliceOp : Sinter_Op<"slice", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Some of the last dimension";
  let description = [{
    y[..., i] = x[..., offset + i].
    ```mlir
    %k = sinter.slice %kv at 64 : tensor<?x?x4x192xf32> -> tensor<?x?x4x128xf32>
    ```
    Constraints: (C1) input and result are (B, T, features...) and agree in element type and in all dimensions but the last; (C2) 0 <= offset and
    offset + last dimension of the result <= last dimension of the input.
  }];
  let arguments = (ins Sinter_Float:$input, I64Attr:$offset);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `at` $offset attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sinter_ConcatOp : Sinter_Op<"concat", [Pure, Sinter_Computes<"Row">]> {
  let summary = "Tensors side by side in the last dimension";
  let description = [{
    y[..., i] = a[..., i] for i below a's last dimension A, b[..., i - A] after, and so on.
    ```mlir
    %q = sinter.concat %nope, %rope : tensor<?x?x4x128xf32>, tensor<?x?x4x64xf32> -> tensor<?x?x4x192xf32>
    ```
    Constraints: (C1) inputs and result are (B, T, features...) and agree in element type and in all dimensions but the last; (C2) the last
    dimension of the result is the sum of those of the inputs.
  }];
  let arguments = (ins Variadic<Sinter_Float>:$inputs);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_LastOp : Sinter_Op<"last", [Pure, Sinter_Computes<"Sequence", "Nothing">]> {
  let summary = "The last tokens of each sequence";
  let description = [{
    y[b, i] = x[b, T - count + i] for i < count; 1 <= count <= T.
    ```mlir
    %y = sinter.last %x, %count : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
    ```
    Constraints: (C1) the result has the input's rank, batch and features; (C2) count is a constant, which is the number of
    tokens of the result, or an argument, and that number is dynamic (1 of 1 token is 1): an entry has one, called last.
  }];
  let arguments = (ins Sinter_Float:$input, Index:$count);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input `,` $count attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

def Sinter_FusedOp : Sinter_Op<"fused", [Sinter_Kernel, SingleBlock, NoRegionArguments, RecursiveMemoryEffects]> {
  let summary = "Ops that become one kernel";
  let description = [{
    Computes its body, which may use values from above; means the same as the body in place. A value from above that is yielded is copied, and one
    that is yielded twice is two results. Passes group ops here: a chain of
    ops over a token's features, or linears that read the same activations with what follows element-wise.
    ```mlir
    %h = sinter.fused {
      %g = sinter.linear %x, %wg : tensor<?x?x576xf32>, tensor<1536x576xf32> -> tensor<?x?x1536xf32>
      %u = sinter.linear %x, %wu : tensor<?x?x576xf32>, tensor<1536x576xf32> -> tensor<?x?x1536xf32>
      %s = sinter.unary silu %g : tensor<?x?x1536xf32>
      %m = sinter.mul %s, %u : tensor<?x?x1536xf32>, tensor<?x?x1536xf32>
      sinter.yield %m : tensor<?x?x1536xf32>
    } : tensor<?x?x1536xf32>
    ```
    Constraints: (C1) the yielded types are the result types; (C2) results are tensors (B, T, ...) or caches.
  }];
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Sinter_Value>:$results);
  let assemblyFormat = "$body attr-dict `:` type($results)";
  let hasVerifier = 1;
}

def Sinter_CopyOp : Sinter_Op<"copy", [Sinter_OwnResults, Sinter_Computes<"Element">, SameOperandsAndResultType /*copy_c1*/]> {
  let summary = "The same values, in memory of their own";
  let description = [{
    y = x. What has to lie in two places is copied by this op, which `sinter-plan-memory` inserts. A copy is itself alone: two of one
    value do not become one, and none becomes its operand; one that nobody reads goes.
    ```mlir
    %y = sinter.copy %x : tensor<?x?x64xf32>
    ```
    Constraints: (C1) input and result have the same type; (C2) that has no layout.
  }];
  let arguments = (ins Sinter_Float:$input);
  let results = (outs Sinter_Float:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sinter_YieldOp : Sinter_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"FusedOp">]> {
  let summary = "Results of a fused body";
  let arguments = (ins Variadic<Sinter_Value>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

include "dialect/IR/SinterAttentionOps.td"
include "dialect/IR/SinterTokenOps.td"
include "dialect/IR/SinterExpertOps.td"

#endif // SINTER_DIALECT_IR_SINTEROPS_TD
