//===- AttentionCase.cpp - A random attention to be tested ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/native/AttentionCase.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

using namespace sinter;

static int64_t between(Random &random, int64_t low, int64_t high) {
  return low + random.bits() % (high - low + 1);
}
static bool oneIn(Random &random, int64_t many) {
  return random.bits() % many == 0;
}

AttentionCase::AttentionCase(uint64_t seed) {
  Random random;
  random.state += seed * 0x632be59bd9b4e019;
  for (int i = 0; i < 8; ++i)
    random.bits();
  chooseSizes(random);
  chooseMask(random);
  chooseRing(random);
  chooseTerms(random);
  chooseInputs(random);
}

void AttentionCase::chooseSizes(Random &random) {
  kind = Kind(std::min<uint32_t>(random.bits() % 5 / 2, 2));
  keyHeads = between(random, 1, 3);
  group = oneIn(random, 3) ? between(random, 1, 7) : between(random, 1, 2);
  valueHeads = keyHeads;
  if (oneIn(random, 4))
    while (--valueHeads > 1 && keyHeads % valueHeads)
      ;
  valueHeads = std::max<int64_t>(valueHeads, 1);
  keySize = between(random, 1, 40);
  valueSize = oneIn(random, 2) ? keySize : between(random, 1, 70);
  batch = oneIn(random, 2) ? 1 : between(random, 2, 3);
  if (kind != Whole && oneIn(random, 3))
    cacheType = oneIn(random, 2) ? "f16" : "bf16";
  int64_t steps = kind == Whole ? 1 : between(random, 1, 5);
  for (int64_t i = 0; i < steps; ++i) {
    int64_t most = oneIn(random, 6) ? 300 : oneIn(random, 3) ? 70 : 20;
    bool single = kind != Whole && i > 0 && !oneIn(random, 3);
    cuts.push_back(single ? 1 : between(random, 1, most));
  }
  if (kind == Cross)
    encoded = between(random, 1, oneIn(random, 3) ? 300 : 40);
}

void AttentionCase::chooseMask(Random &random) {
  causal = kind == Cached ? !oneIn(random, 6) : oneIn(random, 5);
  if (kind == Cross)
    causal = false;
  if (kind != Cross && oneIn(random, 3))
    window = between(random, 1, oneIn(random, 2) ? 90 : 9);
  if (kind != Cross && oneIn(random, 6))
    chunk = between(random, 1, 80);
  if (kind == Cached && oneIn(random, 6))
    memory = between(random, 1, 70);
  hasFirst = oneIn(random, 5);
  hasMask = kind != Cached ? !oneIn(random, 3) : oneIn(random, 5);
  hasPrefix = kind != Cross && oneIn(random, 5);
  hasKeys = kind == Cross || oneIn(random, 8);
}

/// Caches of what is seen at most, or a little more, and a text that fills them
/// several times.
void AttentionCase::chooseRing(Random &random) {
  int64_t seen = 0;
  for (int64_t bound : {window, chunk, memory ? memory + 1 : 0})
    if (bound && (!seen || bound < seen))
      seen = bound;
  if (kind != Cached || !causal || !seen || hasPrefix || oneIn(random, 4))
    return;
  ring = seen + (oneIn(random, 2) ? between(random, 0, 40) : 0);
  // The longest step comes first. Short ones show best whether there is room
  // for the tokens before them, too.
  cuts = {between(random, 1, oneIn(random, 3) ? 70 : 20)};
  int64_t enough = 2 * (ring + cuts[0] + 63);
  while (tokens() < enough)
    cuts.push_back(oneIn(random, 3) ? 1 : between(random, 1, cuts[0]));
}

void AttentionCase::chooseTerms(Random &random) {
  softCap = oneIn(random, 4) ? 1.5 : 0;
  slopes = oneIn(random, 5);
  sinks = oneIn(random, 5);
  if (!oneIn(random, 3))
    return;
  reach = between(random, 0, oneIn(random, 2) ? 150 : 6);
  tableRows = between(random, 1, 9);
  bias = oneIn(random, 2);
  relativeKeys = oneIn(random, 2);
  relativeQueries = oneIn(random, 2);
  relativeQuery = relativeKeys && oneIn(random, 2);
  relativeValues = oneIn(random, 3);
  tableHeads = oneIn(random, 3) ? keyHeads : keyHeads * group;
  if (!bias && !relativeKeys && !relativeQueries && !relativeValues)
    bias = true;
  if (bias && (relativeKeys || relativeQueries || relativeValues) &&
      oneIn(random, 2))
    relativeReach = between(random, 0, 9);
}

