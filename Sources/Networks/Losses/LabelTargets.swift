internal import UnrollArrays
internal import UnrollAutograd

/// Labels that have been checked against their logits, and a mask of those that count.
struct LabelTargets: Sendable {
  let shape: Shape
  /// The labels, `[..., 1]`; 0 where they do not count.
  let column: Indices
  /// The labels that count, `[...]`; nil if all do.
  let counted: Mask?
  /// The number of labels that count.
  let count: Int

  init(_ labels: Indices, of scores: Scores, ignoring ignored: Int?, mask: Mask?) {
    let classes = scores.requireClasses("labels", labels.shape, mask: mask)
    shape = labels.shape
    var values = labels.values
    var counts = mask?.values ?? Array(repeating: true, count: values.count)
    for (i, label) in values.enumerated() {
      if counts[i] && label != ignored {
        require(
          label >= 0 && label < classes,
          "\(scores.operation): label \(label) at position \(labels.shape.position(i)) is not one of \(classes) classes")
      } else {
        (values[i], counts[i]) = (0, false)
      }
    }
    count = counts.count { $0 }
    let everyLabelCounts = count == values.count
    column = everyLabelCounts ? labels.reshaped(shape.followed(by: [1])) : Indices(values, shape: shape.followed(by: [1]))
    counted = everyLabelCounts ? nil : Mask(counts, shape: shape)
  }
}

/// The shape of scores with classes along the last axis, and their name in messages.
struct Scores {
  let operation: String
  let what: String
  let shape: Shape

  /// The number of classes of scores `[..., classes]`, after checking targets of shape `[...]` and the mask.
  func requireClasses(_ targets: String, _ shape: Shape, mask: Mask?) -> Int {
    guard let classes = self.shape.last, classes > 0 else {
      stop("\(operation): \(what) of shape \(self.shape) have no classes")
    }
    require(
      Shape(self.shape.dropLast()) == shape,
      "\(operation): \(targets) of shape \(shape) do not fit \(what) of shape \(self.shape)")
    if let mask {
      require(mask.shape == shape, "\(operation): a mask of shape \(mask.shape) does not fit \(targets) of shape \(shape)")
    }
    return classes
  }

  /// Requires at least one target that counts, for a mean.
  func requireCounting(_ count: Int, of all: Int) {
    require(count > 0, "\(operation): none of \(all) targets counts, so there is no mean")
  }
}

extension Shape {
  /// The indices of the element with the given row-major number.
  fileprivate func position(_ number: Int) -> Shape {
    var (rest, result) = (number, self)
    for axis in indices.reversed() {
      result[axis] = rest % self[axis]
      rest /= self[axis]
    }
    return result
  }
}

extension Scores {
  /// Requires a smoothing from 0 to 1.
  func requireSmoothing(_ smoothing: Double) {
    require(smoothing >= 0 && smoothing <= 1, "\(operation): a smoothing of \(smoothing) is not in 0...1")
  }

  /// Requires weights `[classes]` for scores `[..., classes]`.
  func requireWeights(_ weights: Tensor) {
    let classes = shape[shape.count - 1]
    require(weights.shape == [classes], "\(operation): class weights of shape \(weights.shape) do not fit \(classes) classes")
  }
}

extension LabelTargets {
  /// The losses times the weights of their labels, and the divisor of a mean: the sum of the weights of the labels that count.
  func weighted(_ losses: Tensor, by weights: Tensor?, mean: Bool, _ scores: Scores) -> (losses: Tensor, total: Tensor) {
    guard let weights else { return (losses, Tensor(Double(count), losses.type)) }
    let ofLabels = zeroed(weights.gathered(rows: column.reshaped(shape)))
    let total = ofLabels.sum()
    require(
      !mean || total.item > 0,
      "\(scores.operation): the weights of the labels that count sum to \(total.item), so there is no mean")
    return (losses * ofLabels, total)
  }

  /// The losses with zeros where a label does not count.
  func zeroed(_ losses: Tensor) -> Tensor {
    counted.map { Tensor.select($0, losses, Tensor(0, losses.type)) } ?? losses
  }
}

/// How the losses of single targets are reduced.
public enum LossReduction: Sendable {
  /// Their mean over the targets that count.
  case mean
  /// Their sum.
  case sum
  /// No reduction: one loss for each target.
  case none

  /// The reduced losses; the mean is their sum divided by `total`.
  func callAsFunction(_ losses: Tensor, total: Tensor) -> Tensor {
    switch self {
    case .mean: losses.sum() / total
    case .sum: losses.sum()
    case .none: losses
    }
  }
}
