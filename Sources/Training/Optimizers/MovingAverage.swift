internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

/// An exponential moving average of a model, to be evaluated while the model itself is trained further.
///
/// average ← decay · average + (1 − decay) · p for each parameter p, updated in place. It starts at the parameters of the model
/// it is made with, and so needs no bias correction.
///
///     var smooth = MovingAverage(of: model, decay: 0.999)
///     smooth.update(with: model)
///     print(smooth.average(Tensor.ones([2, 3])))
public struct MovingAverage<Model: Module>: Module {
  /// The decay rate of the average; it may be changed between updates.
  public var decay: Double
  /// The average, as a model.
  public private(set) var average: Model
  private let programs = RulePrograms()

  /// An average that starts at the given model.
  public init(of model: Model, decay: Double = 0.999) {
    model.requireComplete()
    requireFraction(decay, "a decay of", "MovingAverage")
    self.decay = decay
    average = model.freezing { _ in false }.mapping { $0.detached() }
  }

  mutating func replaceAverage(_ average: Model) { self.average = average }

  public mutating func visit(_ visitor: Visitor) { visitor("average", &average) }

  /// Moves the average towards the model.
  public mutating func update(with model: Model) {
    requireFraction(decay, "a decay of", "MovingAverage")
    var run = RuleRun(MovingAverageRule(), programs, parameters: average.parameters.count)
    var nothing: [[Tensor]] = []
    let share = [1 - decay]
    average.updateParameters(
      along: model, count: average.parameters.count, evenFrozen: true, where: { _ in true }
    ) { i, average, parameter in
      run.update(i, &average, &nothing, along: parameter, share)
    }
    run.finish()
  }
}

/// The update rule of `MovingAverage`, which moves the average towards the parameter.
private struct MovingAverageRule: UpdateRule {
  func update(_ average: Tensor, along p: Tensor, _ memories: [Tensor], _ numbers: [Tensor]) -> [Tensor] {
    [average + (p - average) * numbers[0]]
  }
}
