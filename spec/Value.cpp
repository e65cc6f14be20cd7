//===- Value.cpp - Values of the spec language ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Value.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace sinter;

SpecValue SpecValue::fromJson(const nlohmann::json &json, bool &ok) {
  using Json = nlohmann::json;
  switch (json.type()) {
  case Json::value_t::null:
    return {};
  case Json::value_t::boolean:
    return json.get<bool>();
  case Json::value_t::number_integer:
    return json.get<int64_t>();
  case Json::value_t::number_unsigned:
    if (json.get<uint64_t>() <= uint64_t(std::numeric_limits<int64_t>::max()))
      return int64_t(json.get<uint64_t>());
    break;
  case Json::value_t::number_float:
    if (std::isfinite(json.get<double>()))
      return json.get<double>();
    break;
  case Json::value_t::string:
    return json.get<std::string>();
  case Json::value_t::array: {
    List list;
    for (const Json &item : json)
      list.push_back(fromJson(item, ok));
    return list;
  }
  default:
    break;
  }
  ok = false;
  return {};
}

std::optional<double> SpecValue::asNumber() const {
  if (const int64_t *i = asInt())
    return double(*i);
  if (const double *d = asFloat())
    return *d;
  return std::nullopt;
}

llvm::StringRef SpecValue::typeName() const {
  static constexpr llvm::StringLiteral names[] = {"none",  "bool",   "int",
                                                  "float", "string", "list"};
  return names[held.index()];
}

std::string SpecValue::print() const {
  constexpr size_t longest = 60;
  if (isNone())
    return "none";
  if (const bool *b = asBool())
    return *b ? "true" : "false";
  if (const int64_t *i = asInt())
    return std::to_string(*i);
  if (const double *d = asFloat())
    return nlohmann::json(*d).dump();
  if (const std::string *s = asString())
    return '"' + (s->size() > longest ? s->substr(0, longest) + "..." : *s) +
           '"';
  std::string out = "[";
  for (const SpecValue &item : *asList()) {
    if (out.size() > longest) {
      out += ", ...";
      break;
    }
    out += (out.size() > 1 ? ", " : "") + item.print();
  }
  return out + "]";
}

bool SpecValue::operator==(const SpecValue &other) const {
  std::optional<double> a = asNumber(), b = other.asNumber();
  if (a && b && held.index() != other.held.index())
    return *a == *b;
  return held == other.held;
}
