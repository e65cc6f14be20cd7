//===- SinterDialect.td - The dialect, its types and attributes -*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTERDIALECT_TD
#define SINTER_DIALECT_IR_SINTERDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Sinter_Dialect : Dialect {
  let name = "sinter";
  let cppNamespace = "::sinter";
  let summary = "Transformer models at the level people think in";
  let description = [{
    Ops on activations of shape (batch B, tokens T, ...) and on weights that are
    referred to by symbol; a model's IR holds no weight bytes. B and T are the
    first two dimensions, dynamic until a pass fixes them; those that follow,
    features, are static and not 0. Weight matrices are (out, in): `linear`
    computes x W^T. No tensor has more than 2^40 numbers, as far as its
    dimensions are known; no tensor of layers more than 65536 of them.

    Attributes that passes leave on ops, for those that follow:

    | attribute | on | holds |
    |---|---|---|
    | `sinter.name` | arguments, results of entries | the runtime's tensor |
    | `sinter.manifest`, `sinter.model` | module | what programs say of themselves; where the weights are |
    | `sinter.target` | module | what it is compiled for, such as `#cpu.target<...>`: passes ask it for layouts and sizes |
    | `sinter.weights_bytes` | module | bytes of the packed weights |
    | `sinter.arena` | functions | its buffers: `#sinter.arena<...>` |
    | `sinter.share` | kernels | how workers share its work: `#sinter.share<...>` |
    | `sinter.place` | kernels | where its results lie: `#sinter.place<...>` |
    | `sinter.kernel`, `sinter.kernels` | kernels, module | number of a kernel; a row of facts for each |
    | `sinter.entries` | module | names of what a program runs |
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Sinter_BlockFormat : I32EnumAttr<"BlockFormat", "How a block of 32 values is stored", [
    I32EnumAttrCase<"Q8_0", 0, "q8_0">,
    I32EnumAttrCase<"Q4_0", 1, "q4_0">,
    I32EnumAttrCase<"Q4_1", 2, "q4_1">,
    I32EnumAttrCase<"A8", 3, "a8">,
    I32EnumAttrCase<"A16", 4, "a16">]> {
  let cppNamespace = "::sinter";
  let genSpecializedAttr = 0;
}

def Sinter_BlockType : TypeDef<Sinter_Dialect, "Block"> {
  let mnemonic = "block";
  let summary = "Element of a tensor stored in quantized blocks of 32";
  let description = [{
    An element type: the last dimension of a tensor of it is a multiple of 32,
    and each 32 consecutive elements share their scale. Value of element i:

    | format | holds | value |
    |---|---|---|
    | `q8_0` | f16 d, 32 x i8 q | d * q_i |
    | `q4_0` | f16 d, 32 x u4 q | d * (q_i - 8) |
    | `q4_1` | f16 d, f16 m, 32 x u4 q | d * q_i + m |
    | `a8`   | f32 d, 32 x i8 q | d * q_i (activations; see `sinter.quantize`) |
    | `a16`  | f32 d, 32 x i8 q, 32 x i8 r | d * (q_i + r_i / 256) (activations) |

    ```mlir
    tensor<576x1536x!sinter.block<q4_1>>
    ```
  }];
  let parameters = (ins EnumParameter<Sinter_BlockFormat>:$format);
  let assemblyFormat = "`<` $format `>`";
  let extraClassDeclaration = [{
    /// Whether this is a format of activations, not of weights.
    bool isOfActivations() const {
      return getFormat() == BlockFormat::A8 || getFormat() == BlockFormat::A16;
    }
  }];
}

def Sinter_CacheType : TypeDef<Sinter_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "Keys or values of all tokens so far, for all layers";
  let description = [{
    `!sinter.cache<slots x heads x dim x type>`: a value of shape
    (slots, batch, capacity, heads, dim), where batch and capacity are chosen
    when the program starts. Only `sinter.append` makes a new value of it, in
    destination style: the old value must have no later use, so that no cache
    is ever copied.

    With `ring N` no token sees more than N tokens, itself among them. A slot
    then holds what a step needs and no more, however long the texts are: with
    C tokens in the longest step, at least N - 1 + C, as the step's first token
    sees N - 1 of those before, and all of the step's are appended before any of
    them looks. Token p is at p modulo the capacity, in the place of one that
    nobody will look at again.

    ```mlir
    !sinter.cache<30x3x64xf32>
    !sinter.cache<32x8x128xf16, ring 4096>
    ```
  }];
  let parameters = (ins "int64_t":$slots, "int64_t":$heads, "int64_t":$dim,
                        "::mlir::Type":$elementType, "int64_t":$ring);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def Sinter_UnaryKind : I32EnumAttr<"UnaryKind", "An element-wise function", [
    I32EnumAttrCase<"Relu", 0, "relu">,
    I32EnumAttrCase<"Relu2", 1, "relu2">,
    I32EnumAttrCase<"Gelu", 2, "gelu">,
    I32EnumAttrCase<"GeluTanh", 3, "gelu_tanh">,
    I32EnumAttrCase<"GeluQuick", 4, "gelu_quick">,
    I32EnumAttrCase<"Silu", 5, "silu">,
    I32EnumAttrCase<"Sigmoid", 6, "sigmoid">,
    I32EnumAttrCase<"Tanh", 7, "tanh">,
    I32EnumAttrCase<"Identity", 8, "identity">,
    I32EnumAttrCase<"Softplus", 9, "softplus">,
    I32EnumAttrCase<"Elu", 10, "elu">,
    I32EnumAttrCase<"Mish", 11, "mish">,
    I32EnumAttrCase<"Relu6", 12, "relu6">,
    I32EnumAttrCase<"LeakyRelu", 13, "leaky_relu">,
    I32EnumAttrCase<"HardSwish", 14, "hard_swish">]> {
  let cppNamespace = "::sinter";
}

def Sinter_RopePairs : I32EnumAttr<"RopePairs", "Which features rotate together", [
    I32EnumAttrCase<"Halves", 0, "halves">,
    I32EnumAttrCase<"Neighbours", 1, "neighbours">]> {
  let cppNamespace = "::sinter";
}

def Sinter_Mask : I32EnumAttr<"Mask", "Which keys a query sees", [
    I32EnumAttrCase<"Causal", 0, "causal">,
    I32EnumAttrCase<"Full", 1, "full">]> {
  let cppNamespace = "::sinter";
}

def Sinter_PoolKind : I32EnumAttr<"PoolKind", "What stands for a sequence", [
    I32EnumAttrCase<"First", 0, "first">,
    I32EnumAttrCase<"Last", 1, "last">,
    I32EnumAttrCase<"Mean", 2, "mean">,
    I32EnumAttrCase<"Max", 3, "max">,
    I32EnumAttrCase<"RootMean", 4, "root_mean">,
    I32EnumAttrCase<"WeightedMean", 5, "weighted_mean">]> {
  let cppNamespace = "::sinter";
}

def Sinter_FactorKind : I32EnumAttr<"FactorKind", "How a factor grows with the position", [
    I32EnumAttrCase<"LogRatio", 0, "log_ratio">,
    I32EnumAttrCase<"LogFloor", 1, "log_floor">]> {
  let cppNamespace = "::sinter";
}

def Sinter_NtkKind : I32EnumAttr<"NtkKind", "How a rotary base grows with the length", [
    I32EnumAttrCase<"Linear", 0, "linear">,
    I32EnumAttrCase<"PowerOfTwo", 1, "power_of_two">]> {
  let cppNamespace = "::sinter";
}

def Sinter_RouteScore : I32EnumAttr<"RouteScore", "How a router's logits become scores", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"Sigmoid", 1, "sigmoid">,
    I32EnumAttrCase<"Successive", 2, "successive">,
    I32EnumAttrCase<"SqrtSoftplus", 3, "sqrt_softplus">]> {
  let cppNamespace = "::sinter";
}

def Sinter_GroupScore : I32EnumAttr<"GroupScore", "What a group of experts is judged by", [
    I32EnumAttrCase<"Best", 0, "best">,
    I32EnumAttrCase<"BestTwo", 1, "best_two">]> {
  let cppNamespace = "::sinter";
}

def Sinter_Share : I32EnumAttr<"Share", "How workers share the work of a kernel", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Panels", 1, "panels">,
    I32EnumAttrCase<"Heads", 2, "heads">,
    I32EnumAttrCase<"Experts", 3, "experts">,
    I32EnumAttrCase<"Replicated", 4, "replicated">]> {
  let cppNamespace = "::sinter";
  let genSpecializedAttr = 0;
}

