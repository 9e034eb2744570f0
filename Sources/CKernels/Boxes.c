#include "CKernels.h"
#include "Dispatch.h"

#define KERNELS "Boxes.h"
#include "InstructionSets.h"

int32_t ck_overlaps_any(int64_t count, const double *boxes, int64_t stride, ck_box box,
                        double limit) {
  int32_t result = 0;
  DISPATCH(overlaps_any, (count, boxes, stride, &box, limit, &result))
  return result;
}
