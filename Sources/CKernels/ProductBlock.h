// Where a block of a product lies, and what of the source it reads.
#ifndef PRODUCT_BLOCK_H
#define PRODUCT_BLOCK_H

#include "CKernels.h"

/// Summands that are added before they go back to memory. The same for every variant, because it is
/// part of the order of summation.
enum { CK_DEPTH = 256 };

/// The elements of a band that the source has.
typedef struct ck_range {
  int64_t begin, end;
} ck_range;

static inline int64_t quotient(int64_t a, int64_t b) { return (a + b - 1) / b; }

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/// The first result of a block along each axis and how many there are; returns where the first is in
/// the result.
static inline int64_t place_block(const ck_product *p, int64_t block, int64_t *first,
                                  int64_t *size) {
  int64_t target = 0;
  for (int i = 2; i >= 0; i--) {
    const ck_axis *axis = &p->axes[i];
    const int64_t blocks = quotient(axis->output, axis->block);
    first[i] = block % blocks * axis->block;
    block /= blocks;
    const int64_t left = axis->output - first[i];
    size[i] = left < axis->block ? left : axis->block;
    target += first[i] * axis->output_step;
  }
  return target;
}

/// What the source has of a band, for a block whose first result is `first`.
static inline ck_range find_range(const ck_axis *axis, int64_t first, int64_t band) {
  const int64_t x = first * axis->stride + axis->bands[band];
  int64_t begin = x >= 0 ? 0 : quotient(-x, axis->stride);
  int64_t end = x >= axis->source ? 0 : quotient(axis->source - x, axis->stride);
  if (end > axis->band_length) end = axis->band_length;
  if (begin > end) begin = end = 0;
  return (ck_range){begin, end};
}

#endif
