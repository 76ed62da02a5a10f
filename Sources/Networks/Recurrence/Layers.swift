public import UnrollArrays

/// LSTM layers, over sequences.
///
///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
public typealias LSTM = Recurrent<LSTMCell>

/// GRU layers, over sequences.
public typealias GRU = Recurrent<GRUCell>

/// Elman networks, over sequences.
public typealias RNN = Recurrent<RNNCell>

/// LSTM layers with peepholes, over sequences.
public typealias PeepholeLSTM = Recurrent<PeepholeLSTMCell>

extension Recurrent where Cell == LSTMCell {
  /// A stack of layers with `hidden` features each.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1, bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { LSTMCell($0, $1, bias: bias, forgetBias: forgetBias, type, using: &generator) }
  }
}

extension Recurrent where Cell == PeepholeLSTMCell {
  /// A stack of layers with `hidden` features each.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1, bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { PeepholeLSTMCell($0, $1, bias: bias, forgetBias: forgetBias, type, using: &generator) }
  }
}

extension Recurrent where Cell == GRUCell {
  /// A stack of layers with `hidden` features each.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, reset: GRUCell.Reset = .after,
    bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { GRUCell($0, $1, bias: bias, reset: reset, type, using: &generator) }
  }
}

extension Recurrent where Cell == RNNCell {
  /// A stack of layers with `hidden` features each.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, activation: Activation = .tanh,
    bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { RNNCell($0, $1, bias: bias, activation: activation, type, using: &generator) }
  }
}
