//===- Value.h - Values of the chat template language -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Chat templates are written for Python, so their values behave as Python's:
// ints and floats are distinct, dicts keep insertion order, undefined is a
// value. All are immutable but namespaces, loops and iterators.
//
// Each remembers what came from a message and not from the template: texts by
// their bytes, other values as a whole, for when they become text.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_VALUE_H
#define SINTER_RUNTIME_CHAT_VALUE_H

#include "runtime/text/MarkedText.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sinter::chat {

using text::MarkedText;

enum class Kind : uint8_t {
  Undefined, // object: Text, the name that was looked up
  None,
  Bool,
  Int,
  Float,
  String,    // object: Text, valid UTF-8
  Markup,    // object: Text; what the filter `safe` gives: can only be printed
  List,      // object: Sequence
  Tuple,     // object: Sequence
  View,      // object: Sequence; what dict.keys() and the like give
  Dict,      // object: Dictionary
  Range,     // object: Interval
  Iterator,  // object: Cursor; used up by iterating, as Python's generators
  Namespace, // object: NamespaceObject
  Macro,     // object: defined by the evaluator
  Method,    // object: BoundMethod
  Function,  // object: Text, its name
  Loop,      // object: defined by the evaluator
};

/// Anything that a value shares by reference.
struct Object {
  virtual ~Object() = default;
};

/// One value: a small number in place, or a reference to an Object.
struct Value {
  Kind kind = Kind::Undefined;
  bool outside = false; // came from a message; texts have marks instead
  union {
    int64_t integer = 0; // Bool, Int
    double real;         // Float
  };
  std::shared_ptr<Object> object;

  bool is(Kind k) const { return kind == k; }
  bool isNumber() const {
    return kind == Kind::Bool || kind == Kind::Int || kind == Kind::Float;
  }
  bool isInteger() const { return kind == Kind::Bool || kind == Kind::Int; }
  /// The object as a T; the kind must have been checked.
  template <typename T> T &as() const {
    return *static_cast<T *>(object.get());
  }
  /// The characters of an Undefined, String, Markup or Function.
  const std::string &text() const { return marked().bytes; }
  /// The same with its marks, to make other texts of it.
  const MarkedText &marked() const;
  /// Whether any of it came from a message.
  bool fromMessage() const { return outside || !marked().marks.empty(); }
  double toDouble() const {
    return kind == Kind::Float ? real : static_cast<double>(integer);
  }

  Value withOutside(bool came) && {
    outside = came;
    return std::move(*this);
  }

  static Value none();
  static Value boolean(bool b);
  static Value integral(int64_t i);
  static Value floating(double d);
  static Value undefined(std::string name = {});
};

using Values = std::vector<Value>;
using Entries = std::vector<std::pair<Value, Value>>;

struct Text : Object {
  MarkedText text;
};

/// How deep a container nests and how many values a walk over it meets, both
/// bounded when it is made so that no walk needs bounds of its own.
struct Extent {
  uint32_t depth = 1;
  uint64_t weight = 1;
  /// Takes `inner` in as an element.
  void include(const Value &inner);
};

/// An object that holds values.
struct Holder : Object {
  Extent extent;
};

struct Sequence : Holder {
  Values items;
  const char *view = ""; // for views: dict_keys, dict_values, dict_items
};

struct Dictionary : Holder {
  Entries entries;
  /// The value under `key`, or null. Keys are few: a plain search.
  const Value *find(const Value &key) const;
  const Value *find(const std::string &key) const;
};

struct Interval : Object {
  int64_t start = 0, stop = 0, step = 1, count = 0;
  int64_t at(int64_t i) const { return start + i * step; }
};

struct Cursor : Holder {
  Values items;
  size_t next = 0;
};

struct NamespaceObject : Object {
  Entries attributes;
};

/// A method of a built-in type, bound to its object.
struct BoundMethod : Holder {
  Value self;
  std::string name;
};

/// The depth and weight of a value; 0 and 1 where it holds no others.
Extent extentOf(const Value &value);

/// Python's bool(value).
bool isTrue(const Value &value);

/// Python's a == b.
bool equals(const Value &a, const Value &b);

/// Whether the value may be a key of a dict.
bool isHashable(const Value &value);

/// The type's name, for messages, as Python has it.
const char *typeName(const Value &value);

/// Compares exactly, whatever the mix of ints and floats: -1, 0 or 1; 2 where
/// a NaN makes them unordered.
int compareNumbers(const Value &a, const Value &b);

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_VALUE_H
