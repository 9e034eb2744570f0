// Windows of 3x3 or 5x5 elements, or of several such planes, that read the source where it is; included by
// Depthwise.h. Lanes in the padding are masked out when they are loaded, and zeros take the place of lines
// there, so that the sums are those of a padded copy.
//
// What a tile reads and writes is the same for every plane of a call but for where the plane is: it is
// found once.

/// A vector of results or two, and which lanes of what is loaded for them are elements of a line.
typedef struct TYPED(window_columns) {
  /// The first of them, and how many.
  int64_t x, count;
  /// The lanes of vectors side by side that have what the taps read.
  MASK inside[4];
  /// Those of tap n of vector j: 3 j + n, or n where there is one vector.
  MASK taps[6];
  /// Those that are results.
  MASK stored[2];
  /// True where the first tap of the first vector and the last one of the last vector read padding at
  /// most.
  int32_t has_narrow_padding;
} TYPED(window_columns);
_Static_assert(sizeof(TYPED(window_columns)) <= CK_WINDOW_COLUMNS, "scratch memory has room for it");

/// What the tiles of a block have in common.
typedef struct TYPED(window) {
  const ck_product *p;
  const SERIES *series;
  const TYPED(window_columns) *columns, *columns_end;
  const ck_window_rows *rows, *rows_end;
  /// True where it is so of all columns.
  int32_t has_narrow_padding;
} TYPED(window);

/// A plane of the source that a plane of results reads, and the window's factors there.
typedef struct TYPED(window_part) {
  /// From the first factor of a row, and from the source of a product.
  int64_t factors, source;
  /// False where the plane is padding.
  int64_t is_inside;
} TYPED(window_part);

/// Plane z of the results of one row, of some products that follow each other.
typedef struct TYPED(window_planes) {
  /// The factors of the row, what the first result of the block reads first of each line, the row's addend
  /// and the first result: of the first product.
  OPERANDS first;
  int64_t count, z;
  /// Elements that may be read before the source of a product and behind it.
  int64_t before, behind;
  /// What is summed, in this order.
  const TYPED(window_part) *parts, *parts_end;
} TYPED(window_planes);

// The lanes of a vector that are elements of a line, the first lane being element `first` and the others
// `step` apart, one or two.
TARGET static MASK TYPED(lanes_inside)(int64_t first, int64_t step, int64_t count) {
  const int64_t begin = first < 0 ? (step - 1 - first) >> (step - 1) : 0;
  const int64_t end = first < count ? (count - first + step - 1) >> (step - 1) : 0;
  return begin < end ? (MASK)(((uint64_t)1 << least(end, LANES)) - ((uint64_t)1 << least(begin, LANES)))
                     : 0;
}

TARGET static int64_t TYPED(find_columns)(const ck_axis *axis, int64_t first, int64_t length,
                                          TYPED(window_columns) *columns) {
  TYPED(window_columns) *next = columns;
  for (int64_t x = 0; x < length; next++) {
    const int64_t left = length - x;
    const int64_t vectors = axis->stride == 1 && left > LANES ? 2 : 1;
    next->x = x;
    next->count = vectors;
    const int64_t start = (first + x) * axis->stride + axis->positions[0];
    for (int64_t n = 0; n < 4; n++)
      next->inside[n] = TYPED(lanes_inside)(start + n * LANES, 1, axis->source);
    next->has_narrow_padding = 1;
    for (int64_t n = 0; n < 6; n++)
      next->taps[n] = TYPED(lanes_inside)(
          start + (vectors == 1 ? n : n / 3 * LANES + n % 3), axis->stride, axis->source);
    for (int64_t j = 0; j < vectors; j++) {
      next->stored[j] = TYPED(lanes_inside)(j * LANES, 1, left);
      for (int64_t n = 0; n < 3; n++)
        if ((j > 0 || n > 0) && (j + 1 < vectors || n < 2) &&
            (next->stored[j] & ~next->taps[3 * j + n]) != 0)
          next->has_narrow_padding = 0;
    }
    x += vectors * LANES;
  }
  return next - columns;
}

#include "DepthwiseTile.h"

#define TILE(first, rows, is_open)                                                               \
  if (stride == 1 && columns->count == 2)                                                        \
    TYPED(window_tile)(task, tile, columns, &planes, first, rows, 2, stride, side, is_open);     \
  else                                                                                           \
    TYPED(window_tile)(task, tile, columns, &planes, first, rows, 1, stride, side, is_open);
#define TILES(rows)                                                                              \
  case rows:                                                                                     \
    for (; columns < task->columns_end; columns++) {                                             \
      TILE(0, rows, 1)                                                                           \
    }                                                                                            \
    break;

