// Everything a user of the library needs, a writer of rules included, from one import.
@_exported public import SurgeonCalibrate
@_exported public import SurgeonData
@_exported public import SurgeonDiff
@_exported public import SurgeonFormat
@_exported public import SurgeonIR
@_exported public import SurgeonRewrite
@_exported public import SurgeonRuleFiles
@_exported public import SurgeonRules
@_exported public import SurgeonRuntime
@_exported public import SurgeonShapes
@_exported public import SurgeonVerify
