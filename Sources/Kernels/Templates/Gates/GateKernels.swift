/// The elementwise part of one recurrent step, fused, at one width. Everything is rows of `hidden` features side by side.
public final class GateKernels: Sendable {
  public let lstm: StepKernels
  public let peepholeLSTM: StepKernels
  public let layerNormLSTM: StepKernels
  public let gru: StepKernels
  public let tanh: StepKernels
  public let sigmoid: StepKernels
  public let relu: StepKernels
  public let identity: StepKernels
  public let zoneout: ZoneoutKernels

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type, _ activations: Activations) {
    lstm = StepKernels(
      forward: { lstmForward(V.self, activations, $0, $1, $2) },
      backward: { lstmBackward(V.self, activations, $0, $1, $2, $3) })
    peepholeLSTM = StepKernels(
      forward: { peepholeForward(V.self, activations, $0, $1, $2) },
      backward: { peepholeBackward(V.self, activations, $0, $1, $2, $3) })
    layerNormLSTM = StepKernels(
      forward: { layerNormForward(V.self, activations, $0, $1, $2) },
      backward: { layerNormBackward(V.self, activations, $0, $1, $2, $3) })
    zoneout = ZoneoutKernels(V.self)
    gru = StepKernels(
      forward: { gruForward(V.self, activations, $0, $1, $2) },
      backward: { forEachVector(GRUBackward<V>($0, $1, $3), $2, $3) })
    tanh = StepKernels(
      forward: { activations.tanh.run($0.gates, $0.hidden, $1 &* $2, 0, 0) },
      backward: { forEachVector(ActivationBackward<V, HyperbolicTangent>($0, $1), 1, $2 &* $3) })
    sigmoid = StepKernels(
      forward: { activations.sigmoid.run($0.gates, $0.hidden, $1 &* $2, 0, 0) },
      backward: { forEachVector(ActivationBackward<V, Sigmoid>($0, $1), 1, $2 &* $3) })
    relu = StepKernels(
      forward: { activations.relu.run($0.gates, $0.hidden, $1 &* $2, 0, 0) },
      backward: { forEachVector(ActivationBackward<V, Rectifier>($0, $1), 1, $2 &* $3) })
    identity = StepKernels(
      forward: { forEachVector(Copy<V>($0), 1, $1 &* $2) },
      backward: { forEachVector(ActivationBackward<V, Same>($0, $1), 1, $2 &* $3) })
  }

  /// Functions of many elements in a row.
  public struct Activations: Sendable {
    public let sigmoid: UnaryKernel
    public let tanh: UnaryKernel
    public let relu: UnaryKernel

    @inlinable
    public init(_ elements: ElementKernels) {
      sigmoid = elements.unary(.sigmoid)
      tanh = elements.unary(.tanh)
      relu = elements.unary(.relu)
    }
  }
}

/// The way of one cell through a step, and back.
public struct StepKernels: Sendable {
  public let forward: @Sendable (_ step: StepRows, _ rows: Int, _ hidden: Int) -> Void
  public let backward: @Sendable (_ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int) -> Void

  @inlinable
  init(
    forward: @escaping @Sendable (StepRows, Int, Int) -> Void,
    backward: @escaping @Sendable (StepRows, StepCotangents, Int, Int) -> Void
  ) {
    self.forward = forward
    self.backward = backward
  }
}

/// Where the rows of a step lie.
public struct StepRows {
  /// Several blocks of `hidden` features a row: what input and hidden state contribute, after the step what its derivative needs.
  public var gates: UnsafeMutableRawPointer
  /// The elements from one row of gates to the next.
  public var width: Int
  /// The states that the step begins from, and those that it leaves; a cell without a memory has only hidden ones.
  public var hiddenBefore: UnsafeRawPointer
  public var hidden: UnsafeMutableRawPointer
  public var cellBefore: UnsafeRawPointer
  public var cell: UnsafeMutableRawPointer
  /// Weights of the elementwise part: the peepholes, or those of normalisations.
  public var weights: UnsafeRawPointer

  @inlinable
  public init(
    gates: UnsafeMutableRawPointer, width: Int, hiddenBefore: UnsafeRawPointer, hidden: UnsafeMutableRawPointer,
    cellBefore: UnsafeRawPointer, cell: UnsafeMutableRawPointer, weights: UnsafeRawPointer
  ) {
    self.gates = gates
    self.width = width
    self.hiddenBefore = hiddenBefore
    self.hidden = hidden
    self.cellBefore = cellBefore
    self.cell = cell
    self.weights = weights
  }

  /// Where a row of gates begins.
  @inlinable @inline(__always)
  func gates<V: Vector>(_: V.Type, row: Int) -> UnsafeMutableRawPointer {
    gates + row &* width &* MemoryLayout<V.Scalar>.size
  }
}

/// Where the cotangents of a step lie.
public struct StepCotangents {
  /// That of the output, from whatever reads it.
  public var above: UnsafeRawPointer
  /// That of the output from the step after; where a state passes by the gates, afterwards what it hands to the state before.
  public var next: UnsafeMutableRawPointer
  /// That of the memory after the step, afterwards that of the memory before.
  public var byCell: UnsafeMutableRawPointer
  /// Those of the gates before activation: the result.
  public var byGates: UnsafeMutableRawPointer
  /// Those of the weights of a normalised step, one row where they add up.
  public var byWeights: UnsafeMutableRawPointer

  @inlinable
  public init(
    above: UnsafeRawPointer, next: UnsafeMutableRawPointer, byCell: UnsafeMutableRawPointer, byGates: UnsafeMutableRawPointer,
    byWeights: UnsafeMutableRawPointer
  ) {
    self.above = above
    self.next = next
    self.byCell = byCell
    self.byGates = byGates
    self.byWeights = byWeights
  }
}
