#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CKernels.h"
#include "Dispatch.h"
#include "ProductBlock.h"
#include "Registers.h"

/// Results that lie side by side in the copy, a vector of them: from `start` on. Where they do not
/// lie side by side in the result too, segments say where each belongs.
typedef struct ck_vector {
  int64_t start;
  int64_t target;
  int32_t segment, segment_count;
  int32_t is_whole;
} ck_vector;

/// `count` lanes of a vector from `lane` on, whose results begin at `target`.
typedef struct ck_segment {
  int64_t target;
  int32_t lane, count;
} ck_segment;

/// What a call works on: the results of one block, and the copy of what they read.
typedef struct ck_block {
  int64_t first[3];
  /// Where its first result is.
  int64_t target;
  int64_t count;
  ck_vector *vectors;
  ck_segment *segments;
  /// For each band of the last axis.
  ck_range *ranges;
  void *copy;
} ck_block;

// The most vectors that a block may need, and segments: every row begins one and leaves one.
static int64_t vector_limit(const ck_product *p, int64_t lanes) {
  return p->axes[0].block * p->axes[1].block * (p->axes[2].block / lanes + 2);
}

int64_t ck_scratch_size(const ck_product *p, int64_t element_size) {
  const int64_t lanes = 16 / element_size;  // of the narrowest set
  const int64_t tables =
      vector_limit(p, lanes) * (int64_t)(sizeof(ck_vector) + sizeof(ck_segment)) +
      p->axes[2].band_count * (int64_t)sizeof(ck_range);
  const int64_t depth = p->depth < CK_DEPTH ? p->depth : CK_DEPTH;
  // A slice may begin and end within a channel; the last vector may read on.
  const int64_t channels = quotient(depth, p->taps) + 1;
  return tables + channels * p->channel_size * element_size + 3 * 64;
}

int64_t ck_block_count(const ck_product *p) {
  int64_t count = 1;
  for (int i = 0; i < 3; i++) count *= quotient(p->axes[i].output, p->axes[i].block);
  return count;
}

int64_t ck_slice_depth(void) { return CK_DEPTH; }

// Covers the results of a block with as few vectors as possible: each begins at the first result
// that no other has, and takes what lies within its reach, be it of the next row.
static void ck_find_block(const ck_product *p, int64_t block, int64_t lanes, void *scratch,
                          ck_block *found) {
  int64_t size[3];
  found->target = place_block(p, block, found->first, size);
  found->vectors = scratch;
  found->segments = (ck_segment *)(found->vectors + vector_limit(p, lanes));
  found->ranges = (ck_range *)(found->segments + vector_limit(p, lanes));
  found->copy = (void *)(((uintptr_t)(found->ranges + p->axes[2].band_count) + 63) / 64 * 64);
  for (int64_t b = 0; b < p->axes[2].band_count; b++)
    found->ranges[b] = find_range(&p->axes[2], found->first[2], b);

  const int64_t height = p->axes[1].band_count * p->axes[1].band_length;
  const int64_t width = p->axes[2].band_count * p->axes[2].band_length;
  const int64_t step = p->axes[2].output_step;
  ck_vector *vector = found->vectors - 1;
  ck_segment *segment = found->segments;
  int64_t reach = 0;  // where the current vector ends
  for (int64_t z = 0; z < size[0]; z++) {
    for (int64_t y = 0; y < size[1]; y++) {
      const int64_t row = (z * height + y) * width;
      const int64_t target = z * p->axes[0].output_step + y * p->axes[1].output_step;
      for (int64_t x = 0; x < size[2];) {
        if (segment == found->segments || row + x >= reach) {
          *++vector = (ck_vector){
              .start = row + x, .target = target + x * step,
              .segment = (int32_t)(segment - found->segments)};
          reach = row + x + lanes;
        }
        const int64_t room = reach - (row + x), rest = size[2] - x;
        const int64_t count = rest < room ? rest : room;
        *segment++ = (ck_segment){target + x * step, (int32_t)(lanes - room), (int32_t)count};
        vector->segment_count++;
        vector->is_whole = count == lanes && step == 1;
        x += count;
      }
    }
  }
  found->count = vector + 1 - found->vectors;
}

int64_t ck_comoment_stride(int64_t columns) {
  return quotient(columns, CK_COMOMENT_BLOCK) * CK_COMOMENT_BLOCK;
}

// Rows that are widened before they are multiplied: what the level-1 cache holds beside the results,
// and enough for a sum to stay in its register for a while.
static int64_t ck_comoment_depth(int64_t columns) {
  const int64_t fitting = 3072 / ck_comoment_stride(columns);
  return fitting < 64 ? 64 : fitting > CK_DEPTH ? CK_DEPTH : fitting;
}

int64_t ck_comoment_scratch_size(int64_t columns) {
  return ck_comoment_depth(columns) * ck_comoment_stride(columns) * (int64_t)sizeof(double);
}

#define KERNELS_OF_TYPE "Product.h"
#define KERNELS "ElementTypes.h"
#include "InstructionSets.h"

void ck_multiply_f32(const ck_product *product, const ck_operands_f32 *operands, int64_t count,
                     int64_t block, int64_t row_begin, int64_t row_end, void *scratch) {
  DISPATCH(multiply_f32, (product, operands, count, block, row_begin, row_end, scratch))
}

void ck_multiply_f64(const ck_product *product, const ck_operands_f64 *operands, int64_t count,
                     int64_t block, int64_t row_begin, int64_t row_end, void *scratch) {
  DISPATCH(multiply_f64, (product, operands, count, block, row_begin, row_end, scratch))
}

void ck_comoments(int64_t rows, int64_t columns, const float *x, int64_t row_stride,
                  const float *shift, double *sums, double *products, void *scratch) {
  DISPATCH(comoments_f64, (rows, columns, x, row_stride, shift, sums, products, scratch))
}

void ck_quadratic_forms(int64_t count, int64_t size, const double *weights, const double *products,
                        double *forms) {
  DISPATCH(quadratic_forms_f64, (count, size, weights, products, forms))
}
