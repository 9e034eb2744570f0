#include "Descriptions.h"

void drop_descs(struct descs *d) {
#if DNNL_VERSION_MAJOR >= 3
  for (int32_t i = 0; i < d->count; i++) dl_library.dnnl_memory_desc_destroy(d->items[i]);
#endif
  d->count = 0;
}

dnnl_status_t describe_tensor(int32_t rank, const int64_t *sizes, const int64_t *strides,
                              struct descs *d, desc_t **result) {
  *result = &d->items[d->count];
  dnnl_status_t status;
#if DNNL_VERSION_MAJOR >= 3
  if (!strides)
    status = dl_library.dnnl_memory_desc_create_with_tag(*result, rank, sizes, dnnl_f32,
                                                         dnnl_format_tag_any);
  else
    status = dl_library.dnnl_memory_desc_create_with_strides(*result, rank, sizes, dnnl_f32,
                                                             strides);
#else
  if (!strides)
    status = dl_library.dnnl_memory_desc_init_by_tag(*result, rank, sizes, dnnl_f32,
                                                     dnnl_format_tag_any);
  else
    status = dl_library.dnnl_memory_desc_init_by_strides(*result, rank, sizes, dnnl_f32, strides);
#endif
  if (status == dnnl_success) d->count++;
  return status;
}

dnnl_status_t describe_layout(const dl_layout *layout, struct descs *d, desc_t **result) {
  int any = layout->strides[0] == 0;
  return describe_tensor(layout->rank, layout->sizes, any ? NULL : layout->strides, d, result);
}

dnnl_status_t describe_weights(const dl_layout *layout, int64_t groups, int transposed,
                               struct descs *d, desc_t **result) {
  int64_t sizes[DL_RANK + 1], strides[DL_RANK + 1];
  int32_t rank = 0;
  int grouped = groups > 1;
  if (grouped) {
    sizes[rank] = groups;
    strides[rank++] = layout->sizes[0] / groups * layout->strides[0];
  }
  int outer = transposed ? 1 : 0, inner = transposed ? 0 : 1;
  sizes[rank] = layout->sizes[outer] / (transposed ? 1 : groups);
  strides[rank++] = layout->strides[outer];
  sizes[rank] = layout->sizes[inner] / (transposed ? groups : 1);
  strides[rank++] = layout->strides[inner];
  for (int32_t i = 2; i < layout->rank; i++) {
    sizes[rank] = layout->sizes[i];
    strides[rank++] = layout->strides[i];
  }
  return describe_tensor(rank, sizes, layout->strides[0] == 0 ? NULL : strides, d, result);
}
