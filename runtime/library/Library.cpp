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
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <mutex>

using namespace sinter;

extern "C" const SinterModel sinter_model;

struct sinter_program {
  Program program;
  std::mutex stepping; ///< the team computes one step at a time
};

struct sinter_sequence {
  sinter_program *owner;
  Session session;
  bool hasLogits = false;
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
  } catch (const std::exception &exception) {
    // Only the C++ library throws, when there is no memory.
    tell(error, exception.what());
  }
  return failed;
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
    return Failure("threads: expected 0 to " + std::to_string(kMostThreads) +
                   ", found " + std::to_string(threads));
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
  const Program &program = owner->program;
  if (Failure failure = checkKind(program))
    return failure;
  int64_t most = program.manifest.context;
  if (context < 0 || context > most)
    return Failure("context: expected 0 to " + std::to_string(most) +
                   ", found " + std::to_string(context));
  Result<Session> session =
      program.session(context ? context : program.context());
  if (!session)
    return session.failure();
  return new sinter_sequence{owner, std::move(*session)};
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
  int64_t room = sequence->session.shape().context -
                 sequence->session.length() - int64_t(prompt.size()) + 1;
  most = std::clamp<int64_t>(most, 0, std::max<int64_t>(room, 0));
  sinter_sampling chosen = sampling ? *sampling : sinter_greedy();
  Sampler sampler({chosen.temperature, chosen.top_k, chosen.top_p, chosen.min_p,
                   chosen.repeat_penalty, chosen.seed},
                  program.manifest.vocab);
  std::vector<int32_t> answer;
  answer.reserve(size_t(most));
  std::lock_guard turn(sequence->owner->stepping);
  auto sink = [&](int32_t token, std::string_view text) {
    return !onToken ||
           onToken(user, token, text.data(), int64_t(text.size())) == 0;
  };
  Result<GenerationStats> stats =
      sinter::generate(*program.tokenizer, sequence->session, sampler, prompt,
                       most, /*continues=*/true, answer, sink);
  sequence->hasLogits = true;
  if (!stats)
    return stats.failure();
  return stats->tokens;
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

void sinter_close(sinter_program *program) { delete program; }

sinter_info sinter_program_info(const sinter_program *of) {
  const Program &program = of->program;
  sinter_info info = {};
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
  return info;
}

int64_t sinter_tokenize(const sinter_program *of, const char *text,
                        int64_t bytes, int32_t flags, int32_t *ids,
                        int64_t capacity, sinter_error *error) {
  return orElse<int64_t>(-1, error, [&]() -> Result<int64_t> {
    if (Failure failure = of->program.needTokenizer("sinter_tokenize"))
      return failure;
    text::EncodeOptions options;
    options.addSpecial = flags & SINTER_ADD_SPECIAL;
    options.parseSpecial = flags & SINTER_PARSE_SPECIAL;
    std::vector<uint32_t> tokens =
        of->program.tokenizer->encode({text, size_t(bytes)}, options);
    int64_t count = int64_t(tokens.size());
    std::copy_n(tokens.begin(), std::clamp<int64_t>(capacity, 0, count), ids);
    return count;
  });
}

int64_t sinter_detokenize(const sinter_program *of, const int32_t *ids,
                          int64_t count, char *text, int64_t capacity,
                          sinter_error *error) {
  return orElse<int64_t>(-1, error, [&]() -> Result<int64_t> {
    if (Failure failure = of->program.needTokenizer("sinter_detokenize"))
      return failure;
    std::vector<uint32_t> tokens(ids, ids + count);
    std::string decoded = of->program.tokenizer->decode(tokens);
    int64_t bytes = int64_t(decoded.size());
    std::copy_n(decoded.begin(), std::clamp<int64_t>(capacity, 0, bytes), text);
    return bytes;
  });
}

sinter_sequence *sinter_sequence_open(sinter_program *program, int64_t context,
                                      sinter_error *error) {
  return orElse<sinter_sequence *>(
      nullptr, error, [&] { return openSequence(program, context); });
}

void sinter_sequence_close(sinter_sequence *sequence) { delete sequence; }

void sinter_reset(sinter_sequence *sequence) {
  sequence->session.reset();
  sequence->hasLogits = false;
}

int64_t sinter_length(const sinter_sequence *sequence) {
  return sequence->session.length();
}

int sinter_forward(sinter_sequence *sequence, const int32_t *ids, int64_t count,
                   sinter_error *error) {
  return orElse<int>(-1, error, [&]() -> Result<int> {
    if (count < 1)
      return Failure("ids: expected at least one token");
    std::lock_guard turn(sequence->owner->stepping);
    if (Failure failure = sequence->session.feed(std::span(ids, size_t(count))))
      return failure;
    sequence->hasLogits = true;
    return 0;
  });
}

const float *sinter_logits(const sinter_sequence *sequence) {
  return sequence->hasLogits ? sequence->session.logits().data() : nullptr;
}

sinter_sampling sinter_greedy(void) {
  SamplerOptions likeliest;
  return {likeliest.temperature, likeliest.topK,          likeliest.topP,
          likeliest.minP,        likeliest.repeatPenalty, likeliest.seed};
}

int64_t sinter_generate(sinter_sequence *sequence, const int32_t *ids,
                        int64_t count, int64_t most,
                        const sinter_sampling *sampling,
                        sinter_on_token on_token, void *user,
                        sinter_error *error) {
  return orElse<int64_t>(-1, error, [&] {
    return generate(sequence, {ids, size_t(std::max<int64_t>(count, 0))}, most,
                    sampling, on_token, user);
  });
}
