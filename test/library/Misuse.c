/*===- Misuse.c - What callers of a library may not do -------------*- C
-*-===*\
|*                                                                            *|
|* Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.        *|
|*                                                                            *|
|*   misuse   (linked with a library whose model has a tokenizer)             *|
|*                                                                            *|
|* Wrong arguments, calls from callbacks, of several threads and in a forked  *|
|* child: each comes back, as a value or as a failure that says why.          *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include <sinter/sinter.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      printf("FAILED line %d: %s (%s)\n", __LINE__, #condition,                \
             error.message);                                                   \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

/* The call fails and says so in these words. */
#define REFUSED(call, words)                                                   \
  do {                                                                         \
    error.message[0] = 0;                                                      \
    CHECK((call) == -1 && strstr(error.message, words));                       \
  } while (0)

static sinter_error error;
static sinter_program *program;
static const int32_t prompt[] = {504, 3575, 282, 4649, 314};

static sinter_sequence *open_sequence(void) {
  sinter_sequence *sequence = sinter_sequence_open(program, 64, &error);
  CHECK(sequence);
  return sequence;
}

static void close_sequence(sinter_sequence *sequence) {
  CHECK(sinter_sequence_close(sequence, &error) == 0);
}

static int64_t continue_prompt(sinter_sequence *sequence,
                               const sinter_sampling *sampling) {
  return sinter_generate(sequence, prompt, 5, 8, sampling, NULL, NULL, &error);
}

static void null_handles(void) {
  sinter_info info = {.size = sizeof(info)};
  REFUSED(sinter_program_info(NULL, &info, &error), "found NULL");
  REFUSED(sinter_program_info(program, NULL, &error), "found NULL");
  REFUSED(sinter_tokenize(NULL, "a", 1, 0, NULL, 0, &error), "found NULL");
  REFUSED(sinter_detokenize(NULL, prompt, 5, NULL, 0, &error), "found NULL");
  REFUSED(sinter_forward(NULL, prompt, 5, &error), "found NULL");
  REFUSED(continue_prompt(NULL, NULL), "found NULL");
  REFUSED(sinter_reset(NULL, &error), "found NULL");
  CHECK(!sinter_sequence_open(NULL, 0, &error));
  CHECK(sinter_length(NULL) == -1 && !sinter_logits(NULL));
  CHECK(sinter_sequence_close(NULL, NULL) == 0 && !sinter_close(NULL, NULL));
}

static void lengths_and_ids(sinter_sequence *sequence) {
  static const int32_t wild[] = {1, -1}, large[] = {1 << 30};
  int32_t ids[4];
  REFUSED(sinter_tokenize(program, "a", -1, 0, ids, 4, &error), "found -1");
  REFUSED(sinter_tokenize(program, "a", 1, 0, ids, -1, &error), "found -1");
  REFUSED(sinter_tokenize(program, NULL, 1, 0, ids, 4, &error), "found NULL");
  REFUSED(sinter_tokenize(program, "a", 1, 0, NULL, 4, &error), "found NULL");
  REFUSED(sinter_tokenize(program, "a", 1, 64, ids, 4, &error), "flags");
  CHECK(sinter_tokenize(program, "", 0, 0, NULL, 0, &error) == 0);
  REFUSED(sinter_detokenize(program, wild, 2, NULL, 0, &error), "ids[1]");
  REFUSED(sinter_detokenize(program, large, 1, NULL, 0, &error), "ids[0]");
  REFUSED(sinter_detokenize(program, prompt, -5, NULL, 0, &error), "found -5");
  REFUSED(sinter_detokenize(program, NULL, 5, NULL, 0, &error), "found NULL");
  REFUSED(sinter_forward(sequence, wild, 2, &error), "token -1");
  REFUSED(sinter_forward(sequence, large, 1, &error), "size of the vocabulary");
  REFUSED(sinter_forward(sequence, prompt, 0, &error), "at least one");
  REFUSED(sinter_forward(sequence, NULL, 3, &error), "found NULL");
  REFUSED(sinter_generate(sequence, prompt, 5, -1, NULL, NULL, NULL, &error),
          "most");
  REFUSED(sinter_generate(sequence, NULL, -1, 1, NULL, NULL, NULL, &error),
          "found -1");
  CHECK(!sinter_open(NULL, -1, &error) && strstr(error.message, "threads"));
  CHECK(sinter_length(sequence) == 0);
}

