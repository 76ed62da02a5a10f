internal import UnrollArrays

extension Tensor {
  /// Products of tensors summed over shared axes, in Einstein's notation.
  ///
  /// Letters name each operand's axes. Letters that the output lacks are summed over, and a letter that repeats within an
  /// operand takes its diagonal. Without `->`, the output has the letters that occur once, in alphabetical order.
  ///
  ///     let (x, w) = (Tensor.ones([2, 3]), Tensor.ones([4, 3, 5]))
  ///     let y = Tensor.einsum("bi,oij->boj", x, w)  // [2, 4, 5]: y[b, o, j] = Σᵢ x[b, i] w[o, i, j]
  public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor { einsum(equation, operands) }

  /// The same for a list of operands.
  public static func einsum(_ equation: String, _ operands: [Tensor]) -> Tensor {
    let plan = EinsumPlan(equation, operands)
    var terms = zip(operands, plan.inputs).map { LabelledTensor($0, Array($1)).withoutRepeats() }
    var result = terms.removeFirst()
    while !terms.isEmpty {
      let next = terms.removeFirst()
      let needed = Set(terms.flatMap(\.labels)).union(plan.output)
      result = result.contracted(with: next, keeping: needed)
    }
    return result.summed(keeping: Set(plan.output)).ordered(Array(plan.output)).tensor
  }
}

/// An equation, checked against its operands.
private struct EinsumPlan {
  let inputs: [Substring]
  let output: String

  init(_ equation: String, _ operands: [Tensor]) {
    let text = equation.filter { $0 != " " }
    let ends = text.firstRange(of: "->")
    inputs = text[..<(ends?.lowerBound ?? text.endIndex)].split(separator: ",", omittingEmptySubsequences: false)
    let all = inputs.joined()
    output =
      ends.map { String(text[$0.upperBound...]) } ?? String(Set(all.filter { a in all.filter { $0 == a }.count == 1 }).sorted())
    require(all.allSatisfy(\.isLetter), "einsum: \(equation) names axes by characters other than letters")
    require(
      inputs.count == operands.count && !operands.isEmpty,
      "einsum: \(equation) has \(inputs.count) operands, \(operands.count) are given")
    require(
      output.allSatisfy { all.contains($0) } && Set(output).count == output.count,
      "einsum: the output of \(equation) has a letter twice, or one that no operand has")
    var extents: [Character: Int] = [:]
    for (labels, operand) in zip(inputs, operands) {
      require(
        labels.count == operand.rank,
        "einsum: \(labels) of \(equation) names \(labels.count) axes, the operand of shape \(operand.shape) has \(operand.rank)"
      )
      for (label, extent) in zip(labels, operand.shape) {
        require(
          extents[label, default: extent] == extent,
          "einsum: \(label) of \(equation) has extent \(extents[label] ?? 0) and extent \(extent)")
        extents[label] = extent
      }
    }
  }
}

/// A tensor with named axes.
private struct LabelledTensor {
  let tensor: Tensor
  let labels: [Character]

  init(_ tensor: Tensor, _ labels: [Character]) {
    self.tensor = tensor
    self.labels = labels
  }

  private func extent(_ label: Character) -> Int { labels.firstIndex(of: label).map { tensor.shape[$0] } ?? 1 }

  /// Replaces axes of the same name by their diagonal.
  func withoutRepeats() -> LabelledTensor {
    for (i, label) in labels.enumerated() {
      guard let j = labels[(i + 1)...].firstIndex(of: label) else { continue }
      let others = labels.indices.filter { $0 != i && $0 != j }
      let diagonal = tensor.permuted(others + [i, j]).diagonal()
      return LabelledTensor(diagonal, others.map { labels[$0] } + [label]).withoutRepeats()
    }
    return self
  }

  func summed(keeping needed: Set<Character>) -> LabelledTensor {
    let axes = labels.indices.filter { !needed.contains(labels[$0]) }
    return axes.isEmpty ? self : LabelledTensor(tensor.sum(axes: axes), labels.filter(needed.contains))
  }

  func ordered(_ order: [Character]) -> LabelledTensor {
    if order == labels { return self }
    return LabelledTensor(tensor.permuted(order.compactMap { labels.firstIndex(of: $0) }), order)
  }

  /// Contracts two terms by one batched matrix product: shared letters are the batch if they are needed, and are summed over
  /// otherwise.
  func contracted(with other: LabelledTensor, keeping needed: Set<Character>) -> LabelledTensor {
    let a = summed(keeping: needed.union(other.labels))
    let b = other.summed(keeping: needed.union(labels))
    let shared = a.labels.filter(b.labels.contains)
    let (batch, inner) = (shared.filter(needed.contains), shared.filter { !needed.contains($0) })
    let left = a.labels.filter { !shared.contains($0) }
    let right = b.labels.filter { !shared.contains($0) }
    func size(_ labels: [Character], of term: LabelledTensor) -> Int { labels.reduce(1) { $0 * term.extent($1) } }
    let x = a.ordered(batch + left + inner).tensor.reshaped([size(batch, of: a), size(left, of: a), size(inner, of: a)])
    let y = b.ordered(batch + inner + right).tensor.reshaped([size(batch, of: b), size(inner, of: b), size(right, of: b)])
    let shape = Shape(batch.map(a.extent) + left.map(a.extent) + right.map(b.extent))
    return LabelledTensor(x.matmul(y).reshaped(shape), batch + left + right)
  }
}
