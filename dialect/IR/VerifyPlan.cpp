//===- VerifyPlan.cpp - Verifiers of what passes leave on ops -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The form of discardable attributes, so that passes need not doubt it. Whether
// a plan is sound is sinter-check-plan's question.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Fusion.h"
#include "dialect/IR/TargetInterface.h"

using namespace mlir;
using namespace sinter;

/// Whether an attribute is an integer of 64 bits, from `least` to what sizes
/// can be computed of.
static bool isNumber(Attribute attr, int64_t least) {
  auto number = dyn_cast_or_null<IntegerAttr>(attr);
  return number && number.getType().isSignlessInteger(64) &&
         number.getInt() >= least && number.getInt() <= kMostNumbers;
}

static bool isArrayOf(Attribute attr, bool (*isElement)(Attribute)) {
  auto array = dyn_cast<ArrayAttr>(attr);
  return array && llvm::all_of(array, isElement);
}

static bool isDictionary(Attribute attr) { return isa<DictionaryAttr>(attr); }

/// Names of an entry and, if there is one, of its clone for one token.
static bool isEntry(Attribute attr) {
  auto row = dyn_cast<DictionaryAttr>(attr);
  return row && row.getAs<StringAttr>("name") &&
         (!row.get("one") || row.getAs<StringAttr>("one"));
}

/// As is natural for the kernel, or replicated: then it makes one row of each
/// result, which are no caches.
static bool isShare(Operation *kernel, Attribute attr) {
  auto share = dyn_cast<ShareAttr>(attr);
  Share natural = cast<KernelOpInterface>(kernel).getNaturalShare();
  if (!share || share.getValue() == natural)
    return bool(share);
  return share.getValue() == Share::Replicated && natural == Share::Rows &&
         llvm::all_of(kernel->getResultTypes(), [](Type type) {
           auto tensor = dyn_cast<RankedTensorType>(type);
           return tensor && isOneRow(tensor);
         });
}

/// What the attribute has to be, or nothing if it is that.
static StringRef fault(Operation *op, StringRef name, Attribute value) {
  bool onModule = isa<ModuleOp>(op);
  if (name == kArena)
    return isa<func::FuncOp>(op) && isa<ArenaAttr>(value)
               ? ""
               : "must be a function's buffers (#sinter.arena<...>)";
  if (name == kPlace) {
    auto place = dyn_cast<PlaceAttr>(value);
    return isa<KernelOpInterface>(op) && place &&
                   place.getResults().size() == op->getNumResults()
               ? ""
               : "must be a kernel's buffers (#sinter.place<[...]>), one for "
                 "each result";
  }
  if (name == kShare)
    return isa<KernelOpInterface>(op) && isShare(op, value)
               ? ""
               : "must be how a kernel of these ops can be shared "
                 "(#sinter.share<...>)";
  if (name == "sinter.kernel")
    return isa<KernelOpInterface>(op) && isNumber(value, 0)
               ? ""
               : "must be a kernel's number";
  if (name == kTarget)
    return onModule && isa<TargetInterface>(value)
               ? ""
               : "must be a module's target, such as #cpu.target<...>";
  if (name == "sinter.kernels")
    return onModule && isArrayOf(value, isDictionary)
               ? ""
               : "must be a module's list of dictionaries";
  if (name == "sinter.entries")
    return onModule && isArrayOf(value, isEntry)
               ? ""
               : "must be a module's list of {name = \"...\"}";
  if (name == "sinter.manifest")
    return onModule && isDictionary(value) ? ""
                                           : "must be a module's dictionary";
  if (name == "sinter.weights_bytes")
    return onModule && isNumber(value, 0) ? "" : "must be a module's number";
  if (name == "sinter.model")
    return onModule && isa<StringAttr>(value) ? "" : "must be a module's text";
  return "";
}

LogicalResult SinterDialect::verifyOperationAttribute(Operation *op,
                                                      NamedAttribute attr) {
  StringRef wanted = fault(op, attr.getName(), attr.getValue());
  if (wanted.empty())
    return success();
  return op->emitError() << "attribute '" << attr.getName().getValue() << "' "
                         << wanted << ", but is " << attr.getValue();
}

/// Of arguments and results.
static LogicalResult verifyName(Operation *op, NamedAttribute attr) {
  if (attr.getName() != "sinter.name" || isa<StringAttr>(attr.getValue()))
    return success();
  return op->emitError() << "attribute 'sinter.name' must be a text, but is "
                         << attr.getValue();
}

LogicalResult SinterDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                      unsigned,
                                                      NamedAttribute attr) {
  return verifyName(op, attr);
}

LogicalResult SinterDialect::verifyRegionResultAttribute(Operation *op,
                                                         unsigned, unsigned,
                                                         NamedAttribute attr) {
  return verifyName(op, attr);
}
