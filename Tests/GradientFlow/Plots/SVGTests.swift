import Foundation
import Testing
import UnrollArrays
import UnrollFiles
import UnrollTestSupport

@testable import UnrollGradientFlow

/// What holds for every picture, and for pictures of odd data.
@Suite struct SVGTests {
  static let odd: [(name: String, svg: String)] = [
    ("nothing", Plot(title: "t", xLabel: "x", yLabel: "y", layers: []).svg()),
    ("one point", Plot { Series("a", [3]) }.svg()),
    ("constant", Plot { Series("a", [7, 7, 7]) }.svg()),
    ("zeros on logarithms", Plot(yScale: .logarithmic) { Series("a", [0, 0, -1]) }.svg()),
    ("not finite", Plot { Series("a", [.nan, .infinity, -.infinity, 1]) }.svg()),
    ("nothing finite", Plot { Series("a", [.nan, .infinity]) }.svg()),
    ("huge", Plot { Series("a", [1e308, -1e308, 1e299]) }.svg()),
    ("subnormal", Plot(yScale: .logarithmic) { Series("a", [.leastNonzeroMagnitude, .leastNormalMagnitude / 64, 1]) }.svg()),
    ("subnormal, linear", Plot { Series("a", [.leastNonzeroMagnitude, .leastNormalMagnitude / 64, 0]) }.svg()),
    ("blank map", Plot { HeatMap([[.nan]], scale: .logarithmic) }.svg()),
    ("many names", Plot { for index in 0..<60 { Series("series \(index)", [Double(index), 1]) } }.svg()),
    ("long names", Plot { Series(String(repeating: "long ", count: 50), [1, 2]) }.svg()),
    ("small", Plot(title: "small", xLabel: "x", yLabel: "y") { Series("a", [1, 2]) }.svg(width: 120, height: 90)),
    ("logarithmic map", Plot(xScale: .logarithmic) { HeatMap([[1, 2]], x: 1...100) }.svg()),
    ("markup", Plot(title: "<a> & \"b\" \u{1}", xLabel: "</text>") { Series("<script>", [1, 2]) }.svg()),
  ]

  @Test(arguments: PlotPictures.all + odd) func isWellFormed(picture: (name: String, svg: String)) {
    let checker = XMLChecker(picture.svg)
    #expect(checker.faults.isEmpty, "\(picture.name)")
    #expect(checker.elements.first?.name == "svg")
    #expect(Set(checker.elements.map(\.name)).isSubset(of: ["svg", "title", "style", "g", "rect", "path", "text"]))
    #expect(!picture.svg.contains("nan") && !picture.svg.contains("inf ") && !picture.svg.contains("href"))
  }

  /// Every text lies within the picture, by the widths of the table.
  @Test(arguments: PlotPictures.all + odd) func textsAreWithinThePicture(picture: (name: String, svg: String)) {
    let elements = XMLChecker(picture.svg).elements
    let (width, height) = (elements[0].number("width"), elements[0].number("height"))
    for text in elements where text.name == "text" {
      let box = box(of: text)
      #expect(box.x >= 0 && box.right <= width + 0.5, "\(picture.name): \(text.text)")
      #expect(box.y >= 0 && box.bottom <= height + 0.5, "\(picture.name): \(text.text)")
    }
  }

  /// No two texts overlap.
  @Test(arguments: PlotPictures.all + odd) func textsDoNotOverlap(picture: (name: String, svg: String)) {
    let texts = XMLChecker(picture.svg).elements.filter { $0.name == "text" }
    for (index, text) in texts.enumerated() {
      let a = box(of: text)
      for other in texts[(index + 1)...] {
        let b = box(of: other)
        let apart = a.right <= b.x + 0.5 || b.right <= a.x + 0.5 || a.bottom <= b.y + 0.5 || b.bottom <= a.y + 0.5
        #expect(apart, "\(picture.name): \(text.text) and \(other.text)")
      }
    }
  }

  private func box(of text: XMLChecker.Element) -> Frame {
    let size = text.attributes["font-size"].flatMap { Double($0) } ?? 12
    let plain = text.text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
      .replacing("&quot;", with: "\"")
    let length = TextWidth.of(plain, size: size)
    let shares: [String: Double] = ["middle": 0.5, "end": 1]
    let share = shares[text.attributes["text-anchor"] ?? ""] ?? 0
    let (x, y) = (text.number("x"), text.number("y"))
    if text.attributes["transform"] != nil {
      return Frame(x: x - 0.8 * size, y: y - (1 - share) * length, width: size, height: length)
    }
    return Frame(x: x - share * length, y: y - 0.8 * size, width: length, height: size)
  }

