#include "CKernels.h"
#include "Dispatch.h"
#include "Functions.h"

// Entries whose products are computed together, so that weights are read once for them.
enum { ENTRIES = 4 };

#define KERNELS "Recurrence.h"
#include "InstructionSets.h"

void ck_recurrent_step(const ck_recurrence *recurrence, int64_t unit, int64_t first,
                       int64_t entries) {
  DISPATCH(recurrent_step, (recurrence, unit, first, entries))
}
