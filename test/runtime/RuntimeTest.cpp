//===- RuntimeTest.cpp - Threads, sampling, sessions by themselves --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Links the model of Inputs/counting-model.c, so that sessions can be tested
// in this process, and counts allocations.
//
//===----------------------------------------------------------------------===//

#include "formats/MappedFile.h"
#include "runtime/core/CpuFeatures.h"
#include "runtime/core/Options.h"
#include "runtime/core/Session.h"
#include "runtime/core/Weights.h"
#include "runtime/profile/Profile.h"
#include "test/Check.h"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <new>
#include <unistd.h>

using namespace sinter;

extern "C" const SinterModel sinter_model;

static std::atomic<int64_t> allocations{0};

// Not inlined: compilers would compare what is left of them with each other.
#define NOT_INLINED __attribute__((noinline))
NOT_INLINED void *operator new(size_t bytes) {
  ++allocations;
  if (void *memory = malloc(bytes))
    return memory;
  abort();
}
NOT_INLINED void operator delete(void *memory) noexcept { free(memory); }
NOT_INLINED void operator delete(void *memory, size_t) noexcept {
  free(memory);
}

//===----------------------------------------------------------------------===//
// Team
//===----------------------------------------------------------------------===//

/// Each thread adds to a counter of its own, between barriers all must agree.
static void countTogether(const SinterCall *call, int64_t thread) {
  auto *counters = static_cast<int64_t *>(call->outputs[0]);
  auto *wrong = static_cast<std::atomic<int64_t> *>(call->outputs[1]);
  for (int64_t round = 0; round < call->tokens; ++round) {
    ++counters[thread * 8];
    sinter_barrier(call);
    for (int64_t other = 0; other < call->threads; ++other)
      if (counters[other * 8] != counters[thread * 8])
        ++*wrong;
    sinter_barrier(call);
  }
}

static void testTeam() {
  for (int64_t threads : {1, 2, 3, 7}) {
    Result<std::unique_ptr<Team>> team = Team::create(threads);
    CHECK(team);
    std::vector<int64_t> counters(size_t(threads) * 8);
    std::atomic<int64_t> wrong{0};
    void *outputs[] = {counters.data(), &wrong};
    SinterCall call{};
    call.outputs = outputs;
    call.tokens = 50;
    for (int step = 0; step < 20; ++step)
      (*team)->run(countTogether, call);
    CHECK(wrong == 0);
    CHECK(counters[size_t(threads - 1) * 8] == 1000);
  }
}

//===----------------------------------------------------------------------===//
// Sampler
//===----------------------------------------------------------------------===//

/// How often each token is chosen from `logits`.
static std::map<int32_t, int> draws(SamplerOptions options,
                                    std::vector<float> logits) {
  Sampler sampler(options, int64_t(logits.size()));
  std::map<int32_t, int> counts;
  for (int i = 0; i < 4000; ++i)
    ++counts[sampler.choose(logits)];
  return counts;
}

