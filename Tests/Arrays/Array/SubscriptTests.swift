import Testing
import UnrollTestSupport

@testable import UnrollArrays

@Suite struct SubscriptTests {
  let x = NDArray.range(24).reshaped([2, 3, 4])

  struct Row: Sendable {
    let name: String
    let taken: NDArray
    let shape: Shape
    let numbers: [Double]
  }

  static let rows: [Row] = {
    let x = NDArray.range(24).reshaped([2, 3, 4])
    let v = NDArray.range(6)
    return [
      Row(name: "first", taken: x[1], shape: [3, 4], numbers: Array(stride(from: 12, to: 24, by: 1))),
      Row(name: "last of last", taken: x[.rest, -1], shape: [2, 3], numbers: [3, 7, 11, 15, 19, 23]),
      Row(name: "one element", taken: x[1, 2, 3], shape: [], numbers: [23]),
      Row(name: "range", taken: x[0, 1..<3, .all], shape: [2, 4], numbers: [4, 5, 6, 7, 8, 9, 10, 11]),
      Row(name: "closed range", taken: x[0, 0, 1...2], shape: [2], numbers: [1, 2]),
      Row(name: "from", taken: x[0, 0, 2...], shape: [2], numbers: [2, 3]),
      Row(name: "up to", taken: x[0, 0, ..<2], shape: [2], numbers: [0, 1]),
      Row(name: "through", taken: x[0, 0, ...2], shape: [3], numbers: [0, 1, 2]),
      Row(name: "negative from", taken: v[(-2)...], shape: [2], numbers: [4, 5]),
      Row(name: "negative up to", taken: v[..<(-4)], shape: [2], numbers: [0, 1]),
      Row(name: "through the last", taken: v[(-3)...(-1)], shape: [3], numbers: [3, 4, 5]),
      Row(name: "every second", taken: v[.every(2)], shape: [3], numbers: [0, 2, 4]),
      Row(name: "reversed", taken: v[.every(-1)], shape: [6], numbers: [5, 4, 3, 2, 1, 0]),
      Row(name: "backwards from to", taken: v[.every(-2, from: -1, to: 0)], shape: [3], numbers: [5, 3, 1]),
      Row(name: "cut to what exists", taken: v[4..<100], shape: [2], numbers: [4, 5]),
      Row(name: "beyond the end", taken: v[9..<12], shape: [0], numbers: []),
      Row(name: "before the start", taken: v[.every(-1, from: -10)], shape: [0], numbers: []),
      Row(name: "new axis", taken: v[.new], shape: [1, 6], numbers: [0, 1, 2, 3, 4, 5]),
      Row(name: "new inner axis", taken: v[.all, .new], shape: [6, 1], numbers: [0, 1, 2, 3, 4, 5]),
      Row(name: "rest in the middle", taken: x[1, .rest, 0], shape: [3], numbers: [12, 16, 20]),
      Row(name: "twice", taken: x[1][2][3], shape: [], numbers: [23]),
    ]
  }()

  @Test(arguments: rows.indices)
  func takes(_ index: Int) {
    let row = Self.rows[index]
    #expect(row.taken.shape == row.shape, "\(row.name)")
    #expect(row.taken.scalars(as: Double.self) == row.numbers, "\(row.name)")
  }

  @Test func everySliceIsPythons() {
    let extent = 5
    let v = NDArray.range(extent)
    let bounds: [Int?] = [nil, -7, -6, -5, -3, -1, 0, 1, 3, 5, 6, 9]
    for start in bounds {
      for end in bounds {
        for step in [-3, -2, -1, 1, 2, 3] {
          // The definition in Python's documentation, position by position.
          func clamp(_ value: Int) -> Int {
            let position = value < 0 ? value + extent : value
            return step > 0 ? min(max(position, 0), extent) : min(max(position, -1), extent - 1)
          }
          let first = start.map(clamp) ?? (step > 0 ? 0 : extent - 1)
          let last = end.map(clamp) ?? (step > 0 ? extent : -1)
          var expected: [Double] = []
          var position = first
          while step > 0 ? position < last : position > last {
            expected.append(Double(position))
            position += step
          }
          let taken = v[AxisSelection.range(start: start, end: end, step: step)]
          #expect(taken.scalars(as: Double.self) == expected, "\(String(describing: start)):\(String(describing: end)):\(step)")
        }
      }
    }
  }

  @Test func assigningBroadcastsAndWritesInPlace() {
    var y = NDArray.zeros([3, 4])
    let address = y.read { $0 }
    y[0] = NDArray.range(4)
    y[.all, 1...2] = [5]
    y[.every(-1), 0] = [7, 8, 9]
    #expect(y.scalars(as: Double.self) == [9, 5, 5, 3, 8, 5, 5, 0, 7, 5, 5, 0])
    #expect(y.read { $0 } == address, "an array that nobody shares is written where it is")
  }

  @Test func aCopyKeepsItsElements() {
    var y = NDArray.range(4)
    let before = y
    y[0] = [9]
    #expect(before.scalars(as: Double.self) == [0, 1, 2, 3])
    #expect(y.scalars(as: Double.self) == [9, 1, 2, 3])
  }

  @Test func assigningAViewOfItselfReadsWhatWasThere() {
    var y = NDArray.range(6)
    y[1...] = y[..<(-1)]
    #expect(y.scalars(as: Double.self) == [0, 0, 1, 2, 3, 4])
    y[.all] = y.flipped(0)
    #expect(y.scalars(as: Double.self) == [4, 3, 2, 1, 0, 0])
  }

  @Test func writingABroadcastViewSeparatesItsElements() {
    var y = NDArray.range(3).broadcast(to: [2, 3])
    y[0, 0] = NDArray(9, y.type)
    #expect(y.scalars(as: Double.self) == [9, 1, 2, 0, 1, 2])
  }
}
