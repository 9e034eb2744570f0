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
    Add 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i consumed_inputs=I
    Add 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i
    Add 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Add 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Add 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    AffineGrid 20 2-2 1-1 T1:8601 T2:40 > T1:8601 ; align_corners=i
    And 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i
    And 7 2-2 1-1 T:100 T:100 > T1:100 ;
    ArgMax 1 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i
    ArgMax 11 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i
    ArgMax 12 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i select_last_index=i
    ArgMax 13 1-1 1-1 T:9e7f > :40 ; axis=i keepdims=i select_last_index=i
    ArgMin 1 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i
    ArgMin 11 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i
    ArgMin 12 1-1 1-1 T:1e7f > :40 ; axis=i keepdims=i select_last_index=i
    ArgMin 13 1-1 1-1 T:9e7f > :40 ; axis=i keepdims=i select_last_index=i
    Asin 7 1-1 1-1 T:601 > T:601 ;
    Asin 22 1-1 1-1 T:8601 > T:8601 ;
    Asinh 9 1-1 1-1 T:601 > T:601 ;
    Asinh 22 1-1 1-1 T:8601 > T:8601 ;
    Atan 7 1-1 1-1 T:601 > T:601 ;
    Atan 22 1-1 1-1 T:8601 > T:8601 ;
    Atanh 9 1-1 1-1 T:601 > T:601 ;
    Atanh 22 1-1 1-1 T:8601 > T:8601 ;
    Attention 23 3-6 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i kv_num_heads=i q_num_heads=i qk_matmul_output_mode=i scale=f softcap=f softmax_precision=i
    Attention 24 3-7 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? :40? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i kv_num_heads=i q_num_heads=i qk_matmul_output_mode=i scale=f softcap=f softmax_precision=i
    Attention 25 3-7 1-4 T1:8601 T1:8601 T2:8601 U:9f7f? T1:8601? T2:8601? :40? > T1:8601 T1:8601? T2:8601? T1:8601? ; is_causal=i kv_num_heads=i left_window_size=i q_num_heads=i qk_matmul_output_mode=i right_window_size=i scale=f softcap=f softmax_precision=i
    AveragePool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s kernel_shape=I! pads=I strides=I
    AveragePool 7 1-1 1-1 T:601 > T:601 ; auto_pad=s count_include_pad=i kernel_shape=I! pads=I strides=I
    AveragePool 10 1-1 1-1 T:601 > T:601 ; auto_pad=s ceil_mode=i count_include_pad=i kernel_shape=I! pads=I strides=I
    AveragePool 11 1-1 1-1 T:601 > T:601 ; auto_pad=s ceil_mode=i count_include_pad=i kernel_shape=I! pads=I strides=I
    AveragePool 19 1-1 1-1 T:601 > T:601 ; auto_pad=s ceil_mode=i count_include_pad=i dilations=I kernel_shape=I! pads=I strides=I
    AveragePool 22 1-1 1-1 T:8601 > T:8601 ; auto_pad=s ceil_mode=i count_include_pad=i dilations=I kernel_shape=I! pads=I strides=I
    BatchNormalization 1 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; consumed_inputs=I! epsilon=f is_test=i momentum=f spatial=i
    BatchNormalization 6 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f is_test=i momentum=f spatial=i
    BatchNormalization 7 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f momentum=f spatial=i
    BatchNormalization 9 5-5 1-5 T:601 T:601 T:601 T:601 T:601 > T:601 T:601? T:601? T:601? T:601? ; epsilon=f momentum=f
    BatchNormalization 14 5-5 1-3 T:8601 T:8601 T:8601 U:8601 U:8601 > T:8601 U:8601? U:8601? ; epsilon=f momentum=f training_mode=i
    BatchNormalization 15 5-5 1-3 T:8601 T1:8601 T1:8601 T2:8601 T2:8601 > T:8601 T2:8601? T2:8601? ; epsilon=f momentum=f training_mode=i
    Bernoulli 15 1-1 1-1 T1:601 > T2:9f7f ; dtype=i seed=f
    Bernoulli 22 1-1 1-1 T1:8601 > T2:9f7f ; dtype=i seed=f
    BitCast 26 1-1 1-1 T1:3ffff7f > T2:3ffff7f ; to=i!
    BitShift 11 2-2 1-1 T:180a T:180a > T:180a ; direction=s!
    BitShift 28 2-2 1-1 T:187e T:187e > T:187e ; direction=s!
    BitwiseAnd 18 2-2 1-1 T:187e T:187e > T:187e ;
    BitwiseNot 18 1-1 1-1 T:187e > T:187e ;
    BitwiseOr 18 2-2 1-1 T:187e T:187e > T:187e ;
    BitwiseXor 18 2-2 1-1 T:187e T:187e > T:187e ;
    BlackmanWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i periodic=i
    Cast 1 1-1 1-1 T1:1f7f > T2:1f7f ; to=s!
    Cast 6 1-1 1-1 T1:1f7f > T2:1f7f ; to=i!
    Cast 9 1-1 1-1 T1:1fff > T2:1fff ; to=i!
    Cast 13 1-1 1-1 T1:9fff > T2:9fff ; to=i!
    Cast 19 1-1 1-1 T1:f9fff > T2:f9fff ; saturate=i to=i!
    Cast 21 1-1 1-1 T1:3f9fff > T2:3f9fff ; saturate=i to=i!
    Cast 23 1-1 1-1 T1:7f9fff > T2:7f9fff ; saturate=i to=i!
    Cast 24 1-1 1-1 T1:ff9fff > T2:ff9fff ; round_mode=s saturate=i to=i!
    Cast 25 1-1 1-1 T1:3ff9fff > T2:3ff9fff ; round_mode=s saturate=i to=i!
    Cast 28 1-1 1-1 T1:fff9fff > T2:fff9fff ; round_mode=s saturate=i to=i!
    CastLike 15 2-2 1-1 T1:9fff T2:9fff > T2:9fff ;
    CastLike 19 2-2 1-1 T1:f9fff T2:f9fff > T2:f9fff ; saturate=i
    CastLike 21 2-2 1-1 T1:3f9fff T2:3f9fff > T2:3f9fff ; saturate=i
    CastLike 23 2-2 1-1 T1:7f9fff T2:7f9fff > T2:7f9fff ; saturate=i
    CastLike 24 2-2 1-1 T1:ff9fff T2:ff9fff > T2:ff9fff ; round_mode=s saturate=i
    CastLike 25 2-2 1-1 T1:3ff9fff T2:3ff9fff > T2:3ff9fff ; round_mode=s saturate=i
    CausalConvWithState 27 2-4 2-2 T:8201 T:8201 T:8201? T:8201? > T:8201 T:8201 ; activation=s
    Ceil 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Ceil 6 1-1 1-1 T:601 > T:601 ;
    Ceil 13 1-1 1-1 T:8601 > T:8601 ;
    Celu 12 1-1 1-1 T:1 > T:1 ; alpha=f
    Celu 28 1-1 1-1 T:8601 > T:8601 ; alpha=f
    CenterCropPad 18 2-2 1-1 T:ffff Tind:60 > T:ffff ; axes=I
    Clip 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I max=f min=f
    Clip 6 1-1 1-1 T:601 > T:601 ; max=f min=f
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
    ConcatFromSequence 11 1-1 1-1 S:- > T:7fff ; axis=i! new_axis=i
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
    Conv 1 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s dilations=I group=i kernel_shape=I pads=I strides=I
    Conv 11 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s dilations=I group=i kernel_shape=I pads=I strides=I
    Conv 22 2-3 1-1 T:8601 T:8601 T:8601? > T:8601 ; auto_pad=s dilations=I group=i kernel_shape=I pads=I strides=I
    ConvInteger 10 2-4 1-1 T1:6 T2:6 T1:6? T2:6? > T3:20 ; auto_pad=s dilations=I group=i kernel_shape=I pads=I strides=I
    ConvTranspose 1 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s dilations=I group=i kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    ConvTranspose 11 2-3 1-1 T:601 T:601 T:601? > T:601 ; auto_pad=s dilations=I group=i kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    ConvTranspose 22 2-3 1-1 T:8601 T:8601 T:8601? > T:8601 ; auto_pad=s dilations=I group=i kernel_shape=I output_padding=I output_shape=I pads=I strides=I
    Cos 7 1-1 1-1 T:601 > T:601 ;
    Cos 22 1-1 1-1 T:8601 > T:8601 ;
    Cosh 9 1-1 1-1 T:601 > T:601 ;
    Cosh 22 1-1 1-1 T:8601 > T:8601 ;
    CumProd 26 2-2 1-1 T:9e61 T2:60 > T:9e61 ; exclusive=i reverse=i
    CumSum 11 2-2 1-1 T:1c61 T2:60 > T:1c61 ; exclusive=i reverse=i
    CumSum 14 2-2 1-1 T:9e61 T2:60 > T:9e61 ; exclusive=i reverse=i
    DFT 17 1-2 1-1 T1:8601 T2:60? > T1:8601 ; axis=i inverse=i onesided=i
    DFT 20 1-3 1-1 T1:8601 T2:60? :40? > T1:8601 ; inverse=i onesided=i
    DeformConv 19 3-5 1-1 T:601 T:601 T:601 T:601? T:601? > T:601 ; dilations=I group=i kernel_shape=I offset_group=i pads=I strides=I
    DeformConv 22 3-5 1-1 T:8601 T:8601 T:8601 T:8601? T:8601? > T:8601 ; dilations=I group=i kernel_shape=I offset_group=i pads=I strides=I
    DepthToSpace 1 1-1 1-1 T:7fff > T:7fff ; blocksize=i!
    DepthToSpace 11 1-1 1-1 T:7fff > T:7fff ; blocksize=i! mode=s
    DepthToSpace 13 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s
    DepthToSpace 28 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s
    DequantizeLinear 10 2-3 1-1 T:26 :1 T:26? > :1 ;
    DequantizeLinear 13 2-3 1-1 T:26 :1 T:26? > :1 ; axis=i
    DequantizeLinear 19 2-3 1-1 T1:f0026 T2:8201 T1:f0026? > T2:8201 ; axis=i
    DequantizeLinear 21 2-3 1-1 T1:3f003e T2:8201 T1:3f003e? > T2:8201 ; axis=i block_size=i
    DequantizeLinear 23 2-3 1-1 T1:7f003e T2:8201 T1:7f003e? > T3:8201 ; axis=i block_size=i output_dtype=i
    DequantizeLinear 24 2-3 1-1 T1:7f003e T2:808201 T1:7f003e? > T3:8201 ; axis=i block_size=i output_dtype=i
    DequantizeLinear 25 2-3 1-1 T1:37f003e T2:808201 T1:37f003e? > T3:8201 ; axis=i block_size=i output_dtype=i
    DequantizeLinear 28 2-3 1-1 T1:f7f003e T2:808201 T1:f7f003e? > T3:8201 ; axis=i block_size=i output_dtype=i
    Det 11 1-1 1-1 T:601 > T:601 ;
    Det 22 1-1 1-1 T:8601 > T:8601 ;
    Div 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i consumed_inputs=I
    Div 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i
    Div 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Div 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Div 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Dropout 1 1-1 1-2 T:601 > T:601 T:601? ; consumed_inputs=I is_test=i ratio=f
    Dropout 6 1-1 1-2 T:601 > T:601 T:601? ; is_test=i ratio=f
    Dropout 7 1-1 1-2 T:601 > T:601 T:601? ; ratio=f
    Dropout 10 1-1 1-2 T:601 > T:601 T1:100? ; ratio=f
    Dropout 12 1-3 1-2 T:601 T1:601? T2:100? > T:601 T2:100? ; seed=i
    Dropout 13 1-3 1-2 T:8601 T1:601? T2:100? > T:8601 T2:100? ; seed=i
    Dropout 22 1-3 1-2 T:f8601 T1:f8601? T2:100? > T:f8601 T2:100? ; seed=i
    DynamicQuantizeLinear 11 1-1 3-3 T1:1 > T2:2 :1 T2:2 ;
    Einsum 12 1- 1-1 T:1e7f* > T:1e7f ; equation=s!
    Einsum 28 1- 1-1 T:9e7f* > T:9e7f ; equation=s!
    Elu 1 1-1 1-1 T:601 > T:601 ; alpha=f consumed_inputs=I
    Elu 6 1-1 1-1 T:601 > T:601 ; alpha=f
    Elu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f
    Equal 1 2-2 1-1 T:160 T:160 > T1:100 ; axis=i broadcast=i
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
    EyeLike 9 1-1 1-1 T1:1f7f > T2:1f7f ; dtype=i k=i
    EyeLike 22 1-1 1-1 T1:9f7f > T2:9f7f ; dtype=i k=i
    Flatten 1 1-1 1-1 T:601 > T:601 ; axis=i
    Flatten 9 1-1 1-1 T:7fff > T:7fff ; axis=i
    Flatten 11 1-1 1-1 T:7fff > T:7fff ; axis=i
    Flatten 13 1-1 1-1 T:ffff > T:ffff ; axis=i
    Flatten 21 1-1 1-1 T:3fffff > T:3fffff ; axis=i
    Flatten 23 1-1 1-1 T:7fffff > T:7fffff ; axis=i
    Flatten 24 1-1 1-1 T:ffffff > T:ffffff ; axis=i
    Flatten 25 1-1 1-1 T:3ffffff > T:3ffffff ; axis=i
    Floor 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Floor 6 1-1 1-1 T:601 > T:601 ;
    Floor 13 1-1 1-1 T:8601 > T:8601 ;
    GRU 1 3-6 2-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601 ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i output_sequence=i
    GRU 3 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i linear_before_reset=i output_sequence=i
    GRU 7 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i linear_before_reset=i
    GRU 14 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i layout=i linear_before_reset=i
    GRU 22 3-6 0-2 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? > T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i layout=i linear_before_reset=i
    Gather 1 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i
    Gather 11 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i
    Gather 13 2-2 1-1 T:ffff Tind:60 > T:ffff ; axis=i
    GatherElements 11 2-2 1-1 T:7fff Tind:60 > T:7fff ; axis=i
    GatherElements 13 2-2 1-1 T:ffff Tind:60 > T:ffff ; axis=i
    GatherND 11 2-2 1-1 T:7fff :40 > T:7fff ;
    GatherND 12 2-2 1-1 T:7fff :40 > T:7fff ; batch_dims=i
    GatherND 13 2-2 1-1 T:ffff :40 > T:ffff ; batch_dims=i
    Gelu 20 1-1 1-1 T:8601 > T:8601 ; approximate=s
    Gemm 1 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f beta=f broadcast=i transA=i transB=i
    Gemm 6 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f beta=f broadcast=i transA=i transB=i
    Gemm 7 3-3 1-1 T:601 T:601 T:601 > T:601 ; alpha=f beta=f transA=i transB=i
    Gemm 9 3-3 1-1 T:1e61 T:1e61 T:1e61 > T:1e61 ; alpha=f beta=f transA=i transB=i
    Gemm 11 2-3 1-1 T:1e61 T:1e61 T:1e61? > T:1e61 ; alpha=f beta=f transA=i transB=i
    Gemm 13 2-3 1-1 T:9e61 T:9e61 T:9e61? > T:9e61 ; alpha=f beta=f transA=i transB=i
    GlobalAveragePool 1 1-1 1-1 T:601 > T:601 ;
    GlobalAveragePool 22 1-1 1-1 T:8601 > T:8601 ;
    GlobalLpPool 1 1-1 1-1 T:601 > T:601 ; p=f
    GlobalLpPool 2 1-1 1-1 T:601 > T:601 ; p=i
    GlobalLpPool 22 1-1 1-1 T:8601 > T:8601 ; p=i
    GlobalMaxPool 1 1-1 1-1 T:601 > T:601 ;
    GlobalMaxPool 22 1-1 1-1 T:8601 > T:8601 ;
    Greater 1 2-2 1-1 T:601 T:601 > T1:100 ; axis=i broadcast=i
    Greater 7 2-2 1-1 T:601 T:601 > T1:100 ;
    Greater 9 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    Greater 13 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    GreaterOrEqual 12 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    GreaterOrEqual 16 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    GridSample 16 2-2 1-1 T1:7fff T2:601 > T1:7fff ; align_corners=i mode=s padding_mode=s
    GridSample 20 2-2 1-1 T1:7fff T2:601 > T1:7fff ; align_corners=i mode=s padding_mode=s
    GridSample 22 2-2 1-1 T1:ffff T2:8601 > T1:ffff ; align_corners=i mode=s padding_mode=s
    GroupNormalization 18 -
    GroupNormalization 21 3-3 1-1 T:8601 T:8601 T:8601 > T:8601 ; epsilon=f num_groups=i! stash_type=i
    HammingWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i periodic=i
    HannWindow 17 1-1 1-1 T1:60 > T2:9e7f ; output_datatype=i periodic=i
    HardSigmoid 1 1-1 1-1 T:601 > T:601 ; alpha=f beta=f consumed_inputs=I
    HardSigmoid 6 1-1 1-1 T:601 > T:601 ; alpha=f beta=f
    HardSigmoid 22 1-1 1-1 T:8601 > T:8601 ; alpha=f beta=f
    HardSwish 14 1-1 1-1 T:601 > T:601 ;
    HardSwish 22 1-1 1-1 T:8601 > T:8601 ;
    Hardmax 1 1-1 1-1 T:601 > T:601 ; axis=i
    Hardmax 11 1-1 1-1 T:601 > T:601 ; axis=i
    Hardmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i
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
    ImageDecoder 20 1-1 1-1 T1:2 > T2:2 ; pixel_format=s
    InstanceNormalization 1 3-3 1-1 T:601 T:601 T:601 > T:601 ; consumed_inputs=I epsilon=f
    InstanceNormalization 6 3-3 1-1 T:601 T:601 T:601 > T:601 ; epsilon=f
    InstanceNormalization 22 3-3 1-1 T:8601 T:8601 T:8601 > T:8601 ; epsilon=f
    IsInf 10 1-1 1-1 T1:401 > T2:100 ; detect_negative=i detect_positive=i
    IsInf 20 1-1 1-1 T1:f8601 > T2:100 ; detect_negative=i detect_positive=i
    IsNaN 9 1-1 1-1 T1:601 > T2:100 ;
    IsNaN 13 1-1 1-1 T1:8601 > T2:100 ;
    IsNaN 20 1-1 1-1 T1:f8601 > T2:100 ;
    LRN 1 1-1 1-1 T:601 > T:601 ; alpha=f beta=f bias=f size=i!
    LRN 13 1-1 1-1 T:8601 > T:8601 ; alpha=f beta=f bias=f size=i!
    LSTM 1 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i input_forget=i output_sequence=i
    LSTM 7 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i input_forget=i
    LSTM 14 3-8 0-3 T:601 T:601 T:601 T:601? T1:20? T:601? T:601? T:601? > T:601? T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i input_forget=i layout=i
    LSTM 22 3-8 0-3 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? T:8601? T:8601? > T:8601? T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i input_forget=i layout=i
    LayerNormalization 17 2-3 1-3 T:8601 T:8601 T:8601? > T:8601 U:8001? U:8001? ; axis=i epsilon=f stash_type=i
    LeakyRelu 1 1-1 1-1 T:601 > T:601 ; alpha=f consumed_inputs=I
    LeakyRelu 6 1-1 1-1 T:601 > T:601 ; alpha=f
    LeakyRelu 16 1-1 1-1 T:8601 > T:8601 ; alpha=f
    Less 1 2-2 1-1 T:601 T:601 > T1:100 ; axis=i broadcast=i
    Less 7 2-2 1-1 T:601 T:601 > T1:100 ;
    Less 9 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    Less 13 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    LessOrEqual 12 2-2 1-1 T:1e7f T:1e7f > T1:100 ;
    LessOrEqual 16 2-2 1-1 T:9e7f T:9e7f > T1:100 ;
    LinearAttention 27 3-6 2-2 T:8201 T:8201 T:8201 S:8201? T:8201? T:8201? > T:8201 S:8201 ; chunk_size=i kv_num_heads=i! q_num_heads=i! scale=f update_rule=s
    Log 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Log 6 1-1 1-1 T:601 > T:601 ;
    Log 13 1-1 1-1 T:8601 > T:8601 ;
    LogSoftmax 1 1-1 1-1 T:601 > T:601 ; axis=i
    LogSoftmax 11 1-1 1-1 T:601 > T:601 ; axis=i
    LogSoftmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i
    Loop 1 3- 1- I:40? B:100? V:7fff~ > V:7fff~ ; body=g!
    Loop 11 2- 1- I:40? B:100? V:7fff~ > V:7fff~ ; body=g!
    Loop 13 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 16 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 19 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 21 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 23 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 24 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    Loop 25 2- 1- I:40? B:100? V:-~ > V:-~ ; body=g!
    LpNormalization 1 1-1 1-1 T:601 > T:601 ; axis=i p=i
    LpNormalization 22 1-1 1-1 T:8601 > T:8601 ; axis=i p=i
    LpPool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s kernel_shape=I p=f pads=I strides=I
    LpPool 2 1-1 1-1 T:601 > T:601 ; auto_pad=s kernel_shape=I! p=i pads=I strides=I
    LpPool 11 1-1 1-1 T:601 > T:601 ; auto_pad=s kernel_shape=I! p=i pads=I strides=I
    LpPool 18 1-1 1-1 T:601 > T:601 ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! p=i pads=I strides=I
    LpPool 22 1-1 1-1 T:8601 > T:8601 ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! p=i pads=I strides=I
    MatMul 1 2-2 1-1 T:601 T:601 > T:601 ;
    MatMul 9 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    MatMul 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    MatMulInteger 10 2-4 1-1 T1:6 T2:6 T1:6? T2:6? > T3:20 ;
    Max 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Max 6 1- 1-1 T:601* > T:601 ;
    Max 8 1- 1-1 T:601* > T:601 ;
    Max 12 1- 1-1 T:1e7f* > T:1e7f ;
    Max 13 1- 1-1 T:9e7f* > T:9e7f ;
    MaxPool 1 1-1 1-1 T:601 > T:601 ; auto_pad=s kernel_shape=I! pads=I strides=I
    MaxPool 8 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s kernel_shape=I! pads=I storage_order=i strides=I
    MaxPool 10 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! pads=I storage_order=i strides=I
    MaxPool 11 1-1 1-2 T:601 > T:601 I:40? ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! pads=I storage_order=i strides=I
    MaxPool 12 1-1 1-2 T:607 > T:607 I:40? ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! pads=I storage_order=i strides=I
    MaxPool 22 1-1 1-2 T:8607 > T:8607 I:40? ; auto_pad=s ceil_mode=i dilations=I kernel_shape=I! pads=I storage_order=i strides=I
    MaxRoiPool 1 2-2 1-1 T:601 T:601 > T:601 ; pooled_shape=I! spatial_scale=f
    MaxRoiPool 22 2-2 1-1 T:8601 T:8601 > T:8601 ; pooled_shape=I! spatial_scale=f
    MaxUnpool 9 2-3 1-1 T1:601 T2:40 T2:40? > T1:601 ; kernel_shape=I! pads=I strides=I
    MaxUnpool 11 2-3 1-1 T1:601 T2:40 T2:40? > T1:601 ; kernel_shape=I! pads=I strides=I
    MaxUnpool 22 2-3 1-1 T1:8601 T2:40 T2:40? > T1:8601 ; kernel_shape=I! pads=I strides=I
    Mean 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Mean 6 1- 1-1 T:601* > T:601 ;
    Mean 8 1- 1-1 T:601* > T:601 ;
    Mean 13 1- 1-1 T:8601* > T:8601 ;
    MeanVarianceNormalization 9 1-1 1-1 T:601 > T:601 ; axes=I
    MeanVarianceNormalization 13 1-1 1-1 T:8601 > T:8601 ; axes=I
    MelWeightMatrix 17 5-5 1-1 T1:60 T1:60 T1:60 T2:8601 T2:8601 > T3:9e7f ; output_datatype=i
    Min 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Min 6 1- 1-1 T:601* > T:601 ;
    Min 8 1- 1-1 T:601* > T:601 ;
    Min 12 1- 1-1 T:1e7f* > T:1e7f ;
    Min 13 1- 1-1 T:9e7f* > T:9e7f ;
    Mish 18 1-1 1-1 T:601 > T:601 ;
    Mish 22 1-1 1-1 T:8601 > T:8601 ;
    Mod 10 2-2 1-1 T:1e7f T:1e7f > T:1e7f ; fmod=i
    Mod 13 2-2 1-1 T:9e7f T:9e7f > T:9e7f ; fmod=i
    Mod 28 2-2 1-1 T:9e7f T:9e7f > T:9e7f ; fmod=i
    Mul 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i consumed_inputs=I
    Mul 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i
    Mul 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Mul 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Mul 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Multinomial 7 1-1 1-1 T1:601 > T2:60 ; dtype=i sample_size=i seed=f
    Multinomial 22 1-1 1-1 T1:8601 > T2:60 ; dtype=i sample_size=i seed=f
    Neg 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Neg 6 1-1 1-1 T:675 > T:675 ;
    Neg 13 1-1 1-1 T:8675 > T:8675 ;
    NegativeLogLikelihoodLoss 12 2-3 1-1 T:601 Tind:60 T:601? > T:601 ; ignore_index=i reduction=s
    NegativeLogLikelihoodLoss 13 2-3 1-1 T:601 Tind:60 T:601? > T:601 ; ignore_index=i reduction=s
    NegativeLogLikelihoodLoss 22 2-3 1-1 T:8601 Tind:60 T:8601? > T:8601 ; ignore_index=i reduction=s
    NonMaxSuppression 10 2-5 1-1 :1 :1 :40? :1? :1? > :40 ; center_point_box=i
    NonMaxSuppression 11 2-5 1-1 :1 :1 :40? :1? :1? > :40 ; center_point_box=i
    NonZero 9 1-1 1-1 T:7fff > :40 ;
    NonZero 13 1-1 1-1 T:ffff > :40 ;
    Not 1 1-1 1-1 T:100 > T:100 ;
    OneHot 9 3-3 1-1 T1:1e7f T2:1e7f T3:7fff > T3:7fff ; axis=i
    OneHot 11 3-3 1-1 T1:1e7f T2:1e7f T3:7fff > T3:7fff ; axis=i
    OneHot 28 3-3 1-1 T1:1e7f T2:1e7f T3:ffff > T3:ffff ; axis=i
    Optional 15 0-1 1-1 V:-? > O:- ; type=p
    Optional 28 0-1 1-1 V:-? > O:- ; type=p
    OptionalGetElement 15 1-1 1-1 O:- > V:- ;
    OptionalGetElement 18 1-1 1-1 O:- > V:- ;
    OptionalGetElement 28 1-1 1-1 O:- > V:- ;
    OptionalHasElement 15 1-1 1-1 O:- > B:100 ;
    OptionalHasElement 18 0-1 1-1 O:-? > B:100 ;
    OptionalHasElement 28 0-1 1-1 O:-? > B:100 ;
    Or 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i
    Or 7 2-2 1-1 T:100 T:100 > T1:100 ;
    PRelu 1 2-2 1-1 T:601 T:601 > T:601 ; consumed_inputs=I
    PRelu 6 2-2 1-1 T:601 T:601 > T:601 ;
    PRelu 7 2-2 1-1 T:601 T:601 > T:601 ;
    PRelu 9 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    PRelu 16 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Pad 1 1-1 1-1 T:601 > T:601 ; mode=s paddings=I! value=f
    Pad 2 1-1 1-1 T:601 > T:601 ; mode=s pads=I! value=f
    Pad 11 2-3 1-1 T:1e7f :40 T:1e7f? > T:1e7f ; mode=s
    Pad 13 2-3 1-1 T:ffff :40 T:ffff? > T:ffff ; mode=s
    Pad 18 2-4 1-1 T:ffff :40 T:ffff? Tind:60? > T:ffff ; mode=s
    Pad 19 2-4 1-1 T:ffff :40 T:ffff? Tind:60? > T:ffff ; mode=s
    Pad 21 2-4 1-1 T:3fffff :40 T:3fffff? Tind:60? > T:3fffff ; mode=s
    Pad 23 2-4 1-1 T:7fffff :40 T:7fffff? Tind:60? > T:7fffff ; mode=s
    Pad 24 2-4 1-1 T:ffffff :40 T:ffffff? Tind:60? > T:ffffff ; mode=s
    Pad 25 2-4 1-1 T:3ffffff :40 T:3ffffff? Tind:60? > T:3ffffff ; mode=s
    Pow 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i
    Pow 7 2-2 1-1 T:601 T:601 > T:601 ;
    Pow 12 2-2 1-1 T:661 T1:1e7f > T:661 ;
    Pow 13 2-2 1-1 T:8661 T1:1e7f > T:8661 ;
    Pow 15 2-2 1-1 T:8661 T1:9e7f > T:8661 ;
    QLinearConv 10 8-9 1-1 T1:6 :1 T1:6 T2:6 :1 T2:6 :1 T3:6 T4:20? > T3:6 ; auto_pad=s dilations=I group=i kernel_shape=I pads=I strides=I
    QLinearMatMul 10 8-8 1-1 T1:6 :1 T1:6 T2:6 :1 T2:6 :1 T3:6 > T3:6 ;
    QLinearMatMul 21 8-8 1-1 T1:f0006 TS:8201 T1:f0006 T2:f0006 TS:8201 T2:f0006 TS:8201 T3:f0006 > T3:f0006 ;
    QuantizeLinear 10 2-3 1-1 T1:21 :1 T2:6? > T2:6 ;
    QuantizeLinear 13 2-3 1-1 T1:21 :1 T2:6? > T2:6 ; axis=i
    QuantizeLinear 19 2-3 1-1 T1:8221 T1:8221 T2:f0006? > T2:f0006 ; axis=i saturate=i
    QuantizeLinear 21 2-3 1-1 T1:8221 T1:8221 T2:3f001e? > T2:3f001e ; axis=i block_size=i output_dtype=i saturate=i
    QuantizeLinear 23 2-3 1-1 T1:8221 T2:8221 T3:7f001e? > T3:7f001e ; axis=i block_size=i output_dtype=i precision=i saturate=i
    QuantizeLinear 24 2-3 1-1 T1:8221 T2:808221 T3:7f001e? > T3:7f001e ; axis=i block_size=i output_dtype=i precision=i saturate=i
    QuantizeLinear 25 2-3 1-1 T1:8221 T2:808221 T3:37f001e? > T3:37f001e ; axis=i block_size=i output_dtype=i precision=i saturate=i
    QuantizeLinear 28 2-3 1-1 T1:8221 T2:808221 T3:f7f001e? > T3:f7f001e ; axis=i block_size=i output_dtype=i precision=i saturate=i
    RMSNormalization 23 2-2 1-1 T:8601 V:8601 > V:8601 ; axis=i epsilon=f stash_type=i
    RNN 1 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i output_sequence=i
    RNN 7 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i
    RNN 14 3-6 0-2 T:601 T:601 T:601 T:601? T1:20? T:601? > T:601? T:601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i layout=i
    RNN 22 3-6 0-2 T:8601 T:8601 T:8601 T:8601? T1:20? T:8601? > T:8601? T:8601? ; activation_alpha=F activation_beta=F activations=S clip=f direction=s hidden_size=i layout=i
    RandomNormal 1 0-0 1-1 > T:601 ; dtype=i mean=f scale=f seed=f shape=I!
    RandomNormal 22 0-0 1-1 > T:8601 ; dtype=i mean=f scale=f seed=f shape=I!
    RandomNormalLike 1 1-1 1-1 T1:7fff > T2:601 ; dtype=i mean=f scale=f seed=f
    RandomNormalLike 22 1-1 1-1 T1:ffff > T2:8601 ; dtype=i mean=f scale=f seed=f
    RandomUniform 1 0-0 1-1 > T:601 ; dtype=i high=f low=f seed=f shape=I!
    RandomUniform 22 0-0 1-1 > T:8601 ; dtype=i high=f low=f seed=f shape=I!
    RandomUniformLike 1 1-1 1-1 T1:7fff > T2:601 ; dtype=i high=f low=f seed=f
    RandomUniformLike 22 1-1 1-1 T1:ffff > T2:8601 ; dtype=i high=f low=f seed=f
    Range 11 3-3 1-1 T:471 T:471 T:471 > T:471 ;
    Range 27 3-3 1-1 T:8671 T:8671 T:8671 > T:8671 ; stash_type=i
    Reciprocal 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Reciprocal 6 1-1 1-1 T:601 > T:601 ;
    Reciprocal 13 1-1 1-1 T:8601 > T:8601 ;
    ReduceL1 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceL1 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceL1 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceL1 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceL2 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceL2 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceL2 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceL2 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceLogSum 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceLogSum 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceLogSum 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceLogSum 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceLogSum 28 1-2 1-1 T:8601 :40? > T:8601 ; keepdims=i noop_with_empty_axes=i
    ReduceLogSumExp 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceLogSumExp 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceLogSumExp 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceLogSumExp 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceLogSumExp 28 1-2 1-1 T:8601 :40? > T:8601 ; keepdims=i noop_with_empty_axes=i
    ReduceMax 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMax 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMax 12 1-1 1-1 T:1e67 > T:1e67 ; axes=I keepdims=i
    ReduceMax 13 1-1 1-1 T:9e67 > T:9e67 ; axes=I keepdims=i
    ReduceMax 18 1-2 1-1 T:9e67 :40? > T:9e67 ; keepdims=i noop_with_empty_axes=i
    ReduceMax 20 1-2 1-1 T:9f67 :40? > T:9f67 ; keepdims=i noop_with_empty_axes=i
    ReduceMean 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMean 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMean 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceMean 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceMin 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMin 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceMin 12 1-1 1-1 T:1e67 > T:1e67 ; axes=I keepdims=i
    ReduceMin 13 1-1 1-1 T:9e67 > T:9e67 ; axes=I keepdims=i
    ReduceMin 18 1-2 1-1 T:9e67 :40? > T:9e67 ; keepdims=i noop_with_empty_axes=i
    ReduceMin 20 1-2 1-1 T:9f67 :40? > T:9f67 ; keepdims=i noop_with_empty_axes=i
    ReduceProd 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceProd 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceProd 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceProd 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceSum 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceSum 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceSum 13 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    ReduceSumSquare 1 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceSumSquare 11 1-1 1-1 T:1e61 > T:1e61 ; axes=I keepdims=i
    ReduceSumSquare 13 1-1 1-1 T:9e61 > T:9e61 ; axes=I keepdims=i
    ReduceSumSquare 18 1-2 1-1 T:9e61 :40? > T:9e61 ; keepdims=i noop_with_empty_axes=i
    RegexFullMatch 20 1-1 1-1 T1:80 > T2:100 ; pattern=s
    Relu 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Relu 6 1-1 1-1 T:601 > T:601 ;
    Relu 13 1-1 1-1 T:8601 > T:8601 ;
    Relu 14 1-1 1-1 T:8675 > T:8675 ;
    Reshape 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I shape=I
    Reshape 5 2-2 1-1 T:7fff :40 > T:7fff ;
    Reshape 13 2-2 1-1 T:ffff :40 > T:ffff ;
    Reshape 14 2-2 1-1 T:ffff :40 > T:ffff ; allowzero=i
    Reshape 19 2-2 1-1 T:fffff :40 > T:fffff ; allowzero=i
    Reshape 21 2-2 1-1 T:3fffff :40 > T:3fffff ; allowzero=i
    Reshape 23 2-2 1-1 T:7fffff :40 > T:7fffff ; allowzero=i
    Reshape 24 2-2 1-1 T:ffffff :40 > T:ffffff ; allowzero=i
    Reshape 25 2-2 1-1 T:3ffffff :40 > T:3ffffff ; allowzero=i
    Resize 10 2-2 1-1 T:7fff :1 > T:7fff ; mode=s
    Resize 11 3-4 1-1 T1:7fff T2:601 :1 :40? > T1:7fff ; coordinate_transformation_mode=s cubic_coeff_a=f exclude_outside=i extrapolation_value=f mode=s nearest_mode=s
    Resize 13 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; coordinate_transformation_mode=s cubic_coeff_a=f exclude_outside=i extrapolation_value=f mode=s nearest_mode=s
    Resize 18 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; antialias=i axes=I coordinate_transformation_mode=s cubic_coeff_a=f exclude_outside=i extrapolation_value=f keep_aspect_ratio_policy=s mode=s nearest_mode=s
    Resize 19 1-4 1-1 T1:ffff T2:601? :1? :40? > T1:ffff ; antialias=i axes=I coordinate_transformation_mode=s cubic_coeff_a=f exclude_outside=i extrapolation_value=f keep_aspect_ratio_policy=s mode=s nearest_mode=s
    ReverseSequence 10 2-2 1-1 T:7fff :40 > T:7fff ; batch_axis=i time_axis=i
    ReverseSequence 28 2-2 1-1 T:ffff :40 > T:ffff ; batch_axis=i time_axis=i
    RoiAlign 10 3-3 1-1 T1:601 T1:601 T2:40 > T1:601 ; mode=s output_height=i output_width=i sampling_ratio=i spatial_scale=f
    RoiAlign 16 3-3 1-1 T1:601 T1:601 T2:40 > T1:601 ; coordinate_transformation_mode=s mode=s output_height=i output_width=i sampling_ratio=i spatial_scale=f
    RoiAlign 22 3-3 1-1 T1:8601 T1:8601 T2:40 > T1:8601 ; coordinate_transformation_mode=s mode=s output_height=i output_width=i sampling_ratio=i spatial_scale=f
    RotaryEmbedding 23 3-4 1-1 T:8201 T:8201 T:8201 M:40? > T:8201 ; interleaved=i num_heads=i rotary_embedding_dim=i
    Round 11 1-1 1-1 T:601 > T:601 ;
    Round 22 1-1 1-1 T:8601 > T:8601 ;
    STFT 17 2-4 1-1 T1:8601 T2:60 T1:8601? T2:60? > T1:8601 ; onesided=i
    Scan 8 2- 1- I:40? V:7fff~ > V:7fff~ ; body=g! directions=I num_scan_inputs=i!
    Scan 9 1- 1- V:7fff~ > V:7fff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 11 1- 1- V:7fff~ > V:7fff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 16 1- 1- V:ffff~ > V:ffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 19 1- 1- V:fffff~ > V:fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 21 1- 1- V:3fffff~ > V:3fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 23 1- 1- V:7fffff~ > V:7fffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 24 1- 1- V:ffffff~ > V:ffffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scan 25 1- 1- V:3ffffff~ > V:3ffffff~ ; body=g! num_scan_inputs=i! scan_input_axes=I scan_input_directions=I scan_output_axes=I scan_output_directions=I
    Scatter 9 3-3 1-1 T:7fff Tind:60 T:7fff > T:7fff ; axis=i
    Scatter 11 -
    ScatterElements 11 3-3 1-1 T:7fff Tind:60 T:7fff > T:7fff ; axis=i
    ScatterElements 13 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i
    ScatterElements 16 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i reduction=s
    ScatterElements 18 3-3 1-1 T:ffff Tind:60 T:ffff > T:ffff ; axis=i reduction=s
    ScatterND 11 3-3 1-1 T:7fff :40 T:7fff > T:7fff ;
    ScatterND 13 3-3 1-1 T:ffff :40 T:ffff > T:ffff ;
    ScatterND 16 3-3 1-1 T:ffff :40 T:ffff > T:ffff ; reduction=s
    ScatterND 18 3-3 1-1 T:ffff :40 T:ffff > T:ffff ; reduction=s
    Selu 1 1-1 1-1 T:601 > T:601 ; alpha=f consumed_inputs=I gamma=f
    Selu 6 1-1 1-1 T:601 > T:601 ; alpha=f gamma=f
    Selu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f gamma=f
    SequenceAt 11 2-2 1-1 S:- I:60 > T:7fff ;
    SequenceConstruct 11 1- 1-1 T:7fff* > S:- ;
    SequenceEmpty 11 0-0 1-1 > S:- ; dtype=i
    SequenceErase 11 1-2 1-1 S:- I:60? > S:- ;
    SequenceInsert 11 2-3 1-1 S:- T:7fff I:60? > S:- ;
    SequenceLength 11 1-1 1-1 S:- > I:40 ;
    SequenceMap 17 1- 1- S:- V:-~ > S:-~ ; body=g!
    Shape 1 1-1 1-1 T:7fff > T1:40 ;
    Shape 13 1-1 1-1 T:ffff > T1:40 ;
    Shape 15 1-1 1-1 T:ffff > T1:40 ; end=i start=i
    Shape 19 1-1 1-1 T:fffff > T1:40 ; end=i start=i
    Shape 21 1-1 1-1 T:3fffff > T1:40 ; end=i start=i
    Shape 23 1-1 1-1 T:7fffff > T1:40 ; end=i start=i
    Shape 24 1-1 1-1 T:ffffff > T1:40 ; end=i start=i
    Shape 25 1-1 1-1 T:3ffffff > T1:40 ; end=i start=i
    Shrink 9 1-1 1-1 T:1e7f > T:1e7f ; bias=f lambd=f
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
    Softmax 1 1-1 1-1 T:601 > T:601 ; axis=i
    Softmax 11 1-1 1-1 T:601 > T:601 ; axis=i
    Softmax 13 1-1 1-1 T:8601 > T:8601 ; axis=i
    SoftmaxCrossEntropyLoss 12 2-3 1-2 T:601 Tind:60 T:601? > T:601 T:601? ; ignore_index=i reduction=s
    SoftmaxCrossEntropyLoss 13 2-3 1-2 T:8601 Tind:60 T:8601? > T:8601 T:8601? ; ignore_index=i reduction=s
    Softplus 1 1-1 1-1 T:601 > T:601 ;
    Softplus 22 1-1 1-1 T:8601 > T:8601 ;
    Softsign 1 1-1 1-1 T:601 > T:601 ;
    Softsign 22 1-1 1-1 T:8601 > T:8601 ;
    SpaceToDepth 1 1-1 1-1 T:7fff > T:7fff ; blocksize=i!
    SpaceToDepth 13 1-1 1-1 T:ffff > T:ffff ; blocksize=i!
    SpaceToDepth 28 1-1 1-1 T:ffff > T:ffff ; blocksize=i! mode=s
    Split 1 1-2 1- T:601 T:601? > T:601* ; axis=i split=I
    Split 2 1-1 1- T:7fff > T:7fff* ; axis=i split=I
    Split 11 1-1 1- T:7fff > T:7fff* ; axis=i split=I
    Split 13 1-2 1- T:ffff :40? > T:ffff* ; axis=i
    Split 18 1-2 1- T:ffff :40? > T:ffff* ; axis=i num_outputs=i
    SplitToSequence 11 1-2 1-1 T:7fff I:60? > S:- ; axis=i keepdims=i
    SplitToSequence 24 1-2 1-1 T:ffff I:60? > S:- ; axis=i keepdims=i
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
    StringNormalizer 10 1-1 1-1 :80 > :80 ; case_change_action=s is_case_sensitive=i locale=s stopwords=S
    StringSplit 20 1-1 2-2 T1:80 > T2:80 T3:40 ; delimiter=s maxsplit=i
    Sub 1 2-2 1-1 T:601 T:601 > T:601 ; axis=i broadcast=i consumed_inputs=I
    Sub 6 2-2 1-1 T:1e61 T:1e61 > T:1e61 ; axis=i broadcast=i
    Sub 7 2-2 1-1 T:1e61 T:1e61 > T:1e61 ;
    Sub 13 2-2 1-1 T:9e61 T:9e61 > T:9e61 ;
    Sub 14 2-2 1-1 T:9e7f T:9e7f > T:9e7f ;
    Sum 1 1- 1-1 T:601* > T:601 ; consumed_inputs=I
    Sum 6 1- 1-1 T:601* > T:601 ;
    Sum 8 1- 1-1 T:601* > T:601 ;
    Sum 13 1- 1-1 T:8601* > T:8601 ;
    SwiGLU 28 2-2 1-1 T:8601 T:8601 > T:8601 ; alpha=f
    Swish 24 1-1 1-1 T:8601 > T:8601 ; alpha=f
    Tan 7 1-1 1-1 T:601 > T:601 ;
    Tan 22 1-1 1-1 T:8601 > T:8601 ;
    Tanh 1 1-1 1-1 T:601 > T:601 ; consumed_inputs=I
    Tanh 6 1-1 1-1 T:601 > T:601 ;
    Tanh 13 1-1 1-1 T:8601 > T:8601 ;
    TensorScatter 24 2-3 1-1 T:ffffff T:ffffff :40? > T:ffffff ; axis=i mode=s
    TfIdfVectorizer 9 1-1 1-1 T:e0 > T1:1 ; max_gram_length=i! max_skip_count=i! min_gram_length=i! mode=s! ngram_counts=I! ngram_indexes=I! pool_int64s=I pool_strings=S weights=F
    ThresholdedRelu 10 1-1 1-1 T:601 > T:601 ; alpha=f
    ThresholdedRelu 22 1-1 1-1 T:8601 > T:8601 ; alpha=f
    Tile 1 3-3 1-1 T:601 T:601 T:601 > T:601 ;
    Tile 6 2-2 1-1 T:7fff T1:40 > T:7fff ;
    Tile 13 2-2 1-1 T:ffff T1:40 > T:ffff ;
    TopK 1 1-1 2-2 T:601 > T:601 I:40 ; axis=i k=i!
    TopK 10 2-2 2-2 T:601 :40 > T:601 I:40 ; axis=i
    TopK 11 2-2 2-2 T:1e7f :40 > T:1e7f I:40 ; axis=i largest=i sorted=i
    TopK 24 2-2 2-2 T:9e7f :40 > T:9e7f I:40 ; axis=i largest=i sorted=i
    Transpose 1 1-1 1-1 T:7fff > T:7fff ; perm=I
    Transpose 13 1-1 1-1 T:ffff > T:ffff ; perm=I
    Transpose 21 1-1 1-1 T:3fffff > T:3fffff ; perm=I
    Transpose 23 1-1 1-1 T:7fffff > T:7fffff ; perm=I
    Transpose 24 1-1 1-1 T:ffffff > T:ffffff ; perm=I
    Transpose 25 1-1 1-1 T:3ffffff > T:3ffffff ; perm=I
    Trilu 14 1-2 1-1 T:ffff :40? > T:ffff ; upper=i
    Unique 11 1-1 1-4 T:7fff > T:7fff :40? :40? :40? ; axis=i sorted=i
    Unique 28 1-1 1-4 T:ffff > T:ffff :40? :40? :40? ; axis=i sorted=i
    Unsqueeze 1 1-1 1-1 T:7fff > T:7fff ; axes=I!
    Unsqueeze 11 1-1 1-1 T:7fff > T:7fff ; axes=I!
    Unsqueeze 13 2-2 1-1 T:ffff :40 > T:ffff ;
    Unsqueeze 21 2-2 1-1 T:3fffff :40 > T:3fffff ;
    Unsqueeze 23 2-2 1-1 T:7fffff :40 > T:7fffff ;
    Unsqueeze 24 2-2 1-1 T:ffffff :40 > T:ffffff ;
    Unsqueeze 25 2-2 1-1 T:3ffffff :40 > T:3ffffff ;
    Upsample 1 1-1 1-1 T:761 > T:761 ; height_scale=f! mode=s width_scale=f!
    Upsample 7 1-1 1-1 T:7fff > T:7fff ; mode=s scales=F!
    Upsample 9 2-2 1-1 T:7fff :1 > T:7fff ; mode=s
    Upsample 10 -
    Where 9 3-3 1-1 B:100 T:7fff T:7fff > T:7fff ;
    Where 16 3-3 1-1 B:100 T:ffff T:ffff > T:ffff ;
    Xor 1 2-2 1-1 T:100 T:100 > T1:100 ; axis=i broadcast=i
    Xor 7 2-2 1-1 T:100 T:100 > T1:100 ;
    ai.onnx.ml:ArrayFeatureExtractor 1 2-2 1-1 T:4e1 :40 > T:4e1 ;
    ai.onnx.ml:Binarizer 1 1-1 1-1 T:461 > T:461 ; threshold=f
    ai.onnx.ml:CastMap 1 1-1 1-1 T1:- > T2:c1 ; cast_to=s map_form=s max_map=i
    ai.onnx.ml:CategoryMapper 1 1-1 1-1 T1:c0 > T2:c0 ; cats_int64s=I cats_strings=S default_int64=i default_string=s
    ai.onnx.ml:DictVectorizer 1 1-1 1-1 T1:- > T2:4c1 ; int64_vocabulary=I string_vocabulary=S
    ai.onnx.ml:FeatureVectorizer 1 1- 1-1 T1:461* > :1 ; inputdimensions=I
    ai.onnx.ml:Imputer 1 1-1 1-1 T:461 > T:461 ; imputed_value_floats=F imputed_value_int64s=I replaced_value_float=f replaced_value_int64=i
    ai.onnx.ml:LabelEncoder 1 1-1 1-1 T1:c0 > T2:c0 ; classes_strings=S default_int64=i default_string=s
    ai.onnx.ml:LabelEncoder 2 1-1 1-1 T1:c1 > T2:c1 ; default_float=f default_int64=i default_string=s keys_floats=F keys_int64s=I keys_strings=S values_floats=F values_int64s=I values_strings=S
    ai.onnx.ml:LabelEncoder 4 1-1 1-1 T1:4f1 > T2:4f1 ; default_float=f default_int64=i default_string=s default_tensor=t keys_floats=F keys_int64s=I keys_strings=S keys_tensor=t values_floats=F values_int64s=I values_strings=S values_tensor=t
    ai.onnx.ml:LinearClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; classlabels_ints=I classlabels_strings=S coefficients=F! intercepts=F multi_class=i post_transform=s
    ai.onnx.ml:LinearRegressor 1 1-1 1-1 T:461 > :1 ; coefficients=F intercepts=F post_transform=s targets=i
    ai.onnx.ml:Normalizer 1 1-1 1-1 T:461 > :1 ; norm=s
    ai.onnx.ml:OneHotEncoder 1 1-1 1-1 T:4e1 > :1 ; cats_int64s=I cats_strings=S zeros=i
    ai.onnx.ml:SVMClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; classlabels_ints=I classlabels_strings=S coefficients=F kernel_params=F kernel_type=s post_transform=s prob_a=F prob_b=F rho=F support_vectors=F vectors_per_class=I
    ai.onnx.ml:SVMRegressor 1 1-1 1-1 T:461 > :1 ; coefficients=F kernel_params=F kernel_type=s n_supports=i one_class=i post_transform=s rho=F support_vectors=F
    ai.onnx.ml:Scaler 1 1-1 1-1 T:461 > :1 ; offset=F scale=F
    ai.onnx.ml:TreeEnsemble 5 1-1 1-1 T:601 > T:601 ; aggregate_function=i leaf_targetids=I! leaf_weights=t! membership_values=t n_targets=i nodes_falseleafs=I! nodes_falsenodeids=I! nodes_featureids=I! nodes_hitrates=t nodes_missing_value_tracks_true=I nodes_modes=t! nodes_splits=t! nodes_trueleafs=I! nodes_truenodeids=I! post_transform=i tree_roots=I!
    ai.onnx.ml:TreeEnsembleClassifier 1 1-1 2-2 T1:461 > T2:c0 :1 ; base_values=F class_ids=I class_nodeids=I class_treeids=I class_weights=F classlabels_int64s=I classlabels_strings=S nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F post_transform=s
    ai.onnx.ml:TreeEnsembleClassifier 3 1-1 2-2 T1:461 > T2:c0 :1 ; base_values=F base_values_as_tensor=t class_ids=I class_nodeids=I class_treeids=I class_weights=F class_weights_as_tensor=t classlabels_int64s=I classlabels_strings=S nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_hitrates_as_tensor=t nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F nodes_values_as_tensor=t post_transform=s
    ai.onnx.ml:TreeEnsembleClassifier 5 -
    ai.onnx.ml:TreeEnsembleRegressor 1 1-1 1-1 T:461 > :1 ; aggregate_function=s base_values=F n_targets=i nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F post_transform=s target_ids=I target_nodeids=I target_treeids=I target_weights=F
    ai.onnx.ml:TreeEnsembleRegressor 3 1-1 1-1 T:461 > :1 ; aggregate_function=s base_values=F base_values_as_tensor=t n_targets=i nodes_falsenodeids=I nodes_featureids=I nodes_hitrates=F nodes_hitrates_as_tensor=t nodes_missing_value_tracks_true=I nodes_modes=S nodes_nodeids=I nodes_treeids=I nodes_truenodeids=I nodes_values=F nodes_values_as_tensor=t post_transform=s target_ids=I target_nodeids=I target_treeids=I target_weights=F target_weights_as_tensor=t
    ai.onnx.ml:TreeEnsembleRegressor 5 -
    ai.onnx.ml:ZipMap 1 1-1 1-1 :1 > T:- ; classlabels_int64s=I classlabels_strings=S
    ai.onnx.preview:FlexAttention 1 3-3 1-1 T1:8601 T1:8601 T1:8601 > T1:8601 ; prob_mod=g scale=f score_mod=g softmax_precision=i
    ai.onnx.preview.training:Adagrad 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; decay_factor=f epsilon=f norm_coefficient=f
    ai.onnx.preview.training:Adam 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; alpha=f beta=f epsilon=f norm_coefficient=f norm_coefficient_post=f
    ai.onnx.preview.training:Gradient 1 1- 1- T1:7fff~ > T2:601~ ; xs=S! y=s! zs=S
    ai.onnx.preview.training:Momentum 1 3- 1- T1:401 T2:40 T3:401~ > T3:401~ ; alpha=f! beta=f! mode=s! norm_coefficient=f!
    """
}
