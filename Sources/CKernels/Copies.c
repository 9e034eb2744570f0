#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"

typedef float eight __attribute__((vector_size(32)));
typedef float unaligned_eight __attribute__((vector_size(32), aligned(4)));

#define KERNELS "Copies.h"
#include "InstructionSets.h"

void ck_copy_2d(int64_t rows, int64_t columns, const float *x, int64_t x_row_stride,
                int64_t x_column_stride, float *y, int64_t y_row_stride) {
  if (x_column_stride == 1) {
    for (int64_t r = 0; r < rows; r++)
      memcpy(y + r * y_row_stride, x + r * x_row_stride, (size_t)columns * sizeof(float));
    return;
  }
  DISPATCH(copy_words,
           (rows, columns, x, x_row_stride, x_column_stride, y, y_row_stride))
}

void ck_repeat(int64_t columns, int64_t factor, const float *x, float *y) {
  DISPATCH(repeat, (columns, factor, x, y))
}

typedef struct {
  uint64_t words[2];
} pair;

// Squares whose lines of both sides fit the level-1 cache.
#define COPY(type)                                                             \
  {                                                                            \
    enum { SIDE = 16 };                                                        \
    const type *from = x;                                                      \
    type *restrict to = y;                                                     \
    for (int64_t c = 0; c < columns; c += SIDE) {                              \
      const int64_t right = columns - c < SIDE ? columns : c + SIDE;           \
      for (int64_t r = 0; r < rows; r += SIDE) {                               \
        const int64_t bottom = rows - r < SIDE ? rows : r + SIDE;              \
        for (int64_t i = r; i < bottom; i++)                                   \
          for (int64_t j = c; j < right; j++)                                  \
            to[i * y_row_stride + j * y_column_stride] =                       \
                from[i * x_row_stride + j * x_column_stride];                  \
      }                                                                        \
    }                                                                          \
    return;                                                                    \
  }

void ck_copy_elements(int64_t size, int64_t rows, int64_t columns, const void *x,
                      int64_t x_row_stride, int64_t x_column_stride, void *y, int64_t y_row_stride,
                      int64_t y_column_stride) {
  if (y_column_stride == 1 && size == (int64_t)sizeof(float)) {
    ck_copy_2d(rows, columns, x, x_row_stride, x_column_stride, y, y_row_stride);
    return;
  }
  if (y_column_stride == 1 && x_column_stride == 1) {
    for (int64_t r = 0; r < rows; r++)
      memcpy((char *)y + r * y_row_stride * size, (const char *)x + r * x_row_stride * size,
             (size_t)(columns * size));
    return;
  }
  switch (size) {
    case 1: COPY(uint8_t)
    case 2: COPY(uint16_t)
    case 4: COPY(uint32_t)
    case 8: COPY(uint64_t)
    case 16: COPY(pair)
  }
}

// Few branches and no call: rows may be short.
#define SELECT(type)                                                           \
  {                                                                            \
    const type *p = a, *q = b;                                                 \
    type *restrict out = y;                                                    \
    if (flag_stride == 1 && a_stride == 1 && b_stride == 1) {                  \
      for (int64_t j = 0; j < count; j++) out[j] = flags[j] ? p[j] : q[j];     \
    } else if (flag_stride == 1 && a_stride == 0 && b_stride == 1) {           \
      const type value = p[0];                                                 \
      for (int64_t j = 0; j < count; j++) out[j] = flags[j] ? value : q[j];    \
    } else if (flag_stride == 1 && a_stride == 1 && b_stride == 0) {           \
      const type value = q[0];                                                 \
      for (int64_t j = 0; j < count; j++) out[j] = flags[j] ? p[j] : value;    \
    } else {                                                                   \
      for (int64_t j = 0; j < count; j++)                                      \
        out[j] = flags[j * flag_stride] ? p[j * a_stride] : q[j * b_stride];   \
    }                                                                          \
    return;                                                                    \
  }

void ck_select(int64_t size, int64_t count, const uint8_t *flags, int64_t flag_stride,
               const void *a, int64_t a_stride, const void *b, int64_t b_stride, void *y) {
  switch (size) {
    case 1: SELECT(uint8_t)
    case 2: SELECT(uint16_t)
    case 4: SELECT(uint32_t)
    case 8: SELECT(uint64_t)
    case 16: SELECT(pair)
  }
}
