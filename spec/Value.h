//===- Value.h - Values of the spec language --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_VALUE_H
#define SINTER_SPEC_VALUE_H

#include "llvm/ADT/StringRef.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sinter {

/// none, a bool, an int (64 bits), a float (f64), a string, or a list.
class SpecValue {
public:
  using List = std::vector<SpecValue>;

  SpecValue() = default;
  SpecValue(bool b) : held(b) {}
  SpecValue(int64_t i) : held(i) {}
  SpecValue(double d) : held(d) {}
  SpecValue(std::string s) : held(std::move(s)) {}
  SpecValue(const char *s) : held(std::string(s)) {}
  SpecValue(List list) : held(std::move(list)) {}

  /// none for null and, with `ok` set to false, for objects and integers that
  /// do not fit.
  static SpecValue fromJson(const nlohmann::json &json, bool &ok);

  bool isNone() const { return std::holds_alternative<std::monostate>(held); }
  const bool *asBool() const { return std::get_if<bool>(&held); }
  const int64_t *asInt() const { return std::get_if<int64_t>(&held); }
  const double *asFloat() const { return std::get_if<double>(&held); }
  const std::string *asString() const {
    return std::get_if<std::string>(&held);
  }
  const List *asList() const { return std::get_if<List>(&held); }
  /// An int or float, as a float.
  std::optional<double> asNumber() const;

  /// "int", "list", ...
  llvm::StringRef typeName() const;
  /// As the language writes it; long lists and strings are cut.
  std::string print() const;

  /// Numbers compare by value; other types equal only their own.
  bool operator==(const SpecValue &other) const;

private:
  std::variant<std::monostate, bool, int64_t, double, std::string, List> held;
};

} // namespace sinter

#endif // SINTER_SPEC_VALUE_H
