public import UnrollArrays
public import UnrollAutograd

/// A module that makes one tensor of another.
public protocol Layer: Module {
  /// What the layer makes of x.
  func callAsFunction(_ x: Tensor) -> Tensor

  /// The same while training, with draws from the generator where the layer draws.
  func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor
}

extension Layer {
  /// Most layers draw nothing.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor { self(x) }
}

extension Linear: Layer {}
extension LayerNorm: Layer {}

extension Activation: Layer {
  /// There are no parameters.
  public mutating func visit(_ visitor: Visitor) {}
}

/// Layers one after the other. Parameters are named by the number of their layer.
///
///     let network = Sequential(Linear(3, 8, using: &generator), Activation.relu, Linear(8, 2, using: &generator))
///     let y = network(Tensor.ones([5, 3]))  // [5, 2]
///
/// Layers that drop do so where the network is called with a generator:
///
///     let deep = Sequential(Linear(3, 8, using: &generator), Dropout(0.5), Linear(8, 2, using: &generator))
///     let slope = gradient(at: deep) { $0(Tensor.ones([5, 3]), using: &generator).square().sum() }
///     let answer = deep(Tensor.ones([5, 3]))  // nothing is dropped
public struct Sequential: Layer {
  /// The layers, the first one first.
  public var layers: [any Layer]

  /// A network of the given layers.
  public init(_ layers: any Layer...) { self.layers = layers }

  /// A network of the given layers.
  public init(_ layers: [any Layer]) { self.layers = layers }

  public mutating func visit(_ visitor: Visitor) {
    for i in layers.indices { visitor("\(i)", &layers[i]) }
  }

  /// What the last layer makes of what the others made of x.
  public func callAsFunction(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }

  /// The same while training: layers that drop do, one after the other with draws from the generator.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor {
    layers.reduce(x) { $1($0, using: &generator) }
  }
}
