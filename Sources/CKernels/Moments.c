#include "CKernels.h"
#include "Dispatch.h"

#define KERNELS "Moments.h"
#include "InstructionSets.h"

void ck_moments(int64_t rows, int64_t columns, const float *x, int64_t row_stride,
                const float *shift, double *sums, double *squares) {
  DISPATCH(moments, (rows, columns, x, row_stride, shift, sums, squares))
}
