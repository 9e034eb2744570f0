// A compiled operation, made of its description by oneDNN and of what it does to each result.
#ifndef PRIMITIVE_H
#define PRIMITIVE_H

#include "CDnnlLoader.h"
#include "Descriptions.h"
#include "Library.h"

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

/// Attributes with `post` (null: nothing); the caller destroys them.
dnnl_status_t make_attributes(const dl_post_ops *post, struct descs *d,
                              dnnl_primitive_attr_t *result);

/// A primitive with source, weights, bias (if any), destination and the binary operands of `post`.
/// Takes over `desc`, and destroys everything where a step fails.
dnnl_status_t make_weighted_primitive(dnnl_primitive_desc_t desc, int has_bias,
                                      const dl_post_ops *post, dl_primitive **result);

/// A primitive with source and destination. Takes over `desc` likewise.
dnnl_status_t make_simple_primitive(dnnl_primitive_desc_t desc, dl_primitive **result);

#endif
