// How a tile of results goes to memory that does not take whole vectors; included by Product.h.

#ifdef MASK
#if SCALAR_BYTES == 8
#define LOW_HALF_SPREAD(v) __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3)
#define HIGH_HALF_SPREAD(v) __builtin_shufflevector(v, v, 4, 4, 5, 5, 6, 6, 7, 7)
#else
#define LOW_HALF_SPREAD(v) \
  __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
#define HIGH_HALF_SPREAD(v) \
  __builtin_shufflevector(v, v, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15)
#endif

TARGET static inline void TYPED(store_masked)(SCALAR *place, MASK mask, TYPED(vector) sum,
                                              int32_t is_first, SCALAR bias) {
  const TYPED(vector) addend =
      is_first ? bias - (TYPED(vector)){0} : (TYPED(vector))MASKED_LOAD(mask, place);
  MASKED_STORE(place, mask, sum + addend);
}

// Some lanes of a vector, `step` (1 or 2) apart in the result, in masked instructions.
TARGET static inline void TYPED(store_some)(SCALAR *target, TYPED(vector) sum, int64_t step,
                                            int32_t lane, int32_t count, int32_t is_first,
                                            SCALAR bias) {
  const uint32_t lanes = ((1u << count) - 1) << lane;
  if (step == 1) {
    TYPED(store_masked)(target - lane, (MASK)lanes, sum, is_first, bias);
    return;
  }
  // Bit i to bit 2 i.
  uint32_t spread = (lanes | lanes << 8) & 0x00ff00ff;
  spread = (spread | spread << 4) & 0x0f0f0f0f;
  spread = (spread | spread << 2) & 0x33333333;
  spread = (spread | spread << 1) & 0x55555555;
  SCALAR *const place = target - 2 * lane;
  TYPED(store_masked)(place, (MASK)spread, LOW_HALF_SPREAD(sum), is_first, bias);
  TYPED(store_masked)(place + LANES, (MASK)(spread >> LANES), HIGH_HALF_SPREAD(sum), is_first, bias);
}
#undef LOW_HALF_SPREAD
#undef HIGH_HALF_SPREAD
#endif

// Results of two rows in turns, the rows being those of `ck_pair`.
TARGET static void TYPED(store_pairs)(const TYPED(tile_task) *task, int64_t rows, int64_t count,
                                     const TYPED(vector) *sums, const ck_vector *vectors, SCALAR *c) {
  for (int64_t i = 0; i < rows; i += 2) {
    const ck_pair *pair = task->pairs + (task->row + i) / 2;
    const SCALAR bias = task->pair_bias ? task->pair_bias[pair->bias] : 0;
    for (int64_t j = 0; j < count; j++) {
      const TYPED(vector) even = sums[i * count + j], odd = sums[(i + 1) * count + j];
      const TYPED(vector) both[2] = {LOW_PAIRS(even, odd), HIGH_PAIRS(even, odd)};
      const ck_segment *s = task->segments + vectors[j].segment;
      for (int32_t rest = vectors[j].segment_count; rest > 0; rest--, s++) {
        SCALAR *target = c + pair->target + s->target;
        if (s->count == LANES) {
          TYPED(unaligned) *place = (TYPED(unaligned) *)target;
          for (int n = 0; n < 2; n++)
            place[n] = both[n] + (task->is_first ? bias - (TYPED(vector)){0} : place[n]);
          continue;
        }
        const SCALAR *lane = (const SCALAR *)both + 2 * s->lane;
        for (int32_t n = 0; n < 2 * s->count; n++)
          target[n] = lane[n] + (task->is_first ? bias : target[n]);
      }
    }
  }
}

// Results of a tile that do not all lie side by side.
TARGET static __attribute__((noinline)) void TYPED(store_lanes)(
    const TYPED(tile_task) *task, int64_t rows, int64_t count, const TYPED(vector) *sums,
    const ck_vector *vectors, SCALAR *c, const SCALAR *bias) {
  if (task->pairs) {
    TYPED(store_pairs)(task, rows, count, sums, vectors, c);
    return;
  }
  const int64_t step = task->output_step;
  for (int64_t i = 0; i < rows; i++, c += task->c_row_stride, bias += task->bias_stride) {
    for (int64_t j = 0; j < count; j++) {
      const ck_segment *s = task->segments + vectors[j].segment;
      for (int32_t rest = vectors[j].segment_count; rest > 0; rest--, s++) {
        SCALAR *target = c + s->target;
#ifdef MASK
        if (step <= 2) {
          TYPED(store_some)(target, sums[i * count + j], step, s->lane, s->count, task->is_first, *bias);
          continue;
        }
#endif
        const SCALAR *lane = (const SCALAR *)&sums[i * count + j] + s->lane;
        for (int32_t n = 0; n < s->count; n++, target += step)
          *target = lane[n] + (task->is_first ? *bias : *target);
      }
    }
  }
}
