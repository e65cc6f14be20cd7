//===- Guard.cpp - Is all of the program there? ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The first code of a program that runs, before any library's: a file that was
// cut inside its ELF image says so, rather than crash at the first page that is
// missing. codegen/link/ImageOrder.h says why it may count on what it uses: its
// code is first among all code, data and headers come before. Nothing else is
// safe to touch here: no constants, no library, no call through a table.
//
//===----------------------------------------------------------------------===//

#include <elf.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The image's beginning in memory, known to linkers.
extern "C" const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

// In .data, unlike other constants: their pages may be missing.
#define SINTER_EARLY __attribute__((section(".data"), used))
SINTER_EARLY static char ownFile[] = "/proc/self/exe";
SINTER_EARLY static char message[] =
    ": error: this file ends within the program: it was truncated; compile or "
    "copy it again\n";

static inline long call(long number, long a, long b, long c) {
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c)
               : "rcx", "r11", "memory");
  return result;
}

static inline void say(const volatile char *text) {
  long length = 0;
  while (text[length])
    ++length;
  call(SYS_write, STDERR_FILENO, long(text), length);
}

static void checkImage(int argc, char **argv, char **) {
  auto *start = reinterpret_cast<const char *>(&__ehdr_start);
  auto *segments =
      reinterpret_cast<const Elf64_Phdr *>(start + __ehdr_start.e_phoff);
  long needed = 0;
  for (int i = 0; i < __ehdr_start.e_phnum; ++i) {
    long end = long(segments[i].p_offset + segments[i].p_filesz);
    if (segments[i].p_type == PT_LOAD && end > needed)
      needed = end;
  }
  long file = call(SYS_open, long(ownFile), O_RDONLY | O_CLOEXEC, 0);
  if (file < 0)
    return; // Without /proc nobody can tell.
  long size = call(SYS_lseek, file, 0, SEEK_END);
  call(SYS_close, file, 0, 0);
  if (size < 0 || size >= needed)
    return;
  if (argc > 0) {
    const char *name = argv[0];
    for (const char *c = name; *c; ++c)
      name = *c == '/' ? c + 1 : name;
    say(name);
  }
  say(message + (argc > 0 ? 0 : 2));
  call(SYS_exit_group, 1, 0, 0);
}

__attribute__((section(".preinit_array"),
               used)) static void (*const first)(int, char **,
                                                 char **) = checkImage;
