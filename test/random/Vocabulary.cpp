//===- Vocabulary.cpp - Small models made of random words -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/Vocabulary.h"

#include <algorithm>
#include <map>

using namespace sinter::random_models;

namespace {

const Need isMoe{"moe", {"yes", "some_layers"}};
const Need isFfn{"moe", {"no", "some_layers"}};
const Need isRope{
    "rope",
    {"halves", "neighbours", "partial", "two_parts", "inputs", "rotating"}};
const Need isGrouped{"groups", {"best", "best_two"}};
const Need isCausal{"kind", {"causal"}};
const Need isEncoder{"kind", {"encoder"}};
const Need hasCaches{"kind", {"causal", "seq2seq"}};
const Need isOneStream{"streams", {"no"}};
const Need isRounded{"weights", {"bf16", "q8_0", "q4_0", "q4_1"}};

/// Tokens, layers and what stands around their parts.
const std::vector<Dimension> ofLayers = {
    {"kind", {"causal", "encoder", "seq2seq"}},
    {"hidden", {"32", "24", "33", "64"}},
    {"layers", {"1", "2"}},
    {"start", {"no", "3"}, {isCausal}},
    {"blank", {"no", "yes"}, {isCausal}},
    {"embedding",
     {"no", "mean", "max", "first", "last", "root_mean", "weighted_mean",
      "[last, root_mean]"},
     {isEncoder}},
    {"prompt",
     {"no", "embeddings", "keys_and_values", "uncounted"},
     {isCausal}},
    {"norm",
     {"rms", "rms_plus_one", "rms_bias", "rms_bare", "layer", "layer_no_bias",
      "layer_bare", "tanh", "length"}},
    {"place",
     {"pre", "post", "branch", "sandwich", "none", "own_kind", "pre_post",
      "branch_post"}},
    {"parallel",
     {"no", "yes", "own_norms", "step", "step_shared", "late", "late_shared"}},
    {"joins", {"here", "end", "later"}, {{"parallel", {"no"}}}},
    {"streams", {"no", "plain", "learned", "of_tokens"}},
    {"reads", {"x", "embedded", "middle", "other_layer"}, {isOneStream}},
    {"residual",
     {"plain", "weights", "normed", "none", "gain", "carry_gain", "output_gain",
      "gate", "blend", "biases", "of_embedded"}},
    {"recalled", {"no", "embedded", "other_layer", "rows"}, {isOneStream}},
    {"anew", {"no", "yes"}, {isOneStream}},
    {"final_norm", {"no", "yes", "own_kind"}},
};

const std::vector<Dimension> ofAttention = {
    {"heads", {"4/4", "4/2", "4/1", "3/3", "6/2"}},
    {"head_dim", {"8", "16", "9", "18"}},
    {"value_dim", {"no", "6", "20"}},
    {"value_heads", {"no", "1"}},
    {"difference", {"no", "halves", "neighbours"}},
    {"cross_heads", {"no", "yes"}, {{"kind", {"seq2seq"}}}},
    {"mask", {"causal", "prefix"}, {hasCaches}},
    {"window", {"no", "3", "by_layer"}},
    {"chunk", {"no", "4"}},
    {"memory", {"no", "5"}, {hasCaches}},
    {"scale", {"no", "1", "0.3"}},
    {"soft_cap", {"no", "2"}},
    {"clip", {"no", "0.4", "after_norm"}},
    {"bias", {"no", "yes", "qkv", "o_gate"}},
    {"qk_norm",
     {"no", "head", "all", "after_rope", "values", "own_weights",
      "own_weights_all", "own_kind"}},
    {"latent", {"no", "keys", "both", "shared", "normed"}},
    {"inner_norm", {"no", "yes", "head", "own_weights"}},
    {"gate", {"no", "yes", "softplus"}},
    {"values", {"no", "first", "blend", "rows"}},
    {"keys_of", {"no", "first"}, {hasCaches, {"layers", {"2"}}}},
    {"sinks", {"no", "yes"}},
    {"embedded_positions",
     {"no", "learned", "learned_offset", "sinusoids", "neighbours", "steps"}},
    {"skip_padding",
     {"no", "yes"},
     {{"embedded_positions",
       {"learned", "learned_offset", "sinusoids", "neighbours", "steps"}}}},
    {"rope",
     {"no", "halves", "neighbours", "partial", "two_parts", "inputs",
      "rotating"}},
    {"scaling",
     {"plain", "linear", "bands", "yarn", "yarn_mscale", "factors",
      "factors_by_length", "ntk", "ntk_prompt", "ntk_power_of_two"},
     {isRope}},
    {"stored_factors", {"no", "yes"}, {isRope}},
    {"rope_layers", {"all", "some"}, {isRope}},
    {"decay", {"no", "yes"}, {isRope}},
    {"advance", {"1", "0"}, {{"rope", {"two_parts", "inputs"}}}},
    {"bias_by_distance",
     {"no", "alibi", "alibi_scaled", "alibi_learned", "buckets",
      "shared_buckets", "other_side_buckets", "clipped_buckets"}},
    {"relative",
     {"no", "sinusoids", "biases", "clipped", "both", "logarithmic_shared",
      "queries", "values", "values_shared", "own", "own_of_heads"}},
    {"query_factors",
     {"no", "log_ratio", "log_ratio_from_0", "log_floor", "log_floor_from_0"}},
};

const std::vector<Dimension> ofFeedForward = {
    {"activation",
     {"silu", "relu", "relu2", "gelu", "gelu_tanh", "gelu_quick", "sigmoid",
      "tanh", "identity", "softplus", "elu", "mish", "relu6", "leaky_relu",
      "hard_swish"}},
    {"gated", {"no", "yes"}},
    {"ffn_bias", {"no", "yes", "some"}},
    {"width", {"48", "64", "41"}},
    {"limit", {"no", "0.5"}},
    {"up_offset", {"0", "1"}, {{"gated", {"yes"}}}},
    {"moe", {"no", "yes", "some_layers"}},
    {"beta", {"1", "1.7"}},
    {"ffn_inner_norm", {"no", "yes"}, {isFfn}},
    {"of_tokens", {"no", "rows", "project", "both"}, {isFfn}},
    {"top_k", {"2", "1", "5"}, {isMoe}},
    {"score",
     {"softmax", "sigmoid", "successive", "successive_near", "sqrt_softplus"},
     {isMoe}},
    {"identities", {"0", "3"}, {isMoe}},
    {"expert_gain", {"no", "yes"}, {isMoe}},
    {"router", {"plain", "norm", "embedded"}, {isMoe}},
    {"normalize", {"no", "yes"}, {isMoe}},
    {"factor", {"1", "2.5"}, {isMoe}},
    {"groups", {"no", "best", "best_two"}, {isMoe}},
    {"keep", {"1", "2"}, {isMoe, isGrouped}},
    {"correction", {"no", "yes"}, {isMoe}},
    {"choose_by", {"scores", "logits"}, {isMoe}},
    {"shared", {"no", "yes", "gated", "other"}, {isMoe}},
    {"weigh_input", {"no", "yes"}, {isMoe}},
    {"router_cap", {"no", "8"}, {isMoe}},
};

const std::vector<Dimension> aroundLayers = {
    {"embed_scale", {"1", "3"}},
    {"embed_width", {"no", "all", "tokens", "sum", "bias"}},
    {"embed_norm", {"no", "yes", "tokens"}},
    {"types", {"no", "2"}},
    {"head", {"yes", "none"}, {isEncoder}},
    {"tied", {"yes", "no", "shared_embedding"}, {{"head", {"yes"}}}},
    {"pool",
     {"no", "first", "last", "mean", "max"},
     {isEncoder, {"head", {"yes"}}}},
    {"outputs", {"no", "5"}, {{"head", {"yes"}}, {"tied", {"no"}}}},
    {"linear", {"yes", "no"}, {{"head", {"yes"}}, {"tied", {"no"}}}},
    {"head_width", {"no", "20"}, {{"head", {"yes"}}, {"tied", {"no"}}}},
    {"head_bias", {"no", "yes"}, {{"head", {"yes"}}, {"linear", {"yes"}}}},
    {"head_scale", {"1", "0.5"}, {{"head", {"yes"}}}},
    {"input_scale", {"1", "0.25"}, {{"head", {"yes"}}}},
    {"head_cap", {"0", "3"}, {{"head", {"yes"}}}},
    {"head_length", {"no", "1"}, {{"head", {"yes"}}}},
    {"log_softmax", {"no", "yes"}, {{"head", {"yes"}}}},
    {"transform", {"no", "yes", "bias", "no_norm"}, {{"head", {"yes"}}}},
};

/// What is no word of a spec: how a model is stored, compiled and run.
const std::vector<Dimension> ofPrograms = {
    {"weights", {"f32", "bf16", "f16", "q8_0", "q4_0", "q4_1"}},
    {"activations", {"float", "rounded", "int16"}, {isRounded}},
    {"cache", {"f32", "bf16", "f16"}, {hasCaches}},
    {"decode", {"specialized", "general"}, {hasCaches}},
    {"target", {"x86-64-v3", "baseline", "native"}, {}, /*paired=*/false},
    {"batch", {"1", "2"}},
    {"ragged", {"no", "right", "left"}, {{"batch", {"2"}}}},
    {"cuts", {"7,1,1", "3,1,4,1,1", "1,1,1", "70,1"}},
};

std::vector<Dimension> makeDimensions() {
  std::vector<Dimension> all;
  for (const std::vector<Dimension> *part :
       {&ofLayers, &ofAttention, &ofFeedForward, &aroundLayers, &ofPrograms})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

} // namespace

const std::vector<Dimension> &sinter::random_models::dimensions() {
  static const std::vector<Dimension> all = makeDimensions();
  return all;
}

size_t sinter::random_models::dimensionOf(const std::string &name) {
  static const std::map<std::string, size_t> places = [] {
    std::map<std::string, size_t> places;
    for (size_t i = 0; i < dimensions().size(); ++i)
      places[dimensions()[i].name] = i;
    return places;
  }();
  return places.at(name);
}

bool Choice::isAny(const std::string &name,
                   const std::vector<std::string> &words) const {
  return std::find(words.begin(), words.end(), word(name)) != words.end();
}

bool Choice::applies(size_t dimension) const {
  const std::vector<Need> &needs = dimensions()[dimension].needs;
  return std::all_of(needs.begin(), needs.end(), [&](const Need &need) {
    return applies(dimensionOf(need.dimension)) &&
           isAny(need.dimension, need.values);
  });
}

const std::string &Choice::word(const std::string &name) const {
  size_t i = dimensionOf(name);
  return dimensions()[i].values[applies(i) ? values[i] : 0];
}

std::string Choice::describe() const {
  std::string text;
  for (size_t i = 0; i < dimensions().size(); ++i)
    if (values[i] && applies(i))
      text += (text.empty() ? "" : " ") + dimensions()[i].name + "=" +
              dimensions()[i].values[values[i]];
  return text.empty() ? "(the plainest)" : text;
}

namespace {

struct Contradiction {
  const char *reason;
  bool (*holds)(const Choice &);
};

const Contradiction contradictions[] = {
    {"there is no normed input without a norm before",
     [](const Choice &c) {
       return c.is("residual", "normed") &&
              c.isAny("place", {"post", "branch", "none", "branch_post"});
     }},
    {"heads that read one head of values are not pairs",
     [](const Choice &c) {
       return c.has("difference") &&
              (c.has("value_heads") ? c.isAny("heads", {"3/3"})
                                    : c.isAny("heads", {"4/4", "3/3", "6/2"}));
     }},
    {"what joins at the end or later leaves x as it is",
     [](const Choice &c) {
       return c.isAny("joins", {"end", "later"}) &&
              (c.isAny("place", {"post", "pre_post", "branch_post"}) ||
               c.isAny("residual",
                       {"weights", "normed", "none", "carry_gain",
                        "output_gain", "blend", "biases", "of_embedded"}));
     }},
    {"a branch of a step cannot read what that step remembers",
     [](const Choice &c) {
       return c.is("reads", "middle") &&
              c.isAny("parallel", {"step", "step_shared"});
     }},
    {"streams are kept and written as",
     [](const Choice &c) {
       return c.has("streams") &&
              (c.isAny("place", {"post", "pre_post", "branch_post"}) ||
               c.isAny("parallel", {"late", "late_shared"}) ||
               c.is("joins", "end") ||
               c.isAny("residual",
                       {"weights", "normed", "none", "carry_gain",
                        "output_gain", "blend", "biases", "of_embedded"}));
     }},
    {"an attention that reads another layer's values has none of its own",
     [](const Choice &c) { return c.has("values") && c.has("keys_of"); }},
    {"caches begin with zeros or with learned tokens, not with both",
     [](const Choice &c) { return c.has("start") && c.has("prompt"); }},
    {"learned embeddings are tokens like others",
     [](const Choice &c) {
       return c.is("prompt", "embeddings") &&
              (c.is("mask", "prefix") ||
               c.isAny("of_tokens", {"rows", "both"}) ||
               c.is("values", "rows") || c.is("recalled", "rows") ||
               c.isAny("rope", {"two_parts", "inputs"}) ||
               c.isAny("embed_width", {"all", "sum", "bias"}));
     }},
    {"there is no encoder whose embedding has the same rows and features",
     [](const Choice &c) {
       return c.is("tied", "shared_embedding") && c.is("kind", "causal");
     }},
    {"experts of the groups that are kept",
     [](const Choice &c) {
       return c.isAny("moe", {"yes", "some_layers"}) && c.has("groups") &&
              c.number("top_k") > 2 * c.number("keep");
     }},
};

} // namespace

std::vector<std::string>
sinter::random_models::contradictionsOf(const Choice &choice) {
  std::vector<std::string> reasons;
  for (const Contradiction &each : contradictions)
    if (each.holds(choice))
      reasons.push_back(each.reason);
  return reasons;
}
