#include "CKernels.h"
#include "Dispatch.h"

#define KERNELS "Extrema.h"
#include "InstructionSets.h"

void ck_extreme_rows(int64_t rows, int64_t columns, const float *x, int64_t row_stride,
                     int32_t is_smallest, int32_t takes_last, int64_t *places) {
  DISPATCH(extreme_rows, (rows, columns, x, row_stride, is_smallest, takes_last, places))
}

void ck_extreme_lines(int64_t lines, int64_t columns, const float *x, int64_t line_stride,
                      int32_t is_smallest, int32_t takes_last, int64_t *places) {
  // Short lines do not fill vectors: they become columns.
  enum { SHORT = 64, BLOCK = 64 };
  if (columns <= SHORT) {
    float block[SHORT * BLOCK];
    for (int64_t l = 0; l < lines; l += BLOCK) {
      const int64_t count = lines - l < BLOCK ? lines - l : BLOCK;
      ck_copy_2d(columns, count, x + l * line_stride, 1, line_stride, block, count);
      ck_extreme_rows(columns, count, block, count, is_smallest, takes_last, places + l);
    }
    return;
  }
  DISPATCH(extreme_lines, (lines, columns, x, line_stride, is_smallest, takes_last, places))
}
