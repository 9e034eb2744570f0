#include "CKernels.h"
#include "Dispatch.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float eight __attribute__((vector_size(32)));
typedef float unaligned_eight __attribute__((vector_size(32), aligned(4)));

// The larger of two vectors of floats, where what is no number stays; `choices` are as many int32_t.
#define IS_TAKEN(a, b) (((a) > (b)) | ((a) != (a)))
#define LARGER_OF(vector, choices, a, b) \
  ((vector)(((choices)(a) & IS_TAKEN(a, b)) | ((choices)(b) & ~IS_TAKEN(a, b))))

#define KERNELS "Pools.h"
#include "InstructionSets.h"
#define KERNELS "ChannelPools.h"
#include "InstructionSets.h"

void ck_max_pool(const ck_pool *pool, int64_t planes, const float *x, float *line, float *y) {
  DISPATCH(max_pool, (pool, planes, x, line, y))
}

void ck_average_pool(const ck_pool *pool, int64_t planes, const float *x, const float *row_counts,
                     const float *column_counts, float *line, float *y) {
  DISPATCH(average_pool, (pool, planes, x, row_counts, column_counts, line, y))
}

void ck_max_pool_lines(const ck_channel_pool *pool, const float *const *lines, int64_t line_count,
                       float *line, float *y) {
  DISPATCH(max_pool_lines, (pool, lines, line_count, line, y))
}

void ck_average_pool_lines(const ck_channel_pool *pool, const float *const *lines,
                           int64_t line_count, const float *divisors, float divisor, float *line,
                           float *y) {
  DISPATCH(average_pool_lines, (pool, lines, line_count, divisors, divisor, line, y))
}
