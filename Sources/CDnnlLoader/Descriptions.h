// What oneDNN calls a memory descriptor: sizes, strides and element type of an operand. Version 3 has
// objects that are to be destroyed where version 2 has plain values.
#ifndef DESCRIPTIONS_H
#define DESCRIPTIONS_H

#include "CDnnlLoader.h"
#include "Library.h"

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t desc_t;
typedef const_dnnl_memory_desc_t const_desc_t;
#define REF(d) (d)
#else
typedef dnnl_memory_desc_t desc_t;
typedef const dnnl_memory_desc_t *const_desc_t;
#define REF(d) (&(d))
#endif

/// Descriptions that one call makes, to be dropped when it returns.
struct descs {
  desc_t items[6 + DL_POST_OPS];
  int32_t count;
};

void drop_descs(struct descs *d);

/// Without `strides` the arrangement is left to oneDNN.
dnnl_status_t describe_tensor(int32_t rank, const int64_t *sizes, const int64_t *strides,
                              struct descs *d, desc_t **result);

dnnl_status_t describe_layout(const dl_layout *layout, struct descs *d, desc_t **result);

/// [out, in, kernel] as oneDNN wants it: with the groups as a dimension of their own. `layout` of a
/// transposed convolution is [in, out, kernel] and is read through swapped strides.
dnnl_status_t describe_weights(const dl_layout *layout, int64_t groups, int transposed,
                               struct descs *d, desc_t **result);

#endif
