#include <stdlib.h>
#include <string.h>

#include "CDnnlLoader.h"
#include "Library.h"
#include "Loops.h"

#define TRY(call)                                    \
  do {                                               \
    dnnl_status_t tried = (call);                    \
    if (tried != dnnl_success) return tried;         \
  } while (0)

enum { MAX_ARGUMENTS = 5 + DL_POST_OPS };

struct dl_primitive {
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
  /// Those of `dl_execute`, then the scratchpad.
  dnnl_exec_arg_t arguments[MAX_ARGUMENTS];
  /// Where the arguments' memory is, as far as oneDNN has been told.
  const void *places[MAX_ARGUMENTS];
  int32_t count;
  size_t scratch_size;
  /// Whether the parts of its loops may run one after the other: none waits for another. True for
  /// the implementations that are generated code, of the operators here.
  int has_free_loops;
};

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t desc_t;
typedef const_dnnl_memory_desc_t const_desc_t;
#define REF(d) (d)
#else
typedef dnnl_memory_desc_t desc_t;
typedef const dnnl_memory_desc_t *const_desc_t;
#define REF(d) (&(d))
#endif

// Descriptions of one call. In version 3 they are objects that have to be destroyed.
struct descs {
  desc_t items[6 + DL_POST_OPS];
  int32_t count;
};

static void drop(struct descs *d) {
#if DNNL_VERSION_MAJOR >= 3
  for (int32_t i = 0; i < d->count; i++) dl_library.dnnl_memory_desc_destroy(d->items[i]);
#endif
  d->count = 0;
}

