import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport

/// One file of reference numbers of another system, in float64.
struct TrainingCase {
  private let fixture: Fixture

  /// The names of all files of a folder of fixtures, without their ending.
  static func names(in folder: String) -> [String] { Fixture.names(in: folder, of: .module) }

  init(_ folder: String, _ name: String) throws { fixture = try Fixture("\(folder)/\(name)", of: .module) }

  var config: JSON { fixture.config }
  func array(_ name: String) throws -> NDArray { try fixture.array(name) }
  func integers(_ name: String) throws -> [Int] { try fixture.indices(name).values.map { Int($0) } }
  func number(_ option: String) throws -> Double { try fixture.number(option) }
}

/// An affine map, as the files' models are: parameters w and b, and for clipping a number.
struct Affine: Module {
  var w: Tensor
  var b: Tensor
  var scalar: Tensor?

  init(_ w: NDArray, _ b: NDArray, _ scalar: NDArray? = nil) {
    self.w = Tensor(w)
    self.b = Tensor(b)
    self.scalar = scalar.map { Tensor($0) }
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("w", &w)
    visitor("b", &b)
    visitor("scalar", &scalar)
  }
}

/// Whether two models agree to |a − b| ≤ absolute + relative · |b| in every parameter.
func expectClose<Model: Module>(
  _ a: Model, _ b: Model, relative: Double = 1e-9, absolute: Double = 1e-12, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) {
  for ((name, x), (_, y)) in zip(a.parameters, b.parameters) {
    #expect(
      x.array.isClose(to: y.array, relative: relative, absolute: absolute), "\(comment ?? "") \(name): \(x) against \(y)",
      sourceLocation: location)
  }
}
