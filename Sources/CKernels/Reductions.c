#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"

// As many sums at a time as every instruction set has registers for.
enum { LANES = 32 };

#define KERNELS "Reductions.h"
#include "InstructionSets.h"

void ck_reduce_rows(ck_reduction reduction, int64_t rows, int64_t columns, const float *x,
                    int64_t row_stride, double *results) {
  DISPATCH(reduce_rows, (reduction, rows, columns, x, row_stride, results))
}

void ck_reduce_lines(ck_reduction reduction, int64_t lines, int64_t columns, const float *x,
                     int64_t line_stride, double *results) {
  DISPATCH(reduce_lines, (reduction, lines, columns, x, line_stride, results))
}

void ck_weighted_lines(int64_t lines, int64_t columns, const void *x, const double *factors,
                       double *results) {
  DISPATCH(weighted_lines, (lines, columns, x, factors, results))
}

void ck_line_moments(int64_t lines, int64_t columns, const float *x, int64_t line_stride,
                     double *means, double *variances) {
  DISPATCH(line_moments, (lines, columns, x, line_stride, means, variances))
}

void ck_normalize_lines(int64_t lines, int64_t columns, const float *x, double epsilon,
                        int32_t subtracts_mean, const float *scale, const float *bias, float *y) {
  DISPATCH(normalize_lines, (lines, columns, x, epsilon, subtracts_mean, scale, bias, y))
}
