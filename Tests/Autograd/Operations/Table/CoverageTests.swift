import Foundation
import Testing
import UnrollArrays
import UnrollKernelTemplates

@testable import UnrollAutograd

/// The table leaves nothing out: what is declared in the sources against what its rows record.
@Suite struct CoverageTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../../Sources/Autograd").standardizedFileURL

  /// Every operation occurs in a graph that some row records: of its result, its pullback or its tangent.
  @Test func everyOperationIsRecordedByARow() throws {
    let types = try names(
      /^(?:package |public )?struct (?<name>\w+): (?:OneInput|TwoInputs|Elementwise|LinearMap|Bilinear|Operation)\b/,
      in: ["Operations", "Compositions"])
    // Functions of elements are rows of one operation; negation is a linear map of its own.
    let functions = Set(UnaryOperation.allCases.filter { $0 != .negation }.map { "\($0)" })
    let declared = types.subtracting(["ElementFunction"]).union(functions)
    #expect(types.count > 30 && functions.count > 40)
    var recorded: Set<String> = []
    for row in operationTable { recorded.formUnion(operations(of: row)) }
    #expect(declared.subtracting(recorded) == ["Casting"], "operations without a row; CastTests has this one")
  }

  /// Every public function that computes tensors has a row of its name.
  @Test func everyPublicFunctionHasARow() throws {
    let declared = try names(
      /public (?:static )?(?:prefix )?(?:func (?<name>\w+|[^ (]+)|(?<subscript>subscript))/, in: ["Operations", "Compositions"])
    #expect(declared.count > 100)
    let rows = Set(operationTable.map(\.baseName))
    #expect(declared.subtracting(rows) == CoverageTests.withoutDerivatives, "functions without a row")
    #expect(rows.subtracting(declared) == [], "rows without a function")
  }

  /// Positions, truth values, constants and draws; and what CastTests looks at.
  private static let withoutDerivatives: Set = [
    "argmax", "argmin", ".<", ".<=", ".>", ".>=", ".==", ".!=", "oneHot", "zeros", "ones", "full", "identity",
    "singularValues", "symmetricEigen", "eigenvalues", "spectralRadius", "cast", "range", "linearSpace", "uniform", "normal",
    "truncatedNormal", "bernoulli", "scalars", "withSpan", "isClose", "==",
  ]

  private func names<Output>(_ declaration: Regex<Output>, in folders: [String]) throws -> Set<String> {
    var names: Set<String> = []
    for folder in folders {
      let path = CoverageTests.sources.appendingPathComponent(folder)
      for file in try FileManager.default.contentsOfDirectory(atPath: path.path) where file.hasSuffix(".swift") {
        let text = try String(contentsOf: path.appendingPathComponent(file), encoding: .utf8)
        for match in text.matches(of: declaration.anchorsMatchLineEndings()) {
          let groups = AnyRegexOutput(match)
          if let name = groups.dropFirst().compactMap(\.substring).first { names.insert(String(name)) }
        }
      }
    }
    return names
  }

  /// The types of all operations in the graphs of a row.
  private func operations(of row: OperationRow) -> Set<String> {
    let place = Place(row)
    var found: Set<String> = []
    let count = place.inputs.count
    _ = pullback(at: place.inputs + place.cotangents) { x in
      let (value, pull) = pullback(at: Array(x[..<count]), of: row.function)
      let pulled = pull(Array(x[count...]))
      for tensor in value + pulled { collect(tensor, &found) }
      return pulled
    }
    _ = pullback(at: place.inputs + place.directions) { x in
      let pushed = tangent(at: Array(x[..<count]), along: Array(x[count...]), of: row.function).tangent
      for tensor in pushed { collect(tensor, &found) }
      return pushed
    }
    return found
  }

  private func collect(_ tensor: Tensor, _ found: inout Set<String>) {
    var open = [tensor.source?.node].compactMap { $0 }
    var seen: Set<ObjectIdentifier> = []
    while let node = open.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      let function = (node.operation as? ElementFunction)?.function
      found.insert(function.map { "\($0)" } ?? String(describing: type(of: node.operation)))
      open += node.inputs.compactMap { $0?.node }
    }
  }
}
