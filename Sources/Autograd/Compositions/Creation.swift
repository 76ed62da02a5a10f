public import UnrollArrays

extension Tensor {
  /// Zeros.
  ///
  ///     let h = Tensor.zeros([32, 64])
  public static func zeros(_ shape: Shape, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.zeros(shape, type)) }

  /// Ones.
  public static func ones(_ shape: Shape, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.ones(shape, type)) }

  /// One number everywhere.
  public static func full(_ shape: Shape, _ number: Double, _ type: ElementType = .float32) -> Tensor {
    Tensor(NDArray.full(shape, number, type))
  }

  /// The identity matrix.
  public static func identity(_ n: Int, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.identity(n, type)) }
}
