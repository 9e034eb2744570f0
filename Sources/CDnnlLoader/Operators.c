#include "CDnnlLoader.h"
#include "Descriptions.h"
#include "Library.h"
#include "Primitive.h"

static dnnl_status_t convolve(int transposed, const dl_layout *source, const dl_layout *weights,
                              int64_t groups, int32_t has_bias, const dl_layout *destination,
                              const dl_window *window, const dl_post_ops *post, struct descs *d,
                              dl_primitive **result) {
  desc_t *x, *w, *b = NULL, *y;
  TRY(describe_layout(source, d, &x));
  TRY(describe_weights(weights, groups, transposed, d, &w));
  if (has_bias) {
    int64_t one = 1;
    TRY(describe_tensor(1, &destination->sizes[1], &one, d, &b));
  }
  TRY(describe_layout(destination, d, &y));
  dnnl_dims_t dilation;
  for (int32_t i = 0; i < window->rank; i++) dilation[i] = window->dilation[i] - 1;
  dnnl_primitive_attr_t attributes;
  TRY(make_attributes(post, d, &attributes));
  dnnl_primitive_desc_t desc;
  dnnl_status_t status;
#if DNNL_VERSION_MAJOR >= 3
  if (transposed)
    status = dl_library.dnnl_deconvolution_forward_primitive_desc_create(
        &desc, dl_library.engine, dnnl_forward_inference, dnnl_deconvolution_direct, *x, *w,
        b ? *b : NULL, *y, window->stride, dilation, window->before, window->after, attributes);
  else
    status = dl_library.dnnl_convolution_forward_primitive_desc_create(
        &desc, dl_library.engine, dnnl_forward_inference, dnnl_convolution_direct, *x, *w,
        b ? *b : NULL, *y, window->stride, dilation, window->before, window->after, attributes);
#else
  if (transposed) {
    dnnl_deconvolution_desc_t op;
    status = dl_library.dnnl_dilated_deconvolution_forward_desc_init(
        &op, dnnl_forward_inference, dnnl_deconvolution_direct, x, w, b, y, window->stride,
        dilation, window->before, window->after);
    if (status == dnnl_success)
      status = dl_library.dnnl_primitive_desc_create(&desc, &op, attributes, dl_library.engine,
                                                     NULL);
  } else {
    dnnl_convolution_desc_t op;
    status = dl_library.dnnl_dilated_convolution_forward_desc_init(
        &op, dnnl_forward_inference, dnnl_convolution_direct, x, w, b, y, window->stride, dilation,
        window->before, window->after);
    if (status == dnnl_success)
      status = dl_library.dnnl_primitive_desc_create(&desc, &op, attributes, dl_library.engine,
                                                     NULL);
  }
#endif
  dl_library.dnnl_primitive_attr_destroy(attributes);
  TRY(status);
  return make_weighted_primitive(desc, has_bias, post, result);
}

int32_t dl_convolution(const dl_layout *source, const dl_layout *weights, int64_t groups,
                       int32_t has_bias, const dl_layout *destination, const dl_window *window,
                       const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status =
      convolve(0, source, weights, groups, has_bias, destination, window, post, &d, result);
  drop_descs(&d);
  return status;
}

int32_t dl_deconvolution(const dl_layout *source, const dl_layout *weights, int64_t groups,
                         int32_t has_bias, const dl_layout *destination, const dl_window *window,
                         const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status =
      convolve(1, source, weights, groups, has_bias, destination, window, post, &d, result);
  drop_descs(&d);
  return status;
}

static dnnl_status_t multiply(const dl_layout *left, const dl_layout *right, const dl_layout *bias,
                              const dl_layout *destination, const dl_post_ops *post,
                              struct descs *d, dl_primitive **result) {
  desc_t *a, *b, *c = NULL, *y;
  TRY(describe_layout(left, d, &a));
  TRY(describe_layout(right, d, &b));
  if (bias->rank > 0) TRY(describe_layout(bias, d, &c));
  TRY(describe_layout(destination, d, &y));
  dnnl_primitive_attr_t attributes;
  TRY(make_attributes(post, d, &attributes));
  dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status = dl_library.dnnl_matmul_primitive_desc_create(
      &desc, dl_library.engine, *a, *b, c ? *c : NULL, *y, attributes);
#else
  dnnl_matmul_desc_t op;
  dnnl_status_t status = dl_library.dnnl_matmul_desc_init(&op, a, b, c, y);
  if (status == dnnl_success)
    status = dl_library.dnnl_primitive_desc_create(&desc, &op, attributes, dl_library.engine, NULL);
#endif
  dl_library.dnnl_primitive_attr_destroy(attributes);
  TRY(status);
  return make_weighted_primitive(desc, bias->rank > 0, post, result);
}

