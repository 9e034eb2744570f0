// One variant of the pools of channels-last lines, included by InstructionSets.h.
//
// A row of results comes in two steps: what the lines of a window make of each position, channel by
// channel, goes to a line of its own, and from there the positions of a window make a result.

#define SCALAR float
#define SCALAR_BYTES 4
#define TYPED(x) NAME(x)
#include "Vectors.h"

// The first `count` lanes; whatever is in the others.
TARGET static inline NAME(vector) NAME(load)(const float *place, int64_t count) {
  if (count >= LANES) return *(const NAME(unaligned) *)place;
#if defined(MASKED_LOAD)
  return (NAME(vector))MASKED_LOAD((MASK)((1u << count) - 1), place);
#else
  NAME(vector) lanes = {0};
  memcpy(&lanes, place, (size_t)count * sizeof(float));
  return lanes;
#endif
}

TARGET static inline void NAME(store)(float *place, int64_t count, NAME(vector) lanes) {
  if (count >= LANES) {
    *(NAME(unaligned) *)place = lanes;
    return;
  }
#if defined(MASKED_STORE)
  MASKED_STORE(place, (MASK)((1u << count) - 1), (__m512)lanes);
#else
  memcpy(place, &lanes, (size_t)count * sizeof(float));
#endif
}

TARGET static inline NAME(vector) NAME(larger)(NAME(vector) a, NAME(vector) b) {
#if BYTES == 64
  // The instruction gives b where either is no number.
  const __mmask16 is_none = _mm512_cmp_ps_mask((__m512)a, (__m512)a, _CMP_UNORD_Q);
  const __m512 most = _mm512_max_ps((__m512)a, (__m512)b);
  return (NAME(vector))_mm512_mask_mov_ps(most, is_none, (__m512)a);
#else
  typedef int32_t choices __attribute__((vector_size(BYTES)));
  return LARGER_OF(NAME(vector), choices, a, b);
#endif
}

// y[c] = what places[0][c], places[1][c] and so on make, for all c below `length`.
TARGET static inline __attribute__((always_inline)) void NAME(join_each)(
    const int is_maximum, const int64_t count, const float *const *places, int64_t length,
    float *y) {
  for (int64_t c = 0; c < length; c += LANES) {
    const int64_t rest = length - c;
    NAME(vector) joined = NAME(load)(places[0] + c, rest);
    for (int64_t k = 1; k < count; k++) {
      const NAME(vector) next = NAME(load)(places[k] + c, rest);
      joined = is_maximum ? NAME(larger)(next, joined) : joined + next;
    }
    NAME(store)(y + c, rest, joined);
  }
}

// The windows that networks have are compiled with their sizes.
TARGET static inline __attribute__((always_inline)) void NAME(join)(
    const int is_maximum, int64_t count, const float *const *places, int64_t length, float *y) {
  switch (count) {
    case 2: NAME(join_each)(is_maximum, 2, places, length, y); break;
    case 3: NAME(join_each)(is_maximum, 3, places, length, y); break;
    default: NAME(join_each)(is_maximum, count, places, length, y);
  }
}

TARGET static inline __attribute__((always_inline)) void NAME(pool_lines)(
    const int is_maximum, const ck_channel_pool *p, const float *const *lines, int64_t line_count,
    float *line, float *y) {
  // So many places at a time; of more, what the first ones made is one of the next.
  enum { MOST = 8 };
  const float *places[MOST];
  const float *joined = lines[0];
  for (int64_t done = 1; done < line_count;) {
    int64_t count = 1;
    for (places[0] = joined; count < MOST && done < line_count;) places[count++] = lines[done++];
    NAME(join)(is_maximum, count, places, p->width * p->channels, line);
    joined = line;
  }
  for (int64_t i = 0; i < p->columns; i++, y += p->channels) {
    const float *const first = joined + p->firsts[i] * p->channels;
    const float *so_far = first;
    int64_t done = 1;
    do {
      int64_t count = 1;
      for (places[0] = so_far; count < MOST && done < p->counts[i];)
        places[count++] = first + done++ * p->dilation * p->channels;
      NAME(join)(is_maximum, count, places, p->channels, y);
      so_far = y;
    } while (done < p->counts[i]);
  }
}

TARGET static void NAME(max_pool_lines)(const ck_channel_pool *p, const float *const *lines,
                                        int64_t line_count, float *line, float *y) {
  NAME(pool_lines)(1, p, lines, line_count, line, y);
}

TARGET static void NAME(average_pool_lines)(const ck_channel_pool *p, const float *const *lines,
                                            int64_t line_count, const float *divisors,
                                            float divisor, float *line, float *y) {
  NAME(pool_lines)(0, p, lines, line_count, line, y);
  for (int64_t i = 0; i < p->columns; i++)
    for (int64_t c = 0; c < p->channels; c++) y[i * p->channels + c] /= divisor * divisors[i];
}

#include "VectorsEnd.h"
#undef SCALAR
#undef SCALAR_BYTES
#undef TYPED
