//===- Plan.h - A model's parts, evaluated ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What stands between a spec and IR: the section `model` with every expression
// evaluated for every layer, and every weight found. Layers whose plans are
// equal but for layer scalars share a form.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_PLAN_H
#define SINTER_SPEC_PLAN_H

#include "dialect/IR/Sinter.h"
#include "spec/Rope.h"
#include "spec/TextEmbedding.h"
#include "spec/WeightTable.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sinter {

/// A weight that a part uses.
struct WeightUse {
  std::string symbol;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  bool perLayer = false;
};

/// A norm; its weights are "NAME" and "NAME.bias" of the owner's uses.
struct NormPlan {
  /// Tanh: tanh(alpha x), with the use "NAME.alpha" (Zhu et al. 2025). Length:
  /// x scaled to length 1.
  enum class Kind { Rms, Layer, Tanh, Length } kind = Kind::Rms;
  double eps = 0;
  bool plusOne = false;
  bool weighted = true;
};

/// The weights of a part, by local name ("q", "q.bias").
using Uses = std::map<std::string, WeightUse>;

/// Queries, or keys and values, made from few features of a token instead of
/// all (DeepSeek-AI 2024).
struct LatentPlan {
  int64_t queries = 0; ///< features that queries are made from; 0: all
  int64_t keys = 0;    ///< features that keys and values are made from
  int64_t shared = 0;  ///< last features of a key that all heads have
  bool normed = false;
  NormPlan norm;
};

/// Norms of what heads have.
struct HeadsNormPlan {
  enum class Over { None, Head, All } over = Over::None;
  bool ownWeights = false; ///< each head has weights of its own
  NormPlan norm;
};

/// carry * x + branch * y, with learned factors and a gate for each token.
struct MixPlan {
  double carry = 1, branch = 1;
  bool carryGain = false;  ///< use "carry_gain", of x
  bool branchGain = false; ///< use "branch_gain", of y
  /// Uses "carry_bias" and "branch_bias": added before the factors.
  bool carryBias = false, branchBias = false;
  std::optional<UnaryKind> gate; ///< use "gate": y times a linear's activation
  bool blend = false;            ///< y - x stands in place of y

  bool isPlainSum() const {
    return carry == 1 && branch == 1 && !carryGain && !branchGain && !gate &&
           !blend && !carryBias && !branchBias;
  }
};

/// Numbers that streams are weighed with: times * activation(gain * linear +
/// bias) + plus, where the linear reads all streams, normed.
struct StreamWeightsPlan {
  int64_t count = 1;
  bool linear = false, gain = false, bias = false;
  UnaryKind activation = UnaryKind::Identity;
  double times = 1, plus = 0;
};

/// What a step reads of x's streams, and what becomes of them: streams' =
/// keep streams + write y (Zhu et al. 2024). Uses have "streams.read." and so
/// on before their names.
struct StreamsPlan {
  StreamWeightsPlan read, write;
  std::optional<StreamWeightsPlan> keep; ///< none: each as it is
};

/// What an attention remembers of its values, and what is added to them. Uses
/// have "values." before their names.
struct ValuesPlan {
  std::string remember, recall; ///< names; empty: no such thing
  MixPlan mix;                  ///< with what is recalled
};

struct AttentionPlan {
  int64_t heads = 1, kvHeads = 1, valueHeads = 1, dim = 1, valueDim = 1;
  double scale = 1;
  Mask mask = Mask::Causal;
  int64_t window = 0; ///< a layer scalar; 0: none
  int64_t chunk = 0;
  double softCap = 0;
  double clip = 0;               ///< of q, k, v; 0: none
  bool clipAfterNorm = false;    ///< of q and k
  std::vector<size_t> ropes;     ///< of queries: indices into the tower's
  std::vector<size_t> keyRopes;  ///< of keys
  std::optional<size_t> factors; ///< of queries, index into the tower's
  bool prefix = false; ///< keys before `prefix_length` are seen by all
  /// Reads the keys and values of the encoder.
  bool cross = false;
  /// Row of each distance -D .. D (key minus query; empty: none): of the use
  /// "buckets", and of the tower's table of relative positions.
  std::vector<int32_t> buckets, rows;
  bool relativeKeys = false, relativeQueries = false, relativeValues = false;
  bool relativeShared = false; ///< by the linears of k, q and v
  bool relativeOwn = false;    ///< rows of the layer's own, for each of
  int64_t relativeGroups = 1;  ///< as many groups of heads
  int64_t memory = 0; ///< tokens seen of those before a segment; 0: all
  HeadsNormPlan qkNorm;
  bool normAfterRope = false;
  bool valueNorm = false;
  bool alibi = false;
  double alibiScale = 1;
  std::vector<float> slopes;     ///< scaled; empty: the use "slopes"
  std::optional<UnaryKind> gate; ///< of the gate of the heads' results
  std::optional<LatentPlan> latent;
  /// Results of pairs of heads are subtracted: of halves or neighbours among
  /// those that read one head of values.
  enum class Difference { None, Halves, Neighbours };
  Difference difference = Difference::None;
  HeadsNormPlan innerNorm; ///< of what the output linear reads
  ValuesPlan values;
  /// The layer whose keys and values are read; none: its own are.
  std::optional<int64_t> keysOf;
  /// The layer whose linear makes keys, and how: not this one if its keys are
  /// another's.
  int64_t keysLayer = 0;
  std::optional<LatentPlan> keysLatent;
  /// Which pair of caches (of the tower, or for the encoder's keys and values),
  /// and the slot in them (a layer scalar).
  size_t cache = 0;
  int64_t slot = 0;