int32_t dl_matmul(const dl_layout *left, const dl_layout *right, const dl_layout *bias,
                  const dl_layout *destination, const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = multiply(left, right, bias, destination, post, &d, result);
  drop_descs(&d);
  return status;
}

static dnnl_status_t normalize(const dl_layout *layout, int64_t size, float alpha, float beta,
                               float k, struct descs *d, dl_primitive **result) {
  desc_t *x;
  TRY(describe_layout(layout, d, &x));
  dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
  TRY(dl_library.dnnl_lrn_forward_primitive_desc_create(&desc, dl_library.engine,
                                                        dnnl_forward_inference,
                                                        dnnl_lrn_across_channels, *x, *x, size,
                                                        alpha, beta, k, NULL));
#else
  dnnl_lrn_desc_t op;
  TRY(dl_library.dnnl_lrn_forward_desc_init(&op, dnnl_forward_inference, dnnl_lrn_across_channels,
                                            x, size, alpha, beta, k));
  TRY(dl_library.dnnl_primitive_desc_create(&desc, &op, NULL, dl_library.engine, NULL));
#endif
  return make_simple_primitive(desc, result);
}

int32_t dl_lrn(const dl_layout *layout, int64_t size, float alpha, float beta, float k,
               dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = normalize(layout, size, alpha, beta, k, &d, result);
  drop_descs(&d);
  return status;
}

static dnnl_status_t resample(int32_t is_linear, const dl_layout *source,
                              const dl_layout *destination, struct descs *d,
                              dl_primitive **result) {
  desc_t *x, *y;
  TRY(describe_layout(source, d, &x));
  TRY(describe_layout(destination, d, &y));
  dnnl_alg_kind_t kind = is_linear ? dnnl_resampling_linear : dnnl_resampling_nearest;
  dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
  TRY(dl_library.dnnl_resampling_forward_primitive_desc_create(
      &desc, dl_library.engine, dnnl_forward_inference, kind, NULL, *x, *y, NULL));
#else
  dnnl_resampling_desc_t op;
  TRY(dl_library.dnnl_resampling_forward_desc_init(&op, dnnl_forward_inference, kind, NULL, x, y));
  TRY(dl_library.dnnl_primitive_desc_create(&desc, &op, NULL, dl_library.engine, NULL));
#endif
  return make_simple_primitive(desc, result);
}

int32_t dl_resample(int32_t is_linear, const dl_layout *source, const dl_layout *destination,
                    dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = resample(is_linear, source, destination, &d, result);
  drop_descs(&d);
  return status;
}

static dnnl_status_t reorder(const_desc_t source, const_desc_t destination,
                             dl_primitive **result) {
  dnnl_primitive_desc_t desc;
  TRY(dl_library.dnnl_reorder_primitive_desc_create(&desc, source, dl_library.engine, destination,
                                                    dl_library.engine, NULL));
  return make_simple_primitive(desc, result);
}

int32_t dl_reorder(const dl_layout *source, const dl_layout *destination, dl_primitive **result) {
  struct descs d = {.count = 0};
  desc_t *x, *y;
  dnnl_status_t status = describe_layout(source, &d, &x);
  if (status == dnnl_success) status = describe_layout(destination, &d, &y);
  if (status == dnnl_success) status = reorder(REF(*x), REF(*y), result);
  drop_descs(&d);
  return status;
}

static const_desc_t weights_desc(const dl_primitive *p) {
  return dl_library.dnnl_primitive_desc_query_md(p->desc, dnnl_query_weights_md, 0);
}

int32_t dl_reorder_weights(const dl_layout *source, int64_t groups, int32_t is_transposed,
                           const dl_primitive *primitive, dl_primitive **result) {
  struct descs d = {.count = 0};
  desc_t *x;
  // Matrices have no groups and are described as they are.
  dnnl_status_t status = groups == 0
                             ? describe_layout(source, &d, &x)
                             : describe_weights(source, groups, is_transposed, &d, &x);
  if (status == dnnl_success) status = reorder(REF(*x), weights_desc(primitive), result);
  drop_descs(&d);
  return status;
}

size_t dl_weights_size(const dl_primitive *primitive) {
  return dl_library.dnnl_memory_desc_get_size(weights_desc(primitive));
}

int32_t dl_same_weights(const dl_primitive *a, const dl_primitive *b) {
  return dl_library.dnnl_memory_desc_equal(weights_desc(a), weights_desc(b));
}