static void samplings(sinter_sequence *sequence) {
  static const struct {
    size_t field;
    double value;
    const char *name;
  } bad[] = {{offsetof(sinter_sampling, temperature), -1, "temperature"},
             {offsetof(sinter_sampling, temperature), NAN, "temperature"},
             {offsetof(sinter_sampling, temperature), INFINITY, "temperature"},
             {offsetof(sinter_sampling, top_p), 0, "top_p"},
             {offsetof(sinter_sampling, top_p), 1.5, "top_p"},
             {offsetof(sinter_sampling, min_p), -0.1, "min_p"},
             {offsetof(sinter_sampling, min_p), NAN, "min_p"},
             {offsetof(sinter_sampling, repeat_penalty), 0, "repeat_penalty"}};
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); ++i) {
    sinter_sampling sampling = sinter_greedy();
    memcpy((char *)&sampling + bad[i].field, &bad[i].value, sizeof(double));
    REFUSED(continue_prompt(sequence, &sampling), bad[i].name);
  }
  sinter_sampling sampling = sinter_greedy();
  sampling.top_k = -1;
  REFUSED(continue_prompt(sequence, &sampling), "top_k");
  sampling.size = 0;
  REFUSED(continue_prompt(sequence, &sampling), "sampling.size");
}

/* Structs of a newer and of an older header. */
static void versions(sinter_sequence *sequence) {
  struct {
    sinter_sampling known;
    double added;
  } newer = {sinter_greedy(), 0};
  newer.known.size = sizeof(newer);
  CHECK(continue_prompt(sequence, &newer.known) == 8);
  newer.added = 1;
  REFUSED(continue_prompt(sequence, &newer.known), "older version");
  sinter_sampling older = {.size = offsetof(sinter_sampling, top_k),
                           .top_k = -1};
  CHECK(sinter_reset(sequence, &error) == 0);
  CHECK(continue_prompt(sequence, &older) == 8);
  sinter_info info = {.size = offsetof(sinter_info, vocab), .vocab = -7};
  CHECK(sinter_program_info(program, &info, &error) == 0);
  CHECK(info.name && info.vocab == -7);
  CHECK(sinter_reset(sequence, &error) == 0);
}

struct inner {
  sinter_sequence *own, *other;
  int tokens;
};

static int calls_back(void *user, int32_t token, const char *text,
                      int64_t bytes) {
  struct inner *inner = user;
  (void)text, (void)bytes;
  if (token < 0)
    return 0;
  ++inner->tokens;
  CHECK(sinter_forward(inner->other, &token, 1, &error) == 0);
  CHECK(sinter_length(inner->own) > 0 && sinter_logits(inner->own));
  REFUSED(sinter_forward(inner->own, &token, 1, &error), "another call");
  REFUSED(sinter_sequence_close(inner->own, &error), "another call");
  REFUSED(sinter_close(program, &error), "are open");
  return 0;
}

static void callbacks(sinter_sequence *sequence) {
  struct inner inner = {sequence, open_sequence(), 0};
  CHECK(sinter_generate(sequence, prompt, 5, 8, NULL, calls_back, &inner,
                        &error) == 8);
  CHECK(inner.tokens == 8 && sinter_length(inner.other) == 8);
  close_sequence(inner.other);
}

static void *generates(void *sequence) {
  return (void *)(intptr_t)sinter_generate(sequence, prompt, 5, 32, NULL, NULL,
                                           NULL, NULL);
}

static void threads(void) {
  pthread_t running[3];
  sinter_sequence *sequences[3];
  void *first = NULL;
  for (int i = 0; i < 3; ++i) {
    sequences[i] = open_sequence();
    CHECK(!pthread_create(&running[i], NULL, generates, sequences[i]));
  }
  int64_t vocab = 0;
  sinter_info info = {.size = sizeof(info)};
  CHECK(sinter_program_info(program, &info, &error) == 0);
  vocab = info.vocab;
  for (int i = 0; i < 3; ++i) {
    void *tokens;
    CHECK(!pthread_join(running[i], &tokens));
    CHECK((intptr_t)tokens >= 8 && (i == 0 || tokens == first));
    first = tokens;
    CHECK(!memcmp(sinter_logits(sequences[i]), sinter_logits(sequences[0]),
                  (size_t)vocab * sizeof(float)));
  }
  for (int i = 0; i < 3; ++i)
    close_sequence(sequences[i]);
}

static void forks(sinter_sequence *sequence) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(60);
    REFUSED(sinter_forward(sequence, prompt, 5, &error), "forked");
    REFUSED(sinter_sequence_close(sequence, &error), "forked");
    REFUSED(sinter_close(program, &error), "forked");
    program = sinter_open(NULL, 2, &error);
    CHECK(program);
    CHECK(continue_prompt(open_sequence(), NULL) == 8);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
  alarm(240);
  program = sinter_open(NULL, 2, &error);
  CHECK(program);
  sinter_sequence *sequence = open_sequence();
  null_handles();
  lengths_and_ids(sequence);
  samplings(sequence);
  versions(sequence);
  callbacks(sequence);
  threads();
  forks(sequence);
  close_sequence(sequence);
  CHECK(sinter_close(program, &error) == 0);
  printf("passed\n");
  return 0;
}
