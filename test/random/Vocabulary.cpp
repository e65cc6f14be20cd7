//===- Vocabulary.cpp - Small models made of random words -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/Vocabulary.h"

using namespace sinter::random_models;

namespace {

bool isMoe(const Choice &c) { return c.has("moe"); }
bool isRope(const Choice &c) { return c.has("rope"); }
bool isGrouped(const Choice &c) { return isMoe(c) && c.has("groups"); }

std::vector<Dimension> makeDimensions() {
  return {
      {"kind", {"causal", "encoder", "seq2seq"}},
      {"hidden", {"32", "24", "33", "64"}},
      {"layers", {"1", "2"}},
      {"norm", {"rms", "rms_plus_one", "layer", "layer_no_bias", "layer_bare"}},
      {"place", {"pre", "post", "branch", "sandwich", "none"}},
      {"parallel", {"no", "yes", "own_norms"}},
      {"residual", {"plain", "weights", "normed", "none"}},
      {"final_norm", {"no", "yes"}},
      {"heads", {"4/4", "4/2", "4/1", "3/3", "6/2"}},
      {"head_dim", {"8", "16", "9", "18"}},
      {"value_dim", {"no", "6", "20"}},
      {"mask",
       {"causal", "prefix"},
       [](const Choice &c) { return c.is("kind", "causal"); }},
      {"window", {"no", "3", "by_layer"}},
      {"chunk", {"no", "4"}},
      {"memory",
       {"no", "5"},
       [](const Choice &c) { return c.is("kind", "causal"); }},
      {"scale", {"no", "1", "0.3"}},
      {"soft_cap", {"no", "2"}},
      {"clip", {"no", "0.4"}},
      {"bias", {"no", "yes", "qkv"}},
      {"qk_norm", {"no", "head", "all", "after_rope", "values"}},
      {"gate", {"no", "yes"}},
      {"sinks", {"no", "yes"}},
      {"embedded_positions",
       {"no", "learned", "learned_offset", "sinusoids", "neighbours"}},
      {"rope",
       {"no", "halves", "neighbours", "partial", "two_parts", "inputs"}},
      {"scaling",
       {"plain", "linear", "bands", "yarn", "factors", "ntk", "ntk_prompt",
        "ntk_power_of_two"},
       isRope},
      {"rope_layers", {"all", "some"}, isRope},
      {"bias_by_distance", {"no", "alibi", "buckets", "shared_buckets"}},
      {"relative",
       {"no", "sinusoids", "biases", "clipped", "both", "logarithmic_shared"}},
      {"query_factors", {"no", "log_ratio", "log_floor"}},
      {"activation",
       {"silu", "relu", "relu2", "gelu", "gelu_tanh", "gelu_quick", "sigmoid",
        "tanh"}},
      {"gated", {"no", "yes"}},
      {"ffn_bias", {"no", "yes"}},
      {"width", {"48", "64", "41"}},
      {"moe", {"no", "yes", "some_layers"}},
      {"score", {"softmax", "sigmoid"}, isMoe},
      {"normalize", {"no", "yes"}, isMoe},
      {"factor", {"1", "2.5"}, isMoe},
      {"groups", {"no", "best", "best_two"}, isMoe},
      {"keep", {"1", "2"}, isGrouped},
      {"correction", {"no", "yes"}, isMoe},
      {"shared", {"no", "yes", "gated"}, isMoe},
      {"limit", {"no", "0.5"}, isMoe},
      {"up_offset", {"0", "1"}, isMoe},
      {"weigh_input", {"no", "yes"}, isMoe},
      {"embed_scale", {"1", "3"}},
      {"embed_norm", {"no", "yes"}},
      {"types", {"no", "2"}},
      {"head",
       {"tied", "own", "none"},
       [](const Choice &c) { return c.is("kind", "encoder"); }},
      {"tied",
       {"yes", "no", "shared_embedding"},
       [](const Choice &c) { return !c.is("kind", "encoder"); }},
      {"head_bias", {"no", "yes"}},
      {"head_scale", {"1", "0.5"}},
      {"input_scale", {"1", "0.25"}},
      {"head_cap", {"0", "3"}},
      {"log_softmax", {"no", "yes"}},
      {"transform", {"no", "yes", "bias"}},
      {"weights", {"f32", "bf16", "f16", "q8_0", "q4_0", "q4_1"}},
      {"cache",
       {"f32", "bf16", "f16"},
       [](const Choice &c) { return !c.is("kind", "encoder"); }},
      {"batch", {"1", "2"}},
      {"cuts", {"7,1,1", "3,1,4,1,1", "1,1,1", "70,1"}},
  };
}

/// "key: value", joined, in braces.
class Mapping {
public:
  Mapping &add(const std::string &key, const std::string &value) {
    text += (text.empty() ? "" : ", ") + key + ": " + value;
    return *this;
  }
  Mapping &addIf(bool wanted, const std::string &key,
                 const std::string &value) {
    return wanted ? add(key, value) : *this;
  }
  std::string str() const { return "{ " + text + " }"; }

private:
  std::string text;
};

/// Writes the spec of a choice.
class Writer {
public:
  explicit Writer(const Choice &choice) : c(choice) {}
  std::string write();

private:
  int64_t heads() const { return std::stoll(c.word("heads")); }
  std::string keyHeads() const {
    return c.word("heads").substr(c.word("heads").find('/') + 1);
  }
  bool encodes() const { return c.is("kind", "encoder"); }
  std::string norm() const;
  std::string attention(bool encoder, bool cross) const;
  std::string scaling(int64_t dims) const;
  std::string rope() const;
  std::string relative() const;
  std::string ffn() const;
  std::string moe() const;
  std::string head(bool encoder) const;
  std::string step(const std::string &parts) const;
  std::string tower(const std::string &indent, bool encoder) const;
  void rules(std::string &text, const std::string &prefix) const;

