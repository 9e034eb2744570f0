// Runs the standard's test suite, as Tests/Conformance/suite.py writes it, in one process.
//
//   SurgeonConformance SUITE [--engine reference|fast] [--only TEXT]
//   SurgeonConformance --operators
//
// One line for each case: kind, name, passed | failed | unsupported, reason; separated by tabs.
internal import SurgeonIR
internal import SurgeonRuntime

var arguments = Array(CommandLine.arguments.dropFirst())

if arguments.first == "--operators" {
  for entry in KernelRegistry.standard.all {
    let versions = entry.versions.map(String.init).joined(separator: ",")
    let end = entry.removedIn.map(String.init) ?? ""
    print([entry.domain, entry.opType, versions, end].joined(separator: "\t"))
  }
  stop(0)
}

var options = SessionOptions()
var only: String?
var suite: String?
while !arguments.isEmpty {
  switch arguments.removeFirst() {
  case "--engine" where !arguments.isEmpty:
    options.engine = SessionOptions.Engine(rawValue: arguments.removeFirst()) ?? .reference
  case "--only" where !arguments.isEmpty: only = arguments.removeFirst()
  case let path: suite = path
  }
}
guard let suite, let list = readFile(suite + "/cases.tsv") else {
  print("usage: SurgeonConformance SUITE [--engine reference|fast] [--only TEXT]")
  stop(2)
}

let runner = CaseRunner(options: options)
for line in list.split(separator: "\n") {
  guard let test = Case(line: line, in: suite), only.map({ test.name.contains($0) }) ?? true
  else { continue }
  let verdict = runner.run(test)
  print([test.kind, test.name, verdict.word, verdict.reason].joined(separator: "\t"))
}
