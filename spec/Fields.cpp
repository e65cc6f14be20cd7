//===- Fields.cpp - Reads the keys of a mapping of a spec -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Fields.h"
#include "spec/Limits.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <limits>

using namespace sinter;

namespace {

/// A scope with the words of a vocabulary as names for themselves.
class WordScope : public Scope {
public:
  WordScope(Scope &outer, llvm::ArrayRef<llvm::StringRef> words,
            Diagnostics &diagnostics)
      : outer(outer), words(words), diagnostics(diagnostics) {}

  Found lookup(llvm::StringRef name, SpecLoc use, SpecValue &value) override {
    if (!llvm::is_contained(words, name))
      return outer.lookup(name, use, value);
    std::vector<llvm::StringRef> bound;
    outer.listNames(bound);
    if (llvm::is_contained(bound, name)) {
      diagnostics.error(use, "\"" + name +
                                 "\" is one of the words for this key, and "
                                 "bound in \"config\" too; rename that");
      return Found::Failed;
    }
    value = name.str();
    return Found::Yes;
  }
  void listNames(std::vector<llvm::StringRef> &names) const override {
    names.insert(names.end(), words.begin(), words.end());
    outer.listNames(names);
  }
  void listWords(std::vector<llvm::StringRef> &all) const override {
    all.insert(all.end(), words.begin(), words.end());
  }
  void explain(llvm::StringRef name, Diagnostics &diagnostics) const override {
    if (!llvm::is_contained(words, name))
      outer.explain(name, diagnostics);
  }
  void sources(llvm::StringRef name,
               std::vector<Source> &found) const override {
    if (!llvm::is_contained(words, name))
      outer.sources(name, found);
  }
  Found call(llvm::StringRef function, llvm::ArrayRef<SpecValue> arguments,
             SpecLoc use, SpecValue &value) override {
    return outer.call(function, arguments, use, value);
  }

private:
  Scope &outer;
  llvm::ArrayRef<llvm::StringRef> words;
  Diagnostics &diagnostics;
};

/// Programs compute in f32.
bool isWithinF32(double x) {
  return std::abs(x) <= double(std::numeric_limits<float>::max());
}

} // namespace

