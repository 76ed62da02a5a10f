public import UnrollAutograd

/// A module that makes one tensor of another.
public protocol Layer: Module {
  /// What the layer makes of x.
  func callAsFunction(_ x: Tensor) -> Tensor
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
}