def Sinter_ShareAttr : EnumAttr<Sinter_Dialect, Sinter_Share, "share"> {
  let summary = "How workers share the work of a kernel";
  let description = [{
    A worker runs its share of a kernel without waiting for another: it is a
    thread of a CPU. There are as many as the user wants.

    | share | a worker has |
    |---|---|
    | `rows` | rows (tokens) of the first result, a contiguous range; it writes these alone |
    | `panels` | features of the results of linears, for all rows |
    | `heads` | heads, queries and keys of an attention |
    | `experts` | parts of each expert of a moe |
    | `replicated` | all of it, with results in memory of its own |

    ```mlir
    #sinter.share<rows>
    ```
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Sinter_ArenaAttr : AttrDef<Sinter_Dialect, "Arena"> {
  let mnemonic = "arena";
  let summary = "The buffers of a function";
  let description = [{
    Written by `sinter-plan-memory`, in the order in which they are numbered. A
    buffer is memory of somebody else, `argument N` (a carried value of a form of
    layer) or `output N` (a result of an entry), or a part of the function's
    arena: `rows x bytes + extra`, so many bytes. Rows are `tokens` (all of a
    step), `last` (those whose outputs are wanted), `sequences x 3` (three of each
    sequence) or a number; `extra` is for the last tile, which is written whole.
    Numbers are at most 2^40.

    ```mlir
    #sinter.arena<output 0, tokens x 2304, sequences x 1 x 64 + 128>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::sinter::Buffer">:$buffers);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Sinter_PlaceAttr : AttrDef<Sinter_Dialect, "Place"> {
  let mnemonic = "place";
  let summary = "Where a kernel's results lie";
  let description = [{
    The function's buffer of each result; `none` of a cache, which lies where
    it was, and of what a replicated kernel makes, which lies in each worker's own
    memory. `workspace` is the buffer of what passes between the kernel's phases.

    ```mlir
    #sinter.place<[1, none], workspace 2>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$results, "int64_t":$workspace);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Sinter_PackedAttr : AttrDef<Sinter_Dialect, "Packed"> {
  let mnemonic = "packed";
  let summary = "Layout of a weight matrix (rows = out, columns = in) in panels";
  let description = [{
    The encoding of a weight tensor after `sinter-pack-weights`. Rows are cut
    into panels of `rows`; missing rows of the last panel are zero. A panel is
    contiguous, starts at a multiple of 64 bytes, and holds, with R = `rows`
    and K columns:

    | element | panel |
    |---|---|
    | f32 | (K, R) |
    | f16 | (K, R) |
    | bf16 | (ceil(K/2), R, 2), a missing column is zero |
    | q8_0 | for each block: quants (8, R, 4) i8, then scales (R) f16 |
    | q4_0 | for each block: quants (4, R, 4) bytes: byte (j, r, c) holds column 4j+c in its low and 16+4j+c in its high nibble; then scales (R) f16 |
    | q4_1 | as q4_0, then minima (R) f16 |

    A block's scales stand beside its quants: kept apart, they are streams of
    their own, and a matrix times one token runs at 75% of memory bandwidth
    instead of 97%.

    With `biased`, q8_0 quants are stored as u8 q + 128 (for instructions that
    want one unsigned factor). Leading dimensions (experts) repeat the whole.
    `rows` is a power of two of at most 64.

    ```mlir
    tensor<576x576x!sinter.block<q4_1>, #sinter.packed<rows = 16>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, DefaultValuedParameter<"bool", "false">:$biased);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Sinter_TiledAttr : AttrDef<Sinter_Dialect, "Tiled"> {
  let mnemonic = "tiled";
  let summary = "Layout of activations in tiles of tokens, as matmuls read them";
  let description = [{
    The encoding of an activation tensor (B, T, K) that feeds matmuls: its N = B*T
    tokens are cut into tiles of M = `tokens`, (the last one padded), each
    contiguous. A tile is (ceil(K/G), M, G): G = `together` features of a token stay together, as many as one
    instruction multiplies; 0 stands for the vector unit's G: 4 for a8 and a16, 2 for bf16, else 1. Matrix units (AMX) take 32.
    In a tile of a8, after its K*M quants q i8 come scales (K/32, M) f32, then sums of quants (K/32, M) i32. A tile of a16 is one of a8
    followed by another for the r: their scales are d / 256, or 0 in blocks whose r are all 0, which are not written then. A tile of one token is the plain
    layout, whatever G. There are 1 to 1024 tokens in a tile, and G is 0, 1, 2, 4 or 32.

    ```mlir
    tensor<?x?x576x!sinter.block<a8>, #sinter.tiled<tokens = 32, together = 32>>
    ```
  }];
  let parameters = (ins "int64_t":$tokens, DefaultValuedParameter<"int64_t", "0">:$together);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // SINTER_DIALECT_IR_SINTERDIALECT_TD
