import Testing
import UnrollTestSupport

@testable import UnrollArrays

@Suite struct PrintingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let numbers: [Double]
    let text: String
    var testDescription: String { text }
  }

  /// Vectors of float64 and what they look like.
  static let rows: [Row] = [
    Row(numbers: [], text: "[]"),
    Row(numbers: [1, 2, 3], text: "[1., 2., 3.]"),
    Row(numbers: [0, -0.0], text: "[ 0., -0.]"),
    Row(numbers: [1.5, -2, 10], text: "[ 1.5, -2.0, 10.0]"),
    Row(numbers: [0.1, 0.25, 1.0 / 3], text: "[0.1000, 0.2500, 0.3333]"),
    Row(numbers: [2.0 / 3, 0.99996], text: "[0.6667, 1.0000]"),
    Row(numbers: [9.99996, 1], text: "[10.0000,  1.0000]"),
    Row(numbers: [1e-3, 0.5], text: "[0.001, 0.500]"),
    Row(numbers: [1e-3, 1.5], text: "[1.0e-03, 1.5e+00]"),
    Row(numbers: [1e-5, 1], text: "[1e-05, 1e+00]"),
    Row(numbers: [1e8, 1], text: "[1e+08, 1e+00]"),
    Row(numbers: [12_345_678, 1], text: "[12345678.,        1.]"),
    Row(numbers: [1_234_567_890, -1], text: "[ 1.2346e+09, -1.0000e+00]"),
    Row(numbers: [1e-300, 1e300], text: "[1e-300, 1e+300]"),
    Row(numbers: [.leastNonzeroMagnitude], text: "[5e-324]"),
    Row(numbers: [9.99999e9], text: "[1.0000e+10]"),
    Row(numbers: [.nan, -.nan, .infinity, -.infinity, 1], text: "[ nan,  nan,  inf, -inf,   1.]"),
    Row(numbers: [.nan, 0.5], text: "[nan, 0.5]"),
    // The doubles nearest to these lie below, above and below; the next two are ties.
    Row(numbers: [0.00015, 0.12345, 0.10035], text: "[0.0001, 0.1235, 0.1003]"),
    Row(numbers: [0.03125, 0.09375], text: "[0.0312, 0.0938]"),
  ]

  @Test(arguments: rows) func aVectorIsWritten(_ row: Row) {
    #expect(NDArray(row.numbers).description == row.text)
  }

  @Test func scalarsArePlain() {
    #expect("\(NDArray(0.1 as Float))" == "0.1")
    #expect("\(NDArray(-2.5))" == "-2.5")
    #expect("\(NDArray(Double.nan))" == "nan")
  }

  @Test func bracketsNest() {
    let x = NDArray.range(from: -1, to: 5, by: 1).reshaped([2, 3])
    #expect(x.description == "[[-1.,  0.,  1.],\n [ 2.,  3.,  4.]]")
    #expect(x.transposed().description == "[[-1.,  2.],\n [ 0.,  3.],\n [ 1.,  4.]]")
    #expect(x[.all, .every(-2)].description == "[[ 1., -1.],\n [ 4.,  2.]]")
    #expect(x.reshaped([2, 1, 3]).description == "[[[-1.,  0.,  1.]],\n\n [[ 2.,  3.,  4.]]]")
    #expect(x.reshaped([1, 1, 1, 6]).description == "[[[[-1.,  0.,  1.,  2.,  3.,  4.]]]]")
    #expect(x.debugDescription == "NDArray([2, 3], float32)\n[[-1.,  0.,  1.],\n [ 2.,  3.,  4.]]")
    #expect(NDArray.zeros([2, 0]).description == "[[],\n []]")
    #expect(NDArray.zeros([0, 2]).description == "[]")
  }

  @Test func largeArraysAreElided() {
    #expect(NDArray.range(1001).description == "[   0.,    1.,    2., ...,  998.,  999., 1000.]")
    #expect(!NDArray.range(1000).description.contains("..."))
    let x = NDArray.range(4000).reshaped([1000, 4])
    #expect(
      x.description == """
        [[   0.,    1.,    2.,    3.],
         [   4.,    5.,    6.,    7.],
         [   8.,    9.,   10.,   11.],
         ...,
         [3988., 3989., 3990., 3991.],
         [3992., 3993., 3994., 3995.],
         [3996., 3997., 3998., 3999.]]
        """)
    let vast = NDArray.ones([1]).broadcast(to: [1 << 20, 1 << 20])
    #expect(vast.description.utf8.count < 400)
  }

  @Test func longLinesBreak() {
    let lines = NDArray.range(100).reshaped([2, 50]).description.split(separator: "\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 80 })
    #expect(lines.count == 8)
    #expect(lines[1].hasPrefix("  15.") && lines[4].hasPrefix(" [50."))
  }

  @Test func indicesAndMasks() {
    let ids: Indices = [3, -10, 4, 0]
    #expect(ids.description == "[  3, -10,   4,   0]")
    #expect(ids.reshaped([2, 2]).debugDescription == "Indices([2, 2])\n[[  3, -10],\n [  4,   0]]")
    let mask: Mask = [true, false]
    #expect(mask.description == "[ true, false]")
    #expect(mask.debugDescription == "Mask([2])\n[ true, false]")
  }

  /// Every number printed is the nearest of the four-digit decimals: compared with the distance in integers.
  @Test func digitsAreNearest() {
    var random = TestRandom(seed: 1)
    for _ in 0..<2000 {
      let x = Double(Int.random(in: 0..<(1 << 24), using: &random)) / 1_048_576
      let exact = DecimalNumber(x).rounded(decimals: 4).fixed(decimals: 4)
      let found = (Double(exact) ?? .nan) * 10000
      #expect(abs(found - x * 10000) <= 0.5 + 1e-9, "\(x) as \(exact)")
    }
  }
}
