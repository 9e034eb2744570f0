// One variant of every kernel for one element type. Included once for each pair; the macros are
//   SCALAR  element type          SUFFIX  f32 or f64
//   NAME(x) x with the variant's own suffix
//   TARGET  the attribute that turns the instructions on
//   BYTES   bytes of a vector      MR  rows of a tile      NV  vectors in a row of a tile
//   PRODUCT the product struct of the element type
// A tile is MR x (NV * BYTES / sizeof(SCALAR)); its accumulators must fit the register file.

#define LANES ((int64_t)(BYTES / sizeof(SCALAR)))
#define NR (NV * LANES)

typedef SCALAR NAME(vector) __attribute__((vector_size(BYTES)));
typedef SCALAR NAME(unaligned) __attribute__((vector_size(BYTES), aligned(sizeof(SCALAR))));

// The tile's accumulators stay in registers: the loops over MR and NV have constant bounds and are
// unrolled, so that the arrays dissolve. One accumulator for each element keeps the order of
// summation that of the depth.
TARGET static void NAME(tile)(int64_t depth, const SCALAR *restrict a, const SCALAR *restrict b,
                              SCALAR *restrict c, int64_t c_stride, int accumulates) {
  NAME(vector) sum[MR][NV];
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) sum[i][j] = (NAME(vector)){0};
  for (int64_t k = 0; k < depth; k++) {
    NAME(vector) row[NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) row[j] = *(const NAME(vector) *)(b + j * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++) {
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) sum[i][j] += a[i] * row[j];
    }
    a += MR;
    b += NR;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      NAME(unaligned) *target = (NAME(unaligned) *)(c + i * c_stride + j * LANES);
      *target = accumulates ? *target + sum[i][j] : sum[i][j];
    }
  }
}

TARGET static void NAME(partial_tile)(int64_t depth, const SCALAR *a, const SCALAR *b, SCALAR *c,
                                      int64_t c_stride, int64_t rows, int64_t columns,
                                      int accumulates) {
  SCALAR whole[MR * NR] __attribute__((aligned(64)));
  NAME(tile)(depth, a, b, whole, NR, 0);
  for (int64_t i = 0; i < rows; i++) {
    SCALAR *target = c + i * c_stride;
    const SCALAR *source = whole + i * NR;
    for (int64_t j = 0; j < columns; j++)
      target[j] = accumulates ? target[j] + source[j] : source[j];
  }
}

TARGET static void NAME(pack_strided)(const SCALAR *b, int64_t row_stride, int64_t column_stride,
                                      int64_t depth, int64_t columns, SCALAR *restrict panel) {
  for (int64_t j = 0; j < columns; j += NR, panel += depth * NR) {
    int64_t width = columns - j < NR ? columns - j : NR;
    const SCALAR *source = b + j * column_stride;
    if (width < NR) memset(panel, 0, (size_t)(depth * NR) * sizeof(SCALAR));
    if (column_stride == 1 && width == NR) {
      for (int64_t k = 0; k < depth; k++)
        for (int v = 0; v < NV; v++)
          *(NAME(vector) *)(panel + k * NR + v * LANES) =
              *(const NAME(unaligned) *)(source + k * row_stride + v * LANES);
    } else if (column_stride == 1) {
      for (int64_t k = 0; k < depth; k++)
        for (int64_t i = 0; i < width; i++) panel[k * NR + i] = source[k * row_stride + i];
    } else {
      for (int64_t i = 0; i < width; i++)
        for (int64_t k = 0; k < depth; k++)
          panel[k * NR + i] = source[k * row_stride + i * column_stride];
    }
  }
}

// Rows [k0, k0 + depth) and columns [n0, n0 + columns) of the unrolled image. Positions are worked
// out once for each kernel position and tile of columns, and used for all channels.
TARGET static void NAME(pack_window)(const ck_window *w, const SCALAR *image, int64_t k0,
                                     int64_t depth, int64_t n0, int64_t columns,
                                     SCALAR *restrict panel) {
  const int64_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2];
  const int64_t plane = w->input[0] * w->input[1] * w->input[2];
  int64_t start[3][NR], offset[NR];
  int64_t inside[NR];
  for (int64_t j = 0; j < columns; j += NR, panel += depth * NR) {
    int64_t width = columns - j < NR ? columns - j : NR;
    for (int64_t i = 0; i < NR; i++) {
      int64_t n = n0 + j + (i < width ? i : 0);
      int64_t x = n % w->output[2], y = n / w->output[2] % w->output[1];
      int64_t z = n / (w->output[2] * w->output[1]);
      start[0][i] = z * w->stride[0] - w->padding[0];
      start[1][i] = y * w->stride[1] - w->padding[1];
      start[2][i] = x * w->stride[2] - w->padding[2];
    }
    for (int64_t tap = 0; tap < taps; tap++) {
      int64_t first = k0 <= tap ? 0 : (k0 - tap + taps - 1) / taps;
      int64_t last = k0 + depth <= tap ? 0 : (k0 + depth - tap + taps - 1) / taps;
      if (first >= last) continue;
      int64_t dx = tap % w->kernel[2] * w->dilation[2];
      int64_t dy = tap / w->kernel[2] % w->kernel[1] * w->dilation[1];
      int64_t dz = tap / (w->kernel[2] * w->kernel[1]) * w->dilation[0];
      int64_t all = 1, contiguous = 1;
      for (int64_t i = 0; i < NR; i++) {
        int64_t z = start[0][i] + dz, y = start[1][i] + dy, x = start[2][i] + dx;
        int64_t in = (z >= 0) & (z < w->input[0]) & (y >= 0) & (y < w->input[1]) & (x >= 0) &
                     (x < w->input[2]) & (i < width);
        inside[i] = in;
        offset[i] = in ? (z * w->input[1] + y) * w->input[2] + x : 0;
        all &= in;
        contiguous &= offset[i] == offset[0] + i;
      }
      for (int64_t c = first; c < last; c++) {
        const SCALAR *source = image + c * plane;
        SCALAR *target = panel + (c * taps + tap - k0) * NR;
        if (all & contiguous) {
          for (int v = 0; v < NV; v++)
            *(NAME(vector) *)(target + v * LANES) =
                *(const NAME(unaligned) *)(source + offset[0] + v * LANES);
        } else {
          for (int64_t i = 0; i < NR; i++) {
            SCALAR element = source[offset[i]];
            target[i] = inside[i] ? element : 0;
          }
        }
      }
    }
  }
}

