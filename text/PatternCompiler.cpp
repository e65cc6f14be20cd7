//===- PatternCompiler.cpp - Trees to instructions ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/PatternCompiler.h"
#include "runtime/text/Utf8.h"
#include "text/PatternSyntax.h"
#include "text/Unicode.h"

#include <algorithm>

namespace sinter::text {

/// Instructions of one pattern; counted repetition could ask for any number.
static constexpr size_t maxInstructions = 10000;

PatternCompiler::PatternCompiler() {
  addSet(*propertySet("White_Space"));
  CodeSet word;
  for (const char *name : {"Alphabetic", "M", "Nd", "Pc", "Join_Control"})
    word = unionOf(word, *propertySet(name));
  addSet(word);
}

uint32_t PatternCompiler::addSet(const CodeSet &set) {
  std::vector<uint32_t> key;
  for (const CodeRange &range : set) {
    key.push_back(range.first);
    key.push_back(range.last);
  }
  auto [place, isNew] =
      setNumbers.try_emplace(key, static_cast<uint32_t>(allSets.size()));
  if (isNew)
    allSets.push_back(set);
  return place->second;
}

namespace {
/// Writes the instructions of one pattern; afterwards `tooLong` or `endless`
/// say that they are not to be used.
class Emitter {
public:
  using Node = PatternNode;
  using Kind = PatternNode::Kind;

  Emitter(PatternCompiler &owner, std::vector<Instruction> &code)
      : owner(owner), code(code), first(code.size()) {}

  void emit(const Node &node);
  void accept() { add(Opcode::Accept); }
  bool tooLong = false, endless = false;

private:
  uint32_t here() const { return static_cast<uint32_t>(code.size()); }
  uint32_t add(Opcode op, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0) {
    tooLong |= code.size() - first >= maxInstructions;
    if (!tooLong)
      code.push_back({op, a, b, c});
    return static_cast<uint32_t>(code.size() - 1);
  }
  void emitAlternatives(const Node &node);
  void emitRepeat(const Node &node);
  void emitLoop(const Node &node);
  void emitApart(Opcode op, const Node &body, uint32_t flag);
  void emitLook(const Node &node);