void AttentionCase::chooseInputs(Random &random) {
  for (int64_t b = 0; b < batch; ++b) {
    first.push_back(between(random, 0, keys() / 2));
    // What a prefix's tokens see must be there when they are computed.
    prefix.push_back(between(random, 0, cuts[0]));
    keyCounts.push_back(kind == Cross ? between(random, 1, encoded)
                                      : between(random, 0, keys()));
    int64_t real = between(random, 1, keys());
    bool left = oneIn(random, 2);
    for (int64_t j = 0; j < keys(); ++j)
      mask.push_back(left ? j >= keys() - real : j < real);
  }
}

int64_t AttentionCase::tokens() const {
  return std::accumulate(cuts.begin(), cuts.end(), int64_t(0));
}

std::string AttentionCase::describe() const {
  static const char *const kinds[] = {"cached", "whole", "cross"};
  std::ostringstream out;
  out << kinds[kind] << (causal ? " causal" : " full") << " heads "
      << keyHeads * group << "/" << keyHeads << "/" << valueHeads << " sizes "
      << keySize << "," << valueSize << " cache " << cacheType << " batch "
      << batch << " cuts";
  for (int64_t cut : cuts)
    out << " " << cut;
  if (encoded)
    out << " encoded " << encoded;
  for (auto [name, number] : {std::pair("window", window),
                              {"chunk", chunk},
                              {"memory", memory},
                              {"ring", ring},
                              {"cap", int64_t(softCap > 0)},
                              {"slopes", slopes},
                              {"sinks", sinks},
                              {"bias", bias},
                              {"rel_keys", relativeKeys},
                              {"rel_query", relativeQuery},
                              {"rel_queries", relativeQueries},
                              {"rel_values", relativeValues},
                              {"table_heads", tableHeads},
                              {"rel_map", relativeReach + 1},
                              {"first", hasFirst},
                              {"prefix", hasPrefix},
                              {"key_mask", hasMask},
                              {"keys", hasKeys}})
    if (number)
      out << " " << name << " " << number;
  return out.str();
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

namespace {
constexpr int64_t kVocab = 61;
constexpr const char *kIds = "tensor<?x?xi32>", *kLengths = "tensor<?xi32>";

/// Writes the lines of a function.
struct Lines {
  std::ostringstream text;
  /// %name = embed(%ids, @name) as (B, T, heads, size).
  void heads(const std::string &name, const std::string &ids, int64_t heads,
             int64_t size, const std::string &tokens = "?x?") {
    std::string features = std::to_string(heads * size);
    std::string table =
        "tensor<" + std::to_string(kVocab) + "x" + features + "xf32>";
    std::string idType = tokens == "?x?" ? kIds : "tensor<" + tokens + "xi32>";
    std::string flat = "tensor<" + tokens + "x" + features + "xf32>";
    text << "  %" << name << "_w = sinter.weight @" << name << " : " << table
         << "\n  %" << name << "_flat = sinter.embed " << ids << ", %" << name
         << "_w : " << idType << ", " << table << " -> " << flat << "\n  %"
         << name << " = sinter.reshape %" << name << "_flat : " << flat
         << " -> tensor<" << tokens << "x" << heads << "x" << size << "xf32>\n";
  }
};

std::string dense(const std::vector<int64_t> &values) {
  std::string list;
  for (int64_t value : values)
    list += (list.empty() ? "" : ", ") + std::to_string(value);
  return "dense<[" + list + "]>";
}
} // namespace

/// The op itself; its operands have the names of the assembly format.
std::string AttentionCase::attention() const {
  std::ostringstream out;
  auto type = [&](int64_t heads, int64_t size) {
    return "tensor<?x?x" + std::to_string(heads) + "x" + std::to_string(size) +
           "xf32>";
  };
  auto operand = [&](bool present, const char *name, const std::string &type) {
    if (present)
      out << " " << name << " %" << name << " : " << type;
  };
  int64_t heads = keyHeads * group;
  std::string rows = std::to_string(tableRows);
  std::string vector = "tensor<" + std::to_string(heads) + "xf32>";
  auto table = [&](int64_t size) {
    return "tensor<1x" + rows + "x" + std::to_string(tableHeads) + "x" +
           std::to_string(size) + "xf32>";
  };
  bool cached = kind != Whole;
  out << "  %y = sinter.attention %q, %k1, %v1" << (cached ? "[%slot]" : "");
  operand(kind == Cached, "past", kLengths);
  if (window)
    out << " window %window";
  // Scores of a standard deviation of about two.
  out << " scale " << std::fixed
      << 2 * std::sqrt(double(keySize * heads * keyHeads))
      << (causal ? " causal" : " full");
  if (softCap > 0)
    out << " soft_cap " << softCap;
  if (chunk)
    out << " chunk " << chunk;
  if (memory)
    out << " memory " << memory;
  operand(hasKeys, "keys", kLengths);
  operand(hasFirst, "first", kLengths);
  operand(hasMask, "key_mask", kIds);
  operand(hasPrefix, "prefix", kLengths);
  operand(slopes, "slopes", vector);
  operand(sinks, "sinks", vector);
  bool mapped = bias || relativeKeys || relativeQueries || relativeValues;
  operand(mapped, "map", "tensor<" + std::to_string(2 * reach + 1) + "xi32>");
  operand(bias, "bias",
          "tensor<" + rows + "x" + std::to_string(heads) + "xf32>");
  operand(relativeReach >= 0, "rel_map",
          "tensor<" + std::to_string(2 * relativeReach + 1) + "xi32>");
  operand(relativeQuery, "rel_query", type(heads, keySize));
  operand(relativeKeys, "rel_keys", table(keySize));
  operand(relativeQueries, "rel_queries", table(keySize));
  operand(relativeValues, "rel_values", table(valueSize));
  out << " : " << type(heads, keySize) << ", "
      << (cached ? cache(keyHeads, keySize) : type(keyHeads, keySize)) << ", "
      << (cached ? cache(valueHeads, valueSize) : type(valueHeads, valueSize))
      << " -> " << type(heads, valueSize) << "\n";
  return out.str();
}

std::string AttentionCase::module() const {
  int64_t heads = keyHeads * group;
  std::ostringstream params, arguments, constants;
  auto param = [&](const char *name, int64_t rows, int64_t columns) {
    params << "sinter.param @" << name << " : tensor<";
    if (rows)
      params << rows << "x";
    params << columns << "xf32>\n";
  };
  auto argument = [&](bool present, const char *name, const char *type) {
    if (present)
      arguments << ", %" << name << ": " << type << " {sinter.name = \"" << name
                << "\"}";
  };
  std::string keyCache = cache(keyHeads, keySize);
  std::string valueCache = cache(valueHeads, valueSize);
  std::string caches = ", %k0: " + keyCache +
                       " {sinter.name = \"cached_keys\"}, %v0: " + valueCache +
                       " {sinter.name = \"cached_values\"}";
  std::string cacheTypes = ", " + keyCache + ", " + valueCache;
  std::string ids = "%ids: tensor<?x?xi32> {sinter.name = \"input_ids\"}";
  std::string past = ", %past: tensor<?xi32> {sinter.name = \"past\"}";
  argument(hasKeys, "keys", kLengths);
  argument(hasFirst, "first", kLengths);
  argument(hasPrefix, "prefix", kLengths);
  argument(hasMask, "key_mask", kIds);
  param("q", kVocab, heads * keySize);
  param("k", kVocab, keyHeads * keySize);
  param("v", kVocab, valueHeads * valueSize);
  Lines body, encoder;
  Lines &source = kind == Cross ? encoder : body;
  body.heads("q", "%ids", heads, keySize);
  if (relativeQuery) {
    param("rel_query", kVocab, heads * keySize);
    body.heads("rel_query", "%ids", heads, keySize);
  }
  source.heads("k", "%ids", keyHeads, keySize);
  source.heads("v", "%ids", valueHeads, valueSize);
  if (kind != Whole) {
    constants << "  %slot = arith.constant 1 : index\n";
    for (auto [name, heads, size] :
         {std::tuple("k", keyHeads, keySize), {"v", valueHeads, valueSize}})
      source.text << "  %" << name << "1 = sinter.append %" << name << " into %"
                  << name << "0[%slot] at %past : tensor<?x?x" << heads << "x"
                  << size << "xf32>, " << cache(heads, size)
                  << ", tensor<?xi32>\n";
  }
  if (window)
    constants << "  %window = arith.constant " << window << " : index\n";
  auto weight = [&](bool present, const char *name, int64_t rows) {
    if (!present)
      return;
    param(name, rows, heads);
    constants << "  %" << name << " = sinter.weight @" << name << " : tensor<"
              << (rows ? std::to_string(rows) + "x" : "") << heads << "xf32>\n";
  };
  weight(slopes, "slopes", 0);
  weight(sinks, "sinks", 0);
  weight(bias, "bias", tableRows);
  auto map = [&](const char *name, int64_t reach, int64_t step) {
    std::vector<int64_t> map;
    for (int64_t i = 0; i < 2 * reach + 1; ++i)
      map.push_back(i * step % tableRows);
    constants << "  %" << name << " = arith.constant " << dense(map)
              << " : tensor<" << map.size() << "xi32>\n";
  };
  if (relativeReach >= 0)
    map("rel_map", relativeReach, 5);
  if (bias || relativeKeys || relativeQueries || relativeValues) {
    std::vector<int64_t> numbers(tableRows);
    std::iota(numbers.begin(), numbers.end(), 0);
    map("map", reach, 7);
    constants << "  %rows = arith.constant dense<["
              << dense(numbers).substr(6, dense(numbers).size() - 7)
              << "]> : tensor<1x" << tableRows << "xi32>\n";
  }
  std::string rows = "1x" + std::to_string(tableRows);
  for (auto [present, name, size] :
       {std::tuple(relativeKeys, "rel_keys", keySize),
        {relativeQueries, "rel_queries", keySize},
        {relativeValues, "rel_values", valueSize}})
    if (present) {
      param(name, kVocab, tableHeads * size);
      body.heads(name, "%rows", tableHeads, size, rows);
    }
  std::string tables = constants.str();
  std::string out = "tensor<?x?x" + std::to_string(heads * valueSize) + "xf32>";
  std::string four = "tensor<?x?x" + std::to_string(heads) + "x" +
                     std::to_string(valueSize) + "xf32>";
  std::string text = params.str();
  if (kind == Cross) {
    std::string empty =
        "tensor<?x?x" + std::to_string(keyHeads * keySize) + "xf32>";
    text += "func.func @encode(" + ids + past + caches + ") -> (" + empty +
            cacheTypes + ") {\n  %slot = arith.constant 1 : index\n" +
            encoder.text.str() + "  return %k_flat, %k1, %v1 : " + empty +
            cacheTypes + "\n}\n";
  }
  bool carries = kind == Cached;
  text += "func.func @forward(" + ids + past + (kind == Whole ? "" : caches) +
          arguments.str() + ") -> (" + out + (carries ? cacheTypes : "") +
          ") {\n" + tables + body.text.str();
  std::string op = attention();
  auto replace = [&](const std::string &from, const std::string &to) {
    for (size_t at; (at = op.find(from)) != std::string::npos;)
      op.replace(at, from.size(), to);
  };
  if (kind == Whole) {
    replace("%k1", "%k");
    replace("%v1", "%v");
  } else if (kind == Cross) {
    replace("%k1", "%k0");
    replace("%v1", "%v0");
  }
  text += op + "  %flat = sinter.reshape %y : " + four + " -> " + out +
          "\n  return %flat" + (carries ? ", %k1, %v1" : "") + " : " + out +
          (carries ? cacheTypes : "") + "\n}\n";
  return text;
}
