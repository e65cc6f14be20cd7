//===- SpecializeDecode.cpp - Clones entries for one token ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/SpecializeDecode/SpecializeDecode.h"

#include "dialect/IR/Sinter.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_SPECIALIZEDECODE
#include "passes/SpecializeDecode/SpecializeDecode.h.inc"

namespace {

constexpr StringLiteral kSuffix = "_one";

/// The type with batch and tokens fixed to one: dynamic dimensions are nothing
/// else in this dialect, masks of caches excepted.
Type fixToOne(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.hasStaticShape())
    return type;
  SmallVector<int64_t> shape(tensor.getShape());
  for (int64_t &dim : shape)
    if (ShapedType::isDynamic(dim))
      dim = 1;
  return RankedTensorType::get(shape, tensor.getElementType(),
                               tensor.getEncoding());
}

/// The type with the batch alone fixed to one.
Type fixBatch(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[0] = 1;
  return RankedTensorType::get(shape, tensor.getElementType(),
                               tensor.getEncoding());
}

void fixValues(ValueRange values) {
  for (Value value : values)
    value.setType(fixToOne(value.getType()));
}

struct SpecializeDecode : impl::SpecializeDecodeBase<SpecializeDecode> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (entry.isPublic() && !entry.getName().ends_with(kSuffix) &&
          continuesASequence(entry))
        cloneForOne(entry, argumentsOf(entry, symbols), symbols);
  }

  static bool continuesASequence(func::FuncOp entry) {
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      if (auto name = entry.getArgAttrOfType<StringAttr>(i, "sinter.name"))
        if (name == "past")
          return true;
    return false;
  }

  static SmallVector<Type> argumentsOf(func::FuncOp entry,
                                       SymbolTable &symbols) {
    return llvm::map_to_vector(entry.getArguments(), [&](BlockArgument given) {
      return isMaskOfCache(given, symbols) ? fixBatch(given.getType())
                                           : fixToOne(given.getType());
    });
  }

  /// Returns the name of the clone of `function` for arguments of these types,
  /// which is made on first need.
  StringAttr cloneForOne(func::FuncOp function, ArrayRef<Type> arguments,
                         SymbolTable &symbols) {
    auto name =
        StringAttr::get(&getContext(), function.getName() + Twine(kSuffix));
    if (symbols.lookup(name))
      return name;
    func::FuncOp clone = function.clone();
    clone.setName(name);
    symbols.insert(clone, std::next(Block::iterator(function)));
    ++numClones;

    for (auto [argument, type] : llvm::zip(clone.getArguments(), arguments))
      argument.setType(type);
    clone.walk([&](Operation *op) {
      fixValues(op->getResults());
      if (auto stack = dyn_cast<StackOp>(op))
        specializeForms(stack, symbols);
    });
    SmallVector<Type> results(llvm::map_range(
        clone.getResultTypes(), [](Type type) { return fixToOne(type); }));
    clone.setFunctionType(FunctionType::get(
        &getContext(), clone.getBody().getArgumentTypes(), results));
    return name;
  }

  /// A mask of the keys in a cache has as many columns as that holds tokens,
  /// whatever a step feeds.
  static bool isMaskOfCache(BlockArgument argument, SymbolTable &symbols) {
    return llvm::any_of(argument.getUses(), [&](OpOperand &use) {
      if (auto attention = dyn_cast<AttentionOp>(use.getOwner()))
        return use.get() == attention.getKeyMask() &&
               isa<CacheType>(attention.getKey().getType());
      auto stack = dyn_cast<StackOp>(use.getOwner());
      if (!stack || stack.getForms().empty())
        return false;
      // A form is given what is carried, the layer, and what is shared.
      unsigned carried = stack.getCarried().size();
      if (use.getOperandNumber() < carried)
        return false;
      auto forms = stack.getForms().getAsRange<FlatSymbolRefAttr>();
      return llvm::any_of(forms, [&](FlatSymbolRefAttr form) {
        auto function = symbols.lookup<func::FuncOp>(form.getValue());
        return isMaskOfCache(function.getArgument(use.getOperandNumber() + 1),
                             symbols);
      });
    });
  }

  /// A form takes what the stack has, whether or not it uses that itself.
  void specializeForms(StackOp stack, SymbolTable &symbols) {
    SmallVector<Type> arguments(stack.getCarried().getTypes());
    arguments.push_back(IndexType::get(&getContext()));
    llvm::append_range(arguments, stack.getShared().getTypes());
    SmallVector<Attribute> forms;
    for (auto form : stack.getForms().getAsRange<FlatSymbolRefAttr>()) {
      auto function = symbols.lookup<func::FuncOp>(form.getValue());
      forms.push_back(
          FlatSymbolRefAttr::get(cloneForOne(function, arguments, symbols)));
    }
    stack.setFormsAttr(ArrayAttr::get(&getContext(), forms));
  }
};

} // namespace
} // namespace sinter
