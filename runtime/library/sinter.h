/*===- sinter.h - A compiled model as a library -------------------*- C -*-===*\
|*                                                                            *|
|* Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.        *|
|*                                                                            *|
|* The interface of what `sinter compile MODEL --emit=shared -o FILE.so`      *|
|* writes. Link with the file, or load it by dlopen: several such files, of   *|
|* different models, can be used in one process.                              *|
|*                                                                            *|
|* Functions that can fail take a sinter_error, which may be NULL, and say    *|
|* so by what they return. Nothing here ends the process, prints, handles     *|
|* signals or has state outside of what it returns. Wrong arguments (NULL     *|
|* handles, negative sizes, ids that are no tokens) are failures too.         *|
|*                                                                            *|
|* Threads: a program may be used by several threads at a time. Steps of its  *|
|* sequences take turns, in the order in which they were asked for. A         *|
|* sequence serves one call at a time; a second one, of another thread or of  *|
|* its own callback, fails and changes nothing.                               *|
|*                                                                            *|
|* Callbacks may call anything here, of other sequences too. They return:     *|
|* longjmp and exceptions must not leave them.                                *|
|*                                                                            *|
|* Forks: a program's threads do not follow into a forked child. There, every *|
|* call with a handle of the parent fails; the child opens the program anew.  *|
|*                                                                            *|
|* Versions: structs begin with their size as the caller was compiled, so     *|
|* that fields can be added at their end. The functions below fill them in.   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef SINTER_H
#define SINTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a call failed: one sentence. */
typedef struct sinter_error {
  char message[512];
} sinter_error;

/** A model with its weights, its tokenizer and a team of threads. */
typedef struct sinter_program sinter_program;

/** A text in the making, with its cached keys and values. */
typedef struct sinter_sequence sinter_sequence;

/**
 * Opens the model of the library at `path`, where its weights are; NULL: the
 * file that this function was loaded from. `threads` is how many compute, the
 * calling one included; 0: one for each core. NULL when it fails, for example
 * on a CPU without the features that the model was compiled for.
 */
sinter_program *sinter_open(const char *path, int64_t threads,
                            sinter_error *error);

/**
 * Closes a program; NULL is none and fine. 0, or -1 when it fails: while
 * sequences are open.
 */
int sinter_close(sinter_program *program, sinter_error *error);

/** What there is to know of a program. Texts live as long as it does. */
typedef struct sinter_info {
  size_t size;          /**< sizeof(sinter_info) */
  const char *name;     /**< of the model */
  const char *kind;     /**< "causal", "encoder" or "seq2seq" */
  const char *features; /**< of the CPU, that it was compiled for */
  int64_t vocab;        /**< ids are 0 .. vocab - 1 */
  int64_t context;      /**< most tokens of a sequence */
  int64_t parameters;
  int64_t weights_bytes;
  int64_t threads;
  int32_t has_tokenizer;
  int32_t begin_token; /**< -1: none */
  int32_t end_token;   /**< -1: none */
} sinter_info;

/** Fills in what lies within info->size bytes. 0, or -1 when it fails. */
int sinter_program_info(const sinter_program *program, sinter_info *info,
                        sinter_error *error);

enum {
  SINTER_ADD_SPECIAL = 1,  /**< with the tokens that begin and end a text */
  SINTER_PARSE_SPECIAL = 2 /**< texts of special tokens are those tokens */
};

/**
 * Tokens of `bytes` bytes of text (UTF-8). Writes at most `capacity` of them
 * and returns how many there are; -1 when it fails.
 */
int64_t sinter_tokenize(const sinter_program *program, const char *text,
                        int64_t bytes, int32_t flags, int32_t *ids,
                        int64_t capacity, sinter_error *error);

/**
 * Text of tokens, special ones left out. Writes at most `capacity` bytes,
 * without a zero at the end, and returns how many there are; -1 when it fails.
 */
int64_t sinter_detokenize(const sinter_program *program, const int32_t *ids,
                          int64_t count, char *text, int64_t capacity,
                          sinter_error *error);

/**
 * A sequence of at most `context` tokens (0: the model's most, up to 8192), for
 * which all memory is taken here; where all layers see a bounded number of
 * tokens it does not depend on `context`. NULL when it fails.
 */
sinter_sequence *sinter_sequence_open(sinter_program *program, int64_t context,
                                      sinter_error *error);

/** NULL is none and fine. 0, or -1 when it fails: in its own callback. */
int sinter_sequence_close(sinter_sequence *sequence, sinter_error *error);

/** Forgets all tokens. 0, or -1 when it fails. */
int sinter_reset(sinter_sequence *sequence, sinter_error *error);

/** Tokens so far; -1 for NULL. */
int64_t sinter_length(const sinter_sequence *sequence);

/** Appends tokens and computes. 0, or -1 when it fails. */
int sinter_forward(sinter_sequence *sequence, const int32_t *ids, int64_t count,
                   sinter_error *error);

/**
 * Logits of what follows the latest token: `vocab` floats, until the next call
 * with this sequence. NULL before the first, and for NULL.
 */
const float *sinter_logits(const sinter_sequence *sequence);

/** How the next token is chosen; numbers are finite. */
typedef struct sinter_sampling {
  size_t size;           /**< sizeof(sinter_sampling) */
  double temperature;    /**< 0: always the likeliest; not below 0 */
  int64_t top_k;         /**< only the K likeliest; 0: all */
  double top_p;          /**< the likeliest of together probability P, above 0,
                              at most 1: all */
  double min_p;          /**< only those with P times the likeliest's, 0: all,
                              to 1 */
  double repeat_penalty; /**< divides the logits of recent tokens; above 0, 1:
                              none */
  uint64_t seed;
} sinter_sampling;

/** Always the likeliest token; change from there. */
static inline sinter_sampling sinter_greedy(void) {
  sinter_sampling sampling;
  sampling.size = sizeof(sampling);
  sampling.temperature = 0;
  sampling.top_k = 0;
  sampling.top_p = 1;
  sampling.min_p = 0;
  sampling.repeat_penalty = 1;
  sampling.seed = 0;
  return sampling;
}

/**
 * Is called with each token and the text that it completes (whole code points;
 * none or several), and with -1 and what was left at the end. Returns 0 to go
 * on, anything else to stop.
 */
typedef int (*sinter_on_token)(void *user, int32_t token, const char *text,
                               int64_t bytes);

/**
 * Appends `count` (at least 1) tokens, then up to `most` tokens more, until one
 * that ends a text (which does not count), the context is full, or `on_token`
 * (which may be NULL) says so. The last one is not appended yet. `sampling` may
 * be NULL: greedy. Returns how many there were; -1 when it fails. Allocates
 * nothing once the prompt is in.
 */
int64_t sinter_generate(sinter_sequence *sequence, const int32_t *ids,
                        int64_t count, int64_t most,
                        const sinter_sampling *sampling,
                        sinter_on_token on_token, void *user,
                        sinter_error *error);

#ifdef __cplusplus
}
#endif

#endif /* SINTER_H */
