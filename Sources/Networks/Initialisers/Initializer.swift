public import UnrollArrays
public import UnrollAutograd

/// A rule for filling a parameter before training: a shape, an element type and a generator give a tensor.
///
/// Matrices have the shape `[inputs, outputs]`, because layers compute x·W. The same seed gives the same bits.
///
///     var generator = Generator(seed: 1)
///     let weight = Initializer.glorotUniform([3, 4], using: &generator)
public struct Initializer: Sendable {
  private let draw: @Sendable (_ shape: Shape, _ type: ElementType, _ generator: inout Generator) -> Tensor

  /// A custom initialiser; the closure must return a tensor of the given shape and element type.
  ///
  ///     let ramp = Initializer { shape, type, _ in Tensor(Tensor.range(shape.elementCount, type).reshaped(shape)) }
  public init(_ draw: @escaping @Sendable (_ shape: Shape, _ type: ElementType, _ generator: inout Generator) -> Tensor) {
    self.draw = draw
  }

  /// A tensor of the given shape.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.zeros([4], using: &generator)
  public func callAsFunction(_ shape: Shape, _ type: ElementType = .float32, using generator: inout Generator) -> Tensor {
    require(shape.allSatisfy { $0 > 0 }, "Initializer: shape \(shape) has an extent that is not positive")
    let tensor = draw(shape, type, &generator)
    require(
      tensor.shape == shape && tensor.type == type,
      "Initializer: asked for \(type) of shape \(shape), the closure made \(tensor.type) of shape \(tensor.shape)")
    return tensor
  }
}

/// Initialisers that do not use the generator.
extension Initializer {
  /// Zeros.
  public static let zeros = constant(0)

  /// Ones.
  public static let ones = constant(1)

  /// The same number everywhere.
  public static func constant(_ number: Double) -> Initializer {
    Initializer { shape, type, _ in Tensor.full(shape, number, type) }
  }

  /// The square identity matrix times `scale`: the recurrent weights of an IRNN.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.identity()([8, 8], using: &generator)
  public static func identity(scale: Double = 1) -> Initializer {
    Initializer { shape, type, _ in
      shape.requireSquare("identity")
      return Tensor.identity(shape[0], type) * scale
    }
  }
}

extension Shape {
  /// Stops unless this is the shape of a matrix.
  func requireMatrix(_ initializer: String) {
    require(count == 2, "\(initializer): shape \(self) is not that of a matrix [inputs, outputs]")
  }

  /// Stops unless this is the shape of a square matrix.
  func requireSquare(_ initializer: String) {
    require(count == 2 && self[0] == self[1], "\(initializer): shape \(self) is not that of a square matrix")
  }
}
