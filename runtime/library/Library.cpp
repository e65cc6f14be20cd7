//===- Library.cpp - A compiled model as a library ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// sinter.h over the same Program, Session and generate() that programs use.
//
//===----------------------------------------------------------------------===//

#include "runtime/library/sinter.h"

#include "formats/Text.h"
#include "runtime/core/CpuFeatures.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <new>
#include <unistd.h>

using namespace sinter;

extern "C" const SinterModel sinter_model;

struct sinter_program {
  Program program;
  pid_t process = getpid(); ///< where its threads are
  std::atomic<int64_t> sequences{0};
};

struct sinter_sequence {
  sinter_program *owner;
  Session session;
  bool hasLogits = false;
  std::atomic<bool> busy{false}; ///< a call uses it
};

namespace {

void tell(sinter_error *error, const std::string &why) {
  if (!error)
    return;
  std::string message = printable(why);
  size_t length = std::min(message.size(), sizeof(error->message) - 1);
  memcpy(error->message, message.data(), length);
  error->message[length] = 0;
}

/// Runs `body`, which returns a Result; what it returns, or `failed`.
template <typename T, typename Body>
T orElse(T failed, sinter_error *error, Body body) {
  try {
    Result<T> result = body();
    if (result)
      return *result;
    tell(error, result.message());
  } catch (const std::bad_alloc &) {
    tell(error, "there is not enough memory");
  } catch (const std::exception &exception) {
    tell(error, exception.what());
  }
  return failed;
}

/// What a call that can only succeed or fail returns.
template <typename Body> int zeroOrMinusOne(sinter_error *error, Body body) {
  return orElse<int>(-1, error, [&]() -> Result<int> {
    if (Failure failure = body())
      return failure;
    return 0;
  });
}

Failure expectedFound(const char *what, const std::string &expected,
                      const std::string &found) {
  return Failure(std::string(what) + ": expected " + expected + ", found " +
                 found);
}

/// Refuses an array that is not there, or of a negative length.
Failure checkArray(const char *what, const void *data, int64_t count) {
  if (count < 0)
    return expectedFound(what, "a length of at least 0", std::to_string(count));
  if (count > 0 && !data)
    return expectedFound(what, std::to_string(count) + " elements", "NULL");
  return Failure::none();
}

/// Why calls cannot use this program, if they cannot.
Failure checkHandle(const sinter_program *program) {
  if (!program)
    return expectedFound("program", "what sinter_open returned", "NULL");
  if (program->process != getpid())
    return Failure("this process was forked from the one that opened the "
                   "program, whose threads it lacks; open it here");
  return Failure::none();
}

/// Runs `body` while no other call uses the sequence.
template <typename Body>
auto alone(sinter_sequence *sequence, Body body) -> decltype(body()) {
  if (!sequence)
    return expectedFound("sequence", "what sinter_sequence_open returned",
                         "NULL");
  if (Failure failure = checkHandle(sequence->owner))
    return failure;
  if (sequence->busy.exchange(true, std::memory_order_acquire))
    return Failure("another call uses this sequence now");
  struct Release {
    std::atomic<bool> &busy;
    ~Release() { busy.store(false, std::memory_order_release); }
  } release{sequence->busy};
  return body();
}

/// The file that this code was loaded from.
Result<std::string> ownPath() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void *>(&sinter_open), &info) &&
      info.dli_fname)
    return std::string(info.dli_fname);
  return Failure("cannot find this library's file; give its path");
}

Result<sinter_program *> open(const char *given, int64_t threads) {
  auto opened = std::make_unique<sinter_program>();
  Program &program = opened->program;
  program.model = &sinter_model;
  if (threads < 0 || threads > kMostThreads)
    return expectedFound("threads", "0 to " + std::to_string(kMostThreads),
                         std::to_string(threads));
  if (threads)
    program.options.threads = threads;
  if (Failure missing = requireCpuFeatures(sinter_model.features))
    return missing;
  Result<Manifest> manifest = Manifest::read(sinter_model);
  if (!manifest)
    return manifest.failure();
  program.manifest = std::move(*manifest);
  Result<std::string> path = given ? std::string(given) : ownPath();
  if (!path)
    return path.failure();
  program.name = *path;
  if (Failure failure = loadProgram(program, ProgramFile::open(*path, *path)))
    return failure;
  return opened.release();
}

/// Refuses what the interface cannot give yet.
Failure checkKind(const Program &program) {
  if (program.manifest.kind == "causal")
    return Failure::none();
  return Failure("sequences need a model of kind \"causal\", not \"" +
                 program.manifest.kind + "\"");
}

