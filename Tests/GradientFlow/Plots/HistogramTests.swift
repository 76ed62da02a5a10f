import Testing
import UnrollGradientFlow

@Suite struct HistogramTests {
  @Test func binsHoldTheirLowerEdge() {
    let histogram = Histogram("h", [0, 1, 1, 2, 3, 4, .nan, .infinity], bins: 4)
    #expect(histogram.edges == [0, 1, 2, 3, 4])
    #expect(histogram.counts == [1, 2, 1, 2])
    #expect(histogram.excluded == 2)
  }

  @Test func edgesAreRound() {
    let histogram = Histogram("h", [0.13, 0.94, 0.5, 0.31])
    #expect(histogram.edges == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(histogram.counts == [1, 1, 1, 0, 1])
  }

  @Test(arguments: [[5.0], [0, 0, 0], [.nan], [1e300, -1e300], [0.1, 0.2, 0.3, 0.4, 0.7, 0.6]])
  func everyNumberIsCounted(values: [Double]) {
    for bins in [nil, 1, 3, 7] {
      let histogram = Histogram("h", values, bins: bins)
      #expect(histogram.counts.reduce(0, +) + histogram.excluded == values.count)
      #expect(histogram.counts.count + 1 == histogram.edges.count)
      for (bin, count) in histogram.counts.enumerated() {
        let isLast = bin + 1 == histogram.counts.count
        let (lower, upper) = (histogram.edges[bin], histogram.edges[bin + 1])
        #expect(values.count { $0 >= lower && ($0 < upper || (isLast && $0 == upper)) } == count)
      }
    }
  }
}
