// A tile of the results of windows that are read where they are, of several planes one after the other;
// included by DepthwiseInPlace.h.

/// A line in the padding, for planes that are in it.
static const SCALAR TYPED(line_of_zeros)[4 * LANES];

// What a tile takes of a line: of windows of three elements one after the other what every tap reads, of
// others the vectors that they are made of. Instructions without masks are cheaper, but read whole vectors:
// they may where what is around the line is memory of the source.
TARGET INLINE void TYPED(load_line)(const SCALAR *line, const TYPED(window_columns) *columns,
                                    const MASK *masks, TYPED(vector) *loaded, const int vectors,
                                    const int stride, const int side, const int is_open) {
  if (stride == 1 && side == 3) {
    UNROLLED for (int n = 0; n < 3 * vectors; n++) {
      const SCALAR *const place = line + n / 3 * LANES + n % 3;
      loaded[n] = is_open && n > 0 && n + 1 < 3 * vectors
                      ? (TYPED(vector))*(const TYPED(unaligned) *)place
                      : (TYPED(vector))MASKED_LOAD(masks[n], place);
    }
    return;
  }
  if (stride == 1) {
    UNROLLED for (int n = 0; n <= vectors; n++)
      loaded[n] = (TYPED(vector))MASKED_LOAD(masks[n], line + n * LANES);
    return;
  }
  TYPED(vector) part[3];
  UNROLLED for (int n = 0; n < 3; n++) {
    const SCALAR *const place = line + n * LANES;
    part[n] = is_open ? (TYPED(vector))*(const TYPED(unaligned) *)place
                      : (TYPED(vector))MASKED_LOAD(columns->inside[n], place);
  }
  loaded[0] = (TYPED(vector))MASKED(masks[0], EVEN(part[0], part[1]));
  loaded[1] = (TYPED(vector))MASKED(masks[1], ODD(part[0], part[1]));
  loaded[2] = (TYPED(vector))MASKED(masks[2], SHIFTED(loaded[0], part[2]));
  if (side == 5) {
    loaded[3] = (TYPED(vector))MASKED(masks[3], ODD_SHIFTED(loaded[1], part[2]));
    loaded[4] = (TYPED(vector))MASKED(masks[4], EVEN_SHIFTED(loaded[0], part[2]));
  }
}

// What tap n of vector j is, of what `load_line` has loaded.
TARGET INLINE TYPED(vector) TYPED(see)(const TYPED(vector) *loaded, const int n, const int j,
                                       const int stride, const int side) {
  if (stride == 2) return loaded[n];
  if (side == 3) return loaded[3 * j + n];
  switch (n) {
    case 0: return loaded[j];
    case 1: return SHIFTED(loaded[j], loaded[j + 1]);
    case 2: return SHIFTED_BY_2(loaded[j], loaded[j + 1]);
    case 3: return SHIFTED_BY_3(loaded[j], loaded[j + 1]);
    default: return SHIFTED_BY_4(loaded[j], loaded[j + 1]);
  }
}

