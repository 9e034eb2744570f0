#include "CKernels.h"
#include "Dispatch.h"

typedef float eight __attribute__((vector_size(32)));
typedef float unaligned_eight __attribute__((vector_size(32), aligned(4)));

#define KERNELS "Pools.h"
#include "InstructionSets.h"

void ck_max_pool(const ck_pool *pool, int64_t planes, const float *x, float *line, float *y) {
  DISPATCH(max_pool, (pool, planes, x, line, y))
}

void ck_average_pool(const ck_pool *pool, int64_t planes, const float *x, const float *row_counts,
                     const float *column_counts, float *line, float *y) {
  DISPATCH(average_pool, (pool, planes, x, row_counts, column_counts, line, y))
}
