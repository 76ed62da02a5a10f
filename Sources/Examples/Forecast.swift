// Forecast a series of several numbers per step from a window of known steps.
//
//     swift run -c release unroll-examples forecast
//
// The series is Lorenz's weather, three coupled numbers that never repeat. A recurrent network reads the window step by step.
// Two baselines are compared, which every forecast should beat: the last value, and the best linear function of the whole
// window, computed exactly by least squares.

import Unroll

struct Forecaster: Module {
  var gru: GRU
  var head: Linear
  let horizon: Int

  init(features: Int, horizon: Int, using generator: inout Generator) {
    gru = GRU(features, 48, using: &generator)
    head = Linear(48, horizon * features, using: &generator)
    self.horizon = horizon
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("gru", &gru)
    visitor("head", &head)
  }

  /// Windows `[batch, inputs, features]` give forecasts `[batch, horizon, features]`: the last known step plus predicted
  /// differences.
  func callAsFunction(_ known: Tensor) -> Tensor {
    let change = head(gru(known).state.lastHidden).reshaped([known.shape[0], horizon, known.shape[2]])
    return known[0..., (-1)...] + change
  }
}

/// Lorenz's weather, `[steps, 3]`: x′ = 10 (y − x), y′ = x (28 − z) − y, z′ = x y − 8/3 z, sampled every tenth of a second.
func weather(_ steps: Int) -> Tensor {
  var (x, y, z) = (1.0, 1.0, 20.0)
  var numbers: [Double] = []
  for step in 0..<steps + 100 {
    for _ in 0..<100 {
      let (dx, dy, dz) = (10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z)
      (x, y, z) = (x + 0.001 * dx, y + 0.001 * dy, z + 0.001 * dz)
    }
    if step >= 100 { numbers += [x, y, z] }
  }
  return Tensor(numbers, shape: [steps, 3])
}

/// The linear function of the window with the least squared error. The rows of X are the windows, each followed by a 1, and X =
/// Q R.
func leastSquares(_ known: Tensor, _ wanted: Tensor) -> (Tensor) -> Tensor {
  func rows(_ known: Tensor) -> Tensor {
    let flat = known.cast(to: .float64).reshaped([known.shape[0], known.shape[1] * known.shape[2]])
    return Tensor.concatenate([flat, Tensor.ones([known.shape[0], 1], .float64)], axis: 1)
  }
  let (q, r) = rows(known).qr()
  let targets = wanted.cast(to: .float64).reshaped([wanted.shape[0], wanted.shape[1] * wanted.shape[2]])
  let weights = r.solvedTriangular(q.transposed().matmul(targets), upper: true)
  let shape = wanted.shape
  return { rows($0).matmul(weights).reshaped([$0.shape[0], shape[1], shape[2]]).cast(to: .float32) }
}

/// A network trained on windows.
func fitted(to training: SeriesWindows, epochs: Int, using generator: inout Generator) -> Forecaster {
  var model = Forecaster(features: 3, horizon: 8, using: &generator)
  var optimizer = Adam(for: model)
  let schedule = Schedule.cosine(from: 0.005, to: 0.0001, over: epochs)
  var progress = Progress(total: epochs)
  for epoch in 0..<epochs {
    optimizer.learningRate = schedule.rate(at: epoch)
    var mean = WeightedMean()
    for positions in Batches(count: training.count, size: 32, using: &generator) {
      let (known, wanted) = training.batch(positions)
      let (loss, slope) = valueAndGradient(at: model) { model in meanSquaredError(model(known), wanted) }
      optimizer.update(&model, along: slope.clipped(norm: 1))
      mean.add(loss.item, weight: Double(positions.count))
    }
    progress.update(step: epoch + 1, loss: mean.value)
  }
  progress.finish()
  return model
}

@discardableResult
func forecast(seed: Int = 1, steps: Int = 6000, epochs: Int = 20) -> [(name: String, errors: [Double])] {
  var generator = Generator(seed: seed)
  let series = weather(steps)
  // The future is unknown in training, including for the normalisation: the first part is trained on, the last part is
  // predicted.
  let parts = Split(inOrder: steps, validation: 0, test: 0.2)
  let past = series[0..<parts.training.count]
  let scaled = (series - past.mean(axes: 0)) / past.standardDeviation(axes: 0)
  let single = scaled.cast(to: .float32)
  let training = SeriesWindows(single[0..<parts.training.count], inputs: 16, horizon: 8)
  let test = SeriesWindows(single[parts.training.count...], inputs: 16, horizon: 8)

  let model = fitted(to: training, epochs: epochs, using: &generator)
  let (seen, followed) = training.batch(Array(0..<training.count))
  let (known, wanted) = test.batch(Array(0..<test.count))
  let linear = leastSquares(seen, followed)
  let forecasts: [(String, Tensor)] = [
    ("last value", known[0..., (-1)...].broadcast(to: wanted.shape)), ("linear", linear(known)), ("GRU", model(known)),
  ]
  var results: [(name: String, errors: [Double])] = []
  var table = TextTable("forecast", "1 step", "4 steps", "8 steps", "all")
  for (name, forecast) in forecasts {
    // Root mean squared errors in standard deviations of the series: one, four and eight steps ahead, and over all steps.
    let squares = (forecast - wanted).square()
    let errors = ([0, 3, 7].map { squares[0..., $0].mean() } + [squares.mean()]).map { $0.squareRoot().item }
    results.append((name, errors))
    table.add(name, errors[0], errors[1], errors[2], errors[3])
  }
  print("Errors of \(test.count) forecasts, in standard deviations of the series:")
  print(table)
  print(
    "Over all steps the GRU's error is \(numberText(results[2].errors[3])), where the best linear function has",
    "\(numberText(results[1].errors[3])) and the last value \(numberText(results[0].errors[3])).")
  return results
}
