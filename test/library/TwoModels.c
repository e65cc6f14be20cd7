/*===- TwoModels.c - Two libraries in one process -----------------*- C -*-===*\
|*                                                                            *|
|* Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.        *|
|*                                                                            *|
|*   two-models FIRST.so SECOND.so                                            *|
|*                                                                            *|
|* Loads both, feeds two sequences of each in turns and in one go, and checks *|
|* that neither disturbs the other and that errors come back as values.       *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "runtime/library/sinter.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      printf("FAILED line %d: %s\n", __LINE__, #condition);                    \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/* The functions of one library. */
struct library {
  sinter_program *(*open)(const char *, int64_t, sinter_error *);
  int (*close)(sinter_program *, sinter_error *);
  int (*program_info)(const sinter_program *, sinter_info *, sinter_error *);
  int64_t (*tokenize)(const sinter_program *, const char *, int64_t, int32_t,
                      int32_t *, int64_t, sinter_error *);
  sinter_sequence *(*sequence_open)(sinter_program *, int64_t, sinter_error *);
  int (*sequence_close)(sinter_sequence *, sinter_error *);
  int (*reset)(sinter_sequence *, sinter_error *);
  int64_t (*length)(const sinter_sequence *);
  int (*forward)(sinter_sequence *, const int32_t *, int64_t, sinter_error *);
  const float *(*logits)(const sinter_sequence *);
  sinter_program *program;
};

static void *symbol(void *handle, const char *name) {
  void *found = dlsym(handle, name);
  CHECK(found);
  return found;
}

static struct library load(const char *path) {
  struct library l;
  sinter_error error = {""};
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    printf("%s\n", dlerror());
  CHECK(handle);
  CHECK(!dlsym(handle, "main"));
  *(void **)&l.open = symbol(handle, "sinter_open");
  *(void **)&l.close = symbol(handle, "sinter_close");
  *(void **)&l.program_info = symbol(handle, "sinter_program_info");
  *(void **)&l.tokenize = symbol(handle, "sinter_tokenize");
  *(void **)&l.sequence_open = symbol(handle, "sinter_sequence_open");
  *(void **)&l.sequence_close = symbol(handle, "sinter_sequence_close");
  *(void **)&l.reset = symbol(handle, "sinter_reset");
  *(void **)&l.length = symbol(handle, "sinter_length");
  *(void **)&l.forward = symbol(handle, "sinter_forward");
  *(void **)&l.logits = symbol(handle, "sinter_logits");
  l.program = l.open(NULL, 2, &error);
  if (!l.program)
    printf("%s\n", error.message);
  CHECK(l.program);
  return l;
}

static int64_t vocab_of(struct library *l) {
  sinter_info info = {.size = sizeof(info)};
  CHECK(l->program_info(l->program, &info, NULL) == 0);
  return info.vocab;
}

/* Logits after ids, copied. */
static float *after(struct library *l, const int32_t *ids, int64_t count) {
  int64_t vocab = vocab_of(l);
  float *copy = malloc((size_t)vocab * sizeof *copy);
  sinter_sequence *sequence = l->sequence_open(l->program, 16, NULL);
  CHECK(sequence && !l->logits(sequence));
  CHECK(l->forward(sequence, ids, count, NULL) == 0);
  CHECK(l->length(sequence) == count);
  memcpy(copy, l->logits(sequence), (size_t)vocab * sizeof *copy);
  CHECK(l->sequence_close(sequence, NULL) == 0);
  return copy;
}

static int close_enough(const float *a, const float *b, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if (!(fabsf(a[i] - b[i]) < 1e-4f))
      return 0;
  return 1;
}

int main(int argc, char **argv) {
  static const int32_t ids[2][6] = {{3, 1, 4, 1, 5, 9}, {2, 7, 1, 8, 2, 8}};
  CHECK(argc == 3);
  struct library models[2] = {load(argv[1]), load(argv[2])};
  float *expected[2][2];
  sinter_sequence *sequences[2][2];
  for (int m = 0; m < 2; ++m)
    for (int s = 0; s < 2; ++s) {
      expected[m][s] = after(&models[m], ids[s], 6);
      sequences[m][s] = models[m].sequence_open(models[m].program, 16, NULL);
    }
  for (int token = 0; token < 6; ++token)
    for (int m = 0; m < 2; ++m)
      for (int s = 0; s < 2; ++s)
        CHECK(models[m].forward(sequences[m][s], &ids[s][token], 1, NULL) == 0);
  for (int m = 0; m < 2; ++m) {
    struct library *l = &models[m];
    int64_t vocab = vocab_of(l);
    for (int s = 0; s < 2; ++s)
      CHECK(close_enough(l->logits(sequences[m][s]), expected[m][s], vocab));
    CHECK(!close_enough(expected[m][0], expected[m][1], vocab));

    /* Errors are values. */
    sinter_error error = {""};
    int32_t wild = (int32_t)vocab;
    CHECK(l->forward(sequences[m][0], &wild, 1, &error) == -1);
    CHECK(error.message[0]);
    CHECK(!l->sequence_open(l->program, 1 << 30, &error));
    CHECK(!l->open("/nowhere", 0, &error));
    CHECK(strstr(error.message, "/nowhere"));
    CHECK(l->tokenize(l->program, "a", 1, 0, NULL, 0, &error) == -1);
    CHECK(strstr(error.message, "tokenizer"));
    CHECK(l->reset(sequences[m][0], NULL) == 0);
    CHECK(l->length(sequences[m][0]) == 0 && !l->logits(sequences[m][0]));
    for (int s = 0; s < 2; ++s) {
      CHECK(l->sequence_close(sequences[m][s], NULL) == 0);
      free(expected[m][s]);
    }
    CHECK(l->close(l->program, NULL) == 0);
  }
  printf("passed\n");
  return 0;
}
