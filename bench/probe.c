/* What this machine can do at most: read bandwidth and multiply-add rates, with 1 and with all
 * threads. Each number is the best of several short runs.
 *
 *   gcc -O3 -march=native -fopenmp probe.c -o probe && ./probe [threads [read]]
 *
 * With `read`, only the read bandwidth is measured.
 *
 * The kernels are picked at compile time by what -march=native offers; those the CPU lacks are
 * reported as absent. A multiply-add counts as two operations. Operands stay in registers (in
 * tiles for AMX), so the rates are those of the execution units alone, not of any cache.
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REPEATS = 7 };

/* Makes the compiler forget what a vector register holds: no hoisting, no folding, no removal. */
#define FORGET(v) __asm__ volatile("" : "+v"(v))

#if defined(__AVX512F__) && defined(__AVX512BW__)
#define ISA "AVX-512"
#define WIDTH 64 /* bytes of a vector */
#define CHAINS 24 /* independent accumulators: more than latency times issue width */
typedef __m512 vec_f32;
typedef __m512i vec_int;
#define SET1_F32 _mm512_set1_ps
#define FMA_F32 _mm512_fmadd_ps
#define SET1_8 _mm512_set1_epi8
#define SET1_16 _mm512_set1_epi16
#define ADD_32 _mm512_add_epi32
#define XOR _mm512_xor_si512
#define LOAD(p) _mm512_load_si512((const void *)(p))
#define MADD_U8S8 _mm512_maddubs_epi16
#define MADD_16 _mm512_madd_epi16
#elif defined(__AVX2__) && defined(__FMA__)
#define ISA "AVX2"
#define WIDTH 32
#define CHAINS 12
typedef __m256 vec_f32;
typedef __m256i vec_int;
#define SET1_F32 _mm256_set1_ps
#define FMA_F32 _mm256_fmadd_ps
#define SET1_8 _mm256_set1_epi8
#define SET1_16 _mm256_set1_epi16
#define ADD_32 _mm256_add_epi32
#define XOR _mm256_xor_si256
#define LOAD(p) _mm256_load_si256((const __m256i *)(p))
#define MADD_U8S8 _mm256_maddubs_epi16
#define MADD_16 _mm256_madd_epi16
#else
#error "this probe needs a CPU with AVX2 and FMA, and -march=native"
#endif

#if WIDTH == 64 && defined(__AVX512VNNI__)
#define DOT_U8S8 _mm512_dpbusd_epi32
#elif WIDTH == 32 && defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define DOT_U8S8 _mm256_dpbusd_epi32
#elif WIDTH == 32 && defined(__AVXVNNI__)
#define DOT_U8S8 _mm256_dpbusd_avx_epi32
#endif

/* A kernel does `steps` rounds of its inner loop and returns the operations (or bytes) done. */
typedef double kernel(long steps);

static double fma_f32(long steps) {
    vec_f32 acc[CHAINS], a = SET1_F32(1e-9f), b = SET1_F32(1.0f);
    FORGET(b);
    for (int c = 0; c < CHAINS; c++) acc[c] = SET1_F32((float)c);
    for (long s = 0; s < steps; s++) {
        FORGET(a);
#pragma GCC unroll 32
        for (int c = 0; c < CHAINS; c++) acc[c] = FMA_F32(a, b, acc[c]);
    }
    for (int c = 0; c < CHAINS; c++) FORGET(acc[c]);
    return 2.0 * steps * CHAINS * (WIDTH / 4);
}

/* u8 x s8 -> s16 pairs -> s32 quads, then add: three instructions for WIDTH multiply-adds. */
static double madd_int8(long steps) {
    enum { N = CHAINS / 2 }; /* each chain also needs a temporary */
    vec_int acc[N], a = SET1_8(1), b = SET1_8(2), one = SET1_16(1);
    FORGET(b);
    FORGET(one);
    for (int c = 0; c < N; c++) acc[c] = SET1_8(0);
    for (long s = 0; s < steps; s++) {
#pragma GCC unroll 32
        for (int c = 0; c < N; c++) {
            FORGET(a); /* else the products, equal in every chain, are taken out of the loop */
            acc[c] = ADD_32(acc[c], MADD_16(MADD_U8S8(a, b), one));
        }
    }
    for (int c = 0; c < N; c++) FORGET(acc[c]);
    return 2.0 * steps * N * WIDTH;
}

#ifdef DOT_U8S8
static double dot_int8(long steps) {
    vec_int acc[CHAINS], a = SET1_8(1), b = SET1_8(2);
    FORGET(b);
    for (int c = 0; c < CHAINS; c++) acc[c] = SET1_8(0);
    for (long s = 0; s < steps; s++) {
        FORGET(a);
#pragma GCC unroll 32
        for (int c = 0; c < CHAINS; c++) acc[c] = DOT_U8S8(acc[c], a, b);
    }
    for (int c = 0; c < CHAINS; c++) FORGET(acc[c]);
    return 2.0 * steps * CHAINS * WIDTH;
}
#endif

