internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// The contents of a file of arrays (safetensors, npz) or a checkpoint: every tensor with its shape, and statistics that matter for gradients
/// through time.
struct FileContents: Sendable {
  /// One tensor.
  struct Entry: Sendable {
    let name: String
    let format: String
    let shape: Shape
    /// The statistics; nil if the tensor does not hold floating-point numbers.
    let values: Values?
    /// The spectral radius of each gate's block, for square recurrent weights with at most `largestMatrix` units.
    let radii: [(gate: String, radius: Double)]
    /// The mean of each gate's block of a bias.
    let biases: [(gate: String, mean: Double)]
  }

  /// The statistics of a tensor's numbers.
  struct Values: Sendable {
    let norm: Double
    let least: Double
    let greatest: Double
    /// The count of numbers that are infinite or NaN.
    let notFinite: Int
  }

  /// Larger matrices are skipped, because eigenvalues take n³ operations.
  static let largestMatrix = 1024

  let path: String
  let entries: [Entry]
  let texts: [String: String]
  /// The step, if the file is a checkpoint of this library.
  let step: Int?

  /// The contents of a file, or of the newest checkpoint in a folder.
  init(path: String) throws(ArrayFileError) {
    // If the path is not a folder, opening it as a file reports any other problem.
    let path = (try? Checkpoint.newestPath(in: path)) ?? path
    let file = try ArrayFiles.open(path)
    self.path = path
    texts = file.metadata
    step = file.metadata["unroll.format"] == nil ? nil : file.metadata["unroll.step"].flatMap { Int($0) }
    var shapes: [String: Shape] = [:]
    for name in file.names { shapes[name] = try file.array(named: name).shape }
    var entries: [Entry] = []
    for name in file.names {
      let stored = try file.read(name)
      // An optimizer's state has the names of weights, but no gradient passes through it.
      let gates = step != nil && name.hasPrefix("optimizer.") ? [] : Self.gates(name, stored.shape, among: shapes)
      guard ["float16", "bfloat16", "float32", "float64"].contains(stored.format.description) else {
        entries.append(
          Entry(name: name, format: "\(stored.format)", shape: stored.shape, values: nil, radii: [], biases: []))
        continue
      }
      let array = try stored.array().cast(to: .float64)
      entries.append(Self.entry(name, "\(stored.format)", array, gates))
    }
    self.entries = entries
  }

  var parameterCount: Int { entries.reduce(0) { $0 + ($1.values == nil ? 0 : $1.shape.elementCount) } }

  private static func entry(_ name: String, _ format: String, _ array: NDArray, _ gates: [String]) -> Entry {
    let numbers: [Double] = array.scalars()
    let finite = numbers.filter(\.isFinite)
    let values = Values(
      norm: array.norm().item, least: finite.min() ?? .nan, greatest: finite.max() ?? .nan,
      notFinite: numbers.count - finite.count)
    var (radii, biases): ([(String, Double)], [(String, Double)]) = ([], [])
    if !gates.isEmpty, finite.count == numbers.count {
      if array.rank == 2 {
        let blocks = array.chunks(gates.count, axis: array.shape[0] < array.shape[1] ? 1 : 0)
        radii = zip(gates, blocks).map { ($0, $1.spectralRadius().item) }
      } else {
        biases = zip(gates, array.chunks(gates.count, axis: 0)).map { ($0, $1.mean().item) }
      }
    }
    return Entry(
      name: name, format: format, shape: array.shape, values: values, radii: radii.map { (gate: $0.0, radius: $0.1) },
      biases: biases.map { (gate: $0.0, mean: $0.1) })
  }

  /// The gates into which a tensor divides, in the order of this library and of PyTorch; empty if it is neither a recurrent
  /// weight nor a bias of gates.
  private static func gates(_ name: String, _ shape: Shape, among shapes: [String: Shape]) -> [String] {
    let names = [1: ["h"], 3: ["r", "z", "n"], 4: ["i", "f", "g", "o"]]
    let isRecurrent = name.hasSuffix("recurrentWeight") || name.contains("weight_hh")
    if isRecurrent, shape.count == 2, let small = shape.min(), small > 0, small <= largestMatrix {
      return names[(shape.max() ?? 0) / small].flatMap { shape.max() == small * $0.count ? $0 : nil } ?? []
    }
    // A bias has gates if a recurrent weight beside it does.
    let partner: String? =
      if name.hasSuffix("bias") {
        String(name.dropLast(4)) + "recurrentWeight"
      } else if let found = name.firstRange(of: "bias_ih") ?? name.firstRange(of: "bias_hh") {
        name[..<found.lowerBound] + "weight_hh" + name[found.upperBound...]
      } else {
        nil
      }
    guard let partner, let weight = shapes[partner], weight.count == 2, let small = weight.min(), small > 0,
      let gates = names[(weight.max() ?? 0) / small], gates.count > 1, shape == [gates.count * small]
    else { return [] }
    return gates
  }
}

extension FileContents {
  var story: Story {
    let count = "\(entries.count) tensor\(entries.count == 1 ? "" : "s"), \(parameterCount) floating-point numbers"
    var introduction = [step.map { "A checkpoint of step \($0): \(count)." } ?? "A safetensors file: \(count)."]
    let texts = self.texts.filter { !$0.key.hasPrefix("unroll.") }
    if !texts.isEmpty { introduction.append("Texts: " + texts.keys.sorted().joined(separator: ", ") + ".") }
    let radii = entries.flatMap(\.radii)
    var conclusion: [String] = []
    if !radii.isEmpty {
      conclusion.append(
        "Spectral radii are those of recurrent weights, by gate. In a plain network with a radius below 1, gradients vanish."
      )
    }
    if entries.contains(where: { entry in entry.biases.contains { $0.gate == "f" } }) {
      conclusion.append(
        "The forget bias f says how long memory lasts before training: \u{3C3}(f)^T of it is left after T steps.")
    }
    let broken = entries.reduce(0) { $0 + ($1.values?.notFinite ?? 0) }
    if broken > 0 { conclusion.append("\(broken) numbers are infinite or NaN: this model has diverged.") }
    return Story(title: path, introduction: introduction, findings: entries.map(finding), conclusion: conclusion)
  }

  private func finding(_ entry: Entry) -> Story.Finding {
    var sentence = "\(entry.format) [\(entry.shape.map(String.init).joined(separator: ", "))]"
    var numbers: [(name: String, value: Double)] = []
    if let values = entry.values {
      sentence += ", norm \(numberText(values.norm)), from \(numberText(values.least)) to \(numberText(values.greatest))"
      if values.notFinite > 0 { sentence += ", \(values.notFinite) NOT FINITE" }
      numbers = [
        ("norm", values.norm), ("least", values.least), ("greatest", values.greatest), ("not_finite", Double(values.notFinite)),
      ]
    }
    if !entry.radii.isEmpty {
      sentence +=
        "; spectral radius " + entry.radii.map { "\($0.gate) \(numberText($0.radius, digits: 3))" }.joined(separator: ", ")
      numbers += entry.radii.map { ("spectral_radius_\($0.gate)", $0.radius) }
    }
    if !entry.biases.isEmpty {
      sentence += "; mean bias " + entry.biases.map { "\($0.gate) \(numberText($0.mean, digits: 3))" }.joined(separator: ", ")
      numbers += entry.biases.map { ("mean_bias_\($0.gate)", $0.mean) }
    }
    return Story.Finding(entry.name, sentence, numbers)
  }
}
