//===- Reproducer.cpp - What a failing pass leaves behind -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Reproducer.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

namespace {
class FileStream : public mlir::ReproducerStream {
public:
  FileStream(std::string path, int descriptor)
      : path(std::move(path)), stream(descriptor, /*shouldClose=*/true) {}
  // What cannot be written, on a full disk say, is no reason to crash again.
  ~FileStream() override { stream.clear_error(); }

  llvm::StringRef description() override { return path; }
  llvm::raw_ostream &os() override { return stream; }

private:
  std::string path;
  llvm::raw_fd_ostream stream;
};
} // namespace

Reproducer::Reproducer(mlir::PassManager &manager) {
  manager.enableCrashReproducerGeneration(
      [this](std::string &error) { return open(error); });
}

/// Beside other temporary files: the current folder may be anybody's.
std::unique_ptr<mlir::ReproducerStream> Reproducer::open(std::string &error) {
  llvm::SmallString<128> path;
  int descriptor;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile(
          "sinter-reproducer", "mlir", descriptor, path)) {
    error = "cannot create a file for a reproducer: " + code.message();
    said = error;
    return nullptr;
  }
  said = "this is a bug of Sinter; to repeat it: sinter-opt --run-reproducer " +
         path.str().str();
  return std::make_unique<FileStream>(path.str().str(), descriptor);
}

} // namespace sinter
