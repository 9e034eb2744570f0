// One size of tile, TILE_ROWS x TILE_VECTORS, for one variant; included by Product.h.
//
// The sums stay in registers: the loops over rows and vectors have constant bounds and are unrolled,
// so that the arrays dissolve. One accumulator for each result keeps the order of summation that of
// the terms, whatever size of tile computes a result.

#define TILE TILE_NAME(TILE_ROWS, TILE_VECTORS)
#define UNROLLED _Pragma("clang loop unroll(full)")

TARGET static void TILE(const TYPED(tile_task) *task, const SCALAR *a, const SCALAR *b,
                        const ck_vector *vectors, SCALAR *c, const SCALAR *bias) {
  const int64_t a_stride = task->a_row_stride;
  const SCALAR *source[TILE_VECTORS];
  UNROLLED for (int j = 0; j < TILE_VECTORS; j++) source[j] = b + vectors[j].start;
  TYPED(vector) sum[TILE_ROWS][TILE_VECTORS];
  UNROLLED for (int i = 0; i < TILE_ROWS; i++)
    UNROLLED for (int j = 0; j < TILE_VECTORS; j++) sum[i][j] = (TYPED(vector)){0};

  const ck_term *const end = task->terms + task->depth;
  for (const ck_term *term = task->terms; term < end; term++) {
    const SCALAR *factors = a + term->a;
    TYPED(vector) row[TILE_VECTORS];
    UNROLLED for (int j = 0; j < TILE_VECTORS; j++)
      row[j] = *(const TYPED(unaligned) *)(source[j] + term->b);
    UNROLLED for (int i = 0; i < TILE_ROWS; i++) {
      TYPED(vector) factor = factors[i * a_stride] - (TYPED(vector)){0};
      // Left alone, the compiler loads the factors of all rows at once and spills sums for them.
      IN_REGISTER(factor);
      UNROLLED for (int j = 0; j < TILE_VECTORS; j++) {
        sum[i][j] += factor * row[j];
        IN_REGISTER(sum[i][j]);
      }
      STILL_IN_REGISTER(factor);
    }
    UNROLLED for (int j = 0; j < TILE_VECTORS; j++) STILL_IN_REGISTER(row[j]);
  }

  const int64_t c_stride = task->c_row_stride;
  int is_whole = 1;
  UNROLLED for (int j = 0; j < TILE_VECTORS; j++) is_whole &= vectors[j].is_whole;
  if (is_whole) {
    UNROLLED for (int i = 0; i < TILE_ROWS; i++)
      UNROLLED for (int j = 0; j < TILE_VECTORS; j++) {
        TYPED(unaligned) *target = (TYPED(unaligned) *)(c + i * c_stride + vectors[j].target);
        *target = sum[i][j] + (task->is_first ? bias[i * task->bias_stride] - (TYPED(vector)){0} : *target);
      }
  } else {
    TYPED(vector) sums[TILE_ROWS * TILE_VECTORS];
    UNROLLED for (int i = 0; i < TILE_ROWS; i++)
      UNROLLED for (int j = 0; j < TILE_VECTORS; j++) sums[i * TILE_VECTORS + j] = sum[i][j];
    TYPED(store_lanes)(task, TILE_ROWS, TILE_VECTORS, sums, vectors, c, bias);
  }
}

#undef TILE
#undef UNROLLED
