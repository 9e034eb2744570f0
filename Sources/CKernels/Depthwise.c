#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CKernels.h"
#include "Dispatch.h"
#include "ProductBlock.h"
#include "Registers.h"

/// Bytes of copies that are made before they are read: a part of a level-1 cache.
enum { CK_COPIES = 24 << 10 };

/// What the last vectors may read on, eight of them at most.
enum { CK_SLACK = 8 * 64 };

/// Elements of the source whose copies lie side by side.
typedef struct ck_line {
  int64_t source, target, count;
} ck_line;

static int64_t line_limit(const ck_product *p) {
  int64_t count = p->axes[2].band_count;
  for (int i = 0; i < 2; i++) count *= p->axes[i].band_count * p->axes[i].band_length;
  return count;
}

// Where line `i` of the bands of an axis is in the source; outside of it in the padding.
static int64_t band_position(const ck_axis *axis, int64_t first, int64_t i) {
  const int64_t band = i / axis->band_length;
  return (first + i % axis->band_length) * axis->stride + axis->bands[band];
}

// All that the source has of what a block reads; returns how many lines that is.
static int64_t find_lines(const ck_product *p, const int64_t *first, ck_line *lines) {
  const ck_axis *zs = &p->axes[0], *ys = &p->axes[1], *xs = &p->axes[2];
  const int64_t depth = zs->band_count * zs->band_length;
  const int64_t height = ys->band_count * ys->band_length;
  ck_line *next = lines;
  for (int64_t i = 0; i < depth; i++) {
    const int64_t z = band_position(zs, first[0], i);
    if (z < 0 || z >= zs->source) continue;
    for (int64_t j = 0; j < height; j++) {
      const int64_t y = band_position(ys, first[1], j);
      if (y < 0 || y >= ys->source) continue;
      for (int64_t b = 0; b < xs->band_count; b++) {
        const ck_range range = find_range(xs, first[2], b);
        const ck_line line = {
            .source = z * zs->source_step + y * ys->source_step +
                      (first[2] + range.begin) * xs->stride + xs->bands[b],
            .target = ((i * height + j) * xs->band_count + b) * xs->band_length + range.begin,
            .count = range.end - range.begin,
        };
        // Lines without padding between them are one long line.
        if (next > lines && xs->stride == 1 && next[-1].source + next[-1].count == line.source &&
            next[-1].target + next[-1].count == line.target)
          next[-1].count += line.count;
        else if (line.count > 0)
          *next++ = line;
      }
    }
  }
  return next - lines;
}

// True where the taps of neighbouring lines follow each other, in the weights and in the copy.
static int reads_neighbouring_lines(const ck_product *p, int64_t width) {
  const int64_t across = p->axes[2].taps, kernel = p->axes[1].taps * across;
  for (int64_t k = 0; k < p->depth; k++) {
    const ck_term *first = p->terms + k / kernel * kernel;
    const int64_t tap = k % kernel;
    if (p->terms[k].a != first->a + tap ||
        p->terms[k].b != first[tap % across].b + tap / across * width)
      return 0;
  }
  return 1;
}

int ck_depthwise_in_place(const ck_product *p) {
#if defined(__x86_64__)
  if (ck_instruction_set() != AVX512) return 0;
#else
  return 0;
#endif
  for (int i = 1; i < 3; i++) {
    const ck_axis *axis = &p->axes[i];
    if (axis->taps != 3 || axis->stride > 2 || axis->stride != p->axes[1].stride ||
        axis->positions[1] != axis->positions[0] + 1 || axis->positions[2] != axis->positions[0] + 2)
      return 0;
  }
  for (int64_t k = 0; k < p->depth; k++)
    if (p->terms[k].a != p->terms[k / 9 * 9].a + k % 9) return 0;
  return 1;
}

// Products whose sources are copied at once, so that what was written has arrived when it is read.
static int64_t copies_at_once(const ck_product *p, int64_t count, int64_t element_size) {
  const int64_t copy = p->depth / p->taps * p->channel_size * element_size;
  const int64_t room = CK_COPIES / (copy > 0 ? copy : 1);
  return room < 1 ? 1 : room < count ? room : count;
}

int64_t ck_depthwise_scratch_size(const ck_product *p, int64_t count, int64_t element_size) {
  const int64_t channels = p->depth / p->taps * copies_at_once(p, count, element_size);
  const int64_t copies = line_limit(p) * (int64_t)sizeof(ck_line) +
                         channels * p->channel_size * element_size + CK_SLACK;
  // Without copies: a line of zeros, and three masks for a vector of eight results or more.
  const int64_t in_place =
      p->axes[2].source * element_size + quotient(p->axes[2].block, 8) * 3 * (int64_t)sizeof(int16_t);
  return copies > in_place ? copies : in_place;
}

#define KERNELS_OF_TYPE "Depthwise.h"
#define KERNELS "ElementTypes.h"
#include "InstructionSets.h"

void ck_depthwise_f32(const ck_product *product, const ck_operands_f32 *operands, int64_t count,
                      int64_t block, void *scratch) {
  DISPATCH(depthwise_f32, (product, operands, count, block, scratch))
}

void ck_depthwise_f64(const ck_product *product, const ck_operands_f64 *operands, int64_t count,
                      int64_t block, void *scratch) {
  DISPATCH(depthwise_f64, (product, operands, count, block, scratch))
}