#if defined(__AVX512BF16__) && WIDTH == 64
static double dot_bf16(long steps) {
    __m512 acc[CHAINS];
    __m512i bits = _mm512_set1_epi16(0x3f80); /* 1.0 in bf16 */
    for (int c = 0; c < CHAINS; c++) acc[c] = _mm512_set1_ps((float)c);
    for (long s = 0; s < steps; s++) {
        FORGET(bits);
#pragma GCC unroll 32
        for (int c = 0; c < CHAINS; c++) acc[c] = _mm512_dpbf16_ps(acc[c], (__m512bh)bits, (__m512bh)bits);
    }
    for (int c = 0; c < CHAINS; c++) FORGET(acc[c]);
    return 2.0 * steps * CHAINS * (WIDTH / 2);
}
#endif

#if defined(__AMX_TILE__) && defined(__AMX_BF16__) && defined(__AMX_INT8__)
#define HAVE_AMX 1
/* The kernel hands out tile registers only to a process that asks. */
static int amx_allowed(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

/* Eight tiles of 16 rows by 64 bytes: 0-3 accumulate, 4-7 hold operands, all zero. */
static void amx_tiles(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } __attribute__((packed)) config = {.palette = 1};
    for (int t = 0; t < 8; t++) config.row_bytes[t] = 64, config.rows[t] = 16;
    _tile_loadconfig(&config);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
}

static double amx_bf16(long steps) {
    amx_tiles();
    for (long s = 0; s < steps; s++) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_release();
    return 2.0 * steps * 4 * 16 * 16 * 32;
}

static double amx_int8(long steps) {
    amx_tiles();
    for (long s = 0; s < steps; s++) {
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_release();
    return 2.0 * steps * 4 * 16 * 16 * 64;
}
#endif

/* All threads do the kernel at once; returns units per second of the best run. */
static double rate(kernel *k, int threads, long steps) {
    double best = 0;
    for (int r = 0; r < REPEATS; r++) {
        double done = 0, start = 0, stop = 0;
#pragma omp parallel num_threads(threads) reduction(+ : done)
        {
            k(steps / 100); /* wake the units up */
#pragma omp barrier
#pragma omp single
            start = omp_get_wtime();
            done = k(steps);
#pragma omp barrier
#pragma omp single
            stop = omp_get_wtime();
        }
        if (done / (stop - start) > best) best = done / (stop - start);
    }
    return best;
}

static const size_t BUFFER = (size_t)1 << 30;
static char *buffer;

static double read_share(long passes) {
    size_t share = BUFFER / omp_get_num_threads() / 4096 * 4096;
    const char *p = buffer + share * omp_get_thread_num();
    vec_int acc[8];
    for (int c = 0; c < 8; c++) acc[c] = SET1_8(0);
    for (long s = 0; s < passes; s++)
        for (size_t i = 0; i < share; i += 8 * WIDTH)
#pragma GCC unroll 8
            for (int c = 0; c < 8; c++) acc[c] = XOR(acc[c], LOAD(p + i + c * WIDTH));
    for (int c = 0; c < 8; c++) FORGET(acc[c]);
    return (double)share * passes;
}

static void report(const char *what, kernel *k, long steps, int threads, const char *unit) {
    double one = rate(k, 1, steps) / 1e9, all = rate(k, threads, steps) / 1e9;
    printf("%-30s %10.1f %10.1f  %s\n", what, one, all, unit);
    fflush(stdout);
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : omp_get_num_procs();
    if (threads < 1) return fprintf(stderr, "usage: probe [threads [read]]\n"), 2;
    omp_set_dynamic(0);

    buffer = aligned_alloc((size_t)2 << 20, BUFFER);
    if (!buffer) return perror("1 GiB buffer"), 1;
    madvise(buffer, BUFFER, MADV_HUGEPAGE);
    memset(buffer, 1, BUFFER);

    const long steps = 20 * 1000 * 1000;
    printf("%-30s %10s %6d thr  best of %d\n", "", "1 thr", threads, REPEATS);
    report("read 1 GiB", read_share, 1, threads, "GB/s");
    if (argc > 2 && !strcmp(argv[2], "read")) return 0;
    report(ISA " f32 fma", fma_f32, steps, threads, "GFLOP/s");
    report(ISA " int8 maddubs+madd+add", madd_int8, steps, threads, "GOP/s");
#ifdef DOT_U8S8
    report(ISA " int8 vpdpbusd (VNNI)", dot_int8, steps, threads, "GOP/s");
#else
    puts("int8 dot (VNNI): absent");
#endif
#if defined(__AVX512BF16__) && WIDTH == 64
    report(ISA " bf16 vdpbf16ps", dot_bf16, steps, threads, "GFLOP/s");
#else
    puts("bf16 dot (AVX512_BF16): absent");
#endif
#ifdef HAVE_AMX
    if (amx_allowed()) {
        report("AMX bf16", amx_bf16, steps / 8, threads, "GFLOP/s");
        report("AMX int8", amx_int8, steps / 8, threads, "GOP/s");
    } else
        puts("AMX: the kernel does not allow it");
#else
    puts("AMX: absent");
#endif
    free(buffer);
    return 0;
}
