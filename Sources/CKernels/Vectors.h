// Vectors of one element type in one instruction set; included by ElementTypes.h.
//   LANES       elements of a vector
//   EVEN(a, b), ODD(a, b)  every second element of two vectors, from the first or the second on
//   SHIFTED(a, b)  the lanes of a but the first, and the first one of b; SHIFTED_BY_2 but two, and so on
//   EVEN_SHIFTED(a, b), ODD_SHIFTED(a, b)  the lanes of a but the first two, or but the first, and then
//               those of b from the first or the second on that are every second one
//   LOW_PAIRS(a, b), HIGH_PAIRS(a, b)  elements of a and b in turns, from either half
//   MASK, MASKED_LOAD, MASKED_STORE, MASKED  defined where an instruction takes some of the lanes

#define LANES (BYTES / SCALAR_BYTES)
#if LANES == 16
#define EVEN(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define SHIFTED(a, b) \
  __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
#define SHIFTED_BY_2(a, b) \
  __builtin_shufflevector(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
#define SHIFTED_BY_3(a, b) \
  __builtin_shufflevector(a, b, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
#define SHIFTED_BY_4(a, b) \
  __builtin_shufflevector(a, b, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
#define EVEN_SHIFTED(a, b) \
  __builtin_shufflevector(a, b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18)
#define ODD_SHIFTED(a, b) \
  __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17)
#define LOW_PAIRS(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH_PAIRS(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define SHIFTED(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8)
#define SHIFTED_BY_2(a, b) __builtin_shufflevector(a, b, 2, 3, 4, 5, 6, 7, 8, 9)
#define SHIFTED_BY_3(a, b) __builtin_shufflevector(a, b, 3, 4, 5, 6, 7, 8, 9, 10)
#define SHIFTED_BY_4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 8, 9, 10, 11)
#define EVEN_SHIFTED(a, b) __builtin_shufflevector(a, b, 2, 3, 4, 5, 6, 7, 8, 10)
#define ODD_SHIFTED(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 9)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif LANES == 4
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 2)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif

#if BYTES == 64
#if SCALAR_BYTES == 8
#define MASK __mmask8
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_pd(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_pd(place, mask, value)
#define MASKED(mask, value) _mm512_maskz_mov_pd(mask, (__m512d)(value))
#else
#define MASK __mmask16
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_ps(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_ps(place, mask, value)
#define MASKED(mask, value) _mm512_maskz_mov_ps(mask, (__m512)(value))
#endif
#endif

typedef SCALAR TYPED(vector) __attribute__((vector_size(BYTES)));
typedef SCALAR TYPED(unaligned) __attribute__((vector_size(BYTES), aligned(sizeof(SCALAR))));
