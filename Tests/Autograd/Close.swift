import Testing
import UnrollArrays
import UnrollAutograd

/// Whether two tensors agree in shape, and in value to the relative tolerance.
func expectClose(
  _ a: Tensor, _ b: Tensor, relative: Double = 1e-10, absolute: Double = 1e-12, at location: SourceLocation = #_sourceLocation
) {
  #expect(a.shape == b.shape, sourceLocation: location)
  guard a.shape == b.shape else { return }
  #expect(
    a.array.isClose(to: b.array, relative: relative, absolute: absolute), "\(a)\nagainst\n\(b)", sourceLocation: location)
}
