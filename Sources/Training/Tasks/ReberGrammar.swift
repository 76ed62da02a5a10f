public import UnrollArrays

/// Reber's grammar: a walk through a small graph that writes a symbol at every step.
///
/// Symbols are B T S X P V E, numbered 0 ... 6. Both ways out of a node are equally likely; a string has 8 symbols on average.
///
///     let string = ReberGrammar.string(using: &generator)
///     print(ReberGrammar.text(string.symbols))  // BTXSE, for example
public enum ReberGrammar {
  /// A string of a grammar, and for each symbol those that may follow it.
  public struct Walk: Sendable, Equatable {
    /// The string.
    public let symbols: [Int]
    /// What may come after each symbol; nothing after the last.
    public let successors: [[Int]]
  }

  /// How many symbols there are.
  public static let symbolCount = 7

  /// The symbols as letters.
  public static func text(_ symbols: [Int]) -> String { String(symbols.map { Array("BTSXPVE")[$0] }) }

  /// The ways out of every node: what is written, and where it leads.
  private static let ways: [[(symbol: Int, node: Int)]] = [
    [(0, 1)], [(1, 2), (4, 3)], [(2, 2), (3, 4)], [(1, 3), (5, 5)], [(3, 3), (2, 6)], [(4, 4), (5, 6)], [(6, 7)], [],
  ]

  /// A string of the grammar: from B to E.
  public static func string(using generator: inout Generator) -> Walk {
    var (symbols, successors, node): ([Int], [[Int]], Int) = ([], [], 0)
    while !ways[node].isEmpty {
      let way = ways[node][ways[node].count == 1 ? 0 : Int.random(in: 0...1, using: &generator)]
      symbols.append(way.symbol)
      node = way.node
      successors.append(ways[node].map(\.symbol))
    }
    return Walk(symbols: symbols, successors: successors)
  }

  /// A string of the embedded grammar: B, T or P, a string of the grammar, the same T or P again, E; 12 symbols on average.
  public static func embeddedString(using generator: inout Generator) -> Walk {
    let inner = string(using: &generator)
    let branch = Bool.random(using: &generator) ? 1 : 4
    return Walk(
      symbols: [0, branch] + inner.symbols + [branch, 6],
      successors: [[1, 4], [0]] + inner.successors.dropLast() + [[branch], [6], []])
  }
}
