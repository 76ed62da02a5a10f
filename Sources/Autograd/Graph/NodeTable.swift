/// A hash table from nodes, by identity, to positions. Open addressing, since a walk looks up every edge.
struct NodeTable: Sendable {
  private var names: [UInt]
  private var positions: [Int32]
  private var count = 0

  init() {
    names = Array(repeating: 0, count: 64)
    positions = Array(repeating: 0, count: 64)
  }

  /// The position of a node; nil if it has none yet.
  subscript(node: Node) -> Int? {
    let place = place(of: NodeTable.name(node))
    return names[place] == 0 ? nil : Int(positions[place])
  }

  /// Sets the position of a node.
  mutating func set(_ node: Node, _ position: Int) {
    if count * 4 >= names.count * 3 { grow(to: names.count * 2) }
    let name = NodeTable.name(node)
    let place = place(of: name)
    if names[place] == 0 { count += 1 }
    names[place] = name
    positions[place] = Int32(truncatingIfNeeded: position)
  }

  private static func name(_ node: Node) -> UInt { UInt(bitPattern: ObjectIdentifier(node)) }

  /// The slot of a name, or the free slot where it belongs.
  private func place(of name: UInt) -> Int {
    var place = NodeTable.firstPlace(of: name, among: names.count)
    while names[place] != name && names[place] != 0 { place = (place + 1) & (names.count - 1) }
    return place
  }

  /// The first slot to probe for a name, among a power of two of slots.
  ///
  /// Nodes lie at equal distances in memory. A single multiplication preserves equal distances, and some of those map to few
  /// slots; two multiplications with a shift between them scatter the nodes.
  static func firstPlace(of name: UInt, among count: Int) -> Int {
    let mixed = name &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93) >> 32) & (count - 1)
  }

  /// Reserves room for `count` nodes.
  mutating func reserve(_ count: Int) {
    var size = names.count
    while size * 3 <= 4 * count { size *= 2 }
    if size > names.count { grow(to: size) }
  }

  private mutating func grow(to size: Int) {
    let (oldNames, oldPositions) = (names, positions)
    names = Array(repeating: 0, count: size)
    positions = Array(repeating: 0, count: size)
    for (name, position) in zip(oldNames, oldPositions) where name != 0 {
      let place = place(of: name)
      names[place] = name
      positions[place] = position
    }
  }
}
