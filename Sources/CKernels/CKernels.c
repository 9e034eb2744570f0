#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "CKernels.h"
#include "Dispatch.h"

/// Summands that a tile adds before it goes back to memory. The same for every variant, because it
/// is part of the order of summation.
enum { CK_DEPTH = 256 };

// Portable: vectors of 16 bytes, which every 64-bit processor has; 4 x 2 vectors in 16 registers.
#define TARGET
#define BYTES 16
#define MR 4
#define NV 2
#define SCALAR float
#define PRODUCT ck_product_f32
#define NAME(x) JOIN(JOIN(x, f32), portable)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#define SCALAR double
#define PRODUCT ck_product_f64
#define NAME(x) JOIN(JOIN(x, f64), portable)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#undef TARGET
#undef BYTES
#undef MR
#undef NV

#if defined(__x86_64__)

// 8 accumulators of 16 registers: with 12 the compiler spills, which costs half the speed.
#define TARGET __attribute__((target("avx2,fma")))
#define BYTES 32
#define MR 4
#define NV 2
#define SCALAR float
#define PRODUCT ck_product_f32
#define NAME(x) JOIN(JOIN(x, f32), avx2)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#define SCALAR double
#define PRODUCT ck_product_f64
#define NAME(x) JOIN(JOIN(x, f64), avx2)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#undef TARGET
#undef BYTES
#undef MR
#undef NV

// 24 accumulators of the 32 registers of AVX-512.
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define BYTES 64
#define MR 8
#define NV 3
#define SCALAR float
#define PRODUCT ck_product_f32
#define NAME(x) JOIN(JOIN(x, f32), avx512)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#define SCALAR double
#define PRODUCT ck_product_f64
#define NAME(x) JOIN(JOIN(x, f64), avx512)
#include "Variant.h"
#undef SCALAR
#undef PRODUCT
#undef NAME
#undef TARGET
#undef BYTES
#undef MR
#undef NV

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

static ck_tile tile_of(int64_t size) {
  switch (ck_instruction_set()) {
    case AVX512: return (ck_tile){8, 3 * 64 / size, CK_DEPTH};
    case AVX2: return (ck_tile){4, 2 * 32 / size, CK_DEPTH};
    default: return (ck_tile){4, 2 * 16 / size, CK_DEPTH};
  }
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

static ck_tile tile_of(int64_t size) { return (ck_tile){4, 2 * 16 / size, CK_DEPTH}; }

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

ck_tile ck_tile_f32(void) { return tile_of(sizeof(float)); }
ck_tile ck_tile_f64(void) { return tile_of(sizeof(double)); }

static int64_t packed_count(ck_tile tile, int64_t rows, int64_t depth) {
  return (rows + tile.rows - 1) / tile.rows * tile.rows * depth;
}

int64_t ck_packed_count_f32(int64_t rows, int64_t depth) {
  return packed_count(ck_tile_f32(), rows, depth);
}

int64_t ck_packed_count_f64(int64_t rows, int64_t depth) {
  return packed_count(ck_tile_f64(), rows, depth);
}

void ck_pack_f32(const float *a, int64_t row_stride, int64_t column_stride, int64_t rows,
                 int64_t depth, float alpha, int64_t tile_begin, int64_t tile_end, float *packed) {
  DISPATCH(pack_f32, (a, row_stride, column_stride, rows, depth, alpha, tile_begin, tile_end, packed))
}

void ck_pack_f64(const double *a, int64_t row_stride, int64_t column_stride, int64_t rows,
                 int64_t depth, double alpha, int64_t tile_begin, int64_t tile_end,
                 double *packed) {
  DISPATCH(pack_f64, (a, row_stride, column_stride, rows, depth, alpha, tile_begin, tile_end, packed))
}

void ck_multiply_f32(const ck_product_f32 *product, int64_t row_begin, int64_t row_end,
                     int64_t column_begin, int64_t column_end, float *scratch) {
  DISPATCH(multiply_f32, (product, row_begin, row_end, column_begin, column_end, scratch))
}

void ck_multiply_f64(const ck_product_f64 *product, int64_t row_begin, int64_t row_end,
                     int64_t column_begin, int64_t column_end, double *scratch) {
  DISPATCH(multiply_f64, (product, row_begin, row_end, column_begin, column_end, scratch))
}

void ck_correlate_f32(const ck_window *window, int64_t channels, const float *x,
                      const float *weights, int64_t row_begin, int64_t row_end, float *y) {
  DISPATCH(correlate_f32, (window, channels, x, weights, row_begin, row_end, y))
}

void ck_correlate_f64(const ck_window *window, int64_t channels, const double *x,
                      const double *weights, int64_t row_begin, int64_t row_end, double *y) {
  DISPATCH(correlate_f64, (window, channels, x, weights, row_begin, row_end, y))
}
