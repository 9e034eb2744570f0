// Takes back the macros of Vectors.h.

#undef LANES
#undef EVEN
#undef ODD
#undef SHIFTED
#undef LOW_PAIRS
#undef HIGH_PAIRS
#undef MASK
#undef MASKED_LOAD
#undef MASKED_STORE
