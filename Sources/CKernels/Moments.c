#include "CKernels.h"
#include "Dispatch.h"

#define TARGET
#define NAME(x) JOIN(x, portable)
#include "Moments.h"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) JOIN(x, avx2)
#include "Moments.h"
#undef TARGET
#undef NAME

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define NAME(x) JOIN(x, avx512)
#include "Moments.h"
#undef TARGET
#undef NAME
#endif

void ck_moments(int64_t rows, int64_t columns, const float *x, int64_t row_stride,
                const float *shift, double *sums, double *squares) {
  DISPATCH(moments, (rows, columns, x, row_stride, shift, sums, squares))
}
