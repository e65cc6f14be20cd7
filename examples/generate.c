/* Continues a text with a model compiled by `sinter compile --emit=shared`:
 *
 *   cc generate.c -o generate -I PREFIX/include ./model.so
 *   ./generate "Once upon a time"
 */
#include <sinter/sinter.h>
#include <stdio.h>
#include <string.h>

/* Prints each piece of text as soon as it is there. */
static int print(void *user, int32_t token, const char *text, int64_t bytes) {
  (void)user;
  (void)token;
  fwrite(text, 1, (size_t)bytes, stdout);
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv) {
  const char *prompt = argc > 1 ? argv[1] : "Once upon a time";
  int32_t ids[512];
  sinter_error error;
  sinter_program *program = sinter_open(NULL, 0, &error);
  if (!program) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  int64_t count = sinter_tokenize(program, prompt, (int64_t)strlen(prompt),
                                  SINTER_ADD_SPECIAL, ids, 512, &error);
  sinter_sequence *sequence = NULL;
  if (count > 512)
    snprintf(error.message, sizeof error.message, "the prompt is too long");
  else if (count >= 0)
    sequence = sinter_sequence_open(program, 0, &error);
  int64_t made = -1;
  if (sequence)
    made = sinter_generate(sequence, ids, count, 64, NULL, print, NULL, &error);
  if (made < 0)
    fprintf(stderr, "%s\n", error.message);
  else
    printf("\n");
  sinter_sequence_close(sequence, NULL);
  sinter_close(program, NULL);
  return made < 0;
}