Result<sinter_sequence *> openSequence(sinter_program *owner, int64_t context) {
  if (Failure failure = checkHandle(owner))
    return failure;
  const Program &program = owner->program;
  if (Failure failure = checkKind(program))
    return failure;
  int64_t most = program.manifest.context;
  if (context < 0 || context > most)
    return expectedFound("context", "0 to " + std::to_string(most),
                         std::to_string(context));
  Result<Session> session =
      program.session(context ? context : program.context());
  if (!session)
    return session.failure();
  auto *sequence = new sinter_sequence{owner, std::move(*session)};
  ++owner->sequences;
  return sequence;
}

/// The caller's sampling, which may come from another version of the header.
Result<SamplerOptions> readSampling(const sinter_sampling *given) {
  sinter_sampling known = sinter_greedy();
  if (given && given->size < offsetof(sinter_sampling, temperature))
    return expectedFound("sampling.size", "sizeof(sinter_sampling)",
                         std::to_string(given->size));
  if (given)
    memcpy(&known, given, std::min(given->size, sizeof(known)));
  const auto *bytes = reinterpret_cast<const char *>(given);
  for (size_t i = sizeof(known); given && i < given->size; ++i)
    if (bytes[i])
      return Failure("sampling: it sets a field that this library, of an older "
                     "version, does not have");
  SamplerOptions options{known.temperature, known.top_k,          known.top_p,
                         known.min_p,       known.repeat_penalty, known.seed};
  if (Failure failure = options.check())
    return failure;
  return options;
}

Result<int64_t> generate(sinter_sequence *sequence,
                         std::span<const int32_t> prompt, int64_t most,
                         const sinter_sampling *sampling,
                         sinter_on_token onToken, void *user) {
  const Program &program = sequence->owner->program;
  if (Failure failure = program.needTokenizer("sinter_generate"))
    return failure;
  if (prompt.empty())
    return Failure("ids: expected at least one token");
  if (most < 0)
    return expectedFound("most", "at least 0", std::to_string(most));
  Result<SamplerOptions> options = readSampling(sampling);
  if (!options)
    return options.failure();
  int64_t room = sequence->session.shape().context -
                 sequence->session.length() - int64_t(prompt.size()) + 1;
  most = std::min(most, std::max<int64_t>(room, 0));
  Sampler sampler(*options, program.manifest.vocab);
  std::vector<int32_t> answer;
  answer.reserve(size_t(most));
  auto sink = [&](int32_t token, std::string_view text) {
    sequence->hasLogits = true;
    return !onToken ||
           onToken(user, token, text.data(), int64_t(text.size())) == 0;
  };
  Result<GenerationStats> stats =
      sinter::generate(*program.tokenizer, sequence->session, sampler, prompt,
                       most, /*continues=*/true, answer, sink);
  if (!stats)
    return stats.failure();
  return stats->tokens;
}

/// Refuses ids that are no tokens, whose texts there cannot be.
Failure checkTokens(const Program &program, std::span<const int32_t> ids) {
  int64_t tokens =
      std::max<int64_t>(program.manifest.vocab, program.tokenizer->size());
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0 || ids[i] >= tokens)
      return Failure("ids[" + std::to_string(i) + "]: expected a token below " +
                     std::to_string(tokens) + ", found " +
                     std::to_string(ids[i]));
  return Failure::none();
}

int32_t tokenOrNone(uint32_t token, const text::Tokenizer &tokenizer) {
  return token < tokenizer.size() ? int32_t(token) : -1;
}

} // namespace

sinter_program *sinter_open(const char *path, int64_t threads,
                            sinter_error *error) {
  return orElse<sinter_program *>(nullptr, error,
                                  [&] { return open(path, threads); });
}

int sinter_close(sinter_program *program, sinter_error *error) {
  return zeroOrMinusOne(error, [&] {
    if (!program)
      return Failure::none();
    if (Failure failure = checkHandle(program))
      return failure;
    if (int64_t open = program->sequences)
      return Failure("close the program's sequences first: " +
                     std::to_string(open) + " are open");
    delete program;
    return Failure::none();
  });
}

int sinter_program_info(const sinter_program *of, sinter_info *given,
                        sinter_error *error) {
  return zeroOrMinusOne(error, [&] {
    if (Failure failure = checkHandle(of))
      return failure;
    if (!given || given->size < offsetof(sinter_info, name))
      return expectedFound("info", "a sinter_info that begins with its size",
                           given ? std::to_string(given->size) : "NULL");
    const Program &program = of->program;
    sinter_info info = {};
    info.size = given->size;
    info.name = program.manifest.name.c_str();
    info.kind = program.manifest.kind.c_str();
    info.features = program.model->features;
    info.vocab = program.manifest.vocab;
    info.context = program.manifest.context;
    info.parameters = program.manifest.parameters;
    info.weights_bytes = int64_t(program.weights.bytes().size());
    info.threads = program.team->size();
    info.begin_token = info.end_token = -1;
    if (const auto &tokenizer = program.tokenizer) {
      info.has_tokenizer = 1;
      info.begin_token = tokenOrNone(tokenizer->beginToken(), *tokenizer);
      info.end_token = tokenOrNone(tokenizer->endToken(), *tokenizer);
    }
    // Fields that only the caller's header has are zero.
    memset(given, 0, given->size);
    memcpy(given, &info, std::min(info.size, sizeof(info)));
    return Failure::none();
  });
}

