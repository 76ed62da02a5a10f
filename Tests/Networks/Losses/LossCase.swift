import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport

/// One file of reference numbers of a loss: its inputs, value and derivatives, made by another system in float64.
struct LossCase: CustomStringConvertible {
  let name: String
  private let fixture: Fixture

  /// The names of all files, without their ending.
  static let names = Fixture.names(in: "losses", of: .module)

  init(_ name: String) throws {
    self.name = name
    fixture = try Fixture("losses/" + name, of: .module)
  }

  var description: String { name }

  var differentiable: [String] { fixture.strings("differentiable") }

  func array(_ name: String, _ type: ElementType) throws -> Tensor {
    Tensor(try fixture.array(name).cast(to: type))
  }

  func integers(_ name: String) throws -> Indices { try fixture.indices(name) }

  func labels() throws -> Indices { try integers("target") }

  /// An input that only some files have.
  func optional(_ name: String, _ type: ElementType) throws -> Tensor? {
    fixture.has(name) ? try array(name, type) : nil
  }

  /// Whether the file has derivatives along a direction, and of the gradient.
  var isSmooth: Bool { differentiable.first.map { fixture.has("tangent." + $0) } ?? false }

  func number(_ option: String) throws -> Double { try fixture.number(option) }
  func truth(_ option: String) -> Bool { fixture.truth(option) }
  var smoothing: Double { fixture.config["label_smoothing"]?.double ?? 0 }
  var ignored: Int? { fixture.config["ignore_index"]?.integer.map { Int($0) } }

  func reduction() throws -> LossReduction {
    switch fixture.string("reduction") {
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw UnknownReduction()
    }
  }

  func divergenceReduction() throws -> DivergenceReduction {
    switch fixture.string("reduction") {
    case "batchmean": .batchMean
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw UnknownReduction()
    }
  }

  private struct UnknownReduction: Error {}
}
