#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CKernels.h"
#include "Dispatch.h"
#include "ProductBlock.h"
#include "Registers.h"

/// Bytes of copies that are made before they are read: a part of a level-1 cache.
enum { CK_COPIES = 24 << 10 };

/// How far ahead of what is computed memory is fetched, in bytes.
enum { CK_AHEAD = 6 << 10 };

/// What the last vectors may read on, eight of them at most.
enum { CK_SLACK = 8 * 64 };

/// Lines of results that are computed together, and what they read of a plane of the source.
typedef struct ck_window_rows {
  /// How many, and where the first of them is.
  int64_t count, target;
  /// Where the first line that they read is, be it in the padding, and a bit for each one that is not.
  int64_t offset;
  uint32_t present;
  /// True where padding takes no more of the first lines and of the last ones than a window centred on an
  /// edge has outside.
  int32_t has_narrow_padding;
  /// The elements of the plane between which all is that is read without masks.
  int64_t begin, end;
} ck_window_rows;

/// Bytes of a `window_columns` of DepthwiseInPlace.h at most.
enum { CK_WINDOW_COLUMNS = 64 };

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
  const int64_t side = p->axes[2].taps;
  if ((side != 3 && side != 5) || p->depth > CK_DEPTH) return 0;
  for (int i = 1; i < 3; i++) {
    const ck_axis *axis = &p->axes[i];
    if (axis->taps != side || axis->stride > 2 || axis->stride != p->axes[1].stride) return 0;
    for (int64_t n = 1; n < side; n++)
      if (axis->positions[n] != axis->positions[0] + n) return 0;
  }
  const int64_t window = side * side;
  for (int64_t k = 0; k < p->depth; k++)
    if (p->terms[k].a != p->terms[k / window * window].a + k % window) return 0;
  return 1;
}

#if defined(__x86_64__)
// Cuts lines of results into as many as are computed together, which read the elements from `begin` to
// `end` of each line; returns how many parts that makes.
static int64_t find_window_rows(const ck_axis *axis, int64_t first, int64_t length, int64_t begin,
                                int64_t end, ck_window_rows *rows) {
  ck_window_rows *next = rows;
  for (int64_t y = 0; y < length; next++) {
    const int64_t left = length - y, step = axis->source_step;
    // Sides of planes are mostly seven times a power of two.
    next->count = left >= 8 && length % 7 != 0 ? 8 : left >= 7 ? 7 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    next->target = y * axis->output_step;
    const int64_t line = (first + y) * axis->stride + axis->positions[0];
    next->offset = line * step;
    next->present = 0;
    next->begin = next->end = 0;
    next->has_narrow_padding = 1;
    const int64_t lines = (next->count - 1) * axis->stride + axis->taps, edge = axis->taps / 2;
    for (int64_t l = 0; l < lines; l++) {
      if (line + l < 0 || line + l >= axis->source) {
        if (l >= edge && l < lines - edge) next->has_narrow_padding = 0;
        continue;
      }
      if (next->present == 0) next->begin = (line + l) * step + begin;
      next->end = (line + l) * step + end;
      next->present |= 1u << l;
    }
    y += next->count;
  }
  return next - rows;
}
#endif

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
  // Without copies: tables of lines and of vectors, of eight results or more.
  const int64_t in_place = p->axes[1].block * (int64_t)sizeof(ck_window_rows) +
                           quotient(p->axes[2].block, 8) * CK_WINDOW_COLUMNS;
  return copies > in_place ? copies : in_place;
}

#define KERNELS_OF_TYPE "Depthwise.h"
#define KERNELS "ElementTypes.h"
#include "InstructionSets.h"

void ck_depthwise_f32(const ck_product *product, const ck_series_f32 *series, int64_t begin, int64_t end,
                      int64_t block, void *scratch) {
  DISPATCH(depthwise_f32, (product, series, begin, end, block, scratch))
}

void ck_depthwise_f64(const ck_product *product, const ck_series_f64 *series, int64_t begin, int64_t end,
                      int64_t block, void *scratch) {
  DISPATCH(depthwise_f64, (product, series, begin, end, block, scratch))
}
