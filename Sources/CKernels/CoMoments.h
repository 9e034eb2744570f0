// One variant of the co-moment kernels, included by Product.h for Float64.
//
// The matrix of products is symmetric: of each row what lies from its block of CK_COMOMENT_BLOCK columns on
// is computed.

/// products[i stride + j] += the sum over the rows of a[row stride + i] a[row stride + j].
TARGET static void TYPED(add_products)(const TYPED(tile_task) *task, const SCALAR *a,
                                       SCALAR *products) {
  const int64_t size = task->c_row_stride, lanes = LANES;
  const SCALAR zero = 0;
  for (int64_t i = 0; i < size; i += CK_COMOMENT_BLOCK) {
    const TYPED(tile_size) *rows = TYPED(tile_sizes);
    for (int64_t row = i; row < i + CK_COMOMENT_BLOCK; row += rows->rows) {
      while (rows->rows > i + CK_COMOMENT_BLOCK - row) rows++;
      const TYPED(tile_size) *tile = rows;
      for (int64_t j = i; j < size; j += tile->vectors * lanes) {
        while (tile->vectors * lanes > size - j) tile++;
        ck_vector vectors[8];
        for (int64_t v = 0; v < tile->vectors; v++)
          vectors[v] = (ck_vector){
              .start = j + v * lanes, .target = j + v * lanes, .is_whole = 1};
        tile->compute(task, a + row, a, vectors, products + row * size, &zero);
      }
    }
  }
}

// LANES floats, wherever they begin.
typedef float TYPED(narrow) __attribute__((vector_size(LANES * 4), aligned(4)));
typedef int64_t TYPED(lanes) __attribute__((vector_size(BYTES)));

/// Writes x - shift in Float64 for `vectors` times LANES columns of some rows and adds up each column. The
/// first `count` columns exist; zeros stand for the others.
TARGET static inline __attribute__((always_inline)) void TYPED(widen_columns)(
    const int vectors, int64_t rows, int64_t count, const float *restrict x, int64_t row_stride,
    const float *restrict shift, double *restrict sums, double *restrict out, int64_t size) {
  enum { MOST = 4 };
  float near[MOST * LANES] = {0};
  TYPED(lanes) exists[MOST] = {{0}};
  TYPED(vector) k[MOST], sum[MOST];
  const int64_t missing = count < vectors * LANES ? vectors * LANES - count : 0;
  for (int64_t j = 0; j < vectors * LANES - missing; j++) {
    near[j] = shift[j];
    exists[j / LANES][j % LANES] = -1;
  }
  for (int v = 0; v < vectors; v++) {
    k[v] = __builtin_convertvector(*(const TYPED(narrow) *)(near + v * LANES), TYPED(vector));
    sum[v] = *(const TYPED(unaligned) *)(sums + v * LANES);
  }
  // What is read for columns that do not exist belongs to the rows that follow: of the last ones, each
  // element is read by itself.
  const int64_t last = (missing + row_stride - 1) / row_stride;
  for (int64_t r = 0; r < rows; r++) {
    const float *in = x + r * row_stride;
    if (r >= rows - last) {
      for (int64_t j = 0; j < vectors * LANES - missing; j++) near[j] = in[j];
      in = near;
    }
    for (int v = 0; v < vectors; v++) {
      const TYPED(narrow) number = *(const TYPED(narrow) *)(in + v * LANES);
      TYPED(vector) d = __builtin_convertvector(number, TYPED(vector)) - k[v];
      if (missing > 0) d = (TYPED(vector))((TYPED(lanes))d & exists[v]);
      *(TYPED(unaligned) *)(out + r * size + v * LANES) = d;
      sum[v] += d;
    }
  }
  for (int v = 0; v < vectors; v++) *(TYPED(unaligned) *)(sums + v * LANES) = sum[v];
}

