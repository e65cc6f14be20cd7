//===- sinter-link.cpp - Link an object of a model ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The last step of `sinter compile` alone: an object that defines sinter_model
// (from --emit=obj, or written by hand for tests) and files for the trailer
// become a program.
//
//===----------------------------------------------------------------------===//

#include "codegen/link/LinkProgram.h"
#include "formats/InputFiles.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

namespace cl = llvm::cl;

/// A section with the bytes of a file.
static llvm::Expected<sinter::ProgramSection> sectionOf(std::string name,
                                                        std::string path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   path + ": " + buffer.getError().message());
  std::shared_ptr<llvm::MemoryBuffer> bytes = std::move(*buffer);
  sinter::ProgramSection section;
  section.name = std::move(name);
  section.bytes = bytes->getBufferSize();
  section.write = [bytes](const sinter::SectionWriter &write) {
    llvm::StringRef text = bytes->getBuffer();
    return write(0, llvm::ArrayRef(text.data(), text.size()));
  };
  return section;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::OptionCategory category("sinter-link options");
  cl::opt<std::string> object(cl::Positional, cl::desc("OBJECT"), cl::Required,
                              cl::cat(category));
  cl::opt<std::string> output("o", cl::desc("The program"), cl::Required,
                              cl::value_desc("PROGRAM"), cl::cat(category));
  cl::opt<std::string> weights("weights", cl::desc("Packed weights"),
                               cl::value_desc("FILE"), cl::cat(category));
  cl::opt<std::string> tokenizer("tokenizer", cl::desc("Tokenizer tables"),
                                 cl::value_desc("FILE"), cl::cat(category));
  cl::opt<bool> external("external-weights",
                         cl::desc("Put the weights into PROGRAM.weights"),
                         cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Links an object of a model into a program\n");

  llvm::ExitOnError exitOnError("sinter-link: error: ");
  std::vector<sinter::ProgramSection> sections;
  if (!weights.empty()) {
    sections.push_back(exitOnError(sectionOf("weights", weights)));
    sections.back().external = external;
  }
  if (!tokenizer.empty())
    sections.push_back(exitOnError(sectionOf("tokenizer", tokenizer)));
  auto buffer =
      exitOnError(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(object)));
  sinter::InputFiles inputs;
  for (const std::string &path :
       {object.getValue(), weights.getValue(), tokenizer.getValue()})
    inputs.add(path);
  for (const std::string &path : {output.getValue(), output + ".weights"})
    if (sinter::Failure failure = inputs.check(path))
      exitOnError(llvm::createStringError(llvm::inconvertibleErrorCode(),
                                          failure.message()));
  sinter::LinkOptions options;
  options.output = output;
  static int anchor;
  options.partsDir =
      sinter::findPartsDir(llvm::sys::fs::getMainExecutable(argv[0], &anchor));
  exitOnError(
      sinter::linkProgram(buffer->getMemBufferRef(), sections, options));
  return 0;
}
