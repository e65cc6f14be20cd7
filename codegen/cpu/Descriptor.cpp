//===- Descriptor.cpp - What the runtime reads of a model -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Descriptor.h"

#include "runtime/core/Abi.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/IR/Constants.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace sinter;

static llvm::json::Value jsonOf(Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    llvm::json::Object object;
    for (NamedAttribute item : dictionary)
      object[item.getName().getValue()] = jsonOf(item.getValue());
    return object;
  }
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    llvm::json::Array values;
    for (Attribute item : array)
      values.push_back(jsonOf(item));
    return values;
  }
  if (auto text = dyn_cast<StringAttr>(attribute))
    return text.getValue();
  if (auto truth = dyn_cast<BoolAttr>(attribute))
    return truth.getValue();
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return number.getInt();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValueAsDouble();
  return nullptr;
}

std::string sinter::toJson(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream(text) << jsonOf(attribute);
  return text;
}

namespace {
/// Builds constants of the descriptor.
struct Constants {
  llvm::Module &code;
  llvm::Type *pointer = llvm::PointerType::get(code.getContext(), 0);
  llvm::Type *number = llvm::Type::getInt64Ty(code.getContext());

  llvm::Constant *integer(int64_t value) {
    return llvm::ConstantInt::get(number, value);
  }
  llvm::Constant *function(const llvm::Twine &name) {
    if (llvm::Function *found = code.getFunction(name.str()))
      return found;
    return llvm::Constant::getNullValue(pointer);
  }
  llvm::GlobalVariable *global(llvm::Constant *value) {
    return new llvm::GlobalVariable(code, value->getType(), /*isConstant=*/true,
                                    llvm::GlobalValue::InternalLinkage, value);
  }
  llvm::Constant *text(llvm::StringRef value) {
    return global(llvm::ConstantDataArray::getString(code.getContext(), value));
  }
  llvm::Constant *record(llvm::ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(code.getContext(), fields);
  }
};
} // namespace

/// The manifest, with the table of kernels.
static std::string manifestOf(ModuleOp module) {
  NamedAttrList manifest(
      module->getAttrOfType<DictionaryAttr>("sinter.manifest"));
  if (Attribute kernels = module->getAttr("sinter.kernels"))
    manifest.set("kernels", kernels);
  return toJson(manifest.getDictionary(module.getContext()));
}

void sinter::addDescriptor(llvm::Module &code, ModuleOp module,
                           const Target &target) {
  Constants constants{code};
  std::vector<llvm::Constant *> entries;
  if (auto list = module->getAttrOfType<ArrayAttr>("sinter.entries"))
    for (auto row : list.getAsRange<DictionaryAttr>()) {
      llvm::StringRef name = row.getAs<StringAttr>("name").getValue();
      auto one = row.getAs<StringAttr>("one");
      entries.push_back(
          constants.record({constants.text(name), constants.function(name),
                            constants.function(one ? one.getValue() : ""),
                            constants.function(name + ".scratch")}));
    }
  int64_t count = entries.size();
  llvm::Constant *table = llvm::Constant::getNullValue(constants.pointer);
  if (count) {
    auto *type = llvm::ArrayType::get(entries[0]->getType(), count);
    table = constants.global(llvm::ConstantArray::get(type, entries));
  }
  auto bytes = module->getAttrOfType<IntegerAttr>("sinter.weights_bytes");
  std::string manifest = manifestOf(module);
  llvm::GlobalVariable *model = constants.global(constants.record(
      {constants.integer(SINTER_ABI), constants.text(target.requiredFeatures()),
       constants.text(manifest), constants.integer(bytes ? bytes.getInt() : 0),
       constants.function("sinter_cache_bytes"), constants.integer(count),
       table}));
  model->setName("sinter_model");
  model->setLinkage(llvm::GlobalValue::ExternalLinkage);
}
