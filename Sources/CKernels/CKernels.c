#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include <stdatomic.h>
#include <unistd.h>

#include "CKernels.h"
#include "Dispatch.h"

#if defined(__x86_64__)

static int detect(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return AVX2;
  return PORTABLE;
}

int ck_instruction_set(void) {
  // Racing threads find the same answer.
  static _Atomic int known = -1;
  int value = atomic_load_explicit(&known, memory_order_relaxed);
  if (value < 0) {
    value = detect();
    atomic_store_explicit(&known, value, memory_order_relaxed);
  }
  return value;
}

const char *ck_variant(void) {
  switch (ck_instruction_set()) {
    case AVX512: return "avx512";
    case AVX2: return "avx2";
    default: return "portable";
  }
}

#else

int ck_instruction_set(void) { return PORTABLE; }

const char *ck_variant(void) { return "portable"; }

#endif

int64_t ck_processor_count(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? online : 1;
}
