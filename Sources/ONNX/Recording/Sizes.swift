/// An extent of the inputs that any number may stand for.
struct SizeSymbol: Equatable {
  let name: String
  /// The input and its axis that have it.
  let input: Int
  let axis: Int
  /// Its value in each recording.
  let values: [Int]
}

/// A whole number as a function of the sizes: `factor` times the product of some symbols, plus `offset`.
struct Size: Equatable {
  /// Positions of symbols; a symbol may appear twice.
  var symbols: [Int] = []
  var factor = 1
  var offset = 0

  /// The number itself, if it does not depend on the sizes.
  var constant: Int? { symbols.isEmpty ? offset : nil }

  static func number(_ value: Int) -> Size { Size(symbols: [], factor: 0, offset: value) }
}

/// Finds how numbers of several recordings depend on the sizes.
struct SizeSolver {
  let symbols: [SizeSymbol]

  /// Products of symbols, the simplest first.
  private var products: [[Int]] {
    let all = Array(symbols.indices)
    var products = all.map { [$0] }
    for a in all { for b in all where b >= a { products.append([a, b]) } }
    for a in all { for b in all where b >= a { for c in all where c >= b { products.append([a, b, c]) } } }
    return products
  }

  /// The function of the sizes that has these values in the recordings; nil where none was found.
  func size(_ values: [Int]) -> Size? {
    if values.allSatisfy({ $0 == values[0] }) { return .number(values[0]) }
    for product in products {
      let sizes = values.indices.map { run in product.reduce(1) { $0 * symbols[$1].values[run] } }
      // A line through the first two recordings that differ must hold all others.
      guard let other = sizes.indices.first(where: { sizes[$0] != sizes[0] }) else { continue }
      let (rise, run) = (values[other] - values[0], sizes[other] - sizes[0])
      guard rise % run == 0, rise != 0 else { continue }
      let factor = rise / run
      let offset = values[0] - factor * sizes[0]
      if zip(values, sizes).allSatisfy({ $0 == factor * $1 + offset }) {
        return Size(symbols: product, factor: factor, offset: offset)
      }
    }
    return nil
  }

  /// What the recordings were made with, for messages.
  func name(ofRecording run: Int) -> String {
    symbols.isEmpty ? "the example's sizes" : symbols.map { "\($0.name) \($0.values[run])" }.joined(separator: ", ")
  }
}
