public import UnrollArrays

/// LSTM layers with layer normalisation, over sequences.
///
///     let lstm = LayerNormLSTM(3, 4, layers: 2, using: &generator)
public typealias LayerNormLSTM = Recurrent<LayerNormLSTMCell>

/// GRU layers with layer normalisation, over sequences.
///
///     let gru = LayerNormGRU(3, 4, bidirectional: true, using: &generator)
public typealias LayerNormGRU = Recurrent<LayerNormGRUCell>

/// Elman networks with layer normalisation, over sequences.
///
///     let rnn = LayerNormRNN(3, 4, activation: .relu, using: &generator)
public typealias LayerNormRNN = Recurrent<LayerNormRNNCell>

/// LSTM layers whose output is a projection of the memory, over sequences.
///
///     let lstm = ProjectedLSTM(3, 4, memory: 16, using: &generator)
public typealias ProjectedLSTM = Recurrent<ProjectedLSTMCell>

/// LSTM layers with coupled input and forget gates, over sequences.
///
///     let lstm = CoupledLSTM(3, 4, peepholes: true, using: &generator)
public typealias CoupledLSTM = Recurrent<CoupledLSTMCell>

/// Minimal gated units, over sequences.
///
///     let mgu = MGU(3, 4, reset: .before, using: &generator)
public typealias MGU = Recurrent<MGUCell>

/// Independently recurrent networks, over sequences.
///
///     let rnn = IndRNN(3, 4, layers: 6, using: &generator)
public typealias IndRNN = Recurrent<IndRNNCell>

extension Recurrent where Cell == LayerNormLSTMCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = LayerNormLSTM(3, 4, epsilon: 1e-3, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1,
    memory: LayerNormLSTMCell.Memory = .raw, epsilon: Double = 1e-5,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) {
      LayerNormLSTMCell($0, $1, bias: bias, forgetBias: forgetBias, memory: memory, epsilon: epsilon, type, using: &generator)
    }
  }
}

extension Recurrent where Cell == LayerNormGRUCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = LayerNormGRU(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, epsilon: Double = 1e-5,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { LayerNormGRUCell($0, $1, bias: bias, epsilon: epsilon, type, using: &generator) }
  }
}

extension Recurrent where Cell == LayerNormRNNCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = LayerNormRNN(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, activation: Activation = .tanh, epsilon: Double = 1e-5,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { LayerNormRNNCell($0, $1, bias: bias, activation: activation, epsilon: epsilon, type, using: &generator) }
  }
}

extension Recurrent where Cell == ProjectedLSTMCell {
  /// A stack of layers with `hidden` output features and `memory` memory features each.
  ///
  ///     let layer = ProjectedLSTM(3, 4, memory: 16, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, memory: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { ProjectedLSTMCell($0, $1, memory: memory, bias: bias, forgetBias: forgetBias, type, using: &generator) }
  }
}

extension Recurrent where Cell == CoupledLSTMCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = CoupledLSTM(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1, peepholes: Bool = false,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { CoupledLSTMCell($0, $1, bias: bias, forgetBias: forgetBias, peepholes: peepholes, type, using: &generator) }
  }
}

extension Recurrent where Cell == MGUCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = MGU(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, reset: GRUCell.Reset = .after,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { MGUCell($0, $1, bias: bias, reset: reset, type, using: &generator) }
  }
}

extension Recurrent where Cell == IndRNNCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = IndRNN(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, activation: Activation = .relu,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { IndRNNCell($0, $1, bias: bias, activation: activation, type, using: &generator) }
  }
}
