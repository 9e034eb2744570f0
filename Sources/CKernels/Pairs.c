#include "CKernels.h"
#include "Dispatch.h"

#define KERNELS "Pairs.h"
#include "InstructionSets.h"

void ck_combine(ck_pairing pairing, ck_type type, int64_t count, const void *a, int64_t a_stride,
             const void *b, int64_t b_stride, void *y) {
  DISPATCH(pair, (pairing, type, count, a, a_stride, b, b_stride, y))
}
