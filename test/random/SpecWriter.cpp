//===- SpecWriter.cpp - The spec that a choice of words makes -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/Vocabulary.h"

#include <functional>

using namespace sinter::random_models;

namespace {

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

std::string boolean(bool value) { return value ? "true" : "false"; }

/// Writes the spec of a choice.
class Writer {
public:
  explicit Writer(const Choice &choice) : c(choice) {}
  std::string write();

private:
  bool encodes() const { return c.is("kind", "encoder"); }
  std::string norm() const;
  std::string clip() const;
  std::string headNorm() const;
  std::string latent() const;
  void addPositions(Mapping &a, bool encoder) const;
  std::string attention(bool encoder, bool cross) const;
  std::string scaling(int64_t dims) const;
  std::string rope() const;
  std::string relative() const;
  std::string ffn() const;
  std::string moe() const;
  std::string embeddedPositions() const;
  std::string embedding(bool encoder) const;
  std::string transform() const;
  std::string head() const;
  std::string place() const;
  std::string readsOther(bool together) const;
  void before(const std::function<void(const std::string &)> &line) const;
  std::string step(const std::string &parts) const;
  std::string steps(const std::string &indent, bool encoder) const;
  std::string tower(const std::string &indent, bool encoder) const;
  void rules(std::string &text, const std::string &prefix) const;

