//===- Plan.cpp - What a memory plan says ---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Plan.h"

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

std::string Rows::name() const {
  switch (kind) {
  case Tokens:
    return "N";
  case Last:
    return "L";
  case PerSequence:
    return "B" + std::to_string(count);
  case Known:
    return std::to_string(count);
  }
  llvm_unreachable("a kind of rows");
}

//===----------------------------------------------------------------------===//
// Arenas
//===----------------------------------------------------------------------===//

/// rows ::= `tokens` | `last` | `sequences` `x` count | count
static ParseResult parseRows(AsmParser &parser, Rows &rows) {
  if (succeeded(parser.parseOptionalKeyword("tokens")))
    return success();
  if (succeeded(parser.parseOptionalKeyword("last"))) {
    rows.kind = Rows::Last;
    return success();
  }
  rows.kind = Rows::Known;
  if (succeeded(parser.parseOptionalKeyword("sequences"))) {
    rows.kind = Rows::PerSequence;
    if (parser.parseKeyword("x"))
      return failure();
  }
  return parser.parseInteger(rows.count);
}

static void printRows(AsmPrinter &printer, const Rows &rows) {
  if (rows.kind == Rows::Tokens)
    printer << "tokens";
  else if (rows.kind == Rows::Last)
    printer << "last";
  else
    printer << (rows.kind == Rows::PerSequence ? "sequences x " : "")
            << rows.count;
}

/// buffer ::= (`argument` | `output`) index | rows `x` bytes (`+` extra)?
static ParseResult parseBuffer(AsmParser &parser, Buffer &buffer) {
  for (auto [word, owner] : {std::pair("argument", Buffer::Argument),
                             std::pair("output", Buffer::Output)})
    if (succeeded(parser.parseOptionalKeyword(word))) {
      buffer.owner = owner;
      return parser.parseInteger(buffer.index);
    }
  if (parseRows(parser, buffer.rows) || parser.parseKeyword("x") ||
      parser.parseInteger(buffer.bytes))
    return failure();
  if (succeeded(parser.parseOptionalPlus()))
    return parser.parseInteger(buffer.extra);
  return success();
}

Attribute ArenaAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Buffer> buffers;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, [&] {
        return parseBuffer(parser, buffers.emplace_back());
      }))
    return {};
  auto error = [&] { return parser.emitError(loc); };
  return ArenaAttr::getChecked(function_ref<InFlightDiagnostic()>(error),
                               parser.getContext(), ArrayRef(buffers));
}

void ArenaAttr::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getBuffers(), printer, [&](const Buffer &buffer) {
    if (buffer.owner != Buffer::Arena) {
      printer << (buffer.owner == Buffer::Argument ? "argument " : "output ")
              << buffer.index;
      return;
    }
    printRows(printer, buffer.rows);
    printer << " x " << buffer.bytes;
    if (buffer.extra)
      printer << " + " << buffer.extra;
  });
  printer << '>';
}

static bool isNumber(int64_t number, int64_t least) {
  return number >= least && number <= kMostNumbers;
}

LogicalResult ArenaAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<Buffer> buffers) {
  for (const Buffer &buffer : buffers) {
    bool counts = buffer.rows.kind >= Rows::PerSequence;
    if (!isNumber(buffer.index, 0) || !isNumber(buffer.bytes, 0) ||
        !isNumber(buffer.extra, 0) ||
        !isNumber(buffer.rows.count, counts ? 1 : 0))
      return emitError() << "numbers of a buffer must be 0 to 2^40, and a "
                            "number of rows at least 1";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static ParseResult parsePlace(AsmParser &parser, int64_t &buffer) {
  if (failed(parser.parseOptionalKeyword("none")))
    return parser.parseInteger(buffer);
  buffer = kNoBuffer;
  return success();
}

/// place ::= `<` `[` (index | `none`),* `]` (`,` `workspace` index)? `>`
Attribute PlaceAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> results;
  int64_t workspace = kNoBuffer;
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parsePlace(parser, results.emplace_back());
      }))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("workspace") || parser.parseInteger(workspace)))
    return {};
  if (parser.parseGreater())
    return {};
  auto error = [&] { return parser.emitError(loc); };
  return PlaceAttr::getChecked(function_ref<InFlightDiagnostic()>(error),
                               parser.getContext(), ArrayRef(results),
                               workspace);
}

void PlaceAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getResults(), printer, [&](int64_t buffer) {
    if (buffer == kNoBuffer)
      printer << "none";
    else
      printer << buffer;
  });
  printer << ']';
  if (getWorkspace() != kNoBuffer)
    printer << ", workspace " << getWorkspace();
  printer << '>';
}

LogicalResult PlaceAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<int64_t> results, int64_t workspace) {
  if (isNumber(workspace, kNoBuffer) &&
      llvm::all_of(results,
                   [](int64_t buffer) { return isNumber(buffer, kNoBuffer); }))
    return success();
  return emitError() << "the number of a buffer must be 0 to 2^40";
}

//===----------------------------------------------------------------------===//
// On ops
//===----------------------------------------------------------------------===//

ArrayRef<Buffer> sinter::arenaOf(func::FuncOp function) {
  auto arena = function->getAttrOfType<ArenaAttr>(kArena);
  return arena ? arena.getBuffers() : ArrayRef<Buffer>();
}

int64_t sinter::placeOf(OpResult result) {
  auto place = result.getOwner()->getAttrOfType<PlaceAttr>(kPlace);
  return place ? place.getResults()[result.getResultNumber()] : kNoBuffer;
}

int64_t sinter::workspacePlaceOf(Operation *kernel) {
  auto place = kernel->getAttrOfType<PlaceAttr>(kPlace);
  return place ? place.getWorkspace() : kNoBuffer;
}
