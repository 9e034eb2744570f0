#include "Primitive.h"

#include <stdlib.h>
#include <string.h>

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
dnnl_status_t make_attributes(const dl_post_ops *post, struct descs *d,
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
  drop_descs(&d);
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

// Takes over `desc`.
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

dnnl_status_t make_weighted_primitive(dnnl_primitive_desc_t desc, int has_bias,
                                      const dl_post_ops *post, dl_primitive **result) {
  return has_bias ? finish(desc, weighted_ids, weighted_queries, 4, post, result)
                  : finish(desc, unbiased_ids, unbiased_queries, 3, post, result);
}

dnnl_status_t make_simple_primitive(dnnl_primitive_desc_t desc, dl_primitive **result) {
  static const int ids[] = {DNNL_ARG_SRC, DNNL_ARG_DST};
  static const dnnl_query_t queries[] = {dnnl_query_src_md, dnnl_query_dst_md};
  return finish(desc, ids, queries, 2, NULL, result);
}

const char *dl_implementation(const dl_primitive *primitive) {
  const char *name = "";
  dl_library.dnnl_primitive_desc_query(primitive->desc, dnnl_query_impl_info_str, 0, &name);
  return name;
}

void dl_destroy(dl_primitive *p) {
  if (!p) return;
  for (int32_t i = 0; i < p->count + (p->scratch_size > 0); i++)
    if (p->arguments[i].memory) dl_library.dnnl_memory_destroy(p->arguments[i].memory);
  if (p->primitive) dl_library.dnnl_primitive_destroy(p->primitive);
  if (p->desc) dl_library.dnnl_primitive_desc_destroy(p->desc);
  free(p);
}
