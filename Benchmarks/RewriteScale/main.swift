internal import Surgeon

// Prints one line per size: nodes, applications, and the best of three times in seconds.
let rules = scaleRules()
for nodes in CommandLine.arguments.dropFirst().compactMap({ Int($0) }) {
  let model = scaleModel(blocks: nodes / 10)
  var best = Duration.seconds(1_000_000)
  var applications = 0
  for _ in 0..<3 {
    var copy = model
    let clock = ContinuousClock()
    let time = try clock.measure {
      applications = try Rewriter(rules).rewrite(&copy).applications.count
    }
    best = min(best, time)
  }
  print(nodes, applications, best / .seconds(1))
}
