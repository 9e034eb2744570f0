#include <math.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Functions.h"

// Elements that go through all steps of a chain before the next do: they stay in the level-1 cache.
enum { BLOCK = 2048 };

#define KERNELS "Elementwise.h"
#include "InstructionSets.h"

void ck_chain(const ck_step *steps, int32_t count, int64_t rows, int64_t columns, const float *x,
              int64_t x_row_stride, float *y, int64_t y_row_stride) {
  DISPATCH(chain, (steps, count, rows, columns, x, x_row_stride, y, y_row_stride))
}

void ck_mix(int64_t columns, int32_t count, const int64_t *offsets, const float *weights,
            const float *x, float *y) {
  DISPATCH(mix, (columns, count, offsets, weights, x, y))
}

void ck_vector_times_matrix(int64_t depth, int64_t columns, const float *x, const float *weights,
                            int64_t stride, const float *bias, float *y) {
  DISPATCH(vector_times_matrix, (depth, columns, x, weights, stride, bias, y))
}

void ck_lines_times_vector(int64_t lines, int64_t depth, const float *weights, const float *x,
                           const float *bias, float *y) {
  DISPATCH(lines_times_vector, (lines, depth, weights, x, bias, y))
}