bool sinter::isName(llvm::StringRef text) {
  return !text.empty() && (llvm::isAlpha(text[0]) || text[0] == '_') &&
         llvm::all_of(text,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

std::optional<Expr> sinter::parseExpression(const YamlNode &node,
                                            Diagnostics &diagnostics) {
  if (!node.isScalar()) {
    diagnostics.error(node.loc,
                      "expected an expression, found " + node.describe());
    return std::nullopt;
  }
  return Expr::parse(node.text, node.loc.shifted(node.quoted ? 1 : 0),
                     diagnostics);
}

void sinter::readTexts(const YamlNode &node, llvm::StringRef what,
                       std::vector<std::string> &texts,
                       Diagnostics &diagnostics) {
  if (node.isList()) {
    for (const YamlNode &item : node.items)
      if (item.isList())
        diagnostics.error(item.loc, "expected " + what + ", found a list");
      else
        readTexts(item, what, texts, diagnostics);
  } else if (node.isScalar()) {
    texts.push_back(node.text);
  } else {
    diagnostics.error(node.loc, "expected " + what +
                                    " or a list of them, found " +
                                    node.describe());
  }
}

Fields::Fields(const YamlNode &map, llvm::StringRef what, Scope &scope,
               Diagnostics &diagnostics, std::string *log)
    : map(map), what(what), scope(scope), diagnostics(diagnostics), log(log) {
  if (!map.isMap() && !map.isNull())
    diagnostics.error(map.loc, what + " is a mapping, found " + map.describe());
  record(what, "{");
}

void Fields::record(llvm::StringRef key, const std::string &value) {
  if (log)
    *log += key.str() + "=" + value + ";";
}

const YamlNode *Fields::get(llvm::StringRef key) {
  if (!llvm::is_contained(asked, key))
    asked.push_back(key.str());
  return map.find(key);
}

const YamlNode *Fields::need(llvm::StringRef key) {
  const YamlNode *node = get(key);
  if (!node && map.isMap())
    diagnostics.error(map.loc, what + " needs \"" + key + "\"");
  return node;
}

SpecLoc Fields::locOf(llvm::StringRef key) const {
  const YamlNode *node = map.find(key);
  return node ? node->loc : map.loc;
}

std::optional<SpecValue> Fields::value(llvm::StringRef key) {
  return value(key, {});
}

std::optional<SpecValue>
Fields::evaluate(const YamlNode &node, llvm::StringRef key,
                 llvm::ArrayRef<llvm::StringRef> words) {
  WordScope withWords(scope, words, diagnostics);
  auto valueOf = [&](const std::optional<Expr> &expr) {
    return expr ? expr->evaluate(withWords, diagnostics) : std::nullopt;
  };
  if (node.isNull())
    return valueOf(Expr::parse(key, node.loc, diagnostics));
  if (!node.isList())
    return valueOf(parseExpression(node, diagnostics));
  SpecValue::List list;
  for (const YamlNode &item : node.items) {
    std::optional<SpecValue> value =
        valueOf(parseExpression(item, diagnostics));
    if (!value)
      return std::nullopt;
    list.push_back(std::move(*value));
  }
  return list;
}

std::optional<SpecValue> Fields::value(llvm::StringRef key,
                                       llvm::ArrayRef<llvm::StringRef> words) {
  const YamlNode *node = get(key);
  if (!node)
    return SpecValue();
  std::optional<SpecValue> value = evaluate(*node, key, words);
  if (value)
    record(key, value->print());
  else
    diagnostics.takeDefault();
  return value;
}

void Fields::report(llvm::StringRef key, const llvm::Twine &message) {
  const YamlNode *node = map.find(key);
  Diagnostics quiet;
  std::optional<Expr> expr;
  if (node)
    expr = Expr::parse(node->isScalar() ? llvm::StringRef(node->text) : key,
                       node->loc, quiet);
  std::vector<llvm::StringRef> names;
  if (expr)
    expr->listNames(names);
  reportValue(scope, locOf(key), names, message, diagnostics);
}

void Fields::fail(llvm::StringRef key, const llvm::Twine &message) {
  if (!diagnostics.tookDefault())
    report(key, message);
}

/// Of a value that no others have to do with.
void Fields::refuse(llvm::StringRef key, const llvm::Twine &message) {
  report(key, message);
  diagnostics.takeDefault();
}

int64_t Fields::integer(llvm::StringRef key, int64_t least,
                        std::optional<int64_t> otherwise) {
  int64_t fallback = otherwise.value_or(least);
  if (!otherwise && !need(key))
    return fallback;
  std::optional<SpecValue> v = value(key);
  if (!v || (v->isNone() && otherwise))
    return fallback;
  const int64_t *i = v->asInt();
  // Configurations write 4096.0 for 4096.
  int64_t rounded = 0;
  if (const double *d = v->asFloat();
      d && *d == double(int64_t(*d)) && std::abs(*d) < 9e15) {
    rounded = int64_t(*d);
    i = &rounded;
  }
  if (!i || *i < least) {
    refuse(key, key + " must be an int of at least " + llvm::Twine(least) +
                    ", found " + v->print());
    return fallback;
  }
  if (int64_t most = mostOf(key); *i > most) {
    refuse(key, key + " is too large: " + v->print() + ", more than " +
                    llvm::Twine(most));
    return fallback;
  }
  return *i;
}

double Fields::number(llvm::StringRef key, std::optional<double> otherwise) {
  if (!otherwise && !need(key))
    return 1;
  std::optional<SpecValue> v = value(key);
  if (!v || (v->isNone() && otherwise))
    return otherwise.value_or(1);
  if (std::optional<double> d = v->asNumber()) {
    if (isWithinF32(*d))
      return *d;
    refuse(key, key + " must be a number within f32, found " + v->print());
    return otherwise.value_or(1);
  }
  refuse(key, key + " must be a number, found " + v->print() + " (" +
                  v->typeName() + ")");
  return otherwise.value_or(1);
}

bool Fields::flag(llvm::StringRef key, bool otherwise) {
  std::optional<SpecValue> v = value(key);
  if (!v || v->isNone())
    return otherwise;
  if (const bool *b = v->asBool())
    return *b;
  refuse(key, key + " must be true or false, found " + v->print());
  return otherwise;
}

std::string Fields::text(llvm::StringRef key,
                         std::optional<std::string> otherwise) {
  const YamlNode *node = otherwise ? get(key) : need(key);
  if (!node)
    return otherwise.value_or("");
  if (!node->isScalar())
    diagnostics.error(node->loc, key + " is text, found " + node->describe());
  return node->text;
}

std::vector<double> Fields::numbers(llvm::StringRef key) {
  std::vector<double> out;
  std::optional<SpecValue> v = value(key);
  if (!v || v->isNone())
    return out;
  const SpecValue::List *list = v->asList();
  if (list)
    for (const SpecValue &item : *list)
      if (std::optional<double> d = item.asNumber(); d && isWithinF32(*d))
        out.push_back(*d);
  if (!list || out.size() != list->size()) {
    refuse(key,
           key + " must be a list of numbers within f32, found " + v->print());
    out.clear();
  }
  return out;
}

/// The index of the word that a value is, or -1.
static int indexOf(const SpecValue &value,
                   llvm::ArrayRef<llvm::StringRef> names) {
  // The word "none" reads as the value.
  const std::string *text = value.asString();
  llvm::StringRef word = text             ? llvm::StringRef(*text)
                         : value.isNone() ? llvm::StringRef("none")
                                          : llvm::StringRef();
  auto it = llvm::find(names, word);
  return it == names.end() ? -1 : int(it - names.begin());
}

std::vector<int> Fields::wordIndices(llvm::StringRef key,
                                     llvm::ArrayRef<llvm::StringRef> names) {
  std::vector<int> out;
  std::optional<SpecValue> v = need(key) ? value(key, names) : std::nullopt;
  if (!v)
    return out;
  const SpecValue::List *list = v->asList();
  for (const SpecValue &item : list ? *list : SpecValue::List{*v}) {
    out.push_back(indexOf(item, names));
    if (out.back() < 0) {
      refuse(key, key + " must be one of " + listed(names) +
                      " or a list of them, found " + v->print());
      return {};
    }
  }
  return out;
}

int Fields::wordIndex(llvm::StringRef key,
                      llvm::ArrayRef<llvm::StringRef> names, bool optional) {
  if (!(optional ? get(key) : need(key)))
    return -1;
  std::optional<SpecValue> v = value(key, names);
  if (!v)
    return -1;
  int at = indexOf(*v, names);
  if (at >= 0 || (v->isNone() && optional))
    return at;
  refuse(key,
         key + " must be one of " + listed(names) + ", found " + v->print());
  return -1;
}

void Fields::finish() {
  record(what, "}");
  std::vector<llvm::StringRef> known(asked.begin(), asked.end());
  for (const YamlEntry &entry : map.entries) {
    if (llvm::is_contained(asked, entry.key))
      continue;
    std::string near = didYouMean(entry.key, known);
    if (near.empty())
      near = "; its keys are " + listed(known);
    diagnostics.error(entry.keyLoc,
                      what + " has no key \"" + entry.key + "\"" + near);
  }
}