  /// The legend stands to the right of the frame of the data.
  @Test func legendIsBesideTheData() {
    for plot in [PlotPictures.decades, PlotPictures.histogram, PlotPictures.surface] {
      let layout = FigureLayout(Figure(PlotGrid(plot)), width: 720, height: 420)
      #expect(layout.legend.width > 0)
      #expect(layout.legend.x > (layout.bar ?? layout.frames[0]).right)
      #expect(layout.legend.right <= 720)
    }
  }

  /// The room that a legend asks for is enough for its names, at every size of the picture.
  @Test func commonNamesAreWhole() {
    let names = [
      "loss", "train", "test", "val", "validation", "accuracy", "training loss", "validation loss", "gradient norm", "LSTM",
      "GRU", "RNN", "a", "i", "learning rate", "perplexity", "‖∂L/∂h‖", "w₁", "norm",
    ]
    for name in names {
      for width in [300, 640, 720, 801, 1000] {
        let texts = XMLChecker(Plot { Series(name, [2.3, 1.1, 0.7]) }.svg(width: width)).elements.filter { $0.name == "text" }
        #expect(texts.contains { $0.text == name }, "\(name) at \(width): \(texts.map(\.text))")
      }
    }
  }

  @Test func namesStandInTheOrderOfTheEnds() {
    let texts = XMLChecker(PlotPictures.decades.svg()).elements.filter { $0.name == "text" }.map(\.text)
    #expect(texts.suffix(6) == ["exploding", "orthogonal", "LSTM, forget bias 1", "GRU", "RNN ReLU", "RNN tanh"])
  }

  @Test func omissionsAreSaid() {
    let svg = Plot(yScale: .logarithmic) { Series("a", [1, 0, .nan, 2, -3, .infinity]) }.svg()
    #expect(svg.contains("2 ≤ 0, 2 not finite"))
    // One mark above for the infinity, two below for 0 and -3; none for NaN.
    #expect(svg.split(separator: "l-4 -7h8z", omittingEmptySubsequences: false).count == 3)
    #expect(svg.split(separator: "l-4 7h8z", omittingEmptySubsequences: false).count == 2)
    #expect(Plot(layers: []).svg().contains("no data"))
  }

  @Test func textIsEscaped() {
    #expect(escaped("<a b=\"c\">&'\u{1}\n") == "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\u{FFFD} ")
  }

  @Test func picturesAreCompactAndRepeatable() {
    let wave = (0..<200_000).map { Double($0 * 7919 % 1000) }
    let plot = Plot { Series("wave", wave) }
    #expect(plot.svg().utf8.count < 60_000)
    #expect(plot.svg() == plot.svg())
    let flat = Plot { HeatMap([[Double]](repeating: [Double](repeating: 1, count: 1000), count: 1000)) }
    #expect(flat.svg().utf8.count < 40_000)
  }

  @Test func thinningKeepsPeaks() {
    let points = (0..<10_000).map { PlacedSeries.Point(x: Double($0) / 100, y: $0 == 5005 ? 1 : 0) }
    let kept = thinned(points, width: 100)
    #expect(kept.count <= 400)
    #expect(kept.contains { $0.y == 1 })
    #expect(kept.first == points.first && kept.last == points.last)
  }

  @Test func followsDarkMode() {
    let svg = PlotPictures.decades.svg()
    #expect(svg.contains("@media (prefers-color-scheme:dark)"))
    #expect(svg.contains("class=\"s-c0\"") && svg.contains(".s-c0{stroke:var(--unroll-c0)}"))
  }

  @Test func writesFiles() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-\(UUID().uuidString).svg")
    defer { try? FileManager.default.removeItem(at: file) }
    try PlotPictures.decades.write(to: file.path)
    #expect(try String(contentsOf: file, encoding: .utf8) == PlotPictures.decades.svg())
    try PlotPictures.grid.write(to: file.path)
    #expect(try String(contentsOf: file, encoding: .utf8) == PlotPictures.grid.svg())
    #expect(throws: ArrayFileError.self) { try PlotPictures.decades.write(to: "/nowhere/plot.svg") }
  }
}
