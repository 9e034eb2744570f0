// swift-format-ignore-file
// Made by tools/make-operator-schemas.py from onnx 1.23.2. Do not edit.

/// What the standard says of its operators, a line for each version of each; the script explains it.
enum OperatorTable {
  /// The newest operator set that the table knows.
  static let latestOpset = 28

  static let text = """
    Abs 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Abs 6 1-1 1-1 T:1e7f > T:1e7f ;
    Abs 13 1-1 1-1 T:9e7f > T:9e7f ;
    Acos 7 1-1 1-1 T:601 > T:601 ;
    Acos 22 1-1 1-1 T:8601 > T:8601 ;
    Acosh 9 1-1 1-1 T:601 > T:601 ;
    Acosh 22 1-1 1-1 T:8601 > T:8601 ;
    Add 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i:0 consumed_inputs=I
    Add 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i:0
    Add 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Add 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Add 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    AffineGrid 20 2-2 1-1 T1:8601 T2:40 > T1:8601 ; align_corners=i:0
    And 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i:0
    And 7 2-2 1-1 T:100 T:100 > T1:100 ;
    ArgMax 1 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1
    ArgMax 11 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1
    ArgMax 12 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1 select_last_index=i:0
    ArgMax 13 1-1 1-1 T:9e7f > :40 ; axis=i:0 keepdims=i:1 select_last_index=i:0
    ArgMin 1 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1
    ArgMin 11 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1
    ArgMin 12 1-1 1-1 T:1e7f > :40 ; axis=i:0 keepdims=i:1 select_last_index=i:0
    ArgMin 13 1-1 1-1 T:9e7f > :40 ; axis=i:0 keepdims=i:1 select_last_index=i:0
    Asin 7 1-1 1-1 T:601 > T:601 ;
    Asin 22 1-1 1-1 T:8601 > T:8601 ;
    Asinh 9 1-1 1-1 T:601 > T:601 ;
    Asinh 22 1-1 1-1 T:8601 > T:8601 ;
    Atan 7 1-1 1-1 T:601 > T:601 ;
    Atan 22 1-1 1-1 T:8601 > T:8601 ;
    Atanh 9 1-1 1-1 T:601 > T:601 ;
    Atanh 22 1-1 1-1 T:8601 > T:8601 ;
    Attention 23 3-6 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i:0 kv_num_heads=i q_num_heads=i qk_matmul_output_mode=i:0 scale=f softcap=f:0.0 softmax_precision=i
    Attention 24 3-7 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? :40? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i:0 kv_num_heads=i q_num_heads=i qk_matmul_output_mode=i:0 scale=f softcap=f:0.0 softmax_precision=i
    Attention 25 3-7 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? :40? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i:0 kv_num_heads=i left_window_size=i:-1 q_num_heads=i qk_matmul_output_mode=i:0 right_window_size=i:-1 scale=f softcap=f:0.0 softmax_precision=i
    AveragePool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET kernel_shape=I! pads=I strides=I
    AveragePool 7 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET count_include_pad=i:0 kernel_shape=I! pads=I strides=I
    AveragePool 10 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET ceil_mode=i:0 count_include_pad=i:0 kernel_shape=I! pads=I strides=I
    AveragePool 11 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET ceil_mode=i:0 count_include_pad=i:0 kernel_shape=I! pads=I strides=I
    AveragePool 19 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET ceil_mode=i:0 count_include_pad=i:0 dilations=I kernel_shape=I! pads=I strides=I
    AveragePool 22 1-1 1-1 T:8601 > T:8601 ; auto_pad=s:NOTSET ceil_mode=i:0 count_include_pad=i:0 dilations=I kernel_shape=I! pads=I strides=I
    BatchNormalization 1 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; consumed_inputs=I! epsilon=f:1e-05 is_test=i:0 momentum=f:0.9 spatial=i:1
    BatchNormalization 6 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f:1e-05 is_test=i:0 momentum=f:0.9 spatial=i:1
    BatchNormalization 7 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f:1e-05 momentum=f:0.9 spatial=i:1
    BatchNormalization 9 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f:1e-05 momentum=f:0.9
    BatchNormalization 14 5-5 1-3 T:8601 T:8601 T:8601 U:8601 U:8601 > T:8601 U:8601? U:8601? ; epsilon=f:1e-05 momentum=f:0.9 training_mode=i:0
    BatchNormalization 15 5-5 1-3 T:8601 T1:8601 T1:8601 T2:8601 T2:8601 > T:8601 T2:8601? T2:8601? ; epsilon=f:1e-05 momentum=f:0.9 training_mode=i:0
    Bernoulli 15 1-1 1-1 T1:601 > T2:9f7f ; dtype=i seed=f
    Bernoulli 22 1-1 1-1 T1:8601 > T2:9f7f ; dtype=i seed=f
    BitCast 26 1-1 1-1 T1:3ffff7f > T2:3ffff7f ; to=i!
    BitShift 11 2-2 1-1 T:180a T:180a > T:180a ; direction=s!
    BitShift 28 2-2 1-1 T:187e T:187e > T:187e ; direction=s!
    BitwiseAnd 18 2-2 1-1 T:187e T:187e > T:187e ;
    BitwiseNot 18 1-1 1-1 T:187e > T:187e ;
    BitwiseOr 18 2-2 1-1 T:187e T:187e > T:187e ;
    BitwiseXor 18 2-2 1-1 T:187e T:187e > T:187e ;
    BlackmanWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i:1 periodic=i:1
    Cast 1 1-1 1-1 T1:1f7f > T2:1f7f ; to=s!
    Cast 6 1-1 1-1 T1:1f7f > T2:1f7f ; to=i!
    Cast 9 1-1 1-1 T1:1fff > T2:1fff ; to=i!
    Cast 13 1-1 1-1 T1:9fff > T2:9fff ; to=i!
    Cast 19 1-1 1-1 T1:f9fff > T2:f9fff ; saturate=i:1 to=i!
    Cast 21 1-1 1-1 T1:3f9fff > T2:3f9fff ; saturate=i:1 to=i!
    Cast 23 1-1 1-1 T1:7f9fff > T2:7f9fff ; saturate=i:1 to=i!
    Cast 24 1-1 1-1 T1:ff9fff > T2:ff9fff ; round_mode=s:up saturate=i:1 to=i!
    Cast 25 1-1 1-1 T1:3ff9fff > T2:3ff9fff ; round_mode=s:up saturate=i:1 to=i!
    Cast 28 1-1 1-1 T1:fff9fff > T2:fff9fff ; round_mode=s:up saturate=i:1 to=i!
    CastLike 15 2-2 1-1 T1:9fff T2:9fff > T2:9fff ;
    CastLike 19 2-2 1-1 T1:f9fff T2:f9fff > T2:f9fff ; saturate=i:1
    CastLike 21 2-2 1-1 T1:3f9fff T2:3f9fff > T2:3f9fff ; saturate=i:1
    CastLike 23 2-2 1-1 T1:7f9fff T2:7f9fff > T2:7f9fff ; saturate=i:1
    CastLike 24 2-2 1-1 T1:ff9fff T2:ff9fff > T2:ff9fff ; round_mode=s:up saturate=i:1
    CastLike 25 2-2 1-1 T1:3ff9fff T2:3ff9fff > T2:3ff9fff ; round_mode=s:up saturate=i:1
    CausalConvWithState 27 2-4 2-2 T:8201 T:8201 T:8201? T:8201? > T:8201 T:8201 ; activation=s:none
    Ceil 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Ceil 6 1-1 1-1 T:601 > T:601 ;
    Ceil 13 1-1 1-1 T:8601 > T:8601 ;
    Celu 12 1-1 1-1 T:1 > T:1 ; alpha=f:1.0
    Celu 28 1-1 1-1 T:8601 > T:8601 ; alpha=f:1.0
    CenterCropPad 18 2-2 1-1 T:ffff Tind:60 > T:ffff ; axes=I
    Clip 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I max=f min=f
    Clip 6 1-1 1-1 T:601 > T:601 ; max=f:3.4028235e+38 min=f:-3.4028235e+38
    Clip 11 1-3 1-1 T:601 T:601? T:601? > T:601 ;
    Clip 12 1-3 1-1 T:1e7f T:1e7f? T:1e7f? > T:1e7f ;
    Clip 13 1-3 1-1 T:9e7f T:9e7f? T:9e7f? > T:9e7f ;
    Col2Im 18 3-3 1-1 T:ffff :40 :40 > T:ffff ; dilations=I pads=I strides=I
    Compress 9 2-2 1-1 T:7fff T1:100 > T:7fff ; axis=i
    Compress 11 2-2 1-1 T:7fff T1:100 > T:7fff ; axis=i
    Compress 28 2-2 1-1 T:ffff T1:100 > T:ffff ; axis=i
    Concat 1 1- 1-1 T:601* > T:601 ; axis=i
    Concat 4 1- 1-1 T:7fff* > T:7fff ; axis=i!
    Concat 11 1- 1-1 T:7fff* > T:7fff ; axis=i!
    Concat 13 1- 1-1 T:ffff* > T:ffff ; axis=i!
    ConcatFromSequence 11 1-1 1-1 S:- > T:7fff ; axis=i! new_axis=i:0
    Constant 1 0-0 1-1 > T:601 ; value=t!
    Constant 9 0-0 1-1 > T:7fff ; value=t!
    Constant 11 0-0 1-1 > T:7fff ; sparse_value=z value=t
    Constant 12 0-0 1-1 > T:7fff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 13 0-0 1-1 > T:ffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 19 0-0 1-1 > T:fffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 21 0-0 1-1 > T:3fffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 23 0-0 1-1 > T:7fffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 24 0-0 1-1 > T:ffffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    Constant 25 0-0 1-1 > T:3ffffff ; sparse_value=z value=t value_float=f value_floats=F value_int=i value_ints=I value_string=s value_strings=S
    ConstantOfShape 9 1-1 1-1 T1:40 > T2:1f7f ; value=t
    ConstantOfShape 20 1-1 1-1 T1:40 > T2:f9f7f ; value=t
    ConstantOfShape 21 1-1 1-1 T1:40 > T2:3f9f7f ; value=t
    ConstantOfShape 23 1-1 1-1 T1:40 > T2:7f9f7f ; value=t
    ConstantOfShape 24 1-1 1-1 T1:40 > T2:ff9f7f ; value=t
    ConstantOfShape 25 1-1 1-1 T1:40 > T2:3ff9f7f ; value=t
    Conv 1 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I pads=I strides=I
    Conv 11 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I pads=I strides=I
    Conv 22 2-3 1-1 T:8601 T:8601 T:8601? > T:8601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I pads=I strides=I
    ConvInteger 10 2-4 1-1 T1:6 T2:6 T1:6? T2:6? > T3:20 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I pads=I strides=I
    ConvTranspose 1 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    ConvTranspose 11 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    ConvTranspose 22 2-3 1-1 T:8601 T:8601 T:8601? > T:8601 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    Cos 7 1-1 1-1 T:601 > T:601 ;
    Cos 22 1-1 1-1 T:8601 > T:8601 ;
    Cosh 9 1-1 1-1 T:601 > T:601 ;
    Cosh 22 1-1 1-1 T:8601 > T:8601 ;
    CumProd 26 2-2 1-1 T:9e61 T2:60 > T:9e61 ; exclusive=i:0 reverse=i:0
    CumSum 11 2-2 1-1 T:1c61 T2:60 > T:1c61 ; exclusive=i:0 reverse=i:0
    CumSum 14 2-2 1-1 T:9e61 T2:60 > T:9e61 ; exclusive=i:0 reverse=i:0
    DFT 17 1-2 1-1 T1:8601 T2:60? > T1:8601 ; axis=i:1 inverse=i:0 onesided=i:0
    DFT 20 1-3 1-1 T1:8601 T2:60? :40? > T1:8601 ; inverse=i:0 onesided=i:0
    DeformConv 19 3-5 1-1 T:601 T:601 T:601 T:601? T:601? > T:601 ; dilations=I group=i:1 kernel_shape=I offset_group=i:1 pads=I strides=I
    DeformConv 22 3-5 1-1 T:8601 T:8601 T:8601 T:8601? T:8601? > T:8601 ; dilations=I group=i:1 kernel_shape=I offset_group=i:1 pads=I strides=I
    DepthToSpace 1 1-1 1-1 T:7fff > T:7fff ; blocksize=i!
    DepthToSpace 11 1-1 1-1 T:7fff > T:7fff ; blocksize=i! mode=s:DCR
    DepthToSpace 13 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s:DCR
    DepthToSpace 28 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s:DCR
    DequantizeLinear 10 2-3 1-1 T:26 :1 T:26? > :1 ;
    DequantizeLinear 13 2-3 1-1 T:26 :1 T:26? > :1 ; axis=i:1
    DequantizeLinear 19 2-3 1-1 T1:f0026 T2:8201 T1:f0026? > T2:8201 ; axis=i:1
    DequantizeLinear 21 2-3 1-1 T1:3f003e T2:8201 T1:3f003e? > T2:8201 ; axis=i:1 block_size=i:0
    DequantizeLinear 23 2-3 1-1 T1:7f003e T2:8201 T1:7f003e? > T3:8201 ; axis=i:1 block_size=i:0 output_dtype=i:0
    DequantizeLinear 24 2-3 1-1 T1:7f003e T2:808201 T1:7f003e? > T3:8201 ; axis=i:1 block_size=i:0 output_dtype=i:0
    DequantizeLinear 25 2-3 1-1 T1:37f003e T2:808201 T1:37f003e? > T3:8201 ; axis=i:1 block_size=i:0 output_dtype=i:0
    DequantizeLinear 28 2-3 1-1 T1:f7f003e T2:808201 T1:f7f003e? > T3:8201 ; axis=i:1 block_size=i:0 output_dtype=i:0
    Det 11 1-1 1-1 T:601 > T:601 ;
    Det 22 1-1 1-1 T:8601 > T:8601 ;
    Div 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i:0 consumed_inputs=I
    Div 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i:0
    Div 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Div 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Div 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Dropout 1 1-1 1-2 T:601 > T:601 T:601? ; consumed_inputs=I is_test=i:0 ratio=f:0.5
    Dropout 6 1-1 1-2 T:601 > T:601 T:601? ; is_test=i:0 ratio=f:0.5
    Dropout 7 1-1 1-2 T:601 > T:601 T:601? ; ratio=f:0.5
    Dropout 10 1-1 1-2 T:601 > T:601 T1:100? ; ratio=f:0.5
    Dropout 12 1-3 1-2 T:601 T1:601? T2:100? > T:601 T2:100? ; seed=i
    Dropout 13 1-3 1-2 T:8601 T1:601? T2:100? > T:8601 T2:100? ; seed=i
    Dropout 22 1-3 1-2 T:f8601 T1:f8601? T2:100? > T:f8601 T2:100? ; seed=i
    DynamicQuantizeLinear 11 1-1 3-3 T1:1 > T2:2 :1 T2:2 ;
    Einsum 12 1- 1-1 T:1e7f* > T:1e7f ; equation=s!
    Einsum 28 1- 1-1 T:9e7f* > T:9e7f ; equation=s!
    Elu 1 1-1 1-1 T:601 > T:601 ; alpha=f:1.0 consumed_inputs=I
    Elu 6 1-1 1-1 T:601 > T:601 ; alpha=f:1.0
    Elu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f:1.0
    Equal 1 2-2 1-1 T:160 T:160 > T1:100 ; axis=i broadcast=i:0
    Equal 7 2-2 1-1 T:160 T:160 > T1:100 ;
    Equal 11 2-2 1-1 T:1f7f T:1f7f > T1:100 ;
    Equal 13 2-2 1-1 T:9f7f T:9f7f > T1:100 ;
    Equal 19 2-2 1-1 T:9fff T:9fff > T1:100 ;
    Erf 9 1-1 1-1 T:1e7f > T:1e7f ;
    Erf 13 1-1 1-1 T:8601 > T:8601 ;
    Exp 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Exp 6 1-1 1-1 T:601 > T:601 ;
    Exp 13 1-1 1-1 T:8601 > T:8601 ;
    Expand 8 2-2 1-1 T:7fff :40 > T:7fff ;
    Expand 13 2-2 1-1 T:ffff :40 > T:ffff ;
    EyeLike 9 1-1 1-1 T1:1f7f > T2:1f7f ; dtype=i k=i:0
    EyeLike 22 1-1 1-1 T1:9f7f > T2:9f7f ; dtype=i k=i:0
    Flatten 1 1-1 1-1 T:601 > T:601 ; axis=i:1
    Flatten 9 1-1 1-1 T:7fff > T:7fff ; axis=i:1
    Flatten 11 1-1 1-1 T:7fff > T:7fff ; axis=i:1
    Flatten 13 1-1 1-1 T:ffff > T:ffff ; axis=i:1
    Flatten 21 1-1 1-1 T:3fffff > T:3fffff ; axis=i:1
    Flatten 23 1-1 1-1 T:7fffff > T:7fffff ; axis=i:1
    Flatten 24 1-1 1-1 T:ffffff > T:ffffff ; axis=i:1
    Flatten 25 1-1 1-1 T:3ffffff > T:3ffffff ; axis=i:1
    Floor 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Floor 6 1-1 1-1 T:601 > T:601 ;
    Floor 13 1-1 1-1 T:8601 > T:8601 ;
    GRU 1 3-6 2-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601 ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:foward hidden_size=i output_sequence=i:0
    GRU 3 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i linear_before_reset=i:0 output_sequence=i:0
    GRU 7 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i linear_before_reset=i:0
    GRU 14 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i layout=i:0 linear_before_reset=i:0
    GRU 22 3-6 0-2 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? > T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i layout=i:0 linear_before_reset=i:0
    Gather 1 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i:0
    Gather 11 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i:0
    Gather 13 2-2 1-1 T:ffff Tind:60 > T:ffff ; axis=i:0
    GatherElements 11 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i:0
    GatherElements 13 2-2 1-1 T:ffff Tind:60 > T:ffff ; axis=i:0
    GatherND 11 2-2 1-1 T:7fff :40 > T:7fff ;
    GatherND 12 2-2 1-1 T:7fff :40 > T:7fff ; batch_dims=i:0
    GatherND 13 2-2 1-1 T:ffff :40 > T:ffff ; batch_dims=i:0
    Gelu 20 1-1 1-1 T:8601 > T:8601 ; approximate=s:none
    Gemm 1 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f:1.0 beta=f:1.0 broadcast=i:0 transA=i:0 transB=i:0
    Gemm 6 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f:1.0 beta=f:1.0 broadcast=i:0 transA=i:0 transB=i:0
    Gemm 7 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f:1.0 beta=f:1.0 transA=i:0 transB=i:0
    Gemm 9 3-3 1-1 T:1e61 T:1e61 T:1e61 > T:1e61 ; alpha=f:1.0 beta=f:1.0 transA=i:0 transB=i:0
    Gemm 11 2-3 1-1 T:1e61 T:1e61 T:1e61? > T:1e61 ; alpha=f:1.0 beta=f:1.0 transA=i:0 transB=i:0
    Gemm 13 2-3 1-1 T:9e61 T:9e61 T:9e61? > T:9e61 ; alpha=f:1.0 beta=f:1.0 transA=i:0 transB=i:0
    GlobalAveragePool 1 1-1 1-1 T:601 > T:601 ;
    GlobalAveragePool 22 1-1 1-1 T:8601 > T:8601 ;
    GlobalLpPool 1 1-1 1-1 T:601 > T:601 ; p=f:2.0
    GlobalLpPool 2 1-1 1-1 T:601 > T:601 ; p=i:2
    GlobalLpPool 22 1-1 1-1 T:8601 > T:8601 ; p=i:2
    GlobalMaxPool 1 1-1 1-1 T:601 > T:601 ;
    GlobalMaxPool 22 1-1 1-1 T:8601 > T:8601 ;
    Greater 1 2-2 1-1 T:601 T:601 > T1:100 ; axis=i broadcast=i:0
    Greater 7 2-2 1-1 T:601 T:601 > T1:100 ;
    Greater 9 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    Greater 13 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    GreaterOrEqual 12 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    GreaterOrEqual 16 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    GridSample 16 2-2 1-1 T1:7fff T2:601 > T1:7fff ; align_corners=i:0 mode=s:bilinear padding_mode=s:zeros
    GridSample 20 2-2 1-1 T1:7fff T2:601 > T1:7fff ; align_corners=i:0 mode=s:linear padding_mode=s:zeros
    GridSample 22 2-2 1-1 T1:ffff T2:8601 > T1:ffff ; align_corners=i:0 mode=s:linear padding_mode=s:zeros
    GroupNormalization 18 -
    GroupNormalization 21 3-3 1-1 T:8601 T:8601 T:8601 > T:8601 ; epsilon=f:1e-05 num_groups=i! stash_type=i:1
    HammingWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i:1 periodic=i:1
    HannWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i:1 periodic=i:1
    HardSigmoid 1 1-1 1-1 T:601 > T:601 ; alpha=f:0.2 beta=f:0.5 consumed_inputs=I
    HardSigmoid 6 1-1 1-1 T:601 > T:601 ; alpha=f:0.2 beta=f:0.5
    HardSigmoid 22 1-1 1-1 T:8601 > T:8601 ; alpha=f:0.2 beta=f:0.5
    HardSwish 14 1-1 1-1 T:601 > T:601 ;
    HardSwish 22 1-1 1-1 T:8601 > T:8601 ;
    Hardmax 1 1-1 1-1 T:601 > T:601 ; axis=i:1
    Hardmax 11 1-1 1-1 T:601 > T:601 ; axis=i:1
    Hardmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i:-1
    Identity 1 1-1 1-1 T:7fff > T:7fff ;
    Identity 13 1-1 1-1 T:ffff > T:ffff ;
    Identity 14 1-1 1-1 V:- > V:- ;
    Identity 16 1-1 1-1 V:- > V:- ;
    Identity 19 1-1 1-1 V:- > V:- ;
    Identity 21 1-1 1-1 V:- > V:- ;
    Identity 23 1-1 1-1 V:- > V:- ;
    Identity 24 1-1 1-1 V:- > V:- ;
    Identity 25 1-1 1-1 V:- > V:- ;
    If 1 1-1 1- B:100 > V:7fff~ ; else_branch=g! then_branch=g!
    If 11 1-1 1- B:100 > V:7fff~ ; else_branch=g! then_branch=g!
    If 13 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 16 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 19 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 21 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 23 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 24 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    If 25 1-1 1- B:100 > V:-~ ; else_branch=g! then_branch=g!
    ImageDecoder 20 1-1 1-1 T1:2 > T2:2 ; pixel_format=s:RGB
    InstanceNormalization 1 3-3 1-1 T:601 T:601 T:601 > T:601 ; consumed_inputs=I epsilon=f:1e-05
    InstanceNormalization 6 3-3 1-1 T:601 T:601 T:601 > T:601 ; epsilon=f:1e-05
    InstanceNormalization 22 3-3 1-1 T:8601 T:8601 T:8601 > T:8601 ; epsilon=f:1e-05
    IsInf 10 1-1 1-1 T1:401 > T2:100 ; detect_negative=i:1 detect_positive=i:1
    IsInf 20 1-1 1-1 T1:f8601 > T2:100 ; detect_negative=i:1 detect_positive=i:1
    IsNaN 9 1-1 1-1 T1:601 > T2:100 ;
    IsNaN 13 1-1 1-1 T1:8601 > T2:100 ;
    IsNaN 20 1-1 1-1 T1:f8601 > T2:100 ;
    LRN 1 1-1 1-1 T:601 > T:601 ; alpha=f:1e-04 beta=f:0.75 bias=f:1.0 size=i!
    LRN 13 1-1 1-1 T:8601 > T:8601 ; alpha=f:1e-04 beta=f:0.75 bias=f:1.0 size=i!
    LSTM 1 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i input_forget=i:0 output_sequence=i:0
    LSTM 7 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i input_forget=i:0
    LSTM 14 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i input_forget=i:0 layout=i:0
    LSTM 22 3-8 0-3 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? T:8601? T:8601? > T:8601? T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i input_forget=i:0 layout=i:0
    LayerNormalization 17 2-3 1-3 T:8601 T:8601 T:8601? > T:8601 U:8001? U:8001? ; axis=i:-1 epsilon=f:1e-05 stash_type=i:1
    LeakyRelu 1 1-1 1-1 T:601 > T:601 ; alpha=f:0.01 consumed_inputs=I
    LeakyRelu 6 1-1 1-1 T:601 > T:601 ; alpha=f:0.01
    LeakyRelu 16 1-1 1-1 T:8601 > T:8601 ; alpha=f:0.01
    Less 1 2-2 1-1 T:601 T:601 > T1:100 ; axis=i broadcast=i:0
    Less 7 2-2 1-1 T:601 T:601 > T1:100 ;
    Less 9 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    Less 13 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    LessOrEqual 12 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    LessOrEqual 16 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    LinearAttention 27 3-6 2-2 T:8201 T:8201 T:8201 S:8201? T:8201? T:8201? > T:8201 S:8201 ; chunk_size=i:64 kv_num_heads=i! q_num_heads=i! scale=f:0.0 update_rule=s:gated_delta
    Log 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Log 6 1-1 1-1 T:601 > T:601 ;
    Log 13 1-1 1-1 T:8601 > T:8601 ;
    LogSoftmax 1 1-1 1-1 T:601 > T:601 ; axis=i:1
    LogSoftmax 11 1-1 1-1 T:601 > T:601 ; axis=i:1
    LogSoftmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i:-1
    Loop 1 3- 1- I:40? B:100? V:7fff~ > V:7fff~ ; body=g!
    Loop 11 2- 1- I:40? B:100? V:7fff~ > V:7fff~ ; body=g!
    Loop 13 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 16 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 19 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 21 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 23 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 24 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 25 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    LpNormalization 1 1-1 1-1 T:601 > T:601 ; axis=i:-1 p=i:2
    LpNormalization 22 1-1 1-1 T:8601 > T:8601 ; axis=i:-1 p=i:2
    LpPool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET kernel_shape=I p=f:2.0 pads=I strides=I
    LpPool 2 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET kernel_shape=I! p=i:2 pads=I strides=I
    LpPool 11 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET kernel_shape=I! p=i:2 pads=I strides=I
    LpPool 18 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! p=i:2 pads=I strides=I
    LpPool 22 1-1 1-1 T:8601 > T:8601 ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! p=i:2 pads=I strides=I
    MatMul 1 2-2 1-1 T:601 T:601 > T:601 ;
    MatMul 9 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    MatMul 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    MatMulInteger 10 2-4 1-1 T1:6 T2:6 T1:6? T2:6? > T3:20 ;
    Max 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Max 6 1- 1-1 T:601* > T:601 ;
    Max 8 1- 1-1 T:601* > T:601 ;
    Max 12 1- 1-1 T:1e7f* > T:1e7f ;
    Max 13 1- 1-1 T:9e7f* > T:9e7f ;
    MaxPool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s:NOTSET kernel_shape=I! pads=I strides=I
    MaxPool 8 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s:NOTSET kernel_shape=I! pads=I storage_order=i:0 strides=I
    MaxPool 10 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! pads=I storage_order=i:0 strides=I
    MaxPool 11 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! pads=I storage_order=i:0 strides=I
    MaxPool 12 1-1 1-2 T:607 > T:607 I:40? ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! pads=I storage_order=i:0 strides=I
    MaxPool 22 1-1 1-2 T:8607 > T:8607 I:40? ; auto_pad=s:NOTSET ceil_mode=i:0 dilations=I kernel_shape=I! pads=I storage_order=i:0 strides=I
    MaxRoiPool 1 2-2 1-1 T:601 T:601 > T:601 ; pooled_shape=I! spatial_scale=f:1.0
    MaxRoiPool 22 2-2 1-1 T:8601 T:8601 > T:8601 ; pooled_shape=I! spatial_scale=f:1.0
    MaxUnpool 9 2-3 1-1 T1:601 T2:40 T2:40? > T1:601 ; kernel_shape=I! pads=I strides=I
    MaxUnpool 11 2-3 1-1 T1:601 T2:40 T2:40? > T1:601 ; kernel_shape=I! pads=I strides=I
    MaxUnpool 22 2-3 1-1 T1:8601 T2:40 T2:40? > T1:8601 ; kernel_shape=I! pads=I strides=I
    Mean 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Mean 6 1- 1-1 T:601* > T:601 ;
    Mean 8 1- 1-1 T:601* > T:601 ;
    Mean 13 1- 1-1 T:8601* > T:8601 ;
    MeanVarianceNormalization 9 1-1 1-1 T:601 > T:601 ; axes=I
    MeanVarianceNormalization 13 1-1 1-1 T:8601 > T:8601 ; axes=I
    MelWeightMatrix 17 5-5 1-1 T1:60 T1:60 T1:60 T2:8601 T2:8601 > T3:9e7f ; output_datatype=i:1
    Min 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Min 6 1- 1-1 T:601* > T:601 ;
    Min 8 1- 1-1 T:601* > T:601 ;
    Min 12 1- 1-1 T:1e7f* > T:1e7f ;
    Min 13 1- 1-1 T:9e7f* > T:9e7f ;
    Mish 18 1-1 1-1 T:601 > T:601 ;
    Mish 22 1-1 1-1 T:8601 > T:8601 ;
    Mod 10 2-2 1-1 T:1e7f T:1e7f > T:1e7f ; fmod=i:0
    Mod 13 2-2 1-1 T:9e7f T:9e7f > T:9e7f ; fmod=i:0
    Mod 28 2-2 1-1 T:9e7f T:9e7f > T:9e7f ; fmod=i:0
    Mul 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i:0 consumed_inputs=I
    Mul 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i:0
    Mul 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Mul 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Mul 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Multinomial 7 1-1 1-1 T1:601 > T2:60 ; dtype=i:6 sample_size=i:1 seed=f
    Multinomial 22 1-1 1-1 T1:8601 > T2:60 ; dtype=i:6 sample_size=i:1 seed=f
    Neg 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Neg 6 1-1 1-1 T:675 > T:675 ;
    Neg 13 1-1 1-1 T:8675 > T:8675 ;
    NegativeLogLikelihoodLoss 12 2-3 1-1 T:601 Tind:60 T:601? > T:601 ; ignore_index=i reduction=s:mean
    NegativeLogLikelihoodLoss 13 2-3 1-1 T:601 Tind:60 T:601? > T:601 ; ignore_index=i reduction=s:mean
    NegativeLogLikelihoodLoss 22 2-3 1-1 T:8601 Tind:60 T:8601? > T:8601 ; ignore_index=i reduction=s:mean
    NonMaxSuppression 10 2-5 1-1 :1 :1 :40? :1? :1? > :40 ; center_point_box=i:0
    NonMaxSuppression 11 2-5 1-1 :1 :1 :40? :1? :1? > :40 ; center_point_box=i:0
    NonZero 9 1-1 1-1 T:7fff > :40 ;
    NonZero 13 1-1 1-1 T:ffff > :40 ;
    Not 1 1-1 1-1 T:100 > T:100 ;
    OneHot 9 3-3 1-1 T1:1e7f T2:1e7f T3:7fff > T3:7fff ; axis=i:-1
    OneHot 11 3-3 1-1 T1:1e7f T2:1e7f T3:7fff > T3:7fff ; axis=i:-1
    OneHot 28 3-3 1-1 T1:1e7f T2:1e7f T3:ffff > T3:ffff ; axis=i:-1
    Optional 15 0-1 1-1 V:-? > O:- ; type=p
    Optional 28 0-1 1-1 V:-? > O:- ; type=p
    OptionalGetElement 15 1-1 1-1 O:- > V:- ;
    OptionalGetElement 18 1-1 1-1 O:- > V:- ;
    OptionalGetElement 28 1-1 1-1 O:- > V:- ;
    OptionalHasElement 15 1-1 1-1 O:- > B:100 ;
    OptionalHasElement 18 0-1 1-1 O:-? > B:100 ;
    OptionalHasElement 28 0-1 1-1 O:-? > B:100 ;
    Or 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i:0
    Or 7 2-2 1-1 T:100 T:100 > T1:100 ;
    PRelu 1 2-2 1-1 T:601 T:601 > T:601 ; consumed_inputs=I
    PRelu 6 2-2 1-1 T:601 T:601 > T:601 ;
    PRelu 7 2-2 1-1 T:601 T:601 > T:601 ;
    PRelu 9 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    PRelu 16 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Pad 1 1-1 1-1 T:601 > T:601 ; mode=s:constant paddings=I! value=f:0.0
    Pad 2 1-1 1-1 T:601 > T:601 ; mode=s:constant pads=I! value=f:0.0
    Pad 11 2-3 1-1 T:1e7f :40 T:1e7f? > T:1e7f ; mode=s:constant
    Pad 13 2-3 1-1 T:ffff :40 T:ffff? > T:ffff ; mode=s:constant
    Pad 18 2-4 1-1 T:ffff :40 T:ffff? Tind:60? > T:ffff ; mode=s:constant
    Pad 19 2-4 1-1 T:ffff :40 T:ffff? Tind:60? > T:ffff ; mode=s:constant
    Pad 21 2-4 1-1 T:3fffff :40 T:3fffff? Tind:60? > T:3fffff ; mode=s:constant
    Pad 23 2-4 1-1 T:7fffff :40 T:7fffff? Tind:60? > T:7fffff ; mode=s:constant
    Pad 24 2-4 1-1 T:ffffff :40 T:ffffff? Tind:60? > T:ffffff ; mode=s:constant
    Pad 25 2-4 1-1 T:3ffffff :40 T:3ffffff? Tind:60? > T:3ffffff ; mode=s:constant
    Pow 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i:0
    Pow 7 2-2 1-1 T:601 T:601 > T:601 ;
    Pow 12 2-2 1-1 T:661 T1:1e7f > T:661 ;
    Pow 13 2-2 1-1 T:8661 T1:1e7f > T:8661 ;
    Pow 15 2-2 1-1 T:8661 T1:9e7f > T:8661 ;
    QLinearConv 10 8-9 1-1 T1:6 :1 T1:6 T2:6 :1 T2:6 :1 T3:6 T4:20? > T3:6 ; auto_pad=s:NOTSET dilations=I group=i:1 kernel_shape=I pads=I strides=I
    QLinearMatMul 10 8-8 1-1 T1:6 :1 T1:6 T2:6 :1 T2:6 :1 T3:6 > T3:6 ;
    QLinearMatMul 21 8-8 1-1 T1:f0006 TS:8201 T1:f0006 T2:f0006 TS:8201 T2:f0006 TS:8201 T3:f0006 > T3:f0006 ;
    QuantizeLinear 10 2-3 1-1 T1:21 :1 T2:6? > T2:6 ;
    QuantizeLinear 13 2-3 1-1 T1:21 :1 T2:6? > T2:6 ; axis=i:1
    QuantizeLinear 19 2-3 1-1 T1:8221 T1:8221 T2:f0006? > T2:f0006 ; axis=i:1 saturate=i:1
    QuantizeLinear 21 2-3 1-1 T1:8221 T1:8221 T2:3f001e? > T2:3f001e ; axis=i:1 block_size=i:0 output_dtype=i:0 saturate=i:1
    QuantizeLinear 23 2-3 1-1 T1:8221 T2:8221 T3:7f001e? > T3:7f001e ; axis=i:1 block_size=i:0 output_dtype=i:0 precision=i:0 saturate=i:1
    QuantizeLinear 24 2-3 1-1 T1:8221 T2:808221 T3:7f001e? > T3:7f001e ; axis=i:1 block_size=i:0 output_dtype=i:0 precision=i:0 saturate=i:1
    QuantizeLinear 25 2-3 1-1 T1:8221 T2:808221 T3:37f001e? > T3:37f001e ; axis=i:1 block_size=i:0 output_dtype=i:0 precision=i:0 saturate=i:1
    QuantizeLinear 28 2-3 1-1 T1:8221 T2:808221 T3:f7f001e? > T3:f7f001e ; axis=i:1 block_size=i:0 output_dtype=i:0 precision=i:0 saturate=i:1
    RMSNormalization 23 2-2 1-1 T:8601 V:8601 > V:8601 ; axis=i:-1 epsilon=f:1e-05 stash_type=i:1
    RNN 1 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i output_sequence=i:0
    RNN 7 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i
    RNN 14 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i layout=i:0
    RNN 22 3-6 0-2 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? > T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s:forward hidden_size=i layout=i:0
    RandomNormal 1 0-0 1-1 > T:601 ; dtype=i:1 mean=f:0.0 scale=f:1.0 seed=f shape=I!
    RandomNormal 22 0-0 1-1 > T:8601 ; dtype=i:1 mean=f:0.0 scale=f:1.0 seed=f shape=I!
    RandomNormalLike 1 1-1 1-1 T1:7fff > T2:601 ; dtype=i mean=f:0.0 scale=f:1.0 seed=f
    RandomNormalLike 22 1-1 1-1 T1:ffff > T2:8601 ; dtype=i mean=f:0.0 scale=f:1.0 seed=f
    RandomUniform 1 0-0 1-1 > T:601 ; dtype=i:1 high=f:1.0 low=f:0.0 seed=f shape=I!
    RandomUniform 22 0-0 1-1 > T:8601 ; dtype=i:1 high=f:1.0 low=f:0.0 seed=f shape=I!
    RandomUniformLike 1 1-1 1-1 T1:7fff > T2:601 ; dtype=i high=f:1.0 low=f:0.0 seed=f
    RandomUniformLike 22 1-1 1-1 T1:ffff > T2:8601 ; dtype=i high=f:1.0 low=f:0.0 seed=f
    Range 11 3-3 1-1 T:471 T:471 T:471 > T:471 ;
    Range 27 3-3 1-1 T:8671 T:8671 T:8671 > T:8671 ; stash_type=i:1
    Reciprocal 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Reciprocal 6 1-1 1-1 T:601 > T:601 ;
    Reciprocal 13 1-1 1-1 T:8601 > T:8601 ;
    ReduceL1 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceL1 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceL1 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceL1 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceL2 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceL2 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceL2 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceL2 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceLogSum 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceLogSum 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceLogSum 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceLogSum 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceLogSum 28 1-2 1-1 T:8601 :40? > T:8601 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceLogSumExp 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceLogSumExp 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceLogSumExp 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceLogSumExp 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceLogSumExp 28 1-2 1-1 T:8601 :40? > T:8601 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceMax 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMax 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMax 12 1-1 1-1 T:1e67 > T:1e67 ; axes=I keepdims=i:1
    ReduceMax 13 1-1 1-1 T:9e67 > T:9e67 ; axes=I keepdims=i:1
    ReduceMax 18 1-2 1-1 T:9e67 :40? > T:9e67 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceMax 20 1-2 1-1 T:9f67 :40? > T:9f67 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceMean 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMean 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMean 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceMean 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceMin 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMin 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceMin 12 1-1 1-1 T:1e67 > T:1e67 ; axes=I keepdims=i:1
    ReduceMin 13 1-1 1-1 T:9e67 > T:9e67 ; axes=I keepdims=i:1
    ReduceMin 18 1-2 1-1 T:9e67 :40? > T:9e67 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceMin 20 1-2 1-1 T:9f67 :40? > T:9f67 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceProd 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceProd 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceProd 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceProd 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceSum 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceSum 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceSum 13 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    ReduceSumSquare 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceSumSquare 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i:1
    ReduceSumSquare 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i:1
    ReduceSumSquare 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i:1 noop_with_empty_axes=i:0
    RegexFullMatch 20 1-1 1-1 T1:80 > T2:100 ; pattern=s
    Relu 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Relu 6 1-1 1-1 T:601 > T:601 ;
    Relu 13 1-1 1-1 T:8601 > T:8601 ;
    Relu 14 1-1 1-1 T:8675 > T:8675 ;
    Reshape 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I shape=I
    Reshape 5 2-2 1-1 T:7fff :40 > T:7fff ;
    Reshape 13 2-2 1-1 T:ffff :40 > T:ffff ;
    Reshape 14 2-2 1-1 T:ffff :40 > T:ffff ; allowzero=i:0
    Reshape 19 2-2 1-1 T:fffff :40 > T:fffff ; allowzero=i:0
    Reshape 21 2-2 1-1 T:3fffff :40 > T:3fffff ; allowzero=i:0
    Reshape 23 2-2 1-1 T:7fffff :40 > T:7fffff ; allowzero=i:0
    Reshape 24 2-2 1-1 T:ffffff :40 > T:ffffff ; allowzero=i:0
    Reshape 25 2-2 1-1 T:3ffffff :40 > T:3ffffff ; allowzero=i:0
    Resize 10 2-2 1-1 T:7fff :1 > T:7fff ; mode=s:nearest
    Resize 11 3-4 1-1 T1:7fff T2:601 :1 :40? > T1:7fff ; coordinate_transformation_mode=s:half_pixel cubic_coeff_a=f:-0.75 exclude_outside=i:0 extrapolation_value=f:0.0 mode=s:nearest nearest_mode=s:round_prefer_floor
    Resize 13 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; coordinate_transformation_mode=s:half_pixel cubic_coeff_a=f:-0.75 exclude_outside=i:0 extrapolation_value=f:0.0 mode=s:nearest nearest_mode=s:round_prefer_floor
    Resize 18 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; antialias=i:0 axes=I coordinate_transformation_mode=s:half_pixel cubic_coeff_a=f:-0.75 exclude_outside=i:0 extrapolation_value=f:0.0 keep_aspect_ratio_policy=s:stretch mode=s:nearest nearest_mode=s:round_prefer_floor
    Resize 19 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; antialias=i:0 axes=I coordinate_transformation_mode=s:half_pixel cubic_coeff_a=f:-0.75 exclude_outside=i:0 extrapolation_value=f:0.0 keep_aspect_ratio_policy=s:stretch mode=s:nearest nearest_mode=s:round_prefer_floor
    ReverseSequence 10 2-2 1-1 T:7fff :40 > T:7fff ; batch_axis=i:1 time_axis=i:0
    ReverseSequence 28 2-2 1-1 T:ffff :40 > T:ffff ; batch_axis=i:1 time_axis=i:0
    RoiAlign 10 3-3 1-1 T1:601 T1:601 T2:40 > T1:601 ; mode=s:avg output_height=i:1 output_width=i:1 sampling_ratio=i:0 spatial_scale=f:1.0
    RoiAlign 16 3-3 1-1 T1:601 T1:601 T2:40 > T1:601 ; coordinate_transformation_mode=s:half_pixel mode=s:avg output_height=i:1 output_width=i:1 sampling_ratio=i:0 spatial_scale=f:1.0
    RoiAlign 22 3-3 1-1 T1:8601 T1:8601 T2:40 > T1:8601 ; coordinate_transformation_mode=s:half_pixel mode=s:avg output_height=i:1 output_width=i:1 sampling_ratio=i:0 spatial_scale=f:1.0
    RotaryEmbedding 23 3-4 1-1 T:8201 T:8201 T:8201 M:40? > T:8201 ; interleaved=i:0 num_heads=i rotary_embedding_dim=i:0
    Round 11 1-1 1-1 T:601 > T:601 ;
    Round 22 1-1 1-1 T:8601 > T:8601 ;
    STFT 17 2-4 1-1 T1:8601 T2:60 T1:8601? T2:60? > T1:8601 ; onesided=i:1
    Scan 8 2- 1- I:40? V:7fff~ > V:7fff~ ; body=g! directions=I num_scan_inputs=i!
    Scan 9 1- 1- V:7fff~ > V:7fff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 11 1- 1- V:7fff~ > V:7fff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 16 1- 1- V:ffff~ > V:ffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 19 1- 1- V:fffff~ > V:fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 21 1- 1- V:3fffff~ > V:3fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 23 1- 1- V:7fffff~ > V:7fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 24 1- 1- V:ffffff~ > V:ffffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 25 1- 1- V:3ffffff~ > V:3ffffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scatter 9 3-3 1-1 T:7fff Tind:60 T:7fff > T:7fff ; axis=i:0
    Scatter 11 -
    ScatterElements 11 3-3 1-1 T:7fff Tind:60 T:7fff > T:7fff ; axis=i:0
    ScatterElements 13 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i:0
    ScatterElements 16 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i:0 reduction=s:none
    ScatterElements 18 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i:0 reduction=s:none
    ScatterND 11 3-3 1-1 T:7fff :40 T:7fff > T:7fff ;
    ScatterND 13 3-3 1-1 T:ffff :40 T:ffff > T:ffff ;
    ScatterND 16 3-3 1-1 T:ffff :40 T:ffff > T:ffff ; reduction=s:none
    ScatterND 18 3-3 1-1 T:ffff :40 T:ffff > T:ffff ; reduction=s:none
    Selu 1 1-1 1-1 T:601 > T:601 ; alpha=f:1.6732 consumed_inputs=I gamma=f:1.0507
    Selu 6 1-1 1-1 T:601 > T:601 ; alpha=f:1.6732632 gamma=f:1.050701
    Selu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f:1.6732632 gamma=f:1.050701
    SequenceAt 11 2-2 1-1 S:- I:60 > T:7fff ;
    SequenceConstruct 11 1- 1-1 T:7fff* > S:- ;
    SequenceEmpty 11 0-0 1-1 > S:- ; dtype=i
    SequenceErase 11 1-2 1-1 S:- I:60? > S:- ;
    SequenceInsert 11 2-3 1-1 S:- T:7fff I:60? > S:- ;
    SequenceLength 11 1-1 1-1 S:- > I:40 ;
    SequenceMap 17 1- 1- S:- V:-~ > S:-~ ; body=g!
    Shape 1 1-1 1-1 T:7fff > T1:40 ;
    Shape 13 1-1 1-1 T:ffff > T1:40 ;
    Shape 15 1-1 1-1 T:ffff > T1:40 ; end=i start=i:0
    Shape 19 1-1 1-1 T:fffff > T1:40 ; end=i start=i:0
    Shape 21 1-1 1-1 T:3fffff > T1:40 ; end=i start=i:0
    Shape 23 1-1 1-1 T:7fffff > T1:40 ; end=i start=i:0
    Shape 24 1-1 1-1 T:ffffff > T1:40 ; end=i start=i:0
    Shape 25 1-1 1-1 T:3ffffff > T1:40 ; end=i start=i:0
    Shrink 9 1-1 1-1 T:1e7f > T:1e7f ; bias=f:0.0 lambd=f:0.5
    Sigmoid 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Sigmoid 6 1-1 1-1 T:601 > T:601 ;
    Sigmoid 13 1-1 1-1 T:8601 > T:8601 ;
    Sign 9 1-1 1-1 T:1e7f > T:1e7f ;
    Sign 13 1-1 1-1 T:9e7f > T:9e7f ;
    Sin 7 1-1 1-1 T:601 > T:601 ;
    Sin 22 1-1 1-1 T:8601 > T:8601 ;
    Sinh 9 1-1 1-1 T:601 > T:601 ;
    Sinh 22 1-1 1-1 T:8601 > T:8601 ;
    Size 1 1-1 1-1 T:7fff > T1:40 ;
    Size 13 1-1 1-1 T:ffff > T1:40 ;
    Size 19 1-1 1-1 T:fffff > T1:40 ;
    Size 21 1-1 1-1 T:3fffff > T1:40 ;
    Size 23 1-1 1-1 T:7fffff > T1:40 ;
    Size 24 1-1 1-1 T:ffffff > T1:40 ;
    Size 25 1-1 1-1 T:3ffffff > T1:40 ;
    Slice 1 1-1 1-1 T:7fff > T:7fff ; axes=I ends=I! starts=I!
    Slice 10 3-5 1-1 T:7fff Tind:60 Tind:60 Tind:60? Tind:60? > T:7fff ;
    Slice 11 3-5 1-1 T:7fff Tind:60 Tind:60 Tind:60? Tind:60? > T:7fff ;
    Slice 13 3-5 1-1 T:ffff Tind:60 Tind:60 Tind:60? Tind:60? > T:ffff ;
    Softmax 1 1-1 1-1 T:601 > T:601 ; axis=i:1
    Softmax 11 1-1 1-1 T:601 > T:601 ; axis=i:1
    Softmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i:-1
    SoftmaxCrossEntropyLoss 12 2-3 1-2 T:601 Tind:60 T:601? > T:601 T:601? ; ignore_index=i reduction=s:mean
    SoftmaxCrossEntropyLoss 13 2-3 1-2 T:8601 Tind:60 T:8601? > T:8601 T:8601? ; ignore_index=i reduction=s:mean
    Softplus 1 1-1 1-1 T:601 > T:601 ;
    Softplus 22 1-1 1-1 T:8601 > T:8601 ;
    Softsign 1 1-1 1-1 T:601 > T:601 ;
    Softsign 22 1-1 1-1 T:8601 > T:8601 ;
    SpaceToDepth 1 1-1 1-1 T:7fff > T:7fff ; blocksize=i!
    SpaceToDepth 13 1-1 1-1 T:ffff > T:ffff ; blocksize=i!
    SpaceToDepth 28 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s:DCR
    Split 1 1-2 1- T:601 T:601? > T:601* ; axis=i split=I
    Split 2 1-1 1- T:7fff > T:7fff* ; axis=i:0 split=I
    Split 11 1-1 1- T:7fff > T:7fff* ; axis=i:0 split=I
    Split 13 1-2 1- T:ffff :40? > T:ffff* ; axis=i:0
    Split 18 1-2 1- T:ffff :40? > T:ffff* ; axis=i:0 num_outputs=i
    SplitToSequence 11 1-2 1-1 T:7fff I:60? > S:- ; axis=i:0 keepdims=i:1
    SplitToSequence 24 1-2 1-1 T:ffff I:60? > S:- ; axis=i:0 keepdims=i:1
    Sqrt 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Sqrt 6 1-1 1-1 T:601 > T:601 ;
    Sqrt 13 1-1 1-1 T:8601 > T:8601 ;
    Squeeze 1 1-1 1-1 T:7fff > T:7fff ; axes=I
    Squeeze 11 1-1 1-1 T:7fff > T:7fff ; axes=I
    Squeeze 13 1-2 1-1 T:ffff :40? > T:ffff ;
    Squeeze 21 1-2 1-1 T:3fffff :40? > T:3fffff ;
    Squeeze 23 1-2 1-1 T:7fffff :40? > T:7fffff ;
    Squeeze 24 1-2 1-1 T:ffffff :40? > T:ffffff ;
    Squeeze 25 1-2 1-1 T:3ffffff :40? > T:3ffffff ;
    StringConcat 20 2-2 1-1 T:80 T:80 > T:80 ;
    StringNormalizer 10 1-1 1-1 :80 > :80 ; case_change_action=s:NONE is_case_sensitive=i:0 locale=s stopwords=S
    StringSplit 20 1-1 2-2 T1:80 > T2:80 T3:40 ; delimiter=s maxsplit=i
    Sub 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i:0 consumed_inputs=I
    Sub 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i:0
    Sub 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Sub 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Sub 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Sum 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Sum 6 1- 1-1 T:601* > T:601 ;
    Sum 8 1- 1-1 T:601* > T:601 ;
    Sum 13 1- 1-1 T:8601* > T:8601 ;
    SwiGLU 28 2-2 1-1 T:8601 T:8601 > T:8601 ; alpha=f:1.0
    Swish 24 1-1 1-1 T:8601 > T:8601 ; alpha=f:1.0
    Tan 7 1-1 1-1 T:601 > T:601 ;
    Tan 22 1-1 1-1 T:8601 > T:8601 ;
    Tanh 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Tanh 6 1-1 1-1 T:601 > T:601 ;
    Tanh 13 1-1 1-1 T:8601 > T:8601 ;
    TensorScatter 24 2-3 1-1 T:ffffff T:ffffff :40? > T:ffffff ; axis=i:-2 mode=s:linear
    TfIdfVectorizer 9 1-1 1-1 T:e0 > T1:1 ; max_gram_length=i! max_skip_count=i! min_gram_length=i! mode=s! ngram_counts=I! ngram_indexes=I! pool_int64s=I pool_strings=S weights=F
    ThresholdedRelu 10 1-1 1-1 T:601 > T:601 ; alpha=f:1.0
    ThresholdedRelu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f:1.0
    Tile 1 3-3 1-1 T:601 T:601 T:601 > T:601 ;
    Tile 6 2-2 1-1 T:7fff T1:40 > T:7fff ;
    Tile 13 2-2 1-1 T:ffff T1:40 > T:ffff ;
    TopK 1 1-1 2-2 T:601 > T:601 I:40 ; axis=i:-1 k=i!
    TopK 10 2-2 2-2 T:601 :40 > T:601 I:40 ; axis=i:-1
    TopK 11 2-2 2-2 T:1e7f :40 > T:1e7f I:40 ; axis=i:-1 largest=i:1 sorted=i:1
    TopK 24 2-2 2-2 T:9e7f :40 > T:9e7f I:40 ; axis=i:-1 largest=i:1 sorted=i:1
    Transpose 1 1-1 1-1 T:7fff > T:7fff ; perm=I
    Transpose 13 1-1 1-1 T:ffff > T:ffff ; perm=I
    Transpose 21 1-1 1-1 T:3fffff > T:3fffff ; perm=I
    Transpose 23 1-1 1-1 T:7fffff > T:7fffff ; perm=I
    Transpose 24 1-1 1-1 T:ffffff > T:ffffff ; perm=I
    Transpose 25 1-1 1-1 T:3ffffff > T:3ffffff ; perm=I
    Trilu 14 1-2 1-1 T:ffff :40? > T:ffff ; upper=i:1
    Unique 11 1-1 1-4 T:7fff > T:7fff :40? :40? :40? ; axis=i sorted=i:1
    Unique 28 1-1 1-4 T:ffff > T:ffff :40? :40? :40? ; axis=i sorted=i:1
    Unsqueeze 1 1-1 1-1 T:7fff > T:7fff ; axes=I!
    Unsqueeze 11 1-1 1-1 T:7fff > T:7fff ; axes=I!
    Unsqueeze 13 2-2 1-1 T:ffff :40 > T:ffff ;
    Unsqueeze 21 2-2 1-1 T:3fffff :40 > T:3fffff ;
    Unsqueeze 23 2-2 1-1 T:7fffff :40 > T:7fffff ;
    Unsqueeze 24 2-2 1-1 T:ffffff :40 > T:ffffff ;
    Unsqueeze 25 2-2 1-1 T:3ffffff :40 > T:3ffffff ;
    Upsample 1 1-1 1-1 T:761 > T:761 ; height_scale=f! mode=s:nearest width_scale=f!
    Upsample 7 1-1 1-1 T:7fff > T:7fff ; mode=s:nearest scales=F!
    Upsample 9 2-2 1-1 T:7fff :1 > T:7fff ; mode=s:nearest
    Upsample 10 -
    Where 9 3-3 1-1 B:100 T:7fff T:7fff > T:7fff ;
    Where 16 3-3 1-1 B:100 T:ffff T:ffff > T:ffff ;
    Xor 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i:0
    Xor 7 2-2 1-1 T:100 T:100 > T1:100 ;
    ai.onnx.ml:ArrayFeatureExtractor 1 2-2 1-1 T:4e1 :40 > T:4e1 ;
    ai.onnx.ml:Binarizer 1 1-1 1-1 T:461 > T:461 ; threshold=f:0.0
    ai.onnx.ml:CastMap 1 1-1 1-1 T1:- > T2:c1 ; cast_to=s:TO_FLOAT map_form=s:DENSE max_map=i:1
    ai.onnx.ml:CategoryMapper 1 1-1 1-1 T1:c0 > T2:c0 ; cats_int64s=I cats_strings=S default_int64=i:-1 default_string=s:_Unused
    ai.onnx.ml:DictVectorizer 1 1-1 1-1 T1:- > T2:4c1 ; int64_vocabulary=I string_vocabulary=S
    ai.onnx.ml:FeatureVectorizer 1 1- 1-1 T1:461* > :1 ; inputdimensions=I
    ai.onnx.ml:Imputer 1 1-1 1-1 T:461 > T:461 ; imputed_value_floats=F imputed_value_int64s=I replaced_value_float=f:0.0 replaced_value_int64=i:0
    ai.onnx.ml:LabelEncoder 1 1-1 1-1 T1:c0 > T2:c0 ; classes_strings=S default_int64=i:-1 default_string=s:_Unused
    ai.onnx.ml:LabelEncoder 2 1-1 1-1 T1:c1 > T2:c1 ; default_float=f:-0.0 default_int64=i:-1 default_string=s:_Unused keys_floats=F keys_int64s=I keys_strings=S values_floats=F values_int64s=I values_strings=S
    ai.onnx.ml:LabelEncoder 4 1-1 1-1 T1:4f1 > T2:4f1 ; default_float=f:-0.0 default_int64=i:-1 default_string=s:_Unused default_tensor=t keys_floats=F keys_int64s=I keys_strings=S keys_tensor=t values_floats=F values_int64s=I values_strings=S values_tensor=t
    ai.onnx.ml:LinearClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; classlabels_ints=I classlabels_strings=S coefficients=F! intercepts=F multi_class=i:0 post_transform=s:NONE
    ai.onnx.ml:LinearRegressor 1 1-1 1-1 T:461 > :1 ; coefficients=F intercepts=F post_transform=s:NONE targets=i:1
    ai.onnx.ml:Normalizer 1 1-1 1-1 T:461 > :1 ; norm=s:MAX
    ai.onnx.ml:OneHotEncoder 1 1-1 1-1 T:4e1 > :1 ; cats_int64s=I cats_strings=S zeros=i:1
    ai.onnx.ml:SVMClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; classlabels_ints=I classlabels_strings=S coefficients=F kernel_params=F kernel_type=s:LINEAR post_transform=s:NONE prob_a=F prob_b=F rho=F support_vectors=F vectors_per_class=I
    ai.onnx.ml:SVMRegressor 1 1-1 1-1 T:461 > :1 ; coefficients=F kernel_params=F kernel_type=s:LINEAR n_supports=i:0 one_class=i:0 post_transform=s:NONE rho=F support_vectors=F
    ai.onnx.ml:Scaler 1 1-1 1-1 T:461 > :1 ; offset=F scale=F
    ai.onnx.ml:TreeEnsemble 5 1-1 1-1 T:601 > T:601 ; aggregate_function=i:1 leaf_targetids=I! leaf_weights=t! membership_values=t n_targets=i nodes_falseleafs=I! nodes_falsenodeids=I! nodes_featureids=I! nodes_hitrates=t nodes_missing_value_tracks_true=I nodes_modes=t! nodes_splits=t! nodes_trueleafs=I! nodes_truenodeids=I! post_transform=i:0 tree_roots=I!
    ai.onnx.ml:TreeEnsembleClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; base_values=F class_ids=I class_nodeids=I class_treeids=I class_weights=F classlabels_int64s=I classlabels_strings=S nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F post_transform=s:NONE
    ai.onnx.ml:TreeEnsembleClassifier 3 1-1 2-2 T1:461 > T2:c0 :1 ; base_values=F base_values_as_tensor=t class_ids=I class_nodeids=I class_treeids=I class_weights=F class_weights_as_tensor=t classlabels_int64s=I classlabels_strings=S nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_hitrates_as_tensor=t nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F nodes_values_as_tensor=t post_transform=s:NONE
    ai.onnx.ml:TreeEnsembleClassifier 5 -
    ai.onnx.ml:TreeEnsembleRegressor 1 1-1 1-1 T:461 > :1 ; aggregate_function=s:SUM base_values=F n_targets=i nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F post_transform=s:NONE target_ids=I target_nodeids=I target_treeids=I target_weights=F
    ai.onnx.ml:TreeEnsembleRegressor 3 1-1 1-1 T:461 > :1 ; aggregate_function=s:SUM base_values=F base_values_as_tensor=t n_targets=i nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_hitrates_as_tensor=t nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F nodes_values_as_tensor=t post_transform=s:NONE target_ids=I target_nodeids=I target_treeids=I target_weights=F target_weights_as_tensor=t
    ai.onnx.ml:TreeEnsembleRegressor 5 -
    ai.onnx.ml:ZipMap 1 1-1 1-1 :1 > T:- ; classlabels_int64s=I classlabels_strings=S
    ai.onnx.preview:FlexAttention 1 3-3 1-1 T1:8601 T1:8601 T1:8601 > T1:8601 ; prob_mod=g scale=f score_mod=g softmax_precision=i
    ai.onnx.preview.training:Adagrad 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; decay_factor=f:0.0 epsilon=f:1e-06 norm_coefficient=f:0.0
    ai.onnx.preview.training:Adam 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; alpha=f:0.9 beta=f:0.999 epsilon=f:1e-06 norm_coefficient=f:0.0 norm_coefficient_post=f:0.0
    ai.onnx.preview.training:Gradient 1 1- 1- T1:7fff~ > T2:601~ ; xs=S! y=s! zs=S
    ai.onnx.preview.training:Momentum 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; alpha=f! beta=f! mode=s! norm_coefficient=f!
    """
}
