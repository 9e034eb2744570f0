public import ArgumentParser
public import SurgeonData
public import SurgeonRuntime

// The library's own choices are the command line's words; help lists their cases.

extension SessionOptions.Precision: ExpressibleByArgument {}
extension SessionOptions.Engine: ExpressibleByArgument {}
extension OutputWriter.Format: ExpressibleByArgument {}
