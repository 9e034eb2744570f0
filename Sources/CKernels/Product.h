// One variant of the product for one element type; included by ElementTypes.h, with the macros that it
// names.

#include "ProductCopy.h"

#define TILE_NAME(rows, vectors) TYPED(JOIN(JOIN(tile, rows), vectors))

/// What the tiles of one slice of the depth have in common.
typedef struct TYPED(tile_task) {
  const ck_term *terms;
  int64_t depth;
  int64_t a_row_stride, c_row_stride, bias_stride;
  /// The slice that overwrites the result instead of adding to it.
  int32_t is_first;
  const ck_segment *segments;
  int64_t output_step;
  /// Where pairs of rows go to, the row of the tile, and what is added to each channel of results.
  const ck_pair *pairs;
  int64_t row;
  const SCALAR *pair_bias;
} TYPED(tile_task);

#include "ProductStore.h"

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
      .pairs = p->pairs,
  };
  for (const OPERANDS *o = operands; o < operands + count; o++) {
    const SCALAR *const bias = o->bias ? o->bias : &zero;
    task.bias_stride = o->bias && !p->pairs ? 1 : 0;
    task.pair_bias = o->bias;
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
        task.row = i;
        for (int64_t j = 0; j < results.count; j += size->vectors) {
          while (size->vectors > results.count - j) size++;
          size->compute(&task, o->a + i * p->a_row_stride, copy, results.vectors + j,
                        o->c + i * p->c_row_stride + results.target, bias + i * task.bias_stride);
        }
      }
    }
  }
}

#if SCALAR_BYTES == 8
#include "CoMoments.h"
#endif

#undef TILE_NAME