// `rows` lines of `vectors` vectors of results, two at most, of each plane: those from line `first` of the
// tile on.
TARGET INLINE void TYPED(window_tile)(const TYPED(window) *task, const ck_window_rows *tile,
                                      const TYPED(window_columns) *columns,
                                      const TYPED(window_planes) *planes, int64_t first,
                                      const int rows, const int vectors, const int stride,
                                      const int side, const int is_open) {
  const ck_product *const p = task->p;
  const int64_t step = p->axes[1].source_step, output_step = p->axes[1].output_step;
  MASK masks[6];
  UNROLLED for (int n = 0; n < 6; n++) {
    masks[n] = stride == 1 && side == 5 ? columns->inside[n < 4 ? n : 3] : columns->taps[n];
    // In a register of its own, not loaded for every line.
    if (is_open) __asm__ volatile("" : "+k"(masks[n]));
  }
  MASK stored[2];
  UNROLLED for (int j = 0; j < vectors; j++) {
    stored[j] = columns->stored[j];
    __asm__ volatile("" : "+k"(stored[j]));
  }
  const uint32_t tile_present = tile->present >> first * stride;
  const TYPED(window_part) *const parts = planes->parts, *const parts_end = planes->parts_end;
  const SCALAR *a = planes->first.a, *bias = planes->first.bias;
  const SCALAR *source =
      planes->first.b + columns->x * stride + tile->offset + first * stride * step;
  SCALAR *results = planes->first.c + columns->x + tile->target + first * output_step;
  const int64_t a_step = task->series->a_step, bias_step = task->series->bias_step;
  const int64_t source_step = p->source_count, results_step = task->series->c_step;
  for (int64_t left = planes->count; left > 0; left--) {
    SCALAR *target = results;
    TYPED(vector) sum[16];
    UNROLLED for (int i = 0; i < rows * vectors; i++) sum[i] = (TYPED(vector)){0};
    const TYPED(window_part) *part = parts;
    do {
      const SCALAR *line = part->is_inside ? source + part->source : TYPED(line_of_zeros);
      const int64_t line_step = part->is_inside ? step : 0;
      const SCALAR *const factors = a + part->factors;
      TYPED(vector) factor[9];
      if (side == 3)
        UNROLLED for (int n = 0; n < 9; n++) {
          factor[n] = factors[n] - (TYPED(vector)){0};
          IN_REGISTER(factor[n]);
        }
      const int lines = (rows - 1) * stride + side, edge = is_open ? side / 2 : lines;
      UNROLLED for (int l = 0; l < lines; l++) {
        TYPED(vector) loaded[6];
        // A processor follows lines that lie one in the other late. Small planes are there anyway.
        if (vectors * stride > 1 && l < rows * stride)
          UNROLLED for (int j = 0; j < vectors * stride; j++)
            __builtin_prefetch(line + j * LANES + CK_AHEAD / SCALAR_BYTES, 0, 3);
        if (vectors * stride > 1 && l < rows)
          UNROLLED for (int j = 0; j < vectors; j++)
            __builtin_prefetch(target + l * output_step + j * LANES + CK_AHEAD / SCALAR_BYTES, 1, 3);
        if ((l >= edge && l < lines - edge) || tile_present & 1u << l) {
          TYPED(load_line)(line, columns, masks, loaded, vectors, stride, side, is_open);
        } else {
          UNROLLED for (int n = 0; n < 6; n++) loaded[n] = (TYPED(vector)){0};
        }
        line += line_step;
        UNROLLED for (int n = 0; n < side; n++) {
          TYPED(vector) seen[2];
          UNROLLED for (int j = 0; j < vectors; j++) {
            seen[j] = TYPED(see)(loaded, n, j, stride, side);
            IN_REGISTER(seen[j]);
          }
          UNROLLED for (int i = 0; i < rows; i++) {
            const int high = l - i * stride;
            if (high >= 0 && high < side) {
              TYPED(vector) some;
              if (side == 3) {
                some = factor[(high * 3 + n) % 9];
              } else {
                some = factors[high * side + n] - (TYPED(vector)){0};
                IN_REGISTER(some);
              }
              UNROLLED for (int j = 0; j < vectors; j++) {
                sum[i * vectors + j] += some * seen[j];
                IN_REGISTER(sum[i * vectors + j]);
              }
            }
          }
          // Left alone, the compiler loads all lines at once and spills them.
          UNROLLED for (int j = 0; j < vectors; j++) STILL_IN_REGISTER(seen[j]);
        }
      }
    } while (++part < parts_end);
    if (bias) {
      const TYPED(vector) addend = *bias - (TYPED(vector)){0};
      UNROLLED for (int i = 0; i < rows * vectors; i++) sum[i] += addend;
      bias += bias_step;
    }
    UNROLLED for (int i = 0; i < rows; i++, target += output_step)
      UNROLLED for (int j = 0; j < vectors; j++)
        MASKED_STORE(target + j * LANES, stored[j], sum[i * vectors + j]);
    a += a_step;
    source += source_step;
    results += results_step;
  }
}