int64_t sinter_tokenize(const sinter_program *of, const char *text,
                        int64_t bytes, int32_t flags, int32_t *ids,
                        int64_t capacity, sinter_error *error) {
  return orElse<int64_t>(-1, error, [&]() -> Result<int64_t> {
    if (Failure failure = checkHandle(of))
      return failure;
    if (Failure failure = of->program.needTokenizer("sinter_tokenize"))
      return failure;
    if (Failure failure = checkArray("text", text, bytes))
      return failure;
    if (Failure failure = checkArray("ids", ids, capacity))
      return failure;
    if (flags & ~(SINTER_ADD_SPECIAL | SINTER_PARSE_SPECIAL))
      return expectedFound("flags", "those of sinter.h", std::to_string(flags));
    text::EncodeOptions options;
    options.addSpecial = flags & SINTER_ADD_SPECIAL;
    options.parseSpecial = flags & SINTER_PARSE_SPECIAL;
    std::vector<uint32_t> tokens =
        of->program.tokenizer->encode({text, size_t(bytes)}, options);
    int64_t count = int64_t(tokens.size());
    std::copy_n(tokens.begin(), std::min(capacity, count), ids);
    return count;
  });
}

int64_t sinter_detokenize(const sinter_program *of, const int32_t *ids,
                          int64_t count, char *text, int64_t capacity,
                          sinter_error *error) {
  return orElse<int64_t>(-1, error, [&]() -> Result<int64_t> {
    if (Failure failure = checkHandle(of))
      return failure;
    if (Failure failure = of->program.needTokenizer("sinter_detokenize"))
      return failure;
    if (Failure failure = checkArray("ids", ids, count))
      return failure;
    if (Failure failure = checkArray("text", text, capacity))
      return failure;
    if (Failure failure = checkTokens(of->program, {ids, size_t(count)}))
      return failure;
    std::vector<uint32_t> tokens(ids, ids + count);
    std::string decoded = of->program.tokenizer->decode(tokens);
    int64_t bytes = int64_t(decoded.size());
    std::copy_n(decoded.begin(), std::min(capacity, bytes), text);
    return bytes;
  });
}

sinter_sequence *sinter_sequence_open(sinter_program *program, int64_t context,
                                      sinter_error *error) {
  return orElse<sinter_sequence *>(
      nullptr, error, [&] { return openSequence(program, context); });
}

int sinter_sequence_close(sinter_sequence *sequence, sinter_error *error) {
  if (!sequence)
    return 0;
  int closed = zeroOrMinusOne(
      error, [&] { return alone(sequence, [] { return Failure::none(); }); });
  if (closed != 0)
    return closed;
  --sequence->owner->sequences;
  delete sequence;
  return 0;
}

int sinter_reset(sinter_sequence *sequence, sinter_error *error) {
  return zeroOrMinusOne(error, [&] {
    return alone(sequence, [&] {
      sequence->session.reset();
      sequence->hasLogits = false;
      return Failure::none();
    });
  });
}

int64_t sinter_length(const sinter_sequence *sequence) {
  return sequence ? sequence->session.length() : -1;
}

int sinter_forward(sinter_sequence *sequence, const int32_t *ids, int64_t count,
                   sinter_error *error) {
  return zeroOrMinusOne(error, [&] {
    return alone(sequence, [&] {
      if (Failure failure = checkArray("ids", ids, count))
        return failure;
      if (count < 1)
        return Failure("ids: expected at least one token");
      if (Failure failure =
              sequence->session.feed(std::span(ids, size_t(count))))
        return failure;
      sequence->hasLogits = true;
      return Failure::none();
    });
  });
}

const float *sinter_logits(const sinter_sequence *sequence) {
  bool has = sequence && sequence->hasLogits;
  return has ? sequence->session.logits().data() : nullptr;
}

int64_t sinter_generate(sinter_sequence *sequence, const int32_t *ids,
                        int64_t count, int64_t most,
                        const sinter_sampling *sampling,
                        sinter_on_token on_token, void *user,
                        sinter_error *error) {
  return orElse<int64_t>(-1, error, [&] {
    return alone(sequence, [&]() -> Result<int64_t> {
      if (Failure failure = checkArray("ids", ids, count))
        return failure;
      return generate(sequence, {ids, size_t(count)}, most, sampling, on_token,
                      user);
    });
  });
}