  PatternCompiler &owner;
  std::vector<Instruction> &code;
  size_t first;
};
} // namespace

static bool matchesNothing(const PatternNode &node) {
  switch (node.kind) {
  case PatternNode::Kind::Set:
    return false;
  case PatternNode::Kind::Sequence:
    return std::all_of(node.children.begin(), node.children.end(),
                       [](auto &child) { return matchesNothing(*child); });
  case PatternNode::Kind::Alternatives:
    return std::any_of(node.children.begin(), node.children.end(),
                       [](auto &child) { return matchesNothing(*child); });
  case PatternNode::Kind::Repeat:
    return node.least == 0 || matchesNothing(*node.children[0]);
  case PatternNode::Kind::Atomic:
    return matchesNothing(*node.children[0]);
  default:
    return true;
  }
}

/// The set that a node matches one code point of, or null.
static const CodeSet *onlySet(const PatternNode &node) {
  if (node.kind == PatternNode::Kind::Set)
    return &node.set;
  if (node.kind == PatternNode::Kind::Sequence && node.children.size() == 1)
    return onlySet(*node.children[0]);
  return nullptr;
}

void Emitter::emitAlternatives(const Node &node) {
  std::vector<uint32_t> jumps;
  for (size_t i = 0; i < node.children.size(); ++i) {
    bool last = i + 1 == node.children.size();
    uint32_t split = last ? 0 : add(Opcode::Split, here() + 1);
    emit(*node.children[i]);
    if (last)
      break;
    jumps.push_back(add(Opcode::Jump));
    if (tooLong)
      return;
    code[split].b = here();
  }
  for (uint32_t jump : jumps)
    code[jump].a = here();
}

void Emitter::emitRepeat(const Node &node) {
  const CodeSet *set = onlySet(*node.children[0]);
  if (!set && node.greed == Node::Greed::All)
    return emitApart(Opcode::Atomic, node, 0);
  if (!set)
    return emitLoop(node);
  Opcode op = node.greed == Node::Greed::Much     ? Opcode::Repeat
              : node.greed == Node::Greed::Little ? Opcode::RepeatFew
                                                  : Opcode::RepeatAll;
  add(op, owner.addSet(*set), node.least, node.most);
}

/// Repetition of more than a code point: copies, then a loop or options.
void Emitter::emitLoop(const Node &node) {
  const Node &body = *node.children[0];
  bool few = node.greed == Node::Greed::Little;
  endless |= matchesNothing(body) && node.most == noLimit;
  if (endless)
    return;
  for (uint32_t i = 0; i < node.least && !tooLong; ++i)
    emit(body);
  std::vector<uint32_t> splits;
  auto split = [&] {
    splits.push_back(add(Opcode::Split, here() + 1));
    return splits.back();
  };
  if (node.most == noLimit) {
    uint32_t loop = split();
    emit(body);
    add(Opcode::Jump, loop);
  } else {
    for (uint32_t i = node.least; i < node.most && !tooLong; ++i) {
      split();
      emit(body);
    }
  }
  if (tooLong)
    return;
  for (uint32_t at : splits) {
    code[at].b = here();
    if (few)
      std::swap(code[at].a, code[at].b);
  }
}

/// Instructions that run apart: op, their code, Accept.
void Emitter::emitApart(Opcode op, const Node &body, uint32_t flag) {
  uint32_t at = add(op, 0, here() + 1, flag);
  if (op == Opcode::Atomic && body.kind == Kind::Repeat)
    emitLoop(body);
  else
    emit(body);
  accept();
  if (!tooLong)
    code[at].a = here();
}

void Emitter::emitLook(const Node &node) {
  if (const CodeSet *set = onlySet(*node.children[0]))
    add(node.negated ? Opcode::NotAhead : Opcode::Ahead, owner.addSet(*set));
  else
    emitApart(Opcode::Look, *node.children[0], node.negated);
}

void Emitter::emit(const Node &node) {
  if (tooLong || endless)
    return;
  switch (node.kind) {
  case Kind::Sequence:
    for (const auto &child : node.children)
      emit(*child);
    return;
  case Kind::Alternatives:
    return emitAlternatives(node);
  case Kind::Set:
    add(Opcode::Set, owner.addSet(node.set));
    return;
  case Kind::Repeat:
    return emitRepeat(node);
  case Kind::Look:
    return emitLook(node);
  case Kind::Behind:
    add(node.negated ? Opcode::NotBehind : Opcode::Behind,
        owner.addSet(node.set));
    return;
  case Kind::Atomic:
    return emitApart(Opcode::Atomic, *node.children[0], 0);
  case Kind::AtStart:
    add(Opcode::AtStart);
    return;
  case Kind::AtEnd:
    add(Opcode::AtEnd);
    return;
  }
}

Result<uint32_t> PatternCompiler::compile(std::string_view pattern,
                                          const Options &options) {
  auto tree = parsePattern(pattern, options);
  if (!tree)
    return tree.failure();
  uint32_t start = static_cast<uint32_t>(code.size());
  Emitter emitter(*this, code);
  emitter.emit(**tree);
  emitter.accept();
  if (emitter.tooLong || emitter.endless) {
    code.resize(start);
    return Failure("pattern \"" + std::string(pattern) + "\": " +
                   (emitter.tooLong ? "its repetitions are too long"
                                    : "repeats what can match nothing"));
  }
  starts.push_back(start);
  return static_cast<uint32_t>(starts.size() - 1);
}

uint32_t PatternCompiler::compileLiteral(std::string_view text) {
  starts.push_back(static_cast<uint32_t>(code.size()));
  for (size_t pos = 0; pos < text.size(); pos += sizeAt(text, pos)) {
    uint32_t set = addSet({{codeAt(text, pos), codeAt(text, pos)}});
    code.push_back({Opcode::Set, set, 0, 0});
  }
  code.push_back({Opcode::Accept, 0, 0, 0});
  return static_cast<uint32_t>(starts.size() - 1);
}

} // namespace sinter::text