  /// Heads of the result.
  int64_t resultHeads() const {
    return difference == Difference::None ? heads : heads / 2;
  }
};

/// Features that a layer makes of a token alone: of its own rows for ids, and
/// of what the token embeds to.
struct TokenFeaturesPlan {
  int64_t width = 1;
  bool table = false;           ///< use "tokens"
  double scale = 1;             ///< of its rows
  bool project = false;         ///< use "tokens_project"
  double projectScale = 1;      ///< of what that gives
  std::optional<NormPlan> norm; ///< then, use "tokens_norm"
  double weight = 1;            ///< of the sum
};

struct FfnPlan {
  UnaryKind activation = UnaryKind::Silu;
  /// Instead: a max(x, 0)^2 + b (elu(x) - x) + beta x with learned a and b.
  bool learned = false;
  bool gated = false;
  double beta = 1;                           ///< activation(beta x) / beta
  double limit = 0, upOffset = 0;            ///< as in sinter.moe
  std::optional<TokenFeaturesPlan> ofTokens; ///< in place of `up x`
  std::optional<NormPlan> innerNorm;         ///< of what `down` reads
};

struct MoePlan {
  FfnPlan expert;
  int64_t experts = 1, topK = 1, groups = 1, keep = 1;
  RouteScore score = RouteScore::Softmax;
  GroupScore groupScore = GroupScore::Best;
  bool normalize = false;
  double factor = 1;
  int64_t identities = 0;  ///< choices beyond experts: the token itself
  std::string routerReads; ///< a remembered value; empty: what experts read
  std::optional<NormPlan> routerNorm; ///< of that
  std::optional<FfnPlan> shared;
  bool sharedGate = false;
  double softCap = 0;           ///< of the router's logits
  std::optional<double> within; ///< as in sinter.route
  bool weighInput = false;
  bool byLogits = false; ///< experts are chosen by logits, not by scores
};

/// Values that were remembered, added.
struct RecallPlan {
  std::vector<std::string> values;
  int64_t width = 1;
};

/// One computation within a step.
struct PartPlan {
  std::string name;
  SpecLoc loc;
  std::variant<AttentionPlan, FfnPlan, MoePlan, TokenFeaturesPlan, RecallPlan>
      what;
  Uses uses;
  std::string reads; ///< a remembered value; empty: what the step reads
  bool ownNorm = false;
  NormPlan norm; ///< if it has its own
};

/// One residual step: sum of parts, put beside what came in. Without parts x is
/// what came in.
struct StepPlan {
  std::string name;
  SpecLoc loc;
  bool normBefore = false, normBranch = false, normAfter = false;
  NormPlan norm;
  bool residual = true;
  bool residualOfNormed = false;
  std::string residualOf; ///< a remembered value; empty: x
  MixPlan mix;
  bool outputGain = false; ///< a learned factor for each feature of the sum
  StreamsPlan streams;     ///< if the tower has several
  /// Where the parts' sum is added: here, after the layer's last step, or not
  /// at all.
  enum class Joins { Here, End, Later } joins = Joins::Here;
  bool beside = false; ///< not here, and reads what the step before reads
  std::string reads;   ///< a remembered value; empty: x
  std::string
      remember;      ///< the name of x after the step, or of what joins later
  int64_t width = 1; ///< features of the parts' sum
  std::vector<PartPlan> parts;
  Uses uses;
};

/// A value that a layer remembers for steps after it.
struct RememberedPlan {
  std::string name;
  int64_t width = 1;
  bool carried = false; ///< other layers than the one that remembers it read it
};

struct LayerPlan {
  std::vector<StepPlan> steps;
  size_t form = 0;

  /// The attention that is called so, or null.
  AttentionPlan *attention(llvm::StringRef part);
  const AttentionPlan *attention(llvm::StringRef part) const {
    return const_cast<LayerPlan *>(this)->attention(part);
  }
};

/// Layers with equal plans (but for layer scalars).
struct FormPlan {
  std::string symbol;
  std::vector<int64_t> layers; ///< that have it
};

/// Keys and values of one shape, of layers that look back as far.
struct CachePlan {
  int64_t kvHeads = 1, valueHeads = 1, dim = 1, valueDim = 1;
  int64_t slots = 0;
  int64_t ring = 0; ///< tokens that a query sees at most; 0: all
};

