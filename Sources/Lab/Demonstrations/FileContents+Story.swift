internal import UnrollArrays
internal import UnrollTraining

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
