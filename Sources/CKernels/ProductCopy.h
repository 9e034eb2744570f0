// The copy of what the results of a block read, as `ck_axis` describes it; included by Product.h.
//
// The last vector of a channel reads on behind what the results need. There are zeros: memory as it was
// found is mostly addresses and small integers, which are subnormal numbers, and a processor takes a
// hundred cycles for a product with one of those.

TARGET static inline void TYPED(clear_vector)(SCALAR *target) {
  *(TYPED(unaligned) *)target = (TYPED(vector)){0};
}

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
  for (int64_t c = 0; c < channels; c++) TYPED(clear_vector)(target + c * size + columns);
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
    TYPED(clear_vector)(row);
  }
}