  const Choice &c;
};

std::string Writer::norm() const {
  Mapping norm;
  norm.add("kind", c.word("norm").starts_with("rms") ? "rms" : "layer");
  norm.add("eps", "1e-5");
  norm.addIf(c.is("norm", "rms_plus_one"), "plus_one", "true");
  return norm.str();
}

std::string Writer::scaling(int64_t dims) const {
  const std::string &kind = c.word("scaling");
  Mapping scaling;
  scaling.add("kind", kind.starts_with("ntk_p") && kind != "ntk_power_of_two"
                          ? "ntk"
                          : kind);
  scaling.addIf(kind == "linear" || kind == "bands" || kind == "yarn" ||
                    kind == "ntk" || kind == "ntk_prompt",
                "factor", "4");
  scaling.addIf(kind == "bands", "low", "1")
      .addIf(kind == "bands", "high", "4");
  scaling.addIf(kind == "bands" || kind == "yarn" || kind.starts_with("ntk"),
                "original", "6");
  scaling.addIf(kind == "ntk_prompt", "length", "prompt");
  scaling.addIf(kind == "ntk", "length", "growing");
  scaling.addIf(kind == "ntk_power_of_two", "length", "growing");
  if (kind == "yarn")
    scaling.add("beta_fast", "32").add("beta_slow", "1");
  if (kind == "factors") {
    std::string list;
    for (int64_t i = 0; i < dims / 2; ++i)
      list += (i ? ", " : "") + std::to_string(1 + i % 3);
    scaling.add("factors", "\"[" + list + "]\"").add("attention_factor", "1.2");
  }
  return scaling.str();
}

std::string Writer::rope() const {
  const std::string &kind = c.word("rope");
  int64_t dim = c.number("head_dim") / 2 * 2;
  int64_t dims = kind == "halves" || kind == "neighbours" || kind == "inputs"
                     ? dim
                     : dim / 4 * 2;
  std::string when = c.is("rope_layers", "some") ? "i != 1" : "true";
  auto part = [&](int64_t offset, const char *pairs, const char *positions) {
    Mapping rope;
    rope.add("when", when).add("theta", "1000");
    rope.add("dims", std::to_string(dims));
    rope.add("offset", std::to_string(offset)).add("pairs", pairs);
    rope.addIf(*positions, "positions", positions);
    rope.addIf(!c.is("scaling", "plain"), "scaling", scaling(dims));
    return rope.str();
  };
  if (kind == "two_parts")
    return "[" + part(0, "halves", "position_ids") + ", " +
           part(dims, "neighbours", "block_position_ids") + "]";
  if (kind == "inputs")
    return part(0, "halves", "position_ids");
  return part(kind == "partial" ? dim - dims : 0,
              kind == "neighbours" ? "neighbours" : "halves", "");
}

std::string Writer::relative() const {
  const std::string &kind = c.word("relative");
  Mapping relative;
  bool sinusoids = kind == "sinusoids" || kind == "biases";
  bool logarithmic = kind == "logarithmic_shared";
  relative.add("rows", sinusoids     ? "sinusoids"
                       : logarithmic ? "logarithmic"
                                     : "clipped");
  relative.add("furthest", logarithmic ? "12" : "6");
  relative.addIf(!sinusoids, "span", logarithmic ? "4" : "6");
  relative.addIf(kind == "biases", "query_biases", "true");
  relative.addIf(kind == "both" || logarithmic, "queries", "true");
  relative.addIf(kind == "both", "bias", "true");
  relative.addIf(logarithmic, "shared", "true");
  relative.addIf(logarithmic || kind == "biases", "norm", "true");
  return relative.str();
}

std::string Writer::attention(bool encoder, bool cross) const {
  Mapping a;
  a.add("heads", std::to_string(heads())).add("kv_heads", keyHeads());
  a.add("head_dim", c.word("head_dim"));
  a.addIf(c.has("value_dim"), "value_dim", c.word("value_dim"));
  a.addIf(c.has("scale"), "scale", c.word("scale"));
  a.addIf(c.has("soft_cap"), "soft_cap", c.word("soft_cap"));
  a.addIf(c.has("clip"), "clip", c.word("clip"));
  a.addIf(c.is("bias", "yes"), "bias", "true");
  a.addIf(c.is("bias", "qkv"), "bias",
          "{ q: true, k: true, v: true, o: false }");
  a.addIf(c.has("gate"), "gate", "true");
  a.addIf(c.has("sinks"), "sinks", "true");
  if (cross)
    return a.str();
  a.add("mask", encoder ? "full" : c.word("mask"));
  a.addIf(c.has("window"), "window",
          c.is("window", "3") ? "3" : "4 if i % 2 == 0 else none");
  a.addIf(c.has("chunk"), "chunk", c.word("chunk"));
  a.addIf(c.has("memory") && !encoder, "memory", c.word("memory"));
  const std::string &norm = c.word("qk_norm");
  a.addIf(norm == "head" || norm == "all", "qk_norm", norm);
  a.addIf(norm == "after_rope", "qk_norm", "{ over: head, after_rope: true }");
  a.addIf(norm == "values", "qk_norm", "{ over: head, values: true }");
  a.addIf(c.has("rope"), "rope", rope());
  const std::string &bias = c.word("bias_by_distance");
  a.addIf(bias == "alibi", "alibi", "true");
  a.addIf(bias.ends_with("buckets"), "buckets",
          "{ count: 8, furthest: 9, shared: " +
              std::string(bias == "buckets" ? "false" : "true") + " }");
  a.addIf(c.has("relative"), "relative", relative());
  const std::string &factors = c.word("query_factors");
  a.addIf(factors == "log_ratio", "query_factors",
          "{ kind: log_ratio, length: 4 }");
  a.addIf(factors == "log_floor", "query_factors",
          "{ kind: log_floor, length: 3, gain: 0.2 }");
  return a.str();
}

std::string Writer::ffn() const {
  Mapping ffn;
  ffn.add("width", c.word("width")).add("activation", c.word("activation"));
  ffn.addIf(c.has("gated"), "gated", "true");
  ffn.addIf(c.has("ffn_bias"), "bias", "true");
  return ffn.str();
}

std::string Writer::moe() const {
  Mapping moe;
  moe.add("experts", "6").add("top_k", "2");
  moe.add("width", c.word("width")).add("activation", c.word("activation"));
  moe.add("gated", c.has("gated") ? "true" : "false");
  moe.addIf(c.has("ffn_bias"), "bias", "true");
  moe.add("score", c.word("score")).add("factor", c.word("factor"));
  moe.addIf(c.has("normalize"), "normalize", "true");
  moe.addIf(c.has("correction"), "correction", "true");
  if (c.has("groups"))
    moe.add("groups", "3")
        .add("keep", c.word("keep"))
        .add("group_score", c.word("groups"));
  moe.addIf(c.has("shared"), "shared_width", "19");
  moe.addIf(c.is("shared", "gated"), "shared_gate", "true");
  moe.addIf(c.has("limit"), "limit", c.word("limit"));
  moe.add("up_offset", c.word("up_offset"));
  moe.addIf(c.has("weigh_input"), "weigh_input", "true");
  return moe.str();
}

std::string Writer::head(bool encoder) const {
  Mapping head;
  bool tied = encoder ? c.is("head", "tied") : !c.is("tied", "no");
  head.add("tied", tied ? "true" : "false");
  head.addIf(c.has("head_bias"), "bias", "true");
  head.add("scale", c.word("head_scale"));
  head.add("input_scale", c.word("input_scale"));
  head.add("soft_cap", c.word("head_cap"));
  head.addIf(c.has("log_softmax"), "log_softmax", "true");
  head.addIf(c.has("transform"), "transform",
             "{ activation: gelu, kind: layer, eps: 1e-6, bias: " +
                 std::string(c.is("transform", "bias") ? "true" : "false") +
                 " }");
  return head.str();
}

/// The keys of a step beside its parts.
std::string Writer::step(const std::string &parts) const {
  Mapping step;
  step.add("norm", c.word("place"));
  step.addIf(c.is("parallel", "own_norms"), "own_norms", "true");
  step.addIf(c.is("residual", "weights"), "residual",
             "{ weight: 1.5, branch: 0.5 }");
  step.addIf(c.is("residual", "normed"), "residual", "{ of: normed }");
  step.addIf(c.is("residual", "none"), "residual", "none");
  std::string text = step.str();
  return text.substr(0, text.size() - 2) + ", " + parts + " }";
}

std::string Writer::tower(const std::string &indent, bool encoder) const {
  std::string text;
  auto line = [&](const std::string &what) { text += indent + what + "\n"; };
  line("hidden: " + c.word("hidden"));
  line("vocab: 37");
  line("norm: " + norm());
  Mapping embed;
  embed.add("scale", c.word("embed_scale"));
  embed.addIf(c.has("embed_norm"), "norm", "true");
  bool decoder = !encoder && c.is("kind", "seq2seq");
  embed.addIf(c.has("types") && !decoder, "types", c.word("types"));
  embed.addIf(decoder && c.is("tied", "shared_embedding"), "shared", "true");
  const std::string &positions = c.word("embedded_positions");
  embed.addIf(positions.starts_with("learned"), "positions",
              "{ rows: 90, offset: " +
                  std::string(positions == "learned" ? "0" : "2") + " }");
  embed.addIf(positions == "sinusoids", "positions", "{ kind: sinusoids }");
  embed.addIf(positions == "neighbours", "positions",
              "{ kind: sinusoids, pairs: neighbours, theta: 500 }");
  line("embed: " + embed.str());
  line("stack:");
  line("  repeat: " + c.word("layers"));
  line("  layer:");
  std::string attends = "attention: " + attention(encoder, false);
  bool parallel = c.has("parallel");
  if (!parallel)
    line("    - " + step(attends));
  if (decoder)
    line("    - " + step("cross_attention: " + attention(false, true)));
  auto forward = [&](const std::string &when, const std::string &part) {
    std::string parts = when + (parallel ? attends + ", " : "") + part;
    line("    - " + step(parts));
  };
  if (c.is("moe", "some_layers")) {
    forward("when: i != 0, ", "moe: " + moe());
    forward("when: i == 0, ", "ffn: " + ffn());
  } else if (c.has("moe")) {
    forward("", "moe: " + moe());
  } else {
    forward("", "ffn: " + ffn());
  }
  line(std::string("final_norm: ") + (c.has("final_norm") ? "true" : "false"));
  bool hasHead = encoder ? encodes() && !c.is("head", "none") : true;
  if (hasHead)
    line("head: " + head(encoder));
  return text;
}

/// A tensor for every weight that any model of ours has.
void Writer::rules(std::string &text, const std::string &prefix) const {
  auto add = [&](const std::string &name, bool layers) {
    std::string tensor = prefix + name + (layers ? ".{i}" : "");
    text += "  " + prefix + name + ": \"" + tensor + "\"\n";
  };
  auto addNorm = [&](const std::string &name, bool layers) {
    if (c.is("norm", "layer_bare"))
      return;
    add(name, layers);
    if (c.is("norm", "layer"))
      add(name + ".bias", layers);
  };
  for (const char *name : {"norm", "embed_norm", "relative_norm", "head.norm"})
    addNorm(name, false);
  for (const char *name : {"embed", "positions", "types", "head", "head.bias",
                           "head.dense", "head.dense.bias", "relative"})
    add(name, false);
  for (const char *part : {"attention", "cross_attention", "ffn", "moe"}) {
    std::string path = std::string("layer.") + part + ".";
    for (const char *norm :
         {"norm", "branch_norm", "output_norm", "q_norm", "k_norm"})
      addNorm(path + norm, true);
    for (const char *linear : {"q", "k", "v", "o", "up", "down", "router",
                               "relative_k", "relative_q"}) {
      add(path + linear, true);
      add(path + linear + ".bias", true);
    }
    add(path + "gate", true);
    add(path + "gate.bias", true);
    bool ofAll = c.is("bias_by_distance", "shared_buckets");
    add(path + "buckets", !ofAll);
    for (const char *other :
         {"sinks", "content_bias", "relative_bias", "router.correction",
          "shared.gate", "shared.gate.bias", "shared.up", "shared.up.bias",
          "shared.down", "shared.down.bias", "shared.router"})
      add(path + other, true);
  }
}

std::string Writer::write() {
  std::string text = "about: a model made of random words\n"
                     "matches: { model_type: [random] }\n"
                     "config: { unused: 1 }\n"
                     "model:\n"
                     "  kind: " +
                     c.word("kind") + "\n  context: 96\n";
  bool two = c.is("kind", "seq2seq");
  if (two)
    text += "  encoder:\n" + tower("    ", true) + "  decoder:\n" +
            tower("    ", false);
  else
    text += tower("  ", encodes());
  text += "weights:\n";
  if (two) {
    rules(text, "encoder.");
    rules(text, "decoder.");
  } else {
    rules(text, "");
  }
  return text;
}

} // namespace

