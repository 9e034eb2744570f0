#include "CKernels.h"
#include "Dispatch.h"
#include "Functions.h"

typedef uint32_t places __attribute__((vector_size(64)));

#define KERNELS "Softmax.h"
#include "InstructionSets.h"

void ck_softmax_rows(int64_t rows, int64_t columns, const float *x, int64_t x_row_stride, float *y,
                     int64_t y_row_stride, int32_t is_logarithm) {
  DISPATCH(softmax_rows, (rows, columns, x, x_row_stride, y, y_row_stride, is_logarithm))
}

void ck_softmax_lines(int64_t lines, int64_t columns, const float *x, float *y,
                      int32_t is_logarithm) {
  // Short lines do not fill vectors: they become columns, and lines again.
  enum { SHORT = ROW - 1, BLOCK = 64 };
  if (columns <= SHORT) {
    float block[SHORT * BLOCK];
    for (int64_t l = 0; l < lines; l += BLOCK) {
      const int64_t count = lines - l < BLOCK ? lines - l : BLOCK;
      ck_copy_2d(columns, count, x + l * columns, 1, columns, block, count);
      ck_softmax_rows(columns, count, block, count, block, count, is_logarithm);
      ck_copy_2d(count, columns, block, 1, count, y + l * columns, columns);
    }
    return;
  }
  DISPATCH(softmax_lines, (lines, columns, x, y, is_logarithm))
}

void ck_log_sum_exp_rows(int64_t rows, int64_t columns, const float *x, int64_t row_stride,
                         float *y) {
  DISPATCH(log_sum_exp_rows, (rows, columns, x, row_stride, y))
}

void ck_log_sum_exp_lines(int64_t lines, int64_t columns, const float *x, float *y) {
  DISPATCH(log_sum_exp_lines, (lines, columns, x, y))
}
