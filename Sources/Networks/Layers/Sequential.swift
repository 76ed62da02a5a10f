public import UnrollArrays
public import UnrollAutograd

/// A module that maps one tensor to another.
public protocol Layer: Module {
  /// The layer's output for x.
  func callAsFunction(_ x: Tensor) -> Tensor

  /// The layer's output in training, with random draws from the generator where the layer needs them.
  func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor
}

extension Layer {
  /// The output without draws, which is right for most layers.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor { self(x) }
}

extension Linear: Layer {}
extension LayerNorm: Layer {}

extension Activation: Layer {
  /// Visits nothing: there are no parameters.
  public mutating func visit(_ visitor: Visitor) {}
}

/// Layers applied one after the other. Parameter names begin with the index of the layer.
///
///     let network = Sequential(Linear(3, 8, using: &generator), Activation.relu, Linear(8, 2, using: &generator))
///     let y = network(Tensor.ones([5, 3]))  // [5, 2]
///
/// Dropout layers act if the network is called with a generator:
///
///     let deep = Sequential(Linear(3, 8, using: &generator), Dropout(0.5), Linear(8, 2, using: &generator))
///     let slope = gradient(at: deep) { $0(Tensor.ones([5, 3]), using: &generator).square().sum() }
///     let answer = deep(Tensor.ones([5, 3]))  // nothing is dropped
public struct Sequential: Layer {
  /// The layers, in the order of application.
  public var layers: [any Layer]

  /// A network with the given layers.
  public init(_ layers: any Layer...) { self.layers = layers }

  /// A network with the given layers.
  public init(_ layers: [any Layer]) { self.layers = layers }

  public mutating func visit(_ visitor: Visitor) {
    for i in layers.indices { visitor("\(i)", &layers[i]) }
  }

  /// The output of the last layer.
  public func callAsFunction(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }

  /// The output of the last layer in training: dropout layers draw from the generator, one after the other.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor {
    layers.reduce(x) { $1($0, using: &generator) }
  }
}
