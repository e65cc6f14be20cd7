//===- SinterDialect.cpp - Types and attributes of the dialect ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

#include "dialect/IR/SinterDialect.cpp.inc"
#include "dialect/IR/SinterEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/IR/SinterTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/IR/SinterAttrs.cpp.inc"

void SinterDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/IR/SinterTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/IR/SinterAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/IR/SinterOps.cpp.inc"
      >();
}

/// cache ::= `<` slots `x` heads `x` dim `x` type (`,` `ring` tokens)? `>`
Type CacheType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  int64_t ring = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("ring") || parser.parseInteger(ring)))
    return {};
  if (parser.parseGreater())
    return {};
  if (shape.size() != 3)
    return parser.emitError(loc, "expected slots x heads x dim x type"), Type();
  return CacheType::getChecked([&] { return parser.emitError(loc); },
                               parser.getContext(), shape[0], shape[1],
                               shape[2], element, ring);
}

void CacheType::print(AsmPrinter &printer) const {
  printer << '<' << getSlots() << 'x' << getHeads() << 'x' << getDim() << 'x'
          << getElementType();
  if (getRing())
    printer << ", ring " << getRing();
  printer << '>';
}

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t slots, int64_t heads, int64_t dim,
                                Type elementType, int64_t ring) {
  if (slots < 1 || heads < 1 || dim < 1 || ring < 0)
    return emitError() << "slots, heads and dim of a cache must be positive";
  if (std::max({slots, heads, dim}) > kMostLayers || ring > kMostNumbers)
    return emitError() << "slots, heads and dim of a cache must be at most "
                       << kMostLayers << ", its ring at most " << kMostNumbers;
  if (!isa<Float32Type, BFloat16Type, Float16Type>(elementType))
    return emitError() << "a cache holds f32, bf16 or f16, not " << elementType;
  return success();
}

LogicalResult PackedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t rows, bool) {
  if (rows >= 1 && rows <= 64 && llvm::isPowerOf2_64(rows))
    return success();
  return emitError() << "rows of a panel must be a power of two of at most 64, "
                        "but are "
                     << rows;
}

LogicalResult TiledAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t tokens, int64_t together) {
  if (tokens < 1 || tokens > 1024)
    return emitError() << "a tile must have 1 to 1024 tokens, but has "
                       << tokens;
  if (!llvm::is_contained({0, 1, 2, 4, 32}, together))
    return emitError() << "0, 1, 2, 4 or 32 features can stay together in a "
                          "tile, but not "
                       << together;
  return success();
}