/// A dense layer, activation and norm before the head proper.
struct HeadTransform {
  UnaryKind activation = UnaryKind::Gelu;
  std::optional<NormPlan> norm;
};

struct HeadPlan {
  Uses uses;
  SpecLoc loc;
  int64_t outputs = 1; ///< rows: the vocabulary, or classes
  bool linear = true;  ///< without it the result is features
  std::optional<PoolKind> pool;
  std::optional<HeadTransform> transform;
  bool project = false;   ///< a linear to the features of the rows
  bool normalize = false; ///< the result has length 1
  double inputScale = 1;  ///< of what the head reads
  double scale = 1, softCap = 0;
  bool logSoftmax = false;
  bool tied = false;
};

/// What is added to embeddings for the position.
struct PositionsPlan {
  enum class Kind { None, Learned, Sinusoids } kind = Kind::None;
  int64_t offset = 0;
  std::vector<float> frequencies; ///< sinusoids
  bool neighbours = false;        ///< sinusoids
  bool skipsPadding = false;      ///< counts the tokens of the mask alone
};

/// Features of relative positions, of which layers make keys or queries.
struct RelativePlan {
  int64_t rows = 0;
  std::vector<float> frequencies; ///< of sinusoids; empty: a table
  int64_t first = 0; ///< the distance (query minus key) of the first sinusoid
  bool norm = false;
};

/// A factor for each token that grows with its position.
struct FactorsPlan {
  FactorKind kind = FactorKind::LogRatio;
  int64_t length = 2;
  int64_t first = 1; ///< the number of the first position
  double gain = 1;
};

/// Learned tokens before all others: what they would embed to, or the keys and
/// values that layers would make of them.
struct PromptPlan {
  int64_t tokens = 0;
  bool states = false; ///< keys and values, of every layer
  bool counted = true; ///< positions of other tokens begin after them
};

/// A stack of layers with what is before and after it.
struct TowerPlan {
  std::string prefix; ///< of weight names, "" or "decoder."
  /// Reads tokens in pieces and remembers keys and values; otherwise it sees
  /// all tokens at once, and a mask that says which are real.
  bool cached = true;
  int64_t hidden = 1, vocab = 1;
  int64_t embedWidth = 1; ///< features of the embedding's rows
  /// Where rows of another width than `hidden` become features of that.
  enum class Project { None, Tokens, Sum, All } project = Project::None;
  SpecLoc embedLoc, normLoc, stackLoc;
  Uses uses; ///< "embed", "norm", ...
  double embedScale = 1;
  std::optional<NormPlan> embedNorm, finalNorm;
  bool normsTokens = false; ///< before positions and types are added
  PositionsPlan positions;
  bool tokenTypes = false;
  /// Layers read the ids of tokens, and what those embed to.
  bool readsIds = false, readsEmbedded = false;
  NormPlan norm;
  std::vector<RopePlan> ropes;
  std::vector<FactorsPlan> factors;
  std::optional<RelativePlan> relative;
  PromptPlan prompt;
  int64_t streams = 1;        ///< of x, each of `hidden` features
  StreamWeightsPlan lastRead; ///< of the last layer's streams
  std::vector<RememberedPlan> remembered;
  std::vector<LayerPlan> layers;
  std::vector<FormPlan> forms;
  std::vector<CachePlan> caches;
  std::vector<CachePlan> crossCaches; ///< keys and values of the encoder
  std::optional<HeadPlan> head;

  bool usesPrefix() const;

  /// Features of the rows for positions and types, which are added before or
  /// after the embedding's own become those of tokens.
  int64_t positionsWidth() const {
    return project == Project::Sum || project == Project::All ? embedWidth
                                                              : hidden;
  }
};

/// A text with a blank that is filled in at the text's end: how positions and
/// the prefix that all see follow from the tokens.
struct BlankPlan {
  int64_t begins = 0;         ///< the token from which on it is filled in
  std::vector<int64_t> marks; ///< that stand for the blank, best first
};

/// What makes one vector of a text's tokens.
struct EmbeddingPlan {
  std::vector<PoolKind> pools; ///< side by side; empty: tokens stay apart
  std::vector<EmbeddingStep> steps;
  /// "N", "N.bias", "N.residual" of step N.
  Uses uses;
  /// The checkpoint's own: of the features before any head.
  bool ofCheckpoint = false;

  /// Features of a vector that is made of tokens of `width` features.
  int64_t outputs(int64_t width) const;
};

struct ModelPlan {
  std::string kind; ///< "causal", ...
  int64_t context = 0;
  int64_t start = 0; ///< tokens of zeros in the caches before the first
  std::optional<BlankPlan> blank;
  /// Of models that embed texts.
  std::optional<EmbeddingPlan> embedding;
  TowerPlan tower; ///< of a seq2seq the decoder
  std::optional<TowerPlan> encoder;
};

} // namespace sinter

#endif // SINTER_SPEC_PLAN_H
