public import ArgumentParser
public import SurgeonCalibrate
public import SurgeonData
public import SurgeonRules
public import SurgeonRuntime

// The library's own choices are the command line's words; help lists their cases.

extension SessionOptions.Precision: ExpressibleByArgument {}
extension SessionOptions.Engine: ExpressibleByArgument {}
extension OutputWriter.Format: ExpressibleByArgument {}
extension NormalizationOptions.Form: ExpressibleByArgument {}
extension NormalizationOptions.Match: ExpressibleByArgument {}
extension GroupOptions.Operators: ExpressibleByArgument {}
extension WelfordOptions.Count: ExpressibleByArgument {}
extension WelfordOptions.Unit: ExpressibleByArgument {}
extension WelfordOptions.Start: ExpressibleByArgument {}
extension WelfordOptions.Normalization: ExpressibleByArgument {}
extension CalibrationMode: ExpressibleByArgument {}
extension ImageOptions.Layout: ExpressibleByArgument {}