static void testSampler() {
  // Probabilities 1/2, 1/4, 1/8, 1/8.
  std::vector<float> logits = {logf(1), logf(4), logf(2), logf(1)};
  CHECK(likeliest(logits) == 1);
  CHECK(likeliest(std::vector<float>{NAN, 1, 3, 3}) == 2);
  SamplerOptions options;
  CHECK(draws(options, logits).size() == 1);
  options.temperature = 1;
  std::map<int32_t, int> all = draws(options, logits);
  CHECK(all.size() == 4);
  CHECK(std::abs(all[1] - 2000) < 200 && std::abs(all[2] - 1000) < 150);
  CHECK(draws(options, logits) == all);
  options.seed = 1;
  CHECK(draws(options, logits) != all);

  SamplerOptions top = options;
  top.topK = 2;
  std::map<int32_t, int> two = draws(top, logits);
  CHECK(two.size() == 2 && two.count(1) && two.count(2));
  top = options;
  top.topP = 0.7; // 1/2 is not enough, 3/4 is
  two = draws(top, logits);
  CHECK(two.size() == 2 && two.count(1) && two.count(2));
  top.topP = 0.5;
  CHECK(draws(top, logits).size() == 1);
  top = options;
  top.minP = 0.4;
  CHECK(draws(top, logits).size() == 2);

  // Before what is left out: probabilities 0.37, 0.26, 0.18, 0.18.
  SamplerOptions hot = options;
  hot.temperature = 2;
  hot.topP = 0.7;
  CHECK(draws(hot, logits).size() == 3);
  hot.topP = 1;
  hot.minP = 0.4;
  CHECK(draws(hot, logits).size() == 4);
  hot.temperature = 1e-300;
  CHECK(draws(hot, {-INFINITY, 2, INFINITY, 1}).size() == 1);

  SamplerOptions penalty;
  penalty.repeatPenalty = 4;
  Sampler sampler(penalty, 4);
  CHECK(sampler.choose(logits) == 1);
  sampler.accept(1);
  sampler.accept(1);
  CHECK(sampler.choose(logits) == 2); // log 4 / 4 < log 2
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

namespace {
/// Sessions of the model that counts: 64 tokens, in steps of 8.
struct Counting {
  explicit Counting(int64_t threads)
      : manifest(Manifest::read(sinter_model)), team(Team::create(threads)) {
    CHECK(manifest && team);
    shape.context = 64;
    shape.chunk = 8;
  }
  Result<Session> open() {
    alignas(64) static const int32_t weights[16] = {3};
    return Session::create(sinter_model, *manifest,
                           std::as_bytes(std::span(weights)).first(4), **team,
                           shape);
  }

  Result<Manifest> manifest;
  Result<std::unique_ptr<Team>> team;
  SessionShape shape;
};
} // namespace

static void testSession() {
  Counting counting(2);
  CHECK(counting.manifest->kind == "causal" && counting.manifest->vocab == 11);
  Result<Session> session = counting.open();
  CHECK(session);

  // More tokens than a chunk; the value tells the position.
  std::vector<int32_t> prompt(20, 5);
  CHECK(!session->feed(prompt));
  CHECK(session->length() == 20);
  CHECK(session->logits().size() == 11 && session->logits()[8] == 20);
  session->truncate(10);
  CHECK(!session->feed(std::span(prompt).first(1)));
  CHECK(session->logits()[8] == 11);

  int32_t wrong = 11;
  Failure refused = session->feed(std::span(&wrong, 1));
  CHECK(refused && refused.message().find("not below 11") != std::string::npos);
  CHECK(session->length() == 11);
  std::vector<int32_t> tooMany(54, 1);
  CHECK(session->feed(tooMany));
  CHECK(session->length() == 11);

  // Generating allocates nothing.
  SamplerOptions options;
  options.temperature = 1;
  options.topP = 0.9;
  options.repeatPenalty = 1.1;
  Sampler sampler(options, 11);
  session->reset();
  CHECK(!session->feed(prompt));
  int64_t before = allocations;
  for (int i = 0; i < 40; ++i) {
    int32_t token = sampler.choose(session->logits());
    sampler.accept(token);
    if (session->feed(std::span(&token, 1)))
      ++failedChecks;
  }
  CHECK(allocations == before);

  // Two sessions share a team and know nothing of each other.
  Result<Session> other = counting.open();
  CHECK(!other->feed(std::span(prompt).first(3)));
  CHECK(other->logits()[8] == 3 && session->length() == 60);

  counting.shape.context = int64_t(1) << 60;
  CHECK(!counting.open());
}

/// Caches that are rings: going back is possible as long as they have what is
/// seen then.
static void testRings() {
  Counting counting(1);
  counting.manifest->ring = 4;
  Result<Session> session = counting.open();
  CHECK(session);
  std::vector<int32_t> text(64, 5);
  auto feed = [&](size_t count) {
    return !session->feed(std::span(text).first(count));
  };
  // 4 - 1 + 8 tokens are there in any case.
  CHECK(feed(11) && session->truncate(1) == 1);
  CHECK(feed(1) && session->logits()[8] == 2);
  // The twelfth takes the place of the first, which those from the fifth on do
  // not see. What was written stays so when the text gets shorter.
  CHECK(feed(10) && session->truncate(4) == 4);
  CHECK(session->truncate(3) == 0);
  CHECK(feed(30) && session->truncate(22) == 22);
  CHECK(session->truncate(22) == 22 && session->truncate(21) == 0);
  // Begun again, nothing is overwritten.
  CHECK(feed(9) && session->truncate(2) == 2);
  session->reset();
  CHECK(session->length() == 0 && feed(1) && session->logits()[8] == 1);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static void testWeights(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(file >= 0);
  std::vector<uint32_t> words((size_t(9) << 18) + 1234);
  for (size_t i = 0; i < words.size(); ++i)
    words[i] = uint32_t(i * 2654435761u);
  size_t bytes = words.size() * sizeof(uint32_t);
  CHECK(write(file, words.data(), bytes) == ssize_t(bytes));
  auto mapped = MappedFile::open(path);
  auto team = Team::create(3);
  CHECK(mapped && team);
  Weights weights((*mapped)->data());
  CHECK(weights.bytes().data() == (*mapped)->data().data());
  weights.copyIfAmple(**team);
  // Of the file, nothing is left that a copy could read.
  if (weights.bytes().data() == (*mapped)->data().data())
    printf("weights stay in the file's pages here: no huge pages, or too "
           "little memory\n");
  else
    CHECK(ftruncate(file, 0) == 0);
  CHECK(weights.bytes().size() == bytes);
  CHECK(memcmp(weights.bytes().data(), words.data(), bytes) == 0);
  close(file);
  unlink(path);
}

static void testFeatures() {
  CHECK(cpuHas("sse2") && !cpuHas("avx4096"));
  CHECK(!requireCpuFeatures("") && !requireCpuFeatures("sse2,+sse,64bit"));
  CHECK(requireCpuFeatures("sse2,avx4096"));
}

static Result<ProgramOptions> parse(std::vector<std::string> words) {
  std::vector<char *> pointers;
  for (std::string &word : words)
    pointers.push_back(word.data());
  return parseOptions(pointers);
}

static void testOptions() {
  Result<ProgramOptions> options =
      parse({"-p", "-x", "-n", "5", "--top-k=3", "--seed", "7"});
  CHECK(options && options->prompt == "-x" && options->tokens == 5);
  CHECK(options->sampling.topK == 3 && options->sampling.seed == 7u);
  CHECK(!options->sampling.temperature);
  CHECK(parse({"-p", "", "--temp=0"})->sampling.temperature == 0.0);
  CHECK(!parse({"-p", "x", "--temp", "nan"}));
  CHECK(!parse({"-p", "x", "-n", "9223372036854775808"}));
  CHECK(!parse({"-p", "x", "-f", "y"}));
  CHECK(!parse({"--chat=1"}));
  CHECK(parse({"--input", "a", "--output", "b", "--cuts", "3,1"})->cuts ==
        std::vector<int64_t>({3, 1}));
  CHECK(!parse({"--input", "a", "--output", "b", "--cuts", "3,,1"}));
  CHECK(parse({"--profile", "-p", "x"})->profile == "table");
  CHECK(parse({"-p", "x", "--profile=html:a:b"})->profileFile == "a:b");
  CHECK(!parse({"-p", "x", "--profile=html"}));
  CHECK(!parse({"-p", "x", "--profile=json:"}));
  CHECK(!parse({"-p", "x", "--profile=svg:f"}));
}

//===----------------------------------------------------------------------===//
// Profile
//===----------------------------------------------------------------------===//

/// Keys that queries of `tokens` see after `past`, counted one by one.
static int64_t countPairs(int64_t tokens, int64_t past, int64_t window) {
  int64_t pairs = 0;
  for (int64_t i = past; i < past + tokens; ++i)
    for (int64_t j = 0; j <= i; ++j)
      pairs += window == 0 || j > i - window;
  return pairs;
}

static void testWork() {
  Kernel linear;
  linear.rows = "L";
  linear.flops = 2 * 64 * 224;
  linear.memory = 64 * 224 * 4;
  linear.nearRow = (64 + 224) * 4;
  StepSizes sizes{3, 5, 2};
  Work work = linear.work(sizes, {});
  CHECK(work.flops == 6 * 28672 && work.memory == 57344 && work.near == 6912);

  Kernel attention;
  attention.rows = "N";
  attention.past = "past";
  attention.causal = true;
  attention.pairFlops = 1;
  attention.keyBytes = 8;
  for (int64_t window : {0, 1, 4, 100})
    for (int32_t past : {0, 3, 9}) {
      attention.windows = {window};
      Work one = attention.work({1, 7, 1}, std::span(&past, 1));
      CHECK(one.flops == double(countPairs(7, past, window)));
    }
  // Layers of two windows, a mean; every key is read once.
  attention.windows = {0, 4};
  int32_t past[] = {10, 20};
  work = attention.work({2, 1, 1}, past);
  CHECK(work.flops == (11 + 4 + 21 + 4) / 2.0);
  CHECK(work.memory == 8 * (11 + 5 + 21 + 5) / 2.0);

  Kernel experts;
  experts.rows = "N";
  experts.experts = 8;
  experts.chosen = 2;
  experts.expertBytes = 100;
  CHECK(experts.work({1, 1, 1}, {}).memory == 200);
  double many = experts.work({1, 64, 1}, {}).memory;
  CHECK(many > 799 && many <= 800);
}

static void testProfile() {
  Result<Manifest> manifest = Manifest::read(sinter_model);
  Result<std::unique_ptr<Team>> team = Team::create(2);
  Result<std::unique_ptr<Profile>> profile =
      Profile::create(*manifest, 2, /*trace=*/true);
  CHECK(profile);
  (*team)->profile = profile->get();
  int32_t weight = 3;
  Result<Session> session = Session::create(
      sinter_model, *manifest, std::as_bytes(std::span(&weight, 1)), **team,
      {.context = 50, .chunk = 4});
  int32_t ids[] = {1, 2, 3, 4, 5, 6};
  CHECK(!session->feed(ids));
  int64_t before = allocations;
  for (int i = 0; i < 5; ++i)
    CHECK(!session->feed(std::span(ids, 1)));
  CHECK(allocations == before);
  team->reset();

  Machine machine;
  machine.memoryBandwidth = machine.nearBandwidth = machine.f32 = 1e9;
  Report report = (*profile)->report(machine);
  CHECK(report.parts.size() == 2 && report.parts[0].steps == 2 &&
        report.parts[0].tokens == 6 && report.parts[1].steps == 5);
  const ReportLine &line = report.parts[0].lines[0];
  CHECK(line.kernel->name == "next" && line.calls == 2 &&
        line.work.flops == 6 && line.work.memory == 8 && line.work.near == 48);
  CHECK(line.busy > 0 && line.busy < 10 && line.waits >= 0);
  std::string bound;
  CHECK(machine.seconds(line.work, "f32", bound) == 48e-9 && bound == "cache");
  std::string trace = (*profile)->traceJson();
  CHECK(trace.find("\"layer\": 7") != std::string::npos &&
        trace.find("\"tid\": 1, \"ts\"") != std::string::npos);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: sinter-runtime-test SCRATCH_FILE\n");
    return 2;
  }
  testTeam();
  testSampler();
  testSession();
  testRings();
  testWeights(argv[1]);
  testFeatures();
  testOptions();
  testWork();
  testProfile();
  return failedChecks != 0;
}
