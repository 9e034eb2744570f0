// One variant of softmax, included by InstructionSets.h.

// The result may replace what it is made of.
#define IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

// Along rows: `BLOCK` columns at a time, whose largest elements and sums stay in the level-1 cache.
TARGET static void NAME(softmax_rows)(int64_t rows, int64_t columns, const float *x,
                                      int64_t x_stride, float *y, int64_t y_stride,
                                      int32_t is_logarithm) {
  enum { BLOCK = 128 };
  float largest[BLOCK], total[BLOCK];
  for (int64_t c = 0; c < columns; c += BLOCK) {
    const int64_t width = columns - c < BLOCK ? columns - c : BLOCK;
    for (int64_t j = 0; j < width; j++) {
      largest[j] = x[c + j];
      total[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      for (int64_t j = 0; j < width; j++) largest[j] = in[j] > largest[j] ? in[j] : largest[j];
    }
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      float *out = y + i * y_stride + c;
      if (is_logarithm) {
        IN_PLACE for (int64_t j = 0; j < width; j++) total[j] += decay(in[j] - largest[j]);
      } else {
        IN_PLACE for (int64_t j = 0; j < width; j++) {
          out[j] = decay(in[j] - largest[j]);
          total[j] += out[j];
        }
      }
    }
    if (is_logarithm) {
      for (int64_t j = 0; j < width; j++) total[j] = logarithm(total[j]);
    } else {
      for (int64_t j = 0; j < width; j++) total[j] = 1 / total[j];
    }
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      float *out = y + i * y_stride + c;
      if (is_logarithm) {
        IN_PLACE for (int64_t j = 0; j < width; j++) out[j] = in[j] - largest[j] - total[j];
      } else {
        IN_PLACE for (int64_t j = 0; j < width; j++) out[j] *= total[j];
      }
    }
  }
}

#undef IN_PLACE

// What is infinite (or no number) is not subtracted: the sum of the exponentials says the rest.
TARGET static void NAME(log_sum_exp_rows)(int64_t rows, int64_t columns, const float *x,
                                          int64_t row_stride, float *restrict y) {
  enum { BLOCK = 128 };
  float largest[BLOCK], total[BLOCK];
  for (int64_t c = 0; c < columns; c += BLOCK) {
    const int64_t width = columns - c < BLOCK ? columns - c : BLOCK;
    for (int64_t j = 0; j < width; j++) {
      largest[j] = x[c + j];
      total[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++) {
      const float *in = x + i * row_stride + c;
      for (int64_t j = 0; j < width; j++) largest[j] = in[j] > largest[j] ? in[j] : largest[j];
    }
    for (int64_t j = 0; j < width; j++)
      largest[j] = __builtin_fabsf(largest[j]) <= 3.40282347e+38f ? largest[j] : 0;
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * row_stride + c;
      for (int64_t j = 0; j < width; j++) {
        const float d = in[j] - largest[j];
        total[j] += d > 0 ? d : decay(d);
      }
    }
    for (int64_t j = 0; j < width; j++) y[c + j] = largest[j] + logarithm(total[j]);
  }
}

// Partial results in lanes, whose order depends on the length alone: twice those of the widest vector,
// because one chain of dependent instructions would leave half of the processor idle.
enum { NAME(LANES) = 32 };

// Lines are at least as long as there are lanes; the last lanes of a line overlap those before them.
INLINE TARGET float NAME(largest_of_line)(int64_t columns, const float *in) {
  enum { LANES = NAME(LANES) };
  float largest[LANES];
  for (int j = 0; j < LANES; j++) largest[j] = in[columns - LANES + j];
  for (int64_t i = 0; i + LANES <= columns; i += LANES)
    for (int j = 0; j < LANES; j++) largest[j] = in[i + j] > largest[j] ? in[i + j] : largest[j];
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++)
      largest[j] = largest[j + half] > largest[j] ? largest[j + half] : largest[j];
  return largest[0];
}

// The sum of the exponentials of what is less than `top` by how much.
INLINE TARGET float NAME(decays_of_line)(int64_t columns, const float *in, float top) {
  enum { LANES = NAME(LANES) };
  const int64_t whole = columns / LANES * LANES;
  float total[LANES];
  for (int j = 0; j < LANES; j++) total[j] = 0;
  for (int64_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) {
      total[j] += decay(in[i + j] - top);
    }
  if (whole < columns) {
    const int64_t last = columns - LANES;
    for (int j = 0; j < LANES; j++) {
      const float e = decay(in[last + j] - top);
      total[j] += last + j >= whole ? e : 0;
    }
  }
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) total[j] += total[j + half];
  return total[0];
}

// As `decay`, of a row; by reference, because narrow sets pass rows in another way.
INLINE TARGET void NAME(decay_row)(row *place) {
  const row x = *place;
  const row rounded = x * 1.44269504f + 12582912.0f;
  const row n = rounded - 12582912.0f;
  const row r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  row p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1;
  const row power = (row)(((places)rounded << 23) + 0x3f800000u);
  *place = (row)((places)(p * power) & ~(places)(x < LEAST_EXPONENT));
}

#define IF_LARGER(a, b) ((places)((a) > (b)))
#define LARGER(a, b) ((row)(((places)(a)&IF_LARGER(a, b)) | ((places)(b) & ~IF_LARGER(a, b))))

