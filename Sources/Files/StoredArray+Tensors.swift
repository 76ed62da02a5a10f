internal import UnrollArrays
public import UnrollAutograd

extension StoredArray {
  /// A tensor's numbers, stored as float32 or float64. Contiguous ones are shared, not copied.
  public init(_ tensor: Tensor) { self.init(tensor.array) }

  /// The numbers of a floating-point format: float64 as float64, all others as float32, to which float16 and bfloat16 widen exactly.
  /// Integers and truth values throw; see `integers()` and `truths()`.
  ///
  ///     let stored = try Safetensors.read("model.safetensors")
  ///     if let weight = try stored["head.weight"]?.tensor() { print(weight.shape) }
  public func tensor() throws(ArrayFileError) -> Tensor { Tensor(try array()) }
}

extension Tensor: StoredArrayConvertible {
  /// This tensor, stored as float32 or float64.
  public var storedArray: StoredArray { StoredArray(self) }
}