const std::vector<Dimension> &sinter::random_models::dimensions() {
  static const std::vector<Dimension> all = makeDimensions();
  return all;
}

bool Choice::applies(size_t dimension) const {
  const Dimension &of = dimensions()[dimension];
  return !of.applies || of.applies(*this);
}

const std::string &Choice::word(const std::string &name) const {
  for (size_t i = 0; i < dimensions().size(); ++i)
    if (dimensions()[i].name == name)
      return dimensions()[i].values[applies(i) ? values[i] : 0];
  abort();
}

std::string Choice::describe() const {
  std::string text;
  for (size_t i = 0; i < dimensions().size(); ++i)
    if (values[i] && applies(i))
      text += (text.empty() ? "" : " ") + dimensions()[i].name + "=" +
              dimensions()[i].values[values[i]];
  return text.empty() ? "(the plainest)" : text;
}

std::vector<std::string>
sinter::random_models::contradictionsOf(const Choice &c) {
  std::vector<std::string> reasons;
  bool normedBefore = c.is("place", "pre") || c.is("place", "sandwich");
  if (c.is("residual", "normed") && !normedBefore)
    reasons.push_back("there is no normed input without a norm before");
  bool sinusoids = c.is("embedded_positions", "sinusoids") ||
                   c.is("embedded_positions", "neighbours") ||
                   c.is("relative", "sinusoids") || c.is("relative", "biases");
  if (sinusoids && c.is("hidden", "33"))
    reasons.push_back("sinusoids need an even number of features");
  const std::string &heads = c.word("heads");
  size_t slash = heads.find('/');
  if (c.has("relative") && heads.substr(0, slash) != heads.substr(slash + 1))
    reasons.push_back("relative positions need as many key heads as heads");
  if (c.has("relative") && (c.is("bias_by_distance", "buckets") ||
                            c.is("bias_by_distance", "shared_buckets")))
    reasons.push_back("an attention numbers distances in one way");
  return reasons;
}

std::string sinter::random_models::specOf(const Choice &choice) {
  return Writer(choice).write();
}
