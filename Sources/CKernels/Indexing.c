#include "CKernels.h"
#include "Dispatch.h"

// An element of 16 bytes.
typedef struct pair {
  uint64_t low, high;
} pair;

#define KERNELS "Indexing.h"
#include "InstructionSets.h"

int32_t ck_gather(int64_t size, int64_t count, const void *x, int64_t side_stride, int64_t stride,
                  int64_t limit, const int64_t *indices, void *y) {
  int32_t is_inside = 1;
  DISPATCH(gather, (size, count, x, side_stride, stride, limit, indices, y, &is_inside))
  return is_inside;
}

int32_t ck_scatter(int64_t size, int64_t count, const void *x, int64_t side_stride, int64_t stride,
                   int64_t limit, const int64_t *indices, void *y) {
  int32_t is_inside = 1;
  DISPATCH(scatter, (size, count, x, side_stride, stride, limit, indices, y, &is_inside))
  return is_inside;
}

void ck_sample(int64_t taps, int64_t count, const int32_t *places, const float *weights,
               int64_t planes, const float *x, int64_t x_stride, float *y, int64_t y_stride) {
  DISPATCH(sample, (taps, count, places, weights, planes, x, x_stride, y, y_stride))
}
