// The functions of oneDNN that the shim calls, found by name when the library is loaded.
#ifndef LIBRARY_H
#define LIBRARY_H

#include <oneapi/dnnl/dnnl.h>

#define DL_FUNCTIONS_OF_BOTH(X)          \
  X(dnnl_engine_create)                  \
  X(dnnl_stream_create)                  \
  X(dnnl_stream_wait)                    \
  X(dnnl_version)                        \
  X(dnnl_memory_create)                  \
  X(dnnl_memory_destroy)                 \
  X(dnnl_memory_set_data_handle)         \
  X(dnnl_memory_desc_get_size)           \
  X(dnnl_memory_desc_equal)              \
  X(dnnl_primitive_create)               \
  X(dnnl_primitive_destroy)              \
  X(dnnl_primitive_execute)              \
  X(dnnl_primitive_desc_destroy)         \
  X(dnnl_primitive_desc_query)           \
  X(dnnl_primitive_desc_query_md)        \
  X(dnnl_primitive_attr_create)          \
  X(dnnl_primitive_attr_destroy)         \
  X(dnnl_primitive_attr_set_post_ops)    \
  X(dnnl_primitive_attr_set_scratchpad_mode) \
  X(dnnl_post_ops_create)                \
  X(dnnl_post_ops_destroy)               \
  X(dnnl_post_ops_append_eltwise)        \
  X(dnnl_post_ops_append_sum)            \
  X(dnnl_post_ops_append_binary)         \
  X(dnnl_reorder_primitive_desc_create)

#if DNNL_VERSION_MAJOR >= 3
#define DL_FUNCTIONS_OF_VERSION(X)                 \
  X(dnnl_memory_desc_create_with_strides)          \
  X(dnnl_memory_desc_create_with_tag)              \
  X(dnnl_memory_desc_destroy)                      \
  X(dnnl_convolution_forward_primitive_desc_create) \
  X(dnnl_deconvolution_forward_primitive_desc_create) \
  X(dnnl_matmul_primitive_desc_create)             \
  X(dnnl_lrn_forward_primitive_desc_create)        \
  X(dnnl_resampling_forward_primitive_desc_create)
#else
#define DL_FUNCTIONS_OF_VERSION(X)                 \
  X(dnnl_memory_desc_init_by_strides)              \
  X(dnnl_memory_desc_init_by_tag)                  \
  X(dnnl_primitive_desc_create)                    \
  X(dnnl_dilated_convolution_forward_desc_init)    \
  X(dnnl_dilated_deconvolution_forward_desc_init)  \
  X(dnnl_matmul_desc_init)                         \
  X(dnnl_lrn_forward_desc_init)                    \
  X(dnnl_resampling_forward_desc_init)
#endif

#define DL_FUNCTIONS(X) DL_FUNCTIONS_OF_BOTH(X) DL_FUNCTIONS_OF_VERSION(X)

struct dl_library {
#define DL_DECLARE(name) __typeof__(name) *name;
  DL_FUNCTIONS(DL_DECLARE)
#undef DL_DECLARE
  /// From the OpenMP runtime that the library brings; null where it has another one.
  void (*set_threads)(int);
  void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
  void (*teams)(void (*)(void *), void *, unsigned teams, unsigned thread_limit, unsigned);
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

extern struct dl_library dl_library;

/// Returns to the caller with a status that is no success.
#define TRY(call)                                    \
  do {                                               \
    dnnl_status_t tried = (call);                    \
    if (tried != dnnl_success) return tried;         \
  } while (0)

#endif
