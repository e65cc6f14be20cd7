//===- FilesTest.cpp - Files that appear and vanish -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "FormatsTest.h"
#include "formats/Safetensors.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sinter;

namespace {

std::span<const std::byte> bytesOf(const std::vector<float> &values) {
  return std::as_bytes(std::span(values));
}

bool exists(const std::string &path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

void checkContents(const std::string &path, const std::vector<float> &first) {
  Result<Safetensors> file = readSafetensors(path);
  CHECK(file);
  if (!file)
    return checkFailed(__FILE__, __LINE__, file.message());
  CHECK(file->metadata["format"] == "pt");
  CHECK(file->tensors.size() == 3);
  const StoredTensor *tensor = file->find("first");
  CHECK(tensor && tensor->shape == std::vector<int64_t>({2, 3}));
  if (auto values = tensor->readAsF32())
    CHECK(*values == first);
}

} // namespace

void testWriter(const std::string &path) {
  std::vector<TensorDeclaration> declared = {
      {"first", ElementType::F32, {2, 3}},
      {"ids", ElementType::I64, {1}},
      {"none", ElementType::F32, {0, 4}}};
  std::vector<float> values = {1, 2, 3, 4, 5, 6};
  int64_t id = -7;
  auto idBytes = std::as_bytes(std::span(&id, 1));
  {
    auto writer = SafetensorsWriter::create(path, declared, {{"format", "pt"}});
    CHECK(writer);
    CHECK(!writer->write(1, 0, idBytes));
    CHECK(!writer->write(0, 12, bytesOf({4, 5, 6})));
    CHECK(!writer->write(0, 0, bytesOf({1, 2, 3})));
    CHECK_FAILS(writer->write(0, 24, bytesOf({0})), "more were written");
    CHECK_FAILS(writer->write(3, 0, idBytes), "was not declared");
    CHECK(!exists(path));
    CHECK(!writer->finish());
  }
  checkContents(path, values);
  { // Abandoned: the old file stays, nothing else does.
    auto writer = SafetensorsWriter::create(path, declared);
    CHECK(writer && !writer->write(1, 0, idBytes));
    CHECK_FAILS(writer->finish(), "\"first\" lacks 24 bytes");
  }
  checkContents(path, values);

  auto create = [&](std::vector<TensorDeclaration> tensors) {
    return SafetensorsWriter::create(path, std::move(tensors));
  };
  CHECK_FAILS(
      create({{"a", ElementType::F32, {1}}, {"a", ElementType::F32, {}}}),
      "\"a\": the name is taken");
  CHECK_FAILS(create({{"a", ElementType::Q4_0, {32}}}), "no type q4_0");
  CHECK_FAILS(create({{"a", ElementType::F32, {1ll << 40, 1ll << 40}}}),
              "too large");
  CHECK_FAILS(SafetensorsWriter::create("/nowhere/at/all", declared),
              "/nowhere/at/all: error: cannot create");
  CHECK_FAILS(SafetensorsWriter::create("/", declared), "is a folder");
  // A device is written, not replaced.
  auto null = SafetensorsWriter::create("/dev/null", {});
  CHECK(null && !null->finish());
  struct stat status;
  CHECK(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
}

/// A file that shrinks while it is mapped: reads are errors, and touching the
/// mapping ends the process with 1.
void testVanishing(const std::string &path) {
  {
    auto file = OutputFile::create(path);
    std::vector<std::byte> block(1 << 16);
    CHECK(file && !file->write(0, block) && !file->finish());
  }
  auto file = MappedFile::open(path);
  CHECK(file && (*file)->size() == 1 << 16);
  CHECK(truncate(path.c_str(), 100) == 0);
  char byte;
  CHECK(!(*file)->read(99, &byte, 1));
  CHECK_FAILS((*file)->read(99, &byte, 2), "0");
  CHECK_FAILS((*file)->read(100, &byte, 1), "shrank while it was read");
  CHECK_FAILS((*file)->read(1 << 16, &byte, 1), "has 65536 bytes");

  StoredTensor tensor{
      "t", ElementType::I8, {1ll << 62}, 1ull << 62, 1ull << 62, 0, *file};
  CHECK_FAILS(tensor.readAsF32(), "not enough memory for i8[46116860184273");
  tensor.count = tensor.bytes = 101;
  CHECK_FAILS(tensor.readAsF32(), "shrank while it was read");

  fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    exitOnVanishedPages();
    volatile std::byte touched = (*file)->data()[1 << 15];
    _exit(touched == std::byte(0) ? 0 : 3);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);

  CHECK_FAILS(MappedFile::open("/dev/null"), "a special file");
  CHECK_FAILS(MappedFile::open("/"), "a folder");
  CHECK_FAILS(MappedFile::open("/nowhere"), "/nowhere: error: cannot open");
}
