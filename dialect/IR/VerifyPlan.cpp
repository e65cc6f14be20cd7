//===- VerifyPlan.cpp - Verifiers of what passes leave on ops -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The form of discardable attributes, so that passes need not doubt it. Whether
// a plan is sound is sinter-check-plan's question.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

/// Whether an attribute is an integer of 64 bits, from `least` to what sizes
/// can be computed of.
static bool isNumber(Attribute attr, int64_t least) {
  auto number = dyn_cast_or_null<IntegerAttr>(attr);
  return number && number.getType().isSignlessInteger(64) &&
         number.getInt() >= least && number.getInt() <= kMostNumbers;
}

/// "N", "L", a number, or "B" and a number.
static bool isRows(Attribute attr) {
  auto text = dyn_cast_or_null<StringAttr>(attr);
  if (!text || text == "N" || text == "L")
    return bool(text);
  StringRef digits = text.getValue();
  digits.consume_front("B");
  int64_t number;
  return !digits.getAsInteger(10, number) && number >= 1 &&
         number <= kMostNumbers;
}

/// A row of a function's table of buffers.
static bool isBuffer(Attribute attr) {
  auto row = dyn_cast<DictionaryAttr>(attr);
  if (!row)
    return false;
  if (row.size() == 1)
    return isNumber(row.get("argument"), 0) || isNumber(row.get("output"), 0);
  return row.size() == 3 && isRows(row.get("rows")) &&
         isNumber(row.get("bytes"), 0) && isNumber(row.get("extra"), 0);
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

/// What the attribute has to be, or nothing if it is that.
static StringRef fault(Operation *op, StringRef name, Attribute value) {
  bool onModule = isa<ModuleOp>(op);
  if (name == "sinter.arena")
    return isa<func::FuncOp>(op) && isArrayOf(value, isBuffer)
               ? ""
               : "must be a function's list of buffers, each {argument = N}, "
                 "{output = N} or {rows = R, bytes = N, extra = N}";
  if (name == "sinter.buffers") {
    auto ids = dyn_cast<DenseI64ArrayAttr>(value);
    return isa<KernelOpInterface>(op) && ids &&
                   ids.size() == op->getNumResults()
               ? ""
               : "must be a kernel's list of buffers (array<i64: ...>), one "
                 "for "
                 "each result";
  }
  if (name == "sinter.workspace" || name == "sinter.kernel")
    return isa<KernelOpInterface>(op) && isNumber(value, 0)
               ? ""
               : "must be a kernel's number";
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
