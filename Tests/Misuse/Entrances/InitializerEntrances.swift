import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Ways to begin.
let initializerEntrances: [Entrance] = [
  begin("Initializer zeros") { _ in .zeros },
  begin("Initializer ones") { _ in .ones },
  begin("Initializer constant") { .constant($0.number("number", in: -1...1)) },
  begin("Initializer identity", [4, 4]) { .identity(scale: $0.number("scale", in: -1...1)) },
  begin("Initializer glorotUniform") { _ in .glorotUniform },
  begin("Initializer glorotNormal") { _ in .glorotNormal },
  begin("Initializer heUniform") { _ in .heUniform },
  begin("Initializer heNormal") { _ in .heNormal },
  begin("Initializer leCunUniform") { _ in .leCunUniform },
  begin("Initializer leCunNormal") { _ in .leCunNormal },
  begin("Initializer perGate") { .perGate($0.count("gates", in: 4...4), .orthogonal()) },
  begin("Initializer perGate list") { .perGate(Array(repeating: .glorotNormal, count: max(0, $0.count("gates", in: 4...4)))) },
  begin("Initializer chrono", [8]) { .chrono(longest: $0.number("longest", in: 2...20)) },
  begin("Initializer uniform") { m in
    let (a, b) = (m.number("from", in: -2...0), m.number("to", in: 0.1...2))
    // A range of Swift's own cannot be made from other bounds.
    return .uniform(in: a < b ? a..<b : 0..<1)
  },
  begin("Initializer normal") { .normal(deviation: $0.number("deviation", in: 0...2)) },
  begin("Initializer truncatedNormal") { .truncatedNormal(deviation: $0.number("deviation", in: 0.1...2)) },
  begin("Initializer sparse") {
    .sparse(nonzerosPerColumn: $0.integer("count", in: 1...3), deviation: $0.number("d", in: 0...2))
  },
  begin("Initializer orthogonal") { .orthogonal(gain: $0.number("gain", in: 0...2)) },
  begin("Initializer spectralRadius", [4, 4]) { .spectralRadius($0.number("radius", in: 0.1...1)) },
]

private func begin(
  _ name: String, _ shape: Shape = [4, 8], _ make: @escaping @Sendable (inout Mischief) -> Initializer
) -> Entrance {
  Entrance(name) { m in
    var generator = m.generator()
    let initializer = make(&m)
    let target = m.anyShape("target", m.shape("target", shape))
    let tensor = initializer(target, m.type, using: &generator)
    m.expect(tensor.shape == target && tensor.type == m.type, "a tensor \(tensor.type) of shape \(tensor.shape)")
  }
}