static dnnl_status_t describe(int32_t rank, const int64_t *sizes, const int64_t *strides,
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

static dnnl_status_t describe_layout(const dl_layout *layout, struct descs *d, desc_t **result) {
  int any = layout->strides[0] == 0;
  return describe(layout->rank, layout->sizes, any ? NULL : layout->strides, d, result);
}

// [out, in, kernel] as oneDNN wants it: with the groups as a dimension of their own. `layout` of a
// transposed convolution is [in, out, kernel] and is read through swapped strides.
static dnnl_status_t describe_weights(const dl_layout *layout, int64_t groups, int transposed,
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
  return describe(rank, sizes, layout->strides[0] == 0 ? NULL : strides, d, result);
}

static dnnl_alg_kind_t eltwise_kind(int32_t algorithm) {
  switch ((dl_eltwise)algorithm) {
    case DL_RELU: return dnnl_eltwise_relu;
    case DL_CLIP: return dnnl_eltwise_clip;
    case DL_SIGMOID: return dnnl_eltwise_logistic;
    case DL_TANH: return dnnl_eltwise_tanh;
    case DL_ELU: return dnnl_eltwise_elu;
    case DL_HARDSWISH: return dnnl_eltwise_hardswish;
    case DL_SWISH: return dnnl_eltwise_swish;
    case DL_LINEAR: return dnnl_eltwise_linear;
    case DL_GELU_ERF: return dnnl_eltwise_gelu_erf;
  }
  return dnnl_alg_kind_undef;
}

static dnnl_alg_kind_t binary_kind(int32_t algorithm) {
  switch ((dl_binary)algorithm) {
    case DL_ADD: return dnnl_binary_add;
    case DL_MUL: return dnnl_binary_mul;
    case DL_MAX: return dnnl_binary_max;
    case DL_MIN: return dnnl_binary_min;
    case DL_SUB: return dnnl_binary_sub;
    case DL_DIV: return dnnl_binary_div;
  }
  return dnnl_alg_kind_undef;
}

static dnnl_status_t append_post_op(dnnl_post_ops_t ops, const dl_post_op *op, struct descs *d) {
  if (op->kind == 2) {
    desc_t *operand;
    TRY(describe_layout(&op->layout, d, &operand));
    return dl_library.dnnl_post_ops_append_binary(ops, binary_kind(op->algorithm), REF(*operand));
  }
#if DNNL_VERSION_MAJOR >= 3
  if (op->kind == 1)
    return dl_library.dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
  float alpha = op->alpha, beta = op->beta;
  // Version 3's hardswish takes the slope and offset that version 2 had fixed.
  if (op->algorithm == DL_HARDSWISH) alpha = 1.0f / 6, beta = 0.5f;
  return dl_library.dnnl_post_ops_append_eltwise(ops, eltwise_kind(op->algorithm), alpha, beta);
#else
  if (op->kind == 1) return dl_library.dnnl_post_ops_append_sum(ops, 1);
  return dl_library.dnnl_post_ops_append_eltwise(ops, 1, eltwise_kind(op->algorithm), op->alpha,
                                                 op->beta);
#endif
}

// The scratchpad is ours, so that primitives of one thread share it; left to the library, each
// primitive keeps one for as long as it lives.
static dnnl_status_t make_attributes(const dl_post_ops *post, struct descs *d,
                                     dnnl_primitive_attr_t *result) {
  TRY(dl_library.dnnl_primitive_attr_create(result));
  dnnl_status_t status =
      dl_library.dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  dnnl_post_ops_t ops = NULL;
  if (status == dnnl_success && post && post->count > 0)
    status = dl_library.dnnl_post_ops_create(&ops);
  for (int32_t i = 0; ops && status == dnnl_success && i < post->count; i++)
    status = append_post_op(ops, &post->ops[i], d);
  if (ops && status == dnnl_success)
    status = dl_library.dnnl_primitive_attr_set_post_ops(*result, ops);
  if (ops) dl_library.dnnl_post_ops_destroy(ops);
  if (status != dnnl_success) dl_library.dnnl_primitive_attr_destroy(*result);
  return status;
}

static int add_argument(dl_primitive *p, int id, const_desc_t desc) {
  dnnl_memory_t memory;
  dnnl_status_t status =
      dl_library.dnnl_memory_create(&memory, desc, dl_library.engine, DNNL_MEMORY_NONE);
  if (status != dnnl_success) return status;
  p->arguments[p->count++] = (dnnl_exec_arg_t){id, memory};
  return dnnl_success;
}

static dnnl_status_t add_queried(dl_primitive *p, int id, dnnl_query_t what, int index) {
  return add_argument(p, id, dl_library.dnnl_primitive_desc_query_md(p->desc, what, index));
}

static dnnl_status_t add_binary_operands(dl_primitive *p, const dl_post_ops *post) {
  struct descs d = {.count = 0};
  dnnl_status_t status = dnnl_success;
  for (int32_t i = 0; status == dnnl_success && post && i < post->count; i++) {
    if (post->ops[i].kind != 2) continue;
    desc_t *operand;
    status = describe_layout(&post->ops[i].layout, &d, &operand);
    if (status == dnnl_success)
      status = add_argument(p, DNNL_ARG_ATTR_MULTIPLE_POST_OP(i) | DNNL_ARG_SRC_1, REF(*operand));
  }
  drop(&d);
  return status;
}

static dnnl_status_t add_scratchpad(dl_primitive *p) {
  const_desc_t desc =
      dl_library.dnnl_primitive_desc_query_md(p->desc, dnnl_query_scratchpad_md, 0);
  p->scratch_size = desc ? dl_library.dnnl_memory_desc_get_size(desc) : 0;
  if (p->scratch_size == 0) return dnnl_success;
  TRY(add_argument(p, DNNL_ARG_SCRATCHPAD, desc));
  p->count--;
  return dnnl_success;
}

// oneDNN's barriers inside of loops are in its general matrix products (gemm), and in backward passes.
static int has_free_loops(const char *implementation) {
  static const char *const generated[] = {"brgconv", "brgemm", "brg:", "brdgmm", "jit"};
  if (strstr(implementation, "gemm:")) return 0;
  for (size_t i = 0; i < sizeof generated / sizeof *generated; i++)
    if (strncmp(implementation, generated[i], strlen(generated[i])) == 0) return 1;
  return 0;
}

// Takes over `desc`, and destroys everything where a step fails.
static dnnl_status_t finish(dnnl_primitive_desc_t desc, const int *ids, const dnnl_query_t *queries,
                            int32_t count, const dl_post_ops *post, dl_primitive **result) {
  dl_primitive *p = calloc(1, sizeof *p);
  if (!p) {
    dl_library.dnnl_primitive_desc_destroy(desc);
    return dnnl_out_of_memory;
  }
  p->desc = desc;
  dnnl_status_t status = dl_library.dnnl_primitive_create(&p->primitive, desc);
  for (int32_t i = 0; status == dnnl_success && i < count; i++) {
    // Weights and bias are numbered within one query.
    int index = ids[i] == DNNL_ARG_BIAS ? 1 : 0;
    if (ids[i] == DNNL_ARG_SRC_1 && queries[i] == dnnl_query_src_md) index = 1;
    status = add_queried(p, ids[i], queries[i], index);
  }
  if (status == dnnl_success) status = add_binary_operands(p, post);
  if (status == dnnl_success) status = add_scratchpad(p);
  if (status == dnnl_success) {
    p->has_free_loops = has_free_loops(dl_implementation(p));
    *result = p;
  } else {
    dl_destroy(p);
  }
  return status;
}

static const int weighted_ids[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
static const dnnl_query_t weighted_queries[] = {dnnl_query_src_md, dnnl_query_weights_md,
                                                dnnl_query_weights_md, dnnl_query_dst_md};
static const int unbiased_ids[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
static const dnnl_query_t unbiased_queries[] = {dnnl_query_src_md, dnnl_query_weights_md,
                                                dnnl_query_dst_md};

static dnnl_status_t finish_weighted(dnnl_primitive_desc_t desc, int has_bias,
                                     const dl_post_ops *post, dl_primitive **result) {
  return has_bias ? finish(desc, weighted_ids, weighted_queries, 4, post, result)
                  : finish(desc, unbiased_ids, unbiased_queries, 3, post, result);
}

static dnnl_status_t finish_simple(dnnl_primitive_desc_t desc, dl_primitive **result) {
  static const int ids[] = {DNNL_ARG_SRC, DNNL_ARG_DST};
  static const dnnl_query_t queries[] = {dnnl_query_src_md, dnnl_query_dst_md};
  return finish(desc, ids, queries, 2, NULL, result);
}

static dnnl_status_t convolve(int transposed, const dl_layout *source, const dl_layout *weights,
                              int64_t groups, int32_t has_bias, const dl_layout *destination,
                              const dl_window *window, const dl_post_ops *post, struct descs *d,
                              dl_primitive **result) {
  desc_t *x, *w, *b = NULL, *y;
  TRY(describe_layout(source, d, &x));
  TRY(describe_weights(weights, groups, transposed, d, &w));
  if (has_bias) {
    int64_t one = 1;
    TRY(describe(1, &destination->sizes[1], &one, d, &b));
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
  return finish_weighted(desc, has_bias, post, result);
}

int32_t dl_convolution(const dl_layout *source, const dl_layout *weights, int64_t groups,
                       int32_t has_bias, const dl_layout *destination, const dl_window *window,
                       const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status =
      convolve(0, source, weights, groups, has_bias, destination, window, post, &d, result);
  drop(&d);
  return status;
}

int32_t dl_deconvolution(const dl_layout *source, const dl_layout *weights, int64_t groups,
                         int32_t has_bias, const dl_layout *destination, const dl_window *window,
                         const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status =
      convolve(1, source, weights, groups, has_bias, destination, window, post, &d, result);
  drop(&d);
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
  return finish_weighted(desc, bias->rank > 0, post, result);
}

int32_t dl_matmul(const dl_layout *left, const dl_layout *right, const dl_layout *bias,
                  const dl_layout *destination, const dl_post_ops *post, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = multiply(left, right, bias, destination, post, &d, result);
  drop(&d);
  return status;
}

static dnnl_alg_kind_t pooling_kind(dl_pooling kind) {
  switch (kind) {
    case DL_POOL_MAX: return dnnl_pooling_max;
    case DL_POOL_AVERAGE: return dnnl_pooling_avg_exclude_padding;
    case DL_POOL_AVERAGE_PADDED: return dnnl_pooling_avg_include_padding;
  }
  return dnnl_alg_kind_undef;
}

static dnnl_status_t pool(dl_pooling kind, const dl_layout *source, const dl_layout *destination,
                          const dl_window *w, struct descs *d, dl_primitive **result) {
  desc_t *x, *y;
  TRY(describe_layout(source, d, &x));
  TRY(describe_layout(destination, d, &y));
  dnnl_dims_t dilation;
  for (int32_t i = 0; i < w->rank; i++) dilation[i] = w->dilation[i] - 1;
  dnnl_primitive_desc_t desc;
#if DNNL_VERSION_MAJOR >= 3
  TRY(dl_library.dnnl_pooling_forward_primitive_desc_create(
      &desc, dl_library.engine, dnnl_forward_inference, pooling_kind(kind), *x, *y, w->stride,
      w->kernel, dilation, w->before, w->after, NULL));
#else
  dnnl_pooling_v2_desc_t op;
  TRY(dl_library.dnnl_pooling_v2_forward_desc_init(&op, dnnl_forward_inference, pooling_kind(kind),
                                                   x, y, w->stride, w->kernel, dilation, w->before,
                                                   w->after));
  TRY(dl_library.dnnl_primitive_desc_create(&desc, &op, NULL, dl_library.engine, NULL));
#endif
  return finish_simple(desc, result);
}

int32_t dl_pool(dl_pooling kind, const dl_layout *source, const dl_layout *destination,
                const dl_window *window, dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = pool(kind, source, destination, window, &d, result);
  drop(&d);
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
  return finish_simple(desc, result);
}

int32_t dl_lrn(const dl_layout *layout, int64_t size, float alpha, float beta, float k,
               dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = normalize(layout, size, alpha, beta, k, &d, result);
  drop(&d);
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
  return finish_simple(desc, result);
}

int32_t dl_resample(int32_t is_linear, const dl_layout *source, const dl_layout *destination,
                    dl_primitive **result) {
  struct descs d = {.count = 0};
  dnnl_status_t status = resample(is_linear, source, destination, &d, result);
  drop(&d);
  return status;
}

static dnnl_status_t reorder(const_desc_t source, const_desc_t destination,
                             dl_primitive **result) {
  dnnl_primitive_desc_t desc;
  TRY(dl_library.dnnl_reorder_primitive_desc_create(&desc, source, dl_library.engine, destination,
                                                    dl_library.engine, NULL));
  return finish_simple(desc, result);
}

int32_t dl_reorder(const dl_layout *source, const dl_layout *destination, dl_primitive **result) {
  struct descs d = {.count = 0};
  desc_t *x, *y;
  dnnl_status_t status = describe_layout(source, &d, &x);
  if (status == dnnl_success) status = describe_layout(destination, &d, &y);
  if (status == dnnl_success) status = reorder(REF(*x), REF(*y), result);
  drop(&d);
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
  drop(&d);
  return status;
}

size_t dl_weights_size(const dl_primitive *primitive) {
  return dl_library.dnnl_memory_desc_get_size(weights_desc(primitive));
}

int32_t dl_same_weights(const dl_primitive *a, const dl_primitive *b) {
  return dl_library.dnnl_memory_desc_equal(weights_desc(a), weights_desc(b));
}

const char *dl_implementation(const dl_primitive *primitive) {
  const char *name = "";
  dl_library.dnnl_primitive_desc_query(primitive->desc, dnnl_query_impl_info_str, 0, &name);
  return name;
}

// Grows to what the largest primitive that the thread has executed wants.
static void *scratch_of_thread(size_t size) {
  static _Thread_local struct { void *base; size_t size; } scratch;
  if (scratch.size < size) {
    free(scratch.base);
    scratch.base = NULL;
    scratch.size = 0;
    if (posix_memalign(&scratch.base, 4096, size) != 0) return NULL;
    scratch.size = size;
  }
  return scratch.base;
}

// To be told an address costs oneDNN time (it clears the padding there), so it is told new ones only.
static dnnl_status_t bind(dl_primitive *p, int32_t argument, const void *place) {
  if (p->places[argument] == place) return dnnl_success;
  TRY(dl_library.dnnl_memory_set_data_handle(p->arguments[argument].memory, (void *)place));
  p->places[argument] = place;
  return dnnl_success;
}

typedef struct {
  dl_primitive *primitive;
  int32_t count, status;
} execution;

static void execute(void *context) {
  execution *e = context;
  e->status = dl_library.dnnl_primitive_execute(e->primitive->primitive, dl_library.stream,
                                                e->count, e->primitive->arguments);
  if (e->status == 0) e->status = dl_library.dnnl_stream_wait(dl_library.stream);
}

int32_t dl_execute(dl_primitive *p, const void *const *arguments, int32_t count,
                   int32_t threads) {
  if (count != p->count) return dnnl_invalid_arguments;
  for (int32_t i = 0; i < count; i++) TRY(bind(p, i, arguments[i]));
  if (p->scratch_size > 0) {
    void *scratch = scratch_of_thread(p->scratch_size);
    if (!scratch) return dnnl_out_of_memory;
    TRY(bind(p, count, scratch));
    count++;
  }
  execution e = {p, count, 0};
  if (p->has_free_loops && loops_are_ours()) {
    run_with_our_loops(threads, execute, &e);
  } else if (threads > 0 && dl_library.teams) {
    // A team of the OpenMP runtime's with a limit, for oneDNN names the number that it wants itself.
    dl_library.teams(execute, &e, 1, (unsigned)threads, 0);
  } else {
    execute(&e);
  }
  return e.status;
}

void dl_destroy(dl_primitive *p) {
  if (!p) return;
  for (int32_t i = 0; i < p->count + (p->scratch_size > 0); i++)
    if (p->arguments[i].memory) dl_library.dnnl_memory_destroy(p->arguments[i].memory);
  if (p->primitive) dl_library.dnnl_primitive_destroy(p->primitive);
  if (p->desc) dl_library.dnnl_primitive_desc_destroy(p->desc);
  free(p);
}
