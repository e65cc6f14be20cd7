/* A model by hand, to test the runtime alone: after token t comes t + w modulo
 * the vocabulary, w being the first weight; the logit tells how many tokens
 * came before. Work is cut and handed over as generated code does it. */
#include <stdint.h>

enum { Vocab = 11 };

typedef struct SinterCall {
  const char *weights;
  char *scratch, *caches;
  int64_t batch, tokens, last, capacity;
  const void *const *inputs;
  void *const *outputs;
  void *barrier;
  int64_t threads, chunk;
  void *profile;
} Call;

extern void sinter_barrier(const Call *);
extern void sinter_mark(const Call *, int64_t, int64_t, int64_t);

static void step(const Call *call, int64_t thread) {
  const int32_t *ids = call->inputs[0];
  const int32_t *past = call->inputs[1];
  const int32_t *weights = (const int32_t *)call->weights;
  int32_t *next = (int32_t *)call->scratch;
  float *logits = call->outputs[0];
  int64_t n = call->batch * call->tokens;
  if (call->profile)
    sinter_mark(call, thread, 0, -1);
  for (int64_t i = thread; i < n; i += call->threads)
    next[i] = (ids[i] + weights[0]) % Vocab;
  if (call->profile)
    sinter_mark(call, thread, -1, -1);
  sinter_barrier(call);
  if (call->profile)
    sinter_mark(call, thread, 1, 7);
  /* Rows go to other threads than above, so the barrier matters. */
  int64_t rows = call->batch * call->last;
  for (int64_t i = call->threads - 1 - thread; i < rows; i += call->threads) {
    int64_t b = i / call->last;
    int64_t t = call->tokens - call->last + i % call->last;
    for (int v = 0; v < Vocab; ++v)
      logits[i * Vocab + v] = 0;
    logits[i * Vocab + next[b * call->tokens + t]] = 1 + past[b] + t;
  }
  sinter_barrier(call);
}

static int64_t scratchBytes(int64_t batch, int64_t tokens, int64_t last,
                            int64_t capacity) {
  return batch * tokens * 4;
}

static int64_t cacheBytes(int64_t batch, int64_t tokens, int64_t last,
                          int64_t capacity) {
  return batch * capacity * 4;
}

struct Entry {
  const char *name;
  void (*step)(const Call *, int64_t), (*stepOne)(const Call *, int64_t);
  int64_t (*scratchBytes)(int64_t, int64_t, int64_t, int64_t);
};

static const struct Entry entries[] = {{"forward", step, step, scratchBytes}};

#ifndef FEATURES
#define FEATURES "sse2"
#endif

const struct {
  int64_t abi;
  const char *features, *manifest;
  int64_t weightsBytes;
  int64_t (*cacheBytes)(int64_t, int64_t, int64_t, int64_t);
  int64_t entryCount;
  const struct Entry *entries;
} sinter_model = {
    3,
    FEATURES,
    "{\"kind\": \"causal\", \"name\": \"counting\", \"vocab\": 11,"
    " \"context\": 100, \"parameters\": 1, \"kernels\": ["
    "{\"name\": \"next\", \"kind\": \"rows\", \"unit\": \"f32\", \"rows\":"
    " \"N\", \"flops\": 1, \"memory\": 4, \"near_row\": 8},"
    "{\"name\": \"logits\", \"kind\": \"rows\", \"unit\": \"f32\", \"rows\":"
    " \"L\", \"flops\": 11, \"near_row\": 44}],"
    " \"entries\": {\"forward\": {"
    "\"inputs\": [{\"name\": \"input_ids\", \"type\": \"i32\","
    " \"shape\": [\"B\", \"T\"]},"
    " {\"name\": \"past\", \"type\": \"i32\", \"shape\": [\"B\"]},"
    " {\"name\": \"last\", \"type\": \"index\"}],"
    "\"outputs\": [{\"name\": \"logits\", \"type\": \"f32\","
    " \"shape\": [\"B\", \"last\", 11]}]}}}",
    4,
    cacheBytes,
    1,
    entries,
};
