internal import UnrollArrays

/// The counts of numbers in bins of equal width. A bin includes its lower edge, and the last one also its upper edge.
///
///     let weights = Histogram("weights", [0.1, -0.2, 0.05, 0.4, 0.12], bins: 4)
///     print(weights.counts)
public struct Histogram: Hashable, Sendable {
  /// The name in the legend.
  public let name: String
  /// The edges of the bins, ascending: `[bins + 1]`.
  public let edges: [Double]
  /// The number of values in each bin: `[bins]`.
  public let counts: [Int]
  /// The number of values that are in no bin because they are not finite.
  public let excluded: Int

  /// A histogram of at least one number. Without a number of bins, their edges are round numbers (multiples of 1, 2 or 5 times
  /// a power of ten), and there are about √n bins, at most 60.
  public init(_ name: String, _ values: [Double], bins: Int? = nil) {
    require(!values.isEmpty, "Histogram \"\(name)\": there are no values")
    require((bins ?? 1) > 0, "Histogram \"\(name)\": a count of \(bins ?? 1) bins is not positive")
    let finite = values.filter { $0.magnitude <= Extent.limit }
    var extent = Extent()
    for value in finite { extent.include(value) }
    let range = extent.widened(by: 0)
    if let bins {
      let width = (range.upper - range.lower) / Double(bins)
      edges = (0..<bins).map { range.lower + Double($0) * width } + [range.upper]
    } else {
      let wanted = min(60, max(5, Int(Double(finite.count).squareRoot().rounded(.up))))
      edges = NiceStep(span: range.upper - range.lower, atMost: wanted).multiples(around: range).map(\.value)
    }
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in finite {
      let position = (value - edges[0]) / (edges[counts.count] - edges[0]) * Double(counts.count)
      var bin = min(max(Int(position), 0), counts.count - 1)
      // The quotient is rounded, so that it may disagree with the edges; the edges decide.
      if value < edges[bin] { bin = max(bin - 1, 0) }
      if bin + 1 < counts.count && value >= edges[bin + 1] { bin += 1 }
      counts[bin] += 1
    }
    self.name = name
    self.counts = counts
    excluded = values.count - finite.count
  }
}
