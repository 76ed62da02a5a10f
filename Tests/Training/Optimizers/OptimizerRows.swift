import Testing
import UnrollArrays
import UnrollFiles
import UnrollNetworks
import UnrollTraining

/// How the library makes the optimizer of each file.
struct OptimizerRow: Sendable {
  let name: String
  let make: @Sendable (Affine, Options) throws -> any Optimizer<Affine>

  init(_ name: String, _ make: @escaping @Sendable (Affine, Options) throws -> any Optimizer<Affine>) {
    self.name = name
    self.make = make
  }

  static let all: [OptimizerRow] = [
    OptimizerRow("adadelta", adaDelta), OptimizerRow("adadelta_decay", adaDelta),
    OptimizerRow("adagrad", adaGrad), OptimizerRow("adagrad_decay", adaGrad),
    OptimizerRow("adam", adam), OptimizerRow("adam_betas", adam), OptimizerRow("adam_weight_decay", adam),
    OptimizerRow("adamw", adam), OptimizerRow("adamw_amsgrad", adam), OptimizerRow("amsgrad", adam),
    OptimizerRow("adamax", adaMax), OptimizerRow("asgd", averaged),
    OptimizerRow("groups") { model, options in
      ParameterGroups([
        ParameterGroup(try adam(model, try options.group("b"))) { $0 == "b" },
        ParameterGroup(try adam(model, try options.group("w"))),
      ])
    },
    OptimizerRow("lion") { model, options in
      Lion(
        for: model, learningRate: try options.number("learning_rate"),
        betas: (try options.number("b1"), try options.number("b2")), decoupledDecay: try options.number("weight_decay"))
    },
    OptimizerRow("nadam", nadam), OptimizerRow("nadam_decoupled", nadam),
    OptimizerRow("radam", radam), OptimizerRow("radam_decay", radam),
    OptimizerRow("rmsprop", rmsProp), OptimizerRow("rmsprop_centered", rmsProp),
    OptimizerRow("rmsprop_centered_momentum_decay", rmsProp), OptimizerRow("rmsprop_momentum", rmsProp),
    OptimizerRow("rprop") { model, options in
      let (etas, sizes) = (try options.pair("etas"), try options.pair("step_sizes"))
      return Rprop(for: model, learningRate: try options.number("lr"), factors: etas, lengths: sizes.0...sizes.1)
    },
    OptimizerRow("sgd", sgd), OptimizerRow("sgd_dampening", sgd), OptimizerRow("sgd_momentum", sgd),
    OptimizerRow("sgd_nesterov", sgd), OptimizerRow("sgd_weight_decay", sgd),
  ]

  @Sendable private static func sgd(_ model: Affine, _ options: Options) throws -> SGD<Affine> {
    SGD(
      for: model, learningRate: try options.number("lr"), momentum: try options.number("momentum"),
      dampening: try options.number("dampening"), nesterov: options.truth("nesterov"),
      weightDecay: try options.number("weight_decay"))
  }

  @Sendable private static func adam(_ model: Affine, _ options: Options) throws -> Adam<Affine> {
    Adam(
      for: model, learningRate: try options.number("lr"), betas: try options.pair("betas"),
      epsilon: try options.number("eps"), weightDecay: try options.addedDecay(), decoupledDecay: try options.decoupledDecay(),
      amsgrad: options.truth("amsgrad"))
  }

  @Sendable private static func nadam(_ model: Affine, _ options: Options) throws -> NAdam<Affine> {
    NAdam(
      for: model, learningRate: try options.number("lr"), betas: try options.pair("betas"),
      epsilon: try options.number("eps"), momentumDecay: try options.number("momentum_decay"),
      weightDecay: try options.addedDecay(), decoupledDecay: try options.decoupledDecay())
  }

  @Sendable private static func radam(_ model: Affine, _ options: Options) throws -> RAdam<Affine> {
    RAdam(
      for: model, learningRate: try options.number("lr"), betas: try options.pair("betas"),
      epsilon: try options.number("eps"), weightDecay: try options.addedDecay(), decoupledDecay: try options.decoupledDecay())
  }

  @Sendable private static func adaMax(_ model: Affine, _ options: Options) throws -> AdaMax<Affine> {
    AdaMax(
      for: model, learningRate: try options.number("lr"), betas: try options.pair("betas"),
      epsilon: try options.number("eps"), weightDecay: try options.number("weight_decay"))
  }

  @Sendable private static func adaDelta(_ model: Affine, _ options: Options) throws -> AdaDelta<Affine> {
    AdaDelta(
      for: model, learningRate: try options.number("lr"), smoothing: try options.number("rho"),
      epsilon: try options.number("eps"), weightDecay: try options.number("weight_decay"))
  }

  @Sendable private static func adaGrad(_ model: Affine, _ options: Options) throws -> AdaGrad<Affine> {
    AdaGrad(
      for: model, learningRate: try options.number("lr"), rateDecay: try options.number("lr_decay"),
      start: try options.number("initial_accumulator_value"), epsilon: try options.number("eps"),
      weightDecay: try options.number("weight_decay"))
  }

  @Sendable private static func rmsProp(_ model: Affine, _ options: Options) throws -> RMSProp<Affine> {
    RMSProp(
      for: model, learningRate: try options.number("lr"), smoothing: try options.number("alpha"),
      epsilon: try options.number("eps"), momentum: try options.number("momentum"), centred: options.truth("centered"),
      weightDecay: try options.number("weight_decay"))
  }

  @Sendable private static func averaged(_ model: Affine, _ options: Options) throws -> AveragedSGD<Affine> {
    AveragedSGD(
      for: model, learningRate: try options.number("lr"), fading: try options.number("lambd"),
      power: try options.number("alpha"), start: try options.number("t0"), weightDecay: try options.number("weight_decay"))
  }
}

/// The options that another system used.
struct Options {
  let values: JSON

  /// Those of a file: all that torch used, defaults included, or those that it was given.
  init(_ file: TrainingCase) throws { values = try #require(file.config["effective"] ?? file.config["options"]) }

  private init(values: JSON) { self.values = values }

  func group(_ name: String) throws -> Options { Options(values: try #require(values[name])) }

  func number(_ name: String) throws -> Double { try #require(values[name]?.double, "there is no option \(name)") }

  func truth(_ name: String) -> Bool { values[name]?.truth == true }

  func numbers(_ name: String) throws -> [Double] { try #require(values[name]).elements.compactMap(\.double) }

  func pair(_ name: String) throws -> (Double, Double) {
    let numbers = try numbers(name)
    try #require(numbers.count == 2)
    return (numbers[0], numbers[1])
  }

  func addedDecay() throws -> Double { truth("decoupled_weight_decay") ? 0 : try number("weight_decay") }

  func decoupledDecay() throws -> Double { truth("decoupled_weight_decay") ? try number("weight_decay") : 0 }
}
