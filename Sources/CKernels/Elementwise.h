// One variant of the elementwise kernels, included by InstructionSets.h; NAME and TARGET as in
// Variant.h. The loops are plain C that the compiler turns into vectors of the variant's width.

// An element is read before its place is written, and nobody else reads it: the loops are safe to
// make vectors of where a result replaces its operand, which the compiler cannot know. Two vectors at a
// time, because a polynomial is one chain of dependent instructions.
#define VECTORS _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")

#define EACH(expression)                                                       \
  for (int64_t r = 0; r < rows; r++) {                                         \
    const float *in = x + r * x_stride;                                        \
    float *out = y + r * y_stride;                                             \
    VECTORS for (int64_t j = 0; j < columns; j++) {                            \
      const float a = in[j];                                                   \
      out[j] = (expression);                                                   \
    }                                                                          \
  }                                                                            \
  return

#define EACH_WITH(expression)                                                  \
  for (int64_t r = 0; r < rows; r++) {                                         \
    const float *in = x + r * x_stride;                                        \
    const float *other = s->operand + r * s->row_stride;                       \
    float *out = y + r * y_stride;                                             \
    if (s->column_stride == 0) {                                               \
      const float b = other[0];                                                \
      VECTORS for (int64_t j = 0; j < columns; j++) {                          \
        const float a = in[j];                                                 \
        out[j] = (expression);                                                 \
      }                                                                        \
    } else {                                                                   \
      VECTORS for (int64_t j = 0; j < columns; j++) {                          \
        const float a = in[j], b = other[j];                                   \
        out[j] = (expression);                                                 \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  return

// Exponents whose powers are no normal numbers take longer. Whether a row has any is known, from the
// bits of its largest magnitude, when it is done; what the results replace is kept for that.
#define EXPONENTS                                                              \
  for (int64_t r = 0; r < rows; r++) {                                         \
    const float *in = x + r * x_stride;                                        \
    float *out = y + r * y_stride;                                             \
    float kept[BLOCK];                                                         \
    if (in == out) in = memcpy(kept, in, (size_t)columns * sizeof *in);        \
    int32_t largest = 0;                                                       \
    VECTORS for (int64_t j = 0; j < columns; j++) {                            \
      const float a = in[j];                                                   \
      const int32_t bits = magnitude_bits(a);                                  \
      largest = bits > largest ? bits : largest;                               \
      out[j] = bounded_exponential(a);                                         \
    }                                                                          \
    if (largest > magnitude_bits(LEAST_EXPONENT))                              \
      VECTORS for (int64_t j = 0; j < columns; j++) out[j] = exponential(in[j]); \
  }                                                                            \
  return

// Angles too large for the polynomials, infinity among them, are the C library's.
#define ANGLES(expression, exact)                                              \
  for (int64_t r = 0; r < rows; r++) {                                         \
    const float *in = x + r * x_stride;                                        \
    float *out = y + r * y_stride;                                             \
    int outside = 0;                                                           \
    for (int64_t j = 0; j < columns; j++)                                      \
      outside |= __builtin_fabsf(in[j]) > LARGEST_ANGLE;                       \
    if (outside) {                                                             \
      for (int64_t j = 0; j < columns; j++) {                                  \
        const float a = in[j];                                                 \
        out[j] = __builtin_fabsf(a) > LARGEST_ANGLE ? (exact) : (expression);  \
      }                                                                        \
    } else {                                                                   \
      VECTORS for (int64_t j = 0; j < columns; j++) {                          \
        const float a = in[j];                                                 \
        out[j] = (expression);                                                 \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  return

#define RECTIFIED (a < 0 ? alpha * a : a)
#define CLIPPED (a < alpha ? alpha : a > beta ? beta : a)

TARGET static void NAME(step)(const ck_step *s, int64_t rows, int64_t columns, const float *x,
                              int64_t x_stride, float *y, int64_t y_stride) {
  const float alpha = s->alpha, beta = s->beta;
  switch (s->op) {
    case CK_COPY: EACH(a);
    case CK_RELU: EACH(RECTIFIED);
    case CK_CLIP: EACH(CLIPPED);
    case CK_LINEAR: EACH(alpha * a + beta);
    case CK_SIGMOID: EACH(sigmoid(a));
    case CK_SWISH: EACH(a * sigmoid(alpha * a));
    case CK_HARD_SIGMOID: EACH(hard_sigmoid(a, alpha, beta));
    case CK_HARD_SWISH: EACH(a * hard_sigmoid(a, alpha, beta));
    case CK_TANH: EACH(hyperbolic_tangent(a));
    case CK_EXP: EXPONENTS;
    case CK_ERF: EACH(error_function(a));
    case CK_ELU: EACH(a < 0 ? alpha * (decay(a) - 1) : a);
    case CK_SELU: EACH(a < 0 ? alpha * (decay(a) - 1) : beta * a);
    case CK_CELU: EACH(a < 0 ? alpha * (exponential(beta * a) - 1) : a);
    case CK_SOFTPLUS: EACH(softplus(a));
    case CK_MISH: EACH(mish(a));
    case CK_GELU: EACH(gelu(a));
    case CK_GELU_TANH: EACH(gelu_tanh(a));
    case CK_LOG: EACH(logarithm(a));
    case CK_FLOOR: EACH(__builtin_elementwise_floor(a));
    case CK_CEILING: EACH(__builtin_elementwise_ceil(a));
    case CK_ROUND: EACH(__builtin_elementwise_roundeven(a));
    case CK_SQRT: EACH(__builtin_elementwise_sqrt(a));
    case CK_ABS: EACH(__builtin_fabsf(a));
    case CK_NEGATE: EACH(-a);
    case CK_RECIPROCAL: EACH(1 / a);
    case CK_SQUARE: EACH(a * a);
    case CK_CUBE: EACH(a * a * a);
    case CK_SINE: ANGLES(sine(a, 0), sinf(a));
    case CK_COSINE: ANGLES(sine(a, 1), cosf(a));
    case CK_SIGN: EACH(a > 0 ? 1.0f : a < 0 ? -1.0f : a);
    case CK_SOFTSIGN: EACH(a / (1 + __builtin_fabsf(a)));
    case CK_ADD: EACH_WITH(a + b);
    case CK_MULTIPLY: EACH_WITH(a * b);
    case CK_SUBTRACT: EACH_WITH(a - b);
    case CK_SUBTRACT_FROM: EACH_WITH(b - a);
    case CK_DIVIDE: EACH_WITH(a / b);
    case CK_DIVIDE_INTO: EACH_WITH(b / a);
    case CK_MAXIMUM: EACH_WITH(a > b || a != a ? a : b);
    case CK_MINIMUM: EACH_WITH(a < b || a != a ? a : b);
    case CK_PRELU: EACH_WITH(a < 0 ? b * a : a);
    case CK_POWER: EACH_WITH(power(a, b));
    case CK_POWER_OF: EACH_WITH(power(b, a));
  }
}

// One pass for what most chains consist of: a scale and a shift, an addend, and a bound. The numbers are
// those of one step after the other.
TARGET static inline __attribute__((always_inline)) void NAME(pass)(
    const float *scale, const float *shift, const float *addend, const ck_step *end, int64_t count,
    const float *x, float *y) {
#pragma clang fp contract(off)
#define PASS(bounded)                                                          \
  VECTORS for (int64_t j = 0; j < count; j++) {                                \
    float a = x[j];                                                            \
    if (scale) a = a * scale[j] + shift[j];                                    \
    if (addend) a = a + addend[j];                                             \
    y[j] = (bounded);                                                          \
  }
  const float alpha = end ? end->alpha : 0, beta = end ? end->beta : 0;
  if (!end) {
    PASS(a)
  } else if (end->op == CK_RELU) {
    PASS(RECTIFIED)
  } else {
    PASS(CLIPPED)
  }
#undef PASS
}

// How many steps from the first on one pass has done for a block of `h` rows of `w` columns that follow
// each other; 0 where it would be one only. `whole` holds the operands that are rows repeated for a block.
TARGET static int32_t NAME(passed)(const ck_step *steps, int32_t count, const float *const *whole,
                                   int64_t r, int64_t c, int64_t h, int64_t w, const float *x,
                                   float *y) {
  const float *scale = NULL, *shift = NULL, *addend = NULL;
  const ck_step *end = NULL;
  int32_t taken = 0;
  if (count > 1 && whole[0] && whole[1] && steps[0].op == CK_MULTIPLY && steps[1].op == CK_ADD) {
    scale = whole[0];
    shift = whole[1];
    taken = 2;
  }
  if (taken < count && steps[taken].op == CK_ADD && steps[taken].column_stride == 1 &&
      (h == 1 || steps[taken].row_stride == w)) {
    addend = steps[taken].operand + r * steps[taken].row_stride + c;
    taken++;
  }
  if (taken < count && (steps[taken].op == CK_RELU || steps[taken].op == CK_CLIP))
    end = &steps[taken++];
  if (taken < 2) return 0;
  if (!scale)
    NAME(pass)(NULL, NULL, addend, end, h * w, x, y);
  else if (!addend)
    NAME(pass)(scale, shift, NULL, end, h * w, x, y);
  else
    NAME(pass)(scale, shift, addend, end, h * w, x, y);
  return taken;
}

#undef EACH
#undef EACH_WITH
#undef ANGLES
#undef EXPONENTS
#undef RECTIFIED
#undef CLIPPED
#undef VECTORS

// Blocks small enough to stay in the level-1 cache go through all steps before the next block.
TARGET static void NAME(chain)(const ck_step *steps, int32_t count, int64_t rows, int64_t columns,
                               const float *x, int64_t x_stride, float *y, int64_t y_stride) {
  enum { REPEATED = 4 };
  const int64_t width = columns < BLOCK ? columns : BLOCK;
  const int64_t height = width > 0 && BLOCK / width > 1 ? BLOCK / width : 1;
  // A row that every row is combined with is repeated to fill a block, so that rows which follow
  // each other can be one long row: few columns alone do not fill vectors.
  float repeated[REPEATED][BLOCK];
  const float *whole[REPEATED + 1] = {NULL};
  if (rows > 1 && width == columns && y_stride == columns) {
    const int64_t copies = rows < height ? rows : height;
    for (int32_t i = 0; i < count && i < REPEATED; i++) {
      const ck_step *s = &steps[i];
      if (!s->operand || s->row_stride != 0 || s->column_stride == 0) continue;
      for (int64_t r = 0; r < copies; r++)
        for (int64_t j = 0; j < width; j++) repeated[i][r * width + j] = s->operand[j];
      whole[i] = repeated[i];
    }
  }
  for (int64_t r = 0; r < rows; r += height) {
    const int64_t h = rows - r < height ? rows - r : height;
    for (int64_t c = 0; c < columns; c += width) {
      const int64_t w = columns - c < width ? columns - c : width;
      const float *source = x + r * x_stride + c;
      int64_t source_stride = x_stride;
      float *target = y + r * y_stride + c;
      for (int32_t i = 0, done; i < count; i += done) {
        const int is_dense = h == 1 || (source_stride == w && y_stride == w);
        done = is_dense && i < REPEATED
                   ? NAME(passed)(steps + i, count - i, whole + i, r, c, h, w, source, target)
                   : 0;
        if (done == 0) {
          ck_step s = steps[i];
          if (i < REPEATED && whole[i]) {
            s.operand = whole[i];
            s.row_stride = w;
          } else if (s.operand) {
            s.operand += r * s.row_stride + c * s.column_stride;
          }
          // Rows that follow each other in every operand are one long row.
          const int joined = source_stride == w && y_stride == w &&
                             (!s.operand || (s.row_stride == 0 && s.column_stride == 0) ||
                              (s.row_stride == w && s.column_stride == 1));
          NAME(step)(&s, joined ? 1 : h, joined ? h * w : w, source, source_stride, target, y_stride);
          done = 1;
        }
        source = target;
        source_stride = y_stride;
      }
    }
  }
}

TARGET static void NAME(mix)(int64_t columns, int32_t count, const int64_t *offsets,
                             const float *weights, const float *x, float *restrict y) {
  if (count == 1 && weights[0] == 1) {
    for (int64_t j = 0; j < columns; j++) y[j] = x[offsets[0] + j];
    return;
  }
  if (count == 2) {
    const float *restrict a = x + offsets[0], *restrict b = x + offsets[1];
    const float v = weights[0], w = weights[1];
    for (int64_t j = 0; j < columns; j++) y[j] = v * a[j] + w * b[j];
    return;
  }
  for (int64_t j = 0; j < columns; j++) y[j] = 0;
  for (int32_t i = 0; i < count; i++) {
    const float *restrict a = x + offsets[i];
    const float w = weights[i];
    for (int64_t j = 0; j < columns; j++) y[j] += w * a[j];
  }
}

// `count` vectors of columns at a time, whose sums stay in registers. Even and odd rows are summed
// apart, because one sum would wait for itself.
#define COLUMNS(count)                                                          \
  for (; j + (count) * ROW <= columns; j += (count) * ROW) {                    \
    row even[count], odd[count];                                                \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < (count); v++) {      \
      even[v] = *(const unaligned_row *)(bias + j + v * ROW);                   \
      odd[v] = (row){0};                                                        \
    }                                                                           \
    const float *w = weights + j;                                               \
    int64_t k = 0;                                                              \
    for (; k + 2 <= depth; k += 2, w += 2 * stride) {                           \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < (count); v++) {    \
        even[v] += x[k] * *(const unaligned_row *)(w + v * ROW);                \
        odd[v] += x[k + 1] * *(const unaligned_row *)(w + stride + v * ROW);    \
      }                                                                         \
    }                                                                           \
    if (k < depth) {                                                            \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < (count); v++)      \
        even[v] += x[k] * *(const unaligned_row *)(w + v * ROW);                \
    }                                                                           \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < (count); v++)        \
      *(unaligned_row *)(y + j + v * ROW) = even[v] + odd[v];                   \
  }

TARGET static void NAME(vector_times_matrix)(int64_t depth, int64_t columns, const float *x,
                                             const float *weights, int64_t stride,
                                             const float *bias, float *y) {
  int64_t j = 0;
  COLUMNS(4)
  COLUMNS(1)
}

#undef COLUMNS

// Four lines at a time share what is read of x; the terms of a sum are in sixteen lanes.
#define LINES(count)                                                            \
  for (; i + (count) <= lines; i += (count), weights += (count) * depth) {      \
    row sums[count];                                                            \
    _Pragma("clang loop unroll(full)") for (int l = 0; l < (count); l++)        \
        sums[l] = (row){0};                                                     \
    int64_t k = 0;                                                              \
    for (; k + ROW <= depth; k += ROW) {                                        \
      const row a = *(const unaligned_row *)(x + k);                            \
      _Pragma("clang loop unroll(full)") for (int l = 0; l < (count); l++)      \
          sums[l] += a * *(const unaligned_row *)(weights + l * depth + k);     \
    }                                                                           \
    for (int l = 0; l < (count); l++) {                                         \
      float lanes[ROW];                                                         \
      *(unaligned_row *)lanes = sums[l];                                        \
      for (int half = ROW / 2; half > 0; half /= 2)                             \
        for (int j = 0; j < half; j++) lanes[j] += lanes[j + half];             \
      float total = lanes[0];                                                   \
      for (int64_t j = k; j < depth; j++) total += x[j] * weights[l * depth + j]; \
      y[i + l] = bias ? total + bias[i + l] : total;                            \
    }                                                                           \
  }

TARGET static void NAME(lines_times_vector)(int64_t lines, int64_t depth, const float *weights,
                                            const float *x, const float *bias,
                                            float *restrict y) {
  int64_t i = 0;
  LINES(4)
  LINES(1)
}

#undef LINES
