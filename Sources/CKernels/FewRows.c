#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CKernels.h"
#include "Dispatch.h"
#include "ProductBlock.h"
#include "Registers.h"

/// Summands, and so lines of the source, that are read along a whole block before the next ones.
enum { CK_STREAMS = 32 };

/// Lines of the source that a processor itself sees to be read on.
enum { CK_FOLLOWED_STREAMS = 8 };

/// The largest vector.
enum { CK_VECTOR = 64 };

// From row to row of the sums, whole vectors.
static int64_t sums_stride(const ck_product *p, int64_t element_size) {
  const int64_t lanes = CK_VECTOR / element_size;
  return quotient(p->axes[2].block, lanes) * lanes;
}

int64_t ck_few_rows_scratch_size(const ck_product *p, int64_t element_size) {
  const int64_t panel = p->axes[2].source_step == 1 ? 0 : CK_STREAMS * 3 * CK_VECTOR;
  return p->rows * sums_stride(p, element_size) * element_size + panel;
}

#define KERNELS_OF_TYPE "FewRows.h"
#define KERNELS "ElementTypes.h"
#include "InstructionSets.h"

void ck_few_rows_f32(const ck_product *product, const ck_operands_f32 *operands, int64_t count,
                     int64_t block, void *scratch) {
  DISPATCH(few_rows_f32, (product, operands, count, block, scratch))
}

void ck_few_rows_f64(const ck_product *product, const ck_operands_f64 *operands, int64_t count,
                     int64_t block, void *scratch) {
  DISPATCH(few_rows_f64, (product, operands, count, block, scratch))
}
