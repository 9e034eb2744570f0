// Takes back the macros of Vectors.h.

#undef LANES
#undef EVEN
#undef ODD
#undef SHIFTED
#undef SHIFTED_BY_2
#undef SHIFTED_BY_3
#undef SHIFTED_BY_4
#undef EVEN_SHIFTED
#undef ODD_SHIFTED
#undef LOW_PAIRS
#undef HIGH_PAIRS
#undef MASK
#undef MASKED_LOAD
#undef MASKED_STORE
#undef MASKED