TARGET static void NAME(multiply)(const PRODUCT *p, int64_t row_begin, int64_t row_end,
                                  int64_t column_begin, int64_t column_end, SCALAR *scratch) {
  const int64_t tiles = (p->rows + MR - 1) / MR;
  const int64_t columns = column_end - column_begin;
  for (int64_t k = 0; k < p->depth; k += CK_DEPTH) {
    const int64_t depth = p->depth - k < CK_DEPTH ? p->depth - k : CK_DEPTH;
    if (p->window)
      NAME(pack_window)(p->window, p->b, k, depth, column_begin, columns, scratch);
    else
      NAME(pack_strided)(p->b + k * p->b_row_stride + column_begin * p->b_column_stride,
                         p->b_row_stride, p->b_column_stride, depth, columns, scratch);
    const int accumulates = p->accumulates || k > 0;
    for (int64_t i = row_begin; i < row_end; i += MR) {
      const SCALAR *a = p->packed + k * tiles * MR + i * depth;
      const int64_t rows = row_end - i < MR ? row_end - i : MR;
      for (int64_t j = 0; j < columns; j += NR) {
        const SCALAR *b = scratch + j * depth;
        SCALAR *c = p->c + i * p->c_row_stride + column_begin + j;
        if (rows == MR && columns - j >= NR)
          NAME(tile)(depth, a, b, c, p->c_row_stride, accumulates);
        else
          NAME(partial_tile)(depth, a, b, c, p->c_row_stride, rows,
                             columns - j < NR ? columns - j : NR, accumulates);
      }
    }
  }
}

// Slices of CK_DEPTH along the depth; within a slice, tiles of MR rows; within a tile, the MR
// elements of one depth side by side.
TARGET static void NAME(pack)(const SCALAR *a, int64_t row_stride, int64_t column_stride,
                              int64_t rows, int64_t whole_depth, SCALAR alpha, int64_t tile_begin,
                              int64_t tile_end, SCALAR *restrict packed) {
  const int64_t tiles = (rows + MR - 1) / MR;
  for (int64_t k0 = 0; k0 < whole_depth; k0 += CK_DEPTH) {
    const int64_t depth = whole_depth - k0 < CK_DEPTH ? whole_depth - k0 : CK_DEPTH;
    for (int64_t t = tile_begin; t < tile_end; t++) {
      SCALAR *target = packed + k0 * tiles * MR + t * MR * depth;
      const SCALAR *source = a + t * MR * row_stride + k0 * column_stride;
      if (rows - t * MR >= MR) {
        for (int64_t k = 0; k < depth; k++)
          for (int64_t i = 0; i < MR; i++)
            target[k * MR + i] = alpha * source[i * row_stride + k * column_stride];
      } else {
        for (int64_t k = 0; k < depth; k++)
          for (int64_t i = 0; i < MR; i++)
            target[k * MR + i] =
                t * MR + i < rows ? alpha * source[i * row_stride + k * column_stride] : 0;
      }
    }
  }
}

TARGET static void NAME(correlate)(const ck_window *w, int64_t channels, const SCALAR *x,
                                   const SCALAR *weights, int64_t row_begin, int64_t row_end,
                                   SCALAR *restrict y) {
  const int64_t width = w->output[2], stride = w->stride[2];
  for (int64_t row = row_begin; row < row_end; row++) {
    SCALAR *restrict target = y + row * width;
    const int64_t z0 = row / w->output[1] * w->stride[0] - w->padding[0];
    const int64_t y0 = row % w->output[1] * w->stride[1] - w->padding[1];
    const SCALAR *weight = weights;
    for (int64_t c = 0; c < channels; c++) {
      for (int64_t dz = 0; dz < w->kernel[0]; dz++) {
        for (int64_t dy = 0; dy < w->kernel[1]; dy++) {
          const int64_t z = z0 + dz * w->dilation[0], v = y0 + dy * w->dilation[1];
          if (z < 0 || z >= w->input[0] || v < 0 || v >= w->input[1]) {
            weight += w->kernel[2];
            continue;
          }
          const SCALAR *line = x + ((c * w->input[0] + z) * w->input[1] + v) * w->input[2];
          for (int64_t dx = 0; dx < w->kernel[2]; dx++, weight++) {
            // Outputs whose input column lies inside the line: 0 <= i stride + shift < input.
            const int64_t shift = dx * w->dilation[2] - w->padding[2];
            const int64_t begin = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
            int64_t end =
                w->input[2] - shift <= 0 ? 0 : (w->input[2] - shift + stride - 1) / stride;
            if (end > width) end = width;
            const SCALAR factor = *weight;
            const SCALAR *restrict source = line + shift;
            if (stride == 1)
              for (int64_t i = begin; i < end; i++) target[i] += factor * source[i];
            else
              for (int64_t i = begin; i < end; i++) target[i] += factor * source[i * stride];
          }
        }
      }
    }
  }
}

#undef NR
#undef LANES