// What a function makes of the lanes of each of four rows, in four neighbouring lanes for each. A row's
// result depends on its own lanes alone.
#define FOLD(function, y, a, b, c, d)                                                      \
  {                                                                                        \
    const row ab = function(HALVES(a, b, 0), HALVES(a, b, 8));                             \
    const row cd = function(HALVES(c, d, 0), HALVES(c, d, 8));                             \
    y = function(QUARTERS(ab, cd, 0), QUARTERS(ab, cd, 4));                                \
    y = function(y, __builtin_shufflevector(y, y, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9,    \
                                            14, 15, 12, 13));                              \
    y = function(y, __builtin_shufflevector(y, y, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10,    \
                                            13, 12, 15, 14));                              \
  }
#define HALVES(a, b, i)                                                                    \
  __builtin_shufflevector(a, b, i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7,        \
                          i + 16, i + 17, i + 18, i + 19, i + 20, i + 21, i + 22, i + 23)
#define QUARTERS(a, b, i)                                                                  \
  __builtin_shufflevector(a, b, i, i + 1, i + 2, i + 3, i + 8, i + 9, i + 10, i + 11,      \
                          i + 16, i + 17, i + 18, i + 19, i + 24, i + 25, i + 26, i + 27)
#define SUM(a, b) ((a) + (b))
#define UNROLLED _Pragma("clang loop unroll(full)")

// `count` lines, one or four, of at least a row's length. Their last row overlaps the one before it,
// and is read before anything is written.
INLINE TARGET void NAME(softmax_of)(const int count, int64_t columns, const float *x, float *y,
                                    int32_t is_logarithm) {
  const int64_t whole = columns / ROW * ROW, last = columns - ROW;
  row end[4], top[4], total[4], result;
  UNROLLED for (int l = 0; l < count; l++)
    top[l] = end[l] = *(const unaligned_row *)(x + l * columns + last);
  for (int64_t i = 0; i < whole; i += ROW)
    UNROLLED for (int l = 0; l < count; l++)
      top[l] = LARGER(*(const unaligned_row *)(x + l * columns + i), top[l]);
  FOLD(LARGER, result, top[0], top[count > 1 ? 1 : 0], top[count > 1 ? 2 : 0],
       top[count > 1 ? 3 : 0])
  UNROLLED for (int l = 0; l < count; l++) {
    top[l] = result[4 * l] - (row){0};
    total[l] = (row){0};
  }
  for (int64_t i = 0; i < whole; i += ROW)
    UNROLLED for (int l = 0; l < count; l++) {
      row e = *(const unaligned_row *)(x + l * columns + i) - top[l];
      NAME(decay_row)(&e);
      if (!is_logarithm) *(unaligned_row *)(y + l * columns + i) = e;
      total[l] += e;
    }
  if (whole < columns) {
    places is_new;
    for (int j = 0; j < ROW; j++) is_new[j] = last + j >= whole ? UINT32_MAX : 0;
    UNROLLED for (int l = 0; l < count; l++) {
      row e = end[l] - top[l];
      NAME(decay_row)(&e);
      total[l] += (row)((places)e & is_new);
      if (!is_logarithm) end[l] = e;
    }
  }
  FOLD(SUM, result, total[0], total[count > 1 ? 1 : 0], total[count > 1 ? 2 : 0],
       total[count > 1 ? 3 : 0])
  UNROLLED for (int l = 0; l < count; l++) {
    float *out = y + l * columns;
    if (is_logarithm) {
      const row all = logarithm(result[4 * l]) - (row){0};
      for (int64_t i = 0; i < whole; i += ROW)
        *(unaligned_row *)(out + i) = *(const unaligned_row *)(x + l * columns + i) - top[l] - all;
      if (whole < columns) *(unaligned_row *)(out + last) = end[l] - top[l] - all;
    } else {
      const row inverse = 1 / result[4 * l] - (row){0};
      for (int64_t i = 0; i < whole; i += ROW)
        *(unaligned_row *)(out + i) = *(const unaligned_row *)(out + i) * inverse;
      if (whole < columns) *(unaligned_row *)(out + last) = end[l] * inverse;
    }
  }
}

#undef FOLD
#undef HALVES
#undef QUARTERS
#undef SUM
#undef LARGER
#undef IF_LARGER
#undef UNROLLED

// Four lines at a time: what one line's steps wait for, another's do.
TARGET static void NAME(softmax_lines)(int64_t lines, int64_t columns, const float *x, float *y,
                                       int32_t is_logarithm) {
  int64_t l = 0;
  for (; l + 4 <= lines; l += 4)
    NAME(softmax_of)(4, columns, x + l * columns, y + l * columns, is_logarithm);
  for (; l < lines; l++)
    NAME(softmax_of)(1, columns, x + l * columns, y + l * columns, is_logarithm);
}

TARGET static void NAME(log_sum_exp_lines)(int64_t lines, int64_t columns, const float *x,
                                           float *y) {
  for (int64_t l = 0; l < lines; l++, x += columns) {
    const float top = columns < NAME(LANES) ? __builtin_inff() : NAME(largest_of_line)(columns, x);
    if (__builtin_fabsf(top) <= 3.40282347e+38f)
      y[l] = top + logarithm(NAME(decays_of_line)(columns, x, top));
    else
      NAME(log_sum_exp_rows)(columns, 1, x, 1, y + l);
  }
}