// All results of some planes of a block.
TARGET INLINE void TYPED(window_plane)(const TYPED(window) *task, TYPED(window_planes) planes,
                                       const int stride, const int side) {
  const ck_product *const p = task->p;
  const ck_axis *const zs = &p->axes[0];
  const int64_t channels = p->depth / p->taps;
  TYPED(window_part) parts[CK_DEPTH / 9], *next = parts;
  // The planes of the source that are read, and with them what may be read around a tile's lines.
  int64_t low = zs->source, high = -1;
  for (int64_t channel = 0; channel < channels; channel++)
    for (int64_t tap = 0; tap < zs->taps; tap++, next++) {
      const int64_t plane = planes.z * zs->stride + zs->positions[tap];
      next->factors = p->terms[(next - parts) * side * side].a;
      next->source = channel * p->channel_step + plane * zs->source_step;
      next->is_inside = plane >= 0 && plane < zs->source;
      if (next->is_inside && plane < low) low = plane;
      if (next->is_inside && plane > high) high = plane;
    }
  planes.parts = parts;
  planes.parts_end = next;
  const int64_t before = planes.before + low * zs->source_step;
  const int64_t end = p->source_count + planes.behind - (channels - 1) * p->channel_step -
                      high * zs->source_step;
  for (const ck_window_rows *tile = task->rows; tile < task->rows_end; tile++) {
    const int is_open = tile->has_narrow_padding &&
                        ((stride == 1 && side == 5) ||
                         (task->has_narrow_padding && before + tile->begin >= 0 && tile->end <= end));
    const TYPED(window_columns) *columns = task->columns;
    if (!is_open) {
      for (; columns < task->columns_end; columns++)
        for (int64_t first = 0; first < tile->count; first++) {
          TILE(first, 1, 0)
        }
      continue;
    }
    switch (tile->count) {
      TILES(8)
      TILES(7)
      TILES(4)
      TILES(2)
      TILES(1)
    }
  }
}
#undef TILES
#undef TILE

#define PLANE(name, stride, side)                                                                   \
  TARGET static void TYPED(name)(const TYPED(window) *task, const TYPED(window_planes) *planes) {   \
    TYPED(window_plane)(task, *planes, stride, side);                                               \
  }
PLANE(windows_of_3, 1, 3)
PLANE(windows_of_3_by_2, 2, 3)
PLANE(windows_of_5, 1, 5)
PLANE(windows_of_5_by_2, 2, 5)
#undef PLANE

TARGET static void TYPED(depthwise_in_place)(const ck_product *p, const SERIES *series, int64_t begin,
                                             int64_t end, int64_t block, void *scratch) {
  int64_t place[3], length[3];
  const int64_t target = place_block(p, block, place, length);
  const ck_axis *const xs = &p->axes[2];
  ck_window_rows *const rows = scratch;
  TYPED(window_columns) *const columns = (TYPED(window_columns) *)(rows + p->axes[1].block);
  const int64_t first = place[2] * xs->stride + xs->positions[0];
  TYPED(window) task = {
      .p = p,
      .series = series,
      .columns = columns,
      .columns_end = columns + TYPED(find_columns)(xs, place[2], length[2], columns),
      .rows = rows,
      .has_narrow_padding = 1,
  };
  // With a stride of 1 the first tap of the first vector is masked, and the last one of the last.
  const int64_t last = task.columns_end[-1].x + (task.columns_end[-1].count - 1) * LANES;
  task.rows_end =
      rows + (xs->stride == 1
                  ? find_window_rows(&p->axes[1], place[1], length[1], first + 1,
                                     first + last + 1 + LANES, rows)
                  : find_window_rows(&p->axes[1], place[1], length[1], first,
                                     first + last * xs->stride + 3 * LANES, rows));
  for (const TYPED(window_columns) *c = columns; c < task.columns_end; c++)
    task.has_narrow_padding &= xs->stride == 2 || c->has_narrow_padding;
  void (*const compute)(const TYPED(window) *, const TYPED(window_planes) *) =
      xs->taps == 3 ? (xs->stride == 1 ? TYPED(windows_of_3) : TYPED(windows_of_3_by_2))
                    : (xs->stride == 1 ? TYPED(windows_of_5) : TYPED(windows_of_5_by_2));
  // Planes that a level-1 cache holds are computed together, tile by tile.
  const int64_t plane = (p->axes[1].source * xs->source + length[1] * length[2]) * SCALAR_BYTES;
  const int is_one_tile = task.rows_end - rows == 1 && task.columns_end - columns == 1;
  const int64_t most = is_one_tile ? end - begin : quotient(CK_COPIES, plane);
  for (int64_t i = begin; i < end;) {
    // Those that have memory of the source on both sides are computed together, as far as their factors
    // follow each other.
    const int64_t begun = i % series->period, open_end = series->count - 1;
    int64_t some = i > 0 && i < open_end ? least(most, open_end - i) : 1;
    some = least(some, least(end - i, series->period - begun));
    const OPERANDS o = TYPED(operands_of)(p, series, i);
    TYPED(window_planes) planes = {
        .count = some,
        .before = i > 0 ? p->source_count : 0,
        .behind = i < open_end ? p->source_count : 0,
    };
    for (int64_t row = 0; row < p->rows; row++)
      for (int64_t z = 0; z < length[0]; z++) {
        planes.z = place[0] + z;
        planes.first = (OPERANDS){
            .a = o.a + row * p->a_row_stride,
            .b = o.b + first,
            .bias = o.bias ? o.bias + row : 0,
            .c = o.c + row * p->c_row_stride + target + z * p->axes[0].output_step,
        };
        compute(&task, &planes);
      }
    i += some;
  }
}
