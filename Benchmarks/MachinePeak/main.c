// What the machine can do at most: multiplications and additions in Float64 that never leave the
// registers, and bytes copied, on a number of threads.
//
//   MachinePeak THREADS...
//
// prints one line for each: threads, GFLOP/s, operations in a cycle (0 where cycles cannot be counted),
// the instruction set, which is the one that surgeon's kernels take, and KIB:GB/s for a copy within
// this much memory, source and target of all threads together: what is read counts, and what is written.

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CKernels.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Chains of x = x * factor + addend, enough of them that none waits for itself. The results are
// added up so that the compiler has to compute them.
#define PEAK(name, attribute, bytes, chains)                                             \
  typedef double name##_vector __attribute__((vector_size(bytes)));                      \
  attribute static double name(int64_t rounds, double factor, double addend) {           \
    enum { LANES = bytes / 8 };                                                          \
    const name##_vector zero = {0};                                                      \
    const name##_vector f = zero + factor, a = zero + addend;                            \
    name##_vector x[chains];                                                             \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) x[i] = a + i;    \
    for (int64_t round = 0; round < rounds; round++)                                     \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++)                \
          x[i] = x[i] * f + a;                                                           \
    double sum = 0;                                                                      \
    for (int i = 0; i < chains; i++)                                                     \
      for (int j = 0; j < LANES; j++) sum += x[i][j];                                    \
    return sum;                                                                          \
  }                                                                                      \
  enum { name##_operations = chains * bytes / 8 * 2 };

// The portable set multiplies and adds in two instructions where it has no fused one.
PEAK(portable, , 16, 12)
#if defined(__x86_64__)
PEAK(avx2, __attribute__((target("avx2,fma"))), 32, 12)
PEAK(avx512, __attribute__((target("avx512f,fma"))), 64, 24)
#endif

static double (*loop)(int64_t, double, double) = portable;
static int64_t operations = portable_operations;

static void choose(void) {
#if defined(__x86_64__)
  if (strcmp(ck_variant(), "avx512") == 0) {
    loop = avx512;
    operations = avx512_operations;
  } else if (strcmp(ck_variant(), "avx2") == 0) {
    loop = avx2;
    operations = avx2_operations;
  }
#endif
}

// Additions that wait for each other take one cycle each; of a register, because some processors add
// constants in no time.
static double cycles_per_second(void) {
#if defined(__x86_64__)
  enum { ROUNDS = 4000000 };
  uint64_t x = 0;
  const uint64_t one = 1;
  double best = 0;
  for (int attempt = 0; attempt < 5; attempt++) {
    const double start = now();
    for (int64_t i = 0; i < ROUNDS; i++)
      __asm__ volatile(
          "add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n"
          "add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n add %1, %0\n"
          : "+r"(x)
          : "r"(one));
    const double rate = 10.0 * ROUNDS / (now() - start);
    if (rate > best) best = rate;
  }
  return best;
#else
  return 0;
#endif
}

typedef struct Job {
  pthread_barrier_t *barrier;
  double seconds, bytes;
  size_t size;  // bytes to copy; 0: multiply and add
} Job;

static volatile double sink;

// For a while: the best of several pieces would hide a processor that slows down.
static void *work(void *argument) {
  Job *job = argument;
  char *from = NULL, *to = NULL;
  if (job->size > 0) {
    from = malloc(job->size);
    to = malloc(job->size);
    if (!from || !to) exit(1);
    memset(from, 1, job->size);
    memset(to, 2, job->size);
  }
  pthread_barrier_wait(job->barrier);
  const double start = now();
  double done = 0;
  do {
    if (job->size > 0) {
      memcpy(to, from, job->size);
      sink = to[job->size / 2];
      done += 2.0 * (double)job->size;
    } else {
      enum { ROUNDS = 200000 };
      sink = loop(ROUNDS, 0.999, 1e-3);
      done += (double)operations * ROUNDS;
    }
    job->seconds = now() - start;
  } while (job->seconds < (job->size > 0 ? 0.05 : 0.2));
  job->bytes = done;
  free(from);
  free(to);
  return NULL;
}

/// Operations or bytes a second of all threads together.
static double rate(int threads, size_t size) {
  pthread_t handles[threads];
  Job jobs[threads];
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  for (int i = 0; i < threads; i++) {
    jobs[i] = (Job){&barrier, 0, 0, size};
    if (pthread_create(&handles[i], NULL, work, &jobs[i]) != 0) exit(1);
  }
  double sum = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(handles[i], NULL);
    sum += jobs[i].bytes / jobs[i].seconds;
  }
  pthread_barrier_destroy(&barrier);
  return sum;
}

int main(int count, char **words) {
  choose();
  const double clock = cycles_per_second();
  for (int i = 1; i < count; i++) {
    const int threads = atoi(words[i]);
    if (threads < 1 || threads > 1024) return 2;
    const double peak = rate(threads, 0);
    printf("%d %.2f %.2f %s", threads, peak * 1e-9, clock > 0 ? peak / threads / clock : 0,
           ck_variant());
    for (size_t kib = 256; kib <= (size_t)64 << 10; kib *= 2)
      printf(" %zu:%.2f", kib, rate(threads, (kib << 10) / 2 / (size_t)threads) * 1e-9);
    printf("\n");
  }
  return 0;
}