  const Choice &c;
};

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

std::string Writer::norm() const {
  Mapping norm;
  const std::string &kind = c.word("norm");
  norm.add("kind", kind.substr(0, kind.find('_')));
  norm.add("eps", "1e-5");
  norm.addIf(c.is("norm", "rms_plus_one"), "plus_one", "true");
  norm.addIf(c.is("norm", "rms_bare"), "weights", "false");
  return norm.str();
}

std::string Writer::scaling(int64_t dims) const {
  const std::string &kind = c.word("scaling");
  Mapping scaling;
  if (kind == "factors_by_length")
    scaling.add("kind", "factors");
  else if (kind == "ntk_prompt")
    scaling.add("kind", "ntk").add("length", "prompt");
  else if (kind == "yarn_mscale")
    scaling.add("kind", "yarn")
        .add("mscale", "1.2")
        .add("mscale_all", "0.8")
        .add("truncate", "false");
  else
    scaling.add("kind", kind);
  if (kind.starts_with("factors")) {
    std::string list;
    for (int64_t i = 0; i < dims / 2; ++i)
      list += (i ? ", " : "") + std::to_string(1 + i % 3);
    list = "\"[" + list + "]\"";
    scaling.add("factors", list).add("attention_factor", "1.2");
    if (kind == "factors_by_length") {
      list.insert(2, "4.");
      scaling.add("long", list);
    }
  }
  // Keys of other kinds may stand there unused.
  scaling.add("factor", "4").add("original", "6");
  scaling.add("low", "1").add("high", "4");
  scaling.add("beta_fast", "32").add("beta_slow", "1");
  return scaling.str();
}

std::string Writer::rope() const {
  const std::string &kind = c.word("rope");
  int64_t dim = c.number("head_dim") / 2 * 2;
  bool part = kind == "partial" || kind == "two_parts";
  int64_t dims = part ? dim / 4 * 2 : dim;
  std::string when = c.is("rope_layers", "some") ? "i != 1" : "true";
  auto rotate = [&](int64_t offset, const char *pairs, const char *positions) {
    Mapping rope;
    rope.add("when", when).add("theta", "1000");
    rope.add("dims", std::to_string(dims));
    rope.add("offset", std::to_string(offset)).add("pairs", pairs);
    rope.addIf(c.has("decay"), "decay", "{ per: 30, floor: 0.3 }");
    rope.addIf(*positions, "positions", positions);
    rope.addIf(*positions, "advance", c.word("advance"));
    rope.addIf(kind == "rotating", "rotating", std::to_string(dims / 4 * 2));
    rope.addIf(!c.is("scaling", "plain"), "scaling", scaling(dims));
    return rope.str();
  };
  if (kind == "two_parts")
    return "[" + rotate(0, "halves", "position_ids") + ", " +
           rotate(dims, "neighbours", "block_position_ids") + "]";
  if (kind == "inputs")
    return rotate(0, "halves", "position_ids");
  return rotate(kind == "partial" ? dim - dims : 0,
                kind == "neighbours" ? "neighbours" : "halves", "");
}

std::string Writer::relative() const {
  const std::string &kind = c.word("relative");
  Mapping relative;
  bool sinusoids = kind == "sinusoids" || kind == "biases";
  bool logarithmic = kind == "logarithmic_shared";
  relative.add("rows", sinusoids       ? "sinusoids"
                       : logarithmic   ? "logarithmic"
                       : kind == "own" ? "around"
                                       : "clipped");
  relative.add("furthest", logarithmic ? "12" : "6");
  relative.addIf(!sinusoids, "span", logarithmic ? "4" : "6");
  relative.addIf(kind == "biases", "query_biases", "true");
  relative.addIf(kind.starts_with("values"), "values", "true");
  relative.addIf(kind == "values_shared", "shared", "true");
  if (kind.starts_with("own"))
    relative.add("own", "true").add("values", "true").add("first", "before");
  if (kind == "own_of_heads")
    relative.add("queries", "true").add("groups", c.word("heads").substr(0, 1));
  relative.addIf(kind == "both" || logarithmic, "queries", "true");
  relative.addIf(kind == "queries", "keys", "false")
      .addIf(kind == "queries", "queries", "true");
  relative.addIf(kind == "both", "bias", "true");
  relative.addIf(logarithmic, "shared", "true");
  relative.addIf(logarithmic || kind == "biases", "norm", "true");
  return relative.str();
}

std::string Writer::headNorm() const {
  const std::string &norm = c.word("qk_norm");
  if (norm == "head" || norm == "all")
    return norm;
  Mapping mapping;
  bool all = norm == "own_kind" || norm == "own_weights_all";
  mapping.add("over", all ? "all" : "head");
  mapping.addIf(norm == "after_rope", "after_rope", "true");
  mapping.addIf(norm == "values", "values", "true");
  mapping.addIf(norm.starts_with("own_weights"), "own_weights", "true");
  mapping.addIf(norm == "own_kind", "kind", "layer")
      .addIf(norm == "own_kind", "plus_one", "false")
      .addIf(norm == "own_kind", "eps", "1e-3");
  return mapping.str();
}

std::string Writer::latent() const {
  const std::string &kind = c.word("latent");
  Mapping latent;
  latent.addIf(kind != "keys", "queries", "12");
  latent.add("keys", "10");
  latent.addIf(kind == "shared" || kind == "normed", "shared", "4");
  latent.addIf(kind == "normed", "norm", "true");
  return latent.str();
}

/// What only an attention of tokens among each other has.
void Writer::addPositions(Mapping &a, bool encoder) const {
  a.add("mask", encoder ? "full" : c.word("mask"));
  a.addIf(c.has("window"), "window",
          c.is("window", "3") ? "3" : "4 if i % 2 == 0 else none");
  a.addIf(c.has("chunk"), "chunk", c.word("chunk"));
  a.addIf(c.has("memory") && !encoder, "memory", c.word("memory"));
  const std::string &values = c.word("values");
  a.addIf(values == "first", "values",
          "{ remember: first if i == 0 else none, recall: first if i > 0 else "
          "none, weight: 0.5, gain: true }");
  a.addIf(values == "blend", "values",
          "{ remember: last, recall: last if i > 0 else none, blend: true, "
          "gate: { bias: true } }");
  a.addIf(values == "rows", "values",
          "{ recall: rows, branch: 0.5, carry_gain: true }");
  a.addIf(c.is("keys_of", "first") && !encoder, "keys_of",
          "0 if i == 1 else none");
  a.addIf(c.has("rope"), "rope", rope());
  const std::string &bias = c.word("bias_by_distance");
  a.addIf(bias == "alibi", "alibi", "true");
  a.addIf(bias == "alibi_learned", "alibi", "{ slopes: learned }");
  a.addIf(bias == "alibi_scaled", "alibi", "{ scale: 0.5, reach: 4 }");
  if (bias.ends_with("buckets")) {
    Mapping buckets;
    buckets.add("count", "8").add("furthest", "9");
    buckets.addIf(bias == "clipped_buckets", "rows", "clipped");
    buckets.addIf(bias == "shared_buckets", "shared", "true");
    buckets.addIf(bias == "other_side_buckets", "both_sides",
                  boolean(!encoder));
    a.add("buckets", buckets.str());
  }
  a.addIf(c.has("relative"), "relative", relative());
  const std::string &factors = c.word("query_factors");
  a.addIf(factors == "log_ratio", "query_factors",
          "{ kind: log_ratio, length: 4 }");
  a.addIf(factors == "log_ratio_from_0", "query_factors",
          "{ kind: log_ratio, length: 4, first: 0 }");
  a.addIf(factors == "log_floor_from_0", "query_factors",
          "{ kind: log_floor, length: 3, gain: 0.2, first: 0 }");
  a.addIf(factors == "log_floor", "query_factors",
          "{ kind: log_floor, length: 3, gain: 0.2 }");
}

std::string Writer::attention(bool encoder, bool cross) const {
  Mapping a;
  std::string heads = c.word("heads");
  if (cross && c.has("cross_heads"))
    heads = "6/3";
  size_t slash = heads.find('/');
  a.add("heads", heads.substr(0, slash))
      .add("kv_heads", heads.substr(slash + 1));
  a.add("head_dim", c.word("head_dim"));
  a.addIf(c.has("value_dim"), "value_dim", c.word("value_dim"));
  a.addIf(c.has("scale"), "scale", c.word("scale"));
  a.addIf(c.has("soft_cap"), "soft_cap", c.word("soft_cap"));
  a.addIf(c.is("clip", "0.4"), "clip", "0.4");
  a.addIf(c.is("clip", "after_norm"), "clip", "{ at: 0.5, after_norm: true }");
  a.addIf(c.is("bias", "yes"), "bias", "true");
  a.addIf(c.is("bias", "qkv"), "bias",
          "{ q: true, k: true, v: true, o: false, q_down: true }");
  a.addIf(c.is("bias", "o_gate"), "bias",
          "{ o: true, gate: true, kv_down: true }");
  a.addIf(c.is("gate", "yes"), "gate", "true");
  a.addIf(c.is("gate", "softplus"), "gate", "{ activation: softplus }");
  a.addIf(c.has("sinks"), "sinks", "true");
  a.addIf(c.has("value_heads"), "value_heads", c.word("value_heads"));
  a.addIf(c.has("difference"), "difference", c.word("difference"));
  a.addIf(c.is("inner_norm", "yes"), "inner_norm", "true");
  a.addIf(c.is("inner_norm", "head"), "inner_norm", "{ over: head }");
  a.addIf(c.is("inner_norm", "own_weights"), "inner_norm",
          "{ over: head, own_weights: true }");
  a.addIf(c.has("latent"), "latent", latent());
  a.addIf(c.has("qk_norm"), "qk_norm", headNorm());
  if (!cross)
    addPositions(a, encoder);
  return a.str();
}

//===----------------------------------------------------------------------===//
// Other parts
//===----------------------------------------------------------------------===//

std::string Writer::ffn() const {
  Mapping ffn;
  ffn.add("width", c.word("width")).add("activation", c.word("activation"));
  ffn.addIf(c.has("gated"), "gated", "true");
  ffn.addIf(c.is("ffn_bias", "yes"), "bias", "true");
  ffn.addIf(c.is("ffn_bias", "some"), "bias", "{ up: true, down: false }");
  ffn.addIf(!c.is("beta", "1"), "beta", c.word("beta"));
  ffn.addIf(c.has("limit"), "limit", c.word("limit"));
  ffn.addIf(!c.is("up_offset", "0"), "up_offset", c.word("up_offset"));
  ffn.addIf(c.has("ffn_inner_norm"), "inner_norm", "true");
  ffn.addIf(c.is("of_tokens", "rows"), "of_tokens", "{ scale: 0.5 }");
  ffn.addIf(c.is("of_tokens", "project"), "of_tokens",
            "{ rows: 0, project: true, project_scale: 0.7 }");
  ffn.addIf(c.is("of_tokens", "both"), "of_tokens",
            "{ project: true, norm: true, weight: 0.6 }");
  return ffn.str();
}

std::string Writer::moe() const {
  Mapping moe;
  moe.add("experts", "6").add("top_k", c.word("top_k"));
  moe.add("width", c.word("width")).add("activation", c.word("activation"));
  moe.add("gated", boolean(c.has("gated")));
  moe.addIf(c.is("ffn_bias", "yes"), "bias", "true");
  moe.addIf(c.is("ffn_bias", "some"), "bias",
            "{ router: true, down: true, shared: true }");
  bool near = c.is("score", "successive_near");
  moe.add("score", near ? "successive" : c.word("score"));
  moe.add("factor", c.word("factor")).addIf(near, "within", "0.5");
  moe.addIf(c.has("normalize"), "normalize", "true");
  moe.addIf(c.has("correction"), "correction", "true");
  moe.add("choose_by", c.word("choose_by"));
  if (c.has("groups"))
    moe.add("groups", "3")
        .add("keep", c.word("keep"))
        .add("group_score", c.word("groups"));
  moe.addIf(c.has("shared"), "shared_width", "19");
  moe.addIf(c.is("shared", "other"), "shared",
            "{ activation: gelu, gated: true, limit: 0.8, up_offset: 0.5, "
            "beta: 1.3 }");
  moe.addIf(!c.is("beta", "1"), "beta", c.word("beta"));
  moe.add("identities", c.word("identities"));
  moe.addIf(c.has("expert_gain"), "gain", "true");
  moe.addIf(c.is("router", "norm"), "router", "{ norm: true }");
  moe.addIf(c.is("router", "embedded"), "router",
            "{ reads: embedded, norm: true }");
  moe.addIf(c.is("shared", "gated"), "shared_gate", "true");
  moe.addIf(c.has("limit"), "limit", c.word("limit"));
  moe.add("up_offset", c.word("up_offset"));
  moe.addIf(c.has("weigh_input"), "weigh_input", "true");
  moe.addIf(c.has("router_cap"), "soft_cap", c.word("router_cap"));
  return moe.str();
}

std::string Writer::embeddedPositions() const {
  const std::string &positions = c.word("embedded_positions");
  Mapping mapping;
  if (positions.starts_with("learned"))
    mapping.add("rows", "90").add("offset", positions == "learned" ? "0" : "2");
  else
    mapping.add("kind", "sinusoids");
  if (positions == "neighbours")
    mapping.add("pairs", "neighbours").add("theta", "500");
  if (positions == "steps")
    mapping.add("steps", "7").add("offset", "3");
  mapping.addIf(c.has("skip_padding"), "skip_padding", "true");
  return mapping.str();
}

std::string Writer::embedding(bool encoder) const {
  Mapping embed;
  bool decoder = !encoder && c.is("kind", "seq2seq");
  embed.add("scale", c.word("embed_scale"));
  embed.addIf(c.has("embed_width"), "width", "20");
  embed.addIf(c.is("embed_width", "tokens"), "project", "{ of: tokens }");
  embed.addIf(c.is("embed_width", "sum"), "project", "{ of: sum }");
  embed.addIf(c.is("embed_width", "bias"), "project",
              "{ of: all, bias: true }");
  embed.addIf(c.has("embed_norm"), "norm", "true");
  embed.addIf(c.is("embed_norm", "tokens"), "norm_of", "tokens");
  embed.addIf(c.has("types") && !decoder, "types", c.word("types"));
  embed.addIf(c.is("tied", "shared_embedding") && !encoder, "shared", "true");
  embed.addIf(c.has("embedded_positions"), "positions", embeddedPositions());
  return embed.str();
}

std::string Writer::transform() const {
  Mapping transform;
  transform.add("activation", "gelu");
  transform.add("bias", boolean(c.is("transform", "bias")));
  transform.addIf(c.is("transform", "no_norm"), "norm", "false");
  transform.addIf(c.is("transform", "bias"), "kind", "layer")
      .addIf(c.is("transform", "bias"), "plus_one", "false")
      .addIf(c.is("transform", "bias"), "eps", "1e-6");
  return transform.str();
}

std::string Writer::head() const {
  Mapping head;
  head.add("tied", boolean(!c.is("tied", "no")));
  head.addIf(c.has("pool"), "pool", c.word("pool"));
  head.addIf(c.has("head_width"), "width", c.word("head_width"));
  head.addIf(c.is("linear", "no"), "linear", "false");
  head.addIf(c.has("outputs") && c.is("linear", "yes"), "outputs",
             c.word("outputs"));
  head.addIf(c.has("head_bias"), "bias", "true");
  head.add("scale", c.word("head_scale"));
  head.add("input_scale", c.word("input_scale"));
  head.add("soft_cap", c.word("head_cap"));
  head.addIf(c.has("head_length"), "normalize", "true");
  head.addIf(c.has("log_softmax"), "log_softmax", "true");
  head.addIf(c.has("transform"), "transform", transform());
  return head.str();
}

//===----------------------------------------------------------------------===//
// Layers and weights
//===----------------------------------------------------------------------===//

std::string Writer::place() const {
  if (c.is("place", "pre_post"))
    return "[pre, post]";
  if (c.is("place", "branch_post"))
    return "[branch, post]";
  return c.is("place", "own_kind")
             ? "{ place: pre, kind: layer, plus_one: false, eps: 1e-3 }"
             : c.word("place");
}

/// The keys of a step beside its parts.
std::string Writer::step(const std::string &parts) const {
  Mapping step;
  step.add("norm", place());
  step.addIf(c.is("parallel", "own_norms"), "own_norms", "true");
  step.addIf(c.is("residual", "weights"), "residual",
             "{ weight: 1.5, branch: 0.5 }");
  step.addIf(c.is("residual", "normed"), "residual", "{ of: normed }");
  step.addIf(c.is("residual", "gain"), "residual", "{ gain: true }");
  step.addIf(c.is("residual", "carry_gain"), "residual",
             "{ carry_gain: true }");
  step.addIf(c.is("residual", "output_gain"), "residual",
             "{ output_gain: true }");
  step.addIf(c.is("residual", "gate"), "residual",
             "{ gate: { activation: softplus, bias: true } }");
  step.addIf(c.is("streams", "learned"), "streams",
             "{ read: { bias: true }, write: { bias: true, activation: "
             "sigmoid, times: 2 }, keep: { bias: true } }");
  step.addIf(c.is("streams", "of_tokens"), "streams",
             "{ read: { linear: true, gain: true, bias: true, activation: "
             "sigmoid, plus: 0.1 }, write: { linear: true }, keep: { linear: "
             "true, bias: true, activation: tanh, times: 0.3 } }");
  step.addIf(c.is("residual", "biases"), "residual",
             "{ bias: true, carry_bias: true, branch: 0.5 }");
  step.addIf(c.is("residual", "of_embedded"), "residual",
             "{ of: embedded, weight: 0.5 }");
  step.addIf(c.is("residual", "blend"), "residual",
             "{ blend: true, gate: true }");
  step.addIf(c.is("residual", "none"), "residual", "none");
  std::string text = step.str();
  return text.substr(0, text.size() - 2) + ", " + parts + " }";
}

/// What the step of the feed-forward network reads in place of x.
std::string Writer::readsOther(bool together) const {
  if (c.is("reads", "other_layer"))
    return "reads: before if i > 0 else none, ";
  if (c.is("reads", "x") || (c.is("reads", "middle") && together))
    return "";
  return "reads: " + c.word("reads") + ", ";
}

/// Steps before all others, for values that others read.
void Writer::before(
    const std::function<void(const std::string &)> &line) const {
  std::string heads = c.word("heads");
  int64_t valueHeads = c.has("value_heads")
                           ? c.number("value_heads")
                           : std::stoll(heads.substr(heads.find('/') + 1));
  int64_t width =
      valueHeads * c.number(c.has("value_dim") ? "value_dim" : "head_dim");
  if (c.is("values", "rows"))
    line("{ name: value_rows, norm: none, joins: later, remember: rows, "
         "of_tokens: { width: " +
         std::to_string(width) + " } }");
  if (c.is("recalled", "embedded"))
    line("{ name: again, norm: none, recall: embedded, "
         "residual: { gain: true, carry_gain: true } }");
  if (c.is("recalled", "other_layer"))
    line("{ name: again, when: i > 0, norm: branch, recall: before, "
         "residual: { weight: 0.7, branch: 0.4 } }");
  if (c.is("recalled", "rows"))
    line("{ name: again, norm: branch, of_tokens: { scale: 0.5 } }");
}

std::string Writer::steps(const std::string &indent, bool encoder) const {
  std::string text;
  auto line = [&](const std::string &what) {
    text += indent + "- " + what + "\n";
  };
  std::string attends = "attention: " + attention(encoder, false);
  bool together = c.isAny("parallel", {"yes", "own_norms"});
  bool late = c.isAny("parallel", {"late", "late_shared"});
  bool beside = late || c.isAny("parallel", {"step", "step_shared"});
  std::string besideNorm =
      c.isAny("parallel", {"step", "late"}) ? "pre" : "none";
  if (late)
    besideNorm += ", joins: end";
  std::string joins = c.is("joins", "here")
                          ? ""
                          : "joins: " + c.word("joins") + ", remember: given, ";
  joins += readsOther(together);
  before(line);
  if (!encoder && c.is("kind", "seq2seq"))
    line(step("cross_attention: " + attention(false, true)));
  if (!together)
    line(step(attends + (c.is("reads", "middle") ? ", remember: middle" : "")));
  auto forward = [&](const std::string &when, const std::string &part) {
    if (beside)
      line("{ " + when + "parallel: true, norm: " + besideNorm + ", " +
           readsOther(together) + part + " }");
    else
      line(step(when + joins + (together ? attends + ", " : "") + part));
  };
  if (c.is("moe", "some_layers")) {
    forward("when: i != 0, ", "moe: " + moe());
    forward("when: i == 0, ", "ffn: " + ffn());
  } else {
    forward("", c.has("moe") ? "moe: " + moe() : "ffn: " + ffn());
  }
  if (c.is("joins", "later"))
    line(
        "{ name: given, norm: none, recall: given, residual: { gain: true } }");
  if (c.is("recalled", "other_layer") || c.is("reads", "other_layer"))
    line("{ remember: before }");
  if (c.has("anew"))
    line("{ name: anew, norm: post, residual: { output_gain: true } }");
  return text;
}

std::string Writer::tower(const std::string &indent, bool encoder) const {
  std::string text;
  auto line = [&](const std::string &what) { text += indent + what + "\n"; };
  line("hidden: " + c.word("hidden"));
  line("vocab: 37");
  line("norm: " + norm());
  line("embed: " + embedding(encoder));
  if (c.is("prompt", "embeddings"))
    line("prompt: { tokens: 3 }");
  else if (c.has("prompt"))
    line("prompt: { tokens: 3, kind: keys_and_values, counted: " +
         boolean(!c.is("prompt", "uncounted")) + " }");
  line("stack:");
  // Experts in some layers only: there is one of each kind.
  line("  repeat: " + (c.is("moe", "some_layers") ? "2" : c.word("layers")));
  if (c.has("streams"))
    line(std::string("  streams: { count: 3") +
         (c.is("streams", "of_tokens")
              ? ", read: { linear: true, activation: sigmoid } }"
              : " }"));
  line("  layer:");
  text += steps(indent + "    ", encoder);
  line("final_norm: " + (c.is("final_norm", "own_kind")
                             ? "{ kind: layer, plus_one: false, eps: 1e-3 }"
                             : boolean(c.has("final_norm"))));
  bool hasHead = encoder ? encodes() && !c.is("head", "none") : true;
  if (hasHead)
    line("head: " + head());
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
    if (c.is("norm", "tanh"))
      add(name + ".alpha", layers);
    if (c.isAny("norm", {"layer", "rms_bias", "tanh"}))
      add(name + ".bias", layers);
  };
  for (const char *name : {"norm", "embed_norm", "relative_norm", "head.norm"})
    addNorm(name, false);
  for (const char *name :
       {"embed", "embed.project", "embed.project.bias", "positions", "types",
        "prompt", "head", "head.bias", "head.project", "head.dense",
        "head.dense.bias", "relative"})
    add(name, false);
  add("streams.read", false);
  for (const char *part : {"attention", "cross_attention", "ffn", "moe",
                           "value_rows", "again", "given", "anew"}) {
    std::string path = std::string("layer.") + part + ".";
    for (const char *norm :
         {"norm", "branch_norm", "output_norm", "router.norm", "q_down_norm",
          "kv_down_norm", "tokens_norm"})
      addNorm(path + norm, true);
    auto addOwn = [&](const std::string &norm) {
      add(path + norm, true);
      if (c.is("norm", "tanh"))
        add(path + norm + ".alpha", true);
    };
    if (c.is("inner_norm", "own_weights"))
      addOwn("inner_norm");
    else
      addNorm(path + "inner_norm", true);
    // Weights of each head's own are more than a norm's.
    for (const char *norm : {"q_norm", "k_norm"})
      if (c.isAny("qk_norm", {"own_weights", "own_weights_all"}))
        addOwn(norm);
      else
        addNorm(path + norm, true);
    for (const char *linear :
         {"q", "k", "v", "o", "gate", "q_down", "kv_down", "k_shared", "up",
          "down", "router", "relative_k", "relative_q", "relative_v",
          "shared.gate", "shared.up", "shared.down", "branch_gate",
          "values.branch_gate"}) {
      add(path + linear, true);
      add(path + linear + ".bias", true);
    }
    add(path + "buckets", !c.is("bias_by_distance", "shared_buckets"));
    for (const char *other : {"sinks",
                              "slopes",
                              "lambda",
                              "content_bias",
                              "relative_bias",
                              "router.correction",
                              "router.gain",
                              "shared.router",
                              "branch_gain",
                              "carry_gain",
                              "output_gain",
                              "tokens",
                              "tokens_project",
                              "prompt_k",
                              "prompt_v",
                              "values.branch_gain",
                              "values.carry_gain",
                              "streams.read",
                              "streams.read.gain",
                              "streams.read.bias",
                              "streams.write",
                              "streams.write.bias",
                              "streams.keep",
                              "streams.keep.bias",
                              "carry_bias",
                              "branch_bias"})
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
  if (c.has("start"))
    text += "  start: " + c.word("start") + "\n";
  if (c.has("blank"))
    text += "  blank: { begins: 3, marks: \"[5, 3]\" }\n";
  if (c.has("embedding"))
    text += "  pool: " + c.word("embedding") + "\n";
  bool two = c.is("kind", "seq2seq");
  if (two)
    text += "  encoder:\n" + tower("    ", true) + "  decoder:\n" +
            tower("    ", false);
  else
    text += tower("  ", encodes());
  text += "weights:\n";
  if (c.has("stored_factors"))
    text += "  rope.factors: { fill: 1.7 }\n";
  if (two) {
    rules(text, "encoder.");
    rules(text, "decoder.");
  } else {
    rules(text, "");
  }
  return text;
}

} // namespace

std::string sinter::random_models::specOf(const Choice &choice) {
  return Writer(choice).write();
}
