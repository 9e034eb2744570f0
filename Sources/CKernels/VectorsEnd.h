// Takes back the macros of Vectors.h.

#undef LANES
#undef EVEN
#undef MASK
#undef MASKED_LOAD
#undef MASKED_STORE