/// The same of all columns.
TARGET static void TYPED(widen)(int64_t rows, int64_t columns, const float *restrict x,
                                int64_t row_stride, const float *restrict shift,
                                double *restrict sums, double *restrict out, int64_t size) {
  int64_t j = 0;
  for (; j + 4 * LANES <= size; j += 4 * LANES)
    TYPED(widen_columns)(4, rows, columns - j, x + j, row_stride, shift + j, sums + j, out + j, size);
  for (; j + 2 * LANES <= size; j += 2 * LANES)
    TYPED(widen_columns)(2, rows, columns - j, x + j, row_stride, shift + j, sums + j, out + j, size);
  for (; j < size; j += LANES)
    TYPED(widen_columns)(1, rows, columns - j, x + j, row_stride, shift + j, sums + j, out + j, size);
}

TARGET static void TYPED(comoments)(int64_t rows, int64_t columns, const float *restrict x,
                                    int64_t row_stride, const float *restrict shift,
                                    double *restrict sums, double *restrict products,
                                    double *restrict scratch) {
  const int64_t size = ck_comoment_stride(columns);
  ck_term terms[CK_DEPTH];
  for (int64_t k = 0; k < CK_DEPTH; k++) terms[k] = (ck_term){k * size, k * size};
  TYPED(tile_task) task = {
      .terms = terms, .a_row_stride = 1, .c_row_stride = size, .bias_stride = 0, .is_first = 0};
  for (int64_t j = 0; j < size; j++) sums[j] = 0;
  for (int64_t i = 0; i < size * size; i++) products[i] = 0;
  const int64_t depth = ck_comoment_depth(columns);
  for (int64_t begin = 0; begin < rows; begin += depth) {
    task.depth = rows - begin < depth ? rows - begin : depth;
    const float *in = x + begin * row_stride;
    TYPED(widen)(task.depth, columns, in, row_stride, shift, sums, scratch, size);
    TYPED(add_products)(&task, scratch, products);
  }
}

/// forms[o] = the sum over i and j of weights[o size + i] products[i size + j] weights[o size + j].
TARGET static void TYPED(quadratic_forms)(int64_t count, int64_t size,
                                          const double *restrict weights,
                                          const double *restrict products,
                                          double *restrict forms) {
  // So many forms share what is loaded of the products.
  enum { TOGETHER = 4 };
  const TYPED(vector) zero = {0};
  for (int64_t first = 0; first < count; first += TOGETHER) {
    const int64_t n = count - first < TOGETHER ? count - first : TOGETHER;
    const double *w[TOGETHER];
    for (int64_t o = 0; o < TOGETHER; o++) w[o] = weights + (first + (o < n ? o : 0)) * size;
    TYPED(vector) total[TOGETHER] = {zero, zero, zero, zero};
    for (int64_t i = 0; i < size; i++) {
      const double *row = products + i * size;
      const int64_t block = i / CK_COMOMENT_BLOCK * CK_COMOMENT_BLOCK;
      TYPED(vector) own[TOGETHER] = {zero, zero, zero, zero};
      TYPED(vector) rest[TOGETHER] = {zero, zero, zero, zero};
      for (int64_t j = block; j < block + CK_COMOMENT_BLOCK; j += LANES)
        for (int o = 0; o < TOGETHER; o++)
          own[o] += *(const TYPED(unaligned) *)(row + j) * *(const TYPED(unaligned) *)(w[o] + j);
      for (int64_t j = block + CK_COMOMENT_BLOCK; j < size; j += LANES)
        for (int o = 0; o < TOGETHER; o++)
          rest[o] += *(const TYPED(unaligned) *)(row + j) * *(const TYPED(unaligned) *)(w[o] + j);
      for (int o = 0; o < TOGETHER; o++) total[o] += w[o][i] * (own[o] + 2 * rest[o]);
    }
    for (int64_t o = 0; o < n; o++) {
      double sum = 0;
      for (int lane = 0; lane < LANES; lane++) sum += total[o][lane];
      forms[first + o] = sum;
    }
  }
}
