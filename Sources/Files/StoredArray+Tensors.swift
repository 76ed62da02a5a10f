public import UnrollArrays
public import UnrollAutograd

extension StoredArray {
  /// A tensor's numbers, to be written as float32 or float64. They are shared, not copied, where they are contiguous.
  public init(_ tensor: Tensor) { self.init(tensor.array) }

  /// The numbers of a floating-point format: float64 as float64, all others as float32, to which float16 and bfloat16 widen exactly.
  /// Integers and truth values throw; see `integers()` and `truths()`.
  ///
  ///     let stored = try Safetensors.read("model.safetensors")
  ///     if let weight = try stored["head.weight"]?.tensor() { print(weight.shape) }
  public func tensor() throws(ArrayFileError) -> Tensor { Tensor(try array()) }
}

extension Tensor: StoredArrayConvertible {
  /// This tensor as float32 or float64 numbers of a file.
  public var storedArray: StoredArray { StoredArray(self) }
}
