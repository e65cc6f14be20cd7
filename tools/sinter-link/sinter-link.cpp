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
#include "formats/Text.h"
#include "tools/common/Tool.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

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

namespace {
struct Settings {
  cl::opt<std::string> object{cl::Positional, cl::desc("OBJECT"), cl::Required};
  cl::opt<std::string> output{"o", cl::desc("The program"), cl::Required,
                              cl::value_desc("PROGRAM")};
  cl::opt<std::string> weights{"weights", cl::desc("Packed weights"),
                               cl::value_desc("FILE")};
  cl::opt<std::string> tokenizer{"tokenizer", cl::desc("Tokenizer tables"),
                                 cl::value_desc("FILE")};
  cl::opt<bool> external{"external-weights",
                         cl::desc("Put the weights into PROGRAM.weights")};
};
} // namespace

/// Fails when what is to be written would replace what is read.
static llvm::Error checkOutputs(const Settings &settings) {
  sinter::InputFiles inputs;
  for (const std::string &path :
       {settings.object.getValue(), settings.weights.getValue(),
        settings.tokenizer.getValue()})
    inputs.add(path);
  std::string output = settings.output;
  for (const std::string &path : {output, output + ".weights"})
    if (sinter::Failure failure = inputs.check(path))
      return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                     failure.message());
  return llvm::Error::success();
}

static llvm::Error link(const Settings &settings, const char *executable) {
  std::vector<sinter::ProgramSection> sections;
  auto add = [&](const char *name, const std::string &path,
                 bool external) -> llvm::Error {
    if (path.empty())
      return llvm::Error::success();
    llvm::Expected<sinter::ProgramSection> section = sectionOf(name, path);
    if (!section)
      return section.takeError();
    section->external = external;
    sections.push_back(std::move(*section));
    return llvm::Error::success();
  };
  if (llvm::Error error = add("weights", settings.weights, settings.external))
    return error;
  if (llvm::Error error = add("tokenizer", settings.tokenizer, false))
    return error;
  auto object = llvm::MemoryBuffer::getFile(settings.object);
  if (!object)
    return llvm::createStringError(object.getError(),
                                   settings.object + ": " +
                                       object.getError().message());
  if (llvm::Error error = checkOutputs(settings))
    return error;
  sinter::LinkOptions options;
  options.output = settings.output;
  options.partsDir =
      sinter::installedPath(sinter::thisExecutable(executable), "lib/sinter");
  return sinter::linkProgram((*object)->getMemBufferRef(), sections, options);
}

int main(int argc, char **argv) {
  return sinter::runTool("sinter-link", argc, argv, [&] {
    Settings settings;
    cl::ParseCommandLineOptions(argc, argv,
                                "Links an object of a model into a program\n");
    llvm::Error error = link(settings, argv[0]);
    if (!error)
      return 0;
    llvm::errs() << "sinter-link: error: "
                 << sinter::printable(llvm::toString(std::move(error))) << "\n";
    return 1;
  });
}
