import Testing

@testable import UnrollAutograd

@Suite struct NodeTableTests {
  /// Whatever the size of a node: names at equal distances are found after few looks, in a table that is three quarters full.
  @Test func equallyDistantNodesScatter() {
    let places = 1 << 12
    for distance in stride(from: 16, through: 1024, by: 16) {
      var isTaken = [Bool](repeating: false, count: places)
      var looks = 0
      for i in 0..<(places * 3 / 4) {
        var place = NodeTable.firstPlace(of: 0x7F12_3456_0010 + UInt(i * distance), among: places)
        looks += 1
        while isTaken[place] {
          place = (place + 1) % places
          looks += 1
        }
        isTaken[place] = true
      }
      // Random places take 2.5 looks in the mean.
      #expect(looks < 4 * places * 3 / 4, "\(distance) bytes apart: \(looks) looks")
    }
  }
}
