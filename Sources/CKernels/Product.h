// One variant of the product for one element type, included by ProductTypes.h for each; the macros
// are those of InstructionSets.h and
//   SCALAR   element type, of SCALAR_BYTES      OPERANDS  the operands of that type
//   TYPED(x) x with the suffixes of type and instruction set

#define LANES (BYTES / SCALAR_BYTES)
#if LANES == 16
#define EVEN(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#elif LANES == 8
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#elif LANES == 4
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2)
#endif
#define TILE_NAME(rows, vectors) TYPED(JOIN(JOIN(tile, rows), vectors))

typedef SCALAR TYPED(vector) __attribute__((vector_size(BYTES)));
typedef SCALAR TYPED(unaligned) __attribute__((vector_size(BYTES), aligned(sizeof(SCALAR))));

#if BYTES == 64
// Some lanes of a vector, `step` (1 or 2) apart in the result, in masked instructions.
#define STORE_SOME
#if SCALAR_BYTES == 8
#define MASK __mmask8
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_pd(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_pd(place, mask, value)
#define LOW_HALF_SPREAD(v) __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3)
#define HIGH_HALF_SPREAD(v) __builtin_shufflevector(v, v, 4, 4, 5, 5, 6, 6, 7, 7)
#else
#define MASK __mmask16
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_ps(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_ps(place, mask, value)
#define LOW_HALF_SPREAD(v) \
  __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
#define HIGH_HALF_SPREAD(v) \
  __builtin_shufflevector(v, v, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15)
#endif

TARGET static inline void TYPED(store_masked)(SCALAR *place, MASK mask, TYPED(vector) sum,
                                              int32_t is_first, SCALAR bias) {
  const TYPED(vector) addend =
      is_first ? bias - (TYPED(vector)){0} : (TYPED(vector))MASKED_LOAD(mask, place);
  MASKED_STORE(place, mask, sum + addend);
}

TARGET static inline void TYPED(store_some)(SCALAR *target, TYPED(vector) sum, int64_t step,
                                            int32_t lane, int32_t count, int32_t is_first,
                                            SCALAR bias) {
  const uint32_t lanes = ((1u << count) - 1) << lane;
  if (step == 1) {
    TYPED(store_masked)(target - lane, (MASK)lanes, sum, is_first, bias);
    return;
  }
  // Bit i to bit 2 i.
  uint32_t spread = (lanes | lanes << 8) & 0x00ff00ff;
  spread = (spread | spread << 4) & 0x0f0f0f0f;
  spread = (spread | spread << 2) & 0x33333333;
  spread = (spread | spread << 1) & 0x55555555;
  SCALAR *const place = target - 2 * lane;
  TYPED(store_masked)(place, (MASK)spread, LOW_HALF_SPREAD(sum), is_first, bias);
  TYPED(store_masked)(place + LANES, (MASK)(spread >> LANES), HIGH_HALF_SPREAD(sum), is_first, bias);
}
#undef MASK
#undef MASKED_LOAD
#undef MASKED_STORE
#undef LOW_HALF_SPREAD
#undef HIGH_HALF_SPREAD
#endif

/// What the tiles of one slice of the depth have in common.
typedef struct TYPED(tile_task) {
  const ck_term *terms;
  int64_t depth;
  int64_t a_row_stride, c_row_stride, bias_stride;
  /// The slice that overwrites the result instead of adding to it.
  int32_t is_first;
  const ck_segment *segments;
  int64_t output_step;
} TYPED(tile_task);

// Results of a tile that do not all lie side by side.
TARGET static __attribute__((noinline)) void TYPED(store_lanes)(
    const TYPED(tile_task) *task, int64_t rows, int64_t count, const TYPED(vector) *sums,
    const ck_vector *vectors, SCALAR *c, const SCALAR *bias) {
  const int64_t step = task->output_step;
  for (int64_t i = 0; i < rows; i++, c += task->c_row_stride, bias += task->bias_stride) {
    for (int64_t j = 0; j < count; j++) {
      const ck_segment *s = task->segments + vectors[j].segment;
      for (int32_t rest = vectors[j].segment_count; rest > 0; rest--, s++) {
        SCALAR *target = c + s->target;
#ifdef STORE_SOME
        if (step <= 2) {
          TYPED(store_some)(target, sums[i * count + j], step, s->lane, s->count, task->is_first, *bias);
          continue;
        }
#endif
        const SCALAR *lane = (const SCALAR *)&sums[i * count + j] + s->lane;
        for (int32_t n = 0; n < s->count; n++, target += step)
          *target = lane[n] + (task->is_first ? *bias : *target);
      }
    }
  }
}

#define TILE_ROWS 1
#define TILE_VECTORS 1
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 2
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 4
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 8
#include "Tile.h"
#undef TILE_VECTORS
#undef TILE_ROWS

#define TILE_ROWS 2
#define TILE_VECTORS 1
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 2
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 4
#include "Tile.h"
#undef TILE_VECTORS
#ifdef MANY_REGISTERS
#define TILE_VECTORS 8
#include "Tile.h"
#undef TILE_VECTORS
#endif
#undef TILE_ROWS

#define TILE_ROWS 4
#define TILE_VECTORS 1
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 2
#include "Tile.h"
#undef TILE_VECTORS
#ifdef MANY_REGISTERS
#define TILE_VECTORS 4
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 6
#include "Tile.h"
#undef TILE_VECTORS
#else
#define TILE_VECTORS 3
#include "Tile.h"
#undef TILE_VECTORS
#endif
#undef TILE_ROWS

#ifdef MANY_REGISTERS
#define TILE_ROWS 8
#define TILE_VECTORS 1
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 2
#include "Tile.h"
#undef TILE_VECTORS
#define TILE_VECTORS 3
#include "Tile.h"
#undef TILE_VECTORS
#undef TILE_ROWS
#endif

typedef struct TYPED(tile_size) {
  int64_t rows, vectors;
  void (*compute)(const TYPED(tile_task) *task, const SCALAR *a, const SCALAR *b,
                  const ck_vector *vectors, SCALAR *c, const SCALAR *bias);
} TYPED(tile_size);

/// Larger ones first.
static const TYPED(tile_size) TYPED(tile_sizes)[] = {
#define SIZE(rows, vectors) {rows, vectors, TILE_NAME(rows, vectors)}
#ifdef MANY_REGISTERS
    SIZE(8, 3), SIZE(8, 2), SIZE(8, 1), SIZE(4, 6), SIZE(4, 4), SIZE(4, 2), SIZE(4, 1),
    SIZE(2, 8), SIZE(2, 4), SIZE(2, 2), SIZE(2, 1),
#else
    SIZE(4, 3), SIZE(4, 2), SIZE(4, 1), SIZE(2, 4), SIZE(2, 2), SIZE(2, 1),
#endif
    SIZE(1, 8), SIZE(1, 4), SIZE(1, 2), SIZE(1, 1),
#undef SIZE
};

// A row of the copy: `count` elements, `step` apart in the source, zeros outside of `range`. Whole
// vectors are copied where the source has that much; what they write too much is written again. What
// is `ahead` will be copied soon.
TARGET static void TYPED(copy_row)(const SCALAR *source, int64_t step, ck_range range,
                                   int64_t count, const SCALAR *source_end, int64_t ahead,
                                   SCALAR *target) {
  for (int64_t i = 0; i < range.begin; i++) target[i] = 0;
  int64_t i = range.begin;
  if (step == 1) {
    for (; i < range.end && source_end - (source + i) >= LANES; i += LANES) {
      __builtin_prefetch(source + i + ahead, 0, 0);
      *(TYPED(unaligned) *)(target + i) = *(const TYPED(unaligned) *)(source + i);
    }
  } else if (step == 2) {
    for (; i < range.end && source_end - (source + 2 * i) >= 2 * LANES; i += LANES) {
      const TYPED(unaligned) *pair = (const TYPED(unaligned) *)(source + 2 * i);
      *(TYPED(unaligned) *)(target + i) = EVEN(pair[0], pair[1]);
    }
  }
  for (; i < range.end; i++) target[i] = source[i * step];
  for (i = range.end; i < count; i++) target[i] = 0;
}

// Eight lines of the source at once, whose elements become columns of the copy.
TARGET static void TYPED(copy_turned)(const ck_product *p, const SCALAR *source, int64_t columns,
                                     int64_t channels, SCALAR *target) {
  const int64_t step = p->axes[2].source_step, size = p->channel_size;
  enum { SIDE = 8 };
  int64_t j = 0;
  for (; j + SIDE <= columns; j += SIDE)
    for (int64_t c = 0; c < channels; c++)
      for (int64_t i = 0; i < SIDE; i++) target[c * size + j + i] = source[(j + i) * step + c];
  for (; j < columns; j++)
    for (int64_t c = 0; c < channels; c++) target[c * size + j] = source[j * step + c];
}

// Copies what the results of a block read of some channels, as `ck_axis` describes it.
TARGET static void TYPED(copy_block)(const ck_product *p, const SCALAR *source, int64_t channel,
                                     int64_t channels, const ck_block *block, SCALAR *target) {
  const ck_axis *zs = &p->axes[0], *ys = &p->axes[1], *xs = &p->axes[2];
  const SCALAR *const source_end = source + p->source_count;
  if (xs->source_step != 1 && p->channel_step == 1 && xs->band_count == 1) {
    const int64_t left = xs->source - block->first[2];
    TYPED(copy_turned)(p, source + channel + block->first[2] * xs->source_step,
                       left < xs->band_length ? left : xs->band_length, channels, target);
    return;
  }
  const int64_t step = xs->stride * xs->source_step;
  // Short lines far apart are beyond what a processor foresees.
  const int64_t ahead = p->channel_size <= 1024 ? 2 * p->channel_step : 0;
  // Whole lines without padding, one after the other, are one long line.
  const int64_t first_line = block->first[1] + ys->bands[0];
  const int64_t lines = ys->band_length;
  const int is_one_line =
      lines > 1 && step == 1 && xs->band_count == 1 && ys->band_count == 1 && ys->stride == 1 &&
      xs->band_length == ys->source_step && block->ranges[0].begin == 0 &&
      block->ranges[0].end == xs->band_length && first_line >= 0 && first_line + lines <= ys->source;
  for (int64_t c = 0; c < channels; c++) {
    const SCALAR *plane = source + (channel + c) * p->channel_step;
    SCALAR *row = target + c * p->channel_size;
    for (int64_t zb = 0; zb < zs->band_count; zb++) {
      for (int64_t zi = 0; zi < zs->band_length; zi++) {
        const int64_t z = (block->first[0] + zi) * zs->stride + zs->bands[zb];
        if (is_one_line && z >= 0 && z < zs->source) {
          const int64_t count = lines * xs->band_length;
          TYPED(copy_row)(plane + z * zs->source_step + first_line * ys->source_step, step,
                          (ck_range){0, count}, count, source_end, ahead, row);
          row += count;
          continue;
        }
        for (int64_t yb = 0; yb < ys->band_count; yb++) {
          for (int64_t yi = 0; yi < ys->band_length; yi++) {
            const int64_t y = (block->first[1] + yi) * ys->stride + ys->bands[yb];
            const int is_inside = z >= 0 && z < zs->source && y >= 0 && y < ys->source;
            const SCALAR *line = plane + z * zs->source_step + y * ys->source_step +
                                 block->first[2] * step;
            for (int64_t xb = 0; xb < xs->band_count; xb++, row += xs->band_length)
              TYPED(copy_row)(line + xs->bands[xb] * xs->source_step, step,
                              is_inside ? block->ranges[xb] : (ck_range){0, 0}, xs->band_length,
                              source_end, ahead, row);
          }
        }
      }
    }
  }
}

TARGET static void TYPED(multiply)(const ck_product *p, const OPERANDS *operands, int64_t count,
                                  int64_t block, int64_t row_begin, int64_t row_end,
                                  void *scratch) {
  const SCALAR zero = 0;
  ck_block results;
  ck_find_block(p, block, LANES, scratch, &results);
  SCALAR *const copy = results.copy;
  TYPED(tile_task) task = {
      .a_row_stride = p->a_row_stride,
      .c_row_stride = p->c_row_stride,
      .segments = results.segments,
      .output_step = p->axes[2].output_step,
  };
  for (const OPERANDS *o = operands; o < operands + count; o++) {
    const SCALAR *const bias = o->bias ? o->bias : &zero;
    task.bias_stride = o->bias ? 1 : 0;
    for (int64_t k = 0; k < p->depth; k += CK_DEPTH) {
      task.depth = p->depth - k < CK_DEPTH ? p->depth - k : CK_DEPTH;
      task.terms = p->terms + k;
      task.is_first = k == 0;
      const int64_t channel = k / p->taps;
      const int64_t channels = (k + task.depth - 1) / p->taps - channel + 1;
      TYPED(copy_block)(p, o->b, channel, channels, &results, copy);
      const TYPED(tile_size) *rows = TYPED(tile_sizes);
      for (int64_t i = row_begin; i < row_end; i += rows->rows) {
        while (rows->rows > row_end - i) rows++;
        const TYPED(tile_size) *size = rows;
        for (int64_t j = 0; j < results.count; j += size->vectors) {
          while (size->vectors > results.count - j) size++;
          size->compute(&task, o->a + i * p->a_row_stride, copy, results.vectors + j,
                        o->c + i * p->c_row_stride + results.target, bias + i * task.bias_stride);
        }
      }
    }
  }
}

#undef TILE_NAME
#undef STORE_SOME
#undef EVEN
#undef LANES
