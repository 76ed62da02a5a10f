import Testing

@testable import UnrollGradientFlow

/// Plots as text, compared exactly.
@Suite struct TerminalTests {
  private let line = Plot(title: "Loss", xLabel: "step", yLabel: "nats") {
    Series("train", [4, 2, 1, 0.5])
    Series("test", [4, 3, 2.5, 2.25])
  }

  @Test func lines() {
    let text = line.terminal(columns: 32, rows: 10)
    let expected =
      """
                    Loss
      nats
      4┤⠒⠤⠤⣀⡀
       │  ⠈⠑⠈⠉⠑⠒⠢⠤⠤⢄⣀⣀⣀⣀⡀
      2┤      ⠉⠒⠤⣀      ⠈⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒ B
       │          ⠉⠉⠒⠒⠤⠤⣀⣀
       │                  ⠉⠉⠉⠒⠒⠒⠒⠢⠤⠤ A
       └┬────────┬────────┬────────┬
        0        1        2        3
                    step
      A train   B test

      """
    #expect(text == expected)
  }

  @Test func linesInASCII() {
    let text = line.terminal(columns: 32, rows: 10, characters: .ascii)
    let expected =
      """
                    Loss
      nats
      4++++++
       |   **++++++++++
      2+        *******+++++++++++++++
       |               *********
       |                        ******
       ++---------+--------+---------+
        0         1        2         3
                     step
      * train   + test

      """
    #expect(text == expected)
  }

  @Test func gapsAndMarks() {
    let text = Plot(yScale: .logarithmic) { Series("norm", [100, 0, 1, .nan, 0.01]) }.terminal(columns: 24, rows: 8)
    let expected =
      """
       │⠂
       │
       │
      1┤           ⠁
       │
       │     ▾               ⠠
       └┬──────────┬─────────┬
        0          2         4
      ─ norm (1 ≤ 0, 1 not
      finite)

      """
    #expect(text == expected)
  }

  @Test func heatMaps() {
    let text = Plot { HeatMap([[0, 1, 2], [3, .nan, 5]], label: "gate") }.terminal(columns: 20, rows: 6, characters: .ascii)
    let expected =
      """
       |******xxxxxx@@@@@@
      1+******xxxxxx@@@@@@
      0+      ::::::======
       |      ::::::======
       +---+----------+---
           0          2
      gate (x: 1 not
      finite)
        ..::--==++**##%%@@
      0   1   2  3   4   5

      """
    #expect(text == expected)
  }

  @Test func histograms() {
    let text = Plot { Histogram("w", [1, 1, 2, 3, 3, 3], bins: 3) }.terminal(columns: 20, rows: 7)
    let expected =
      """
       │            ▆▆▆▆▆▆
      2┤▁▁▁▁▁▁      ██████
       │██████      ██████
       │██████▅▅▅▅▅▅██████
      0┤██████████████████
       └┬────────┬───────┬
        1        2       3
      █ w

      """
    #expect(text == expected)
  }

  @Test func nothing() {
    let text = Plot(title: "empty", layers: []).terminal(columns: 20, rows: 7)
    let expected =
      """
             empty
      1.0┤
         │
      0.5┤     no data
      0.0┤
         └┬───────┬──────┬
         0.0     0.5   1.0

      """
    #expect(text == expected)
  }

  @Test func onePoint() {
    let text = Plot { Series("", [5]) }.terminal(columns: 20, rows: 6)
    let expected =
      """
       │
       │
      5┤         ⠁
       │
       └┬────────┬───────┬
      −0.5      0.0    0.5

      """
    #expect(text == expected)
  }

  @Test func colours() {
    let text = Plot { Series("a", [1, 2]) }.terminal(columns: 16, rows: 5, color: true, characters: .ascii)
    #expect(text.split(separator: "\n").first == "2+          \u{1B}[0;38;5;33m****\u{1B}[0m")
    #expect(text.hasSuffix("\u{1B}[0;38;5;33m*\u{1B}[0m a\n"))
    let map = Plot { HeatMap([[0, 1]]) }.terminal(columns: 16, rows: 5, color: true)
    #expect(map.hasPrefix(" 0.5┤\u{1B}[0;48;2;68;1;84m     \u{1B}[0;48;2;253;231;37m      \u{1B}[0m\n"))
  }

  /// Nothing but printable ASCII where that is asked for, no escape sequence where no colour is, no line that is too long.
  @Test func staysWithinItsBounds() {
    let plots = [PlotPictures.decades, PlotPictures.map, PlotPictures.histogram, PlotPictures.surface]
    for plot in plots + [
      Plot(title: "\u{1B}[31m ∂", layers: []), Plot { Series(String(repeating: "x", count: 99), [0, .nan]) },
    ] {
      for (columns, rows) in [(16, 6), (40, 12), (131, 50)] {
        let plain = plot.terminal(columns: columns, rows: rows)
        #expect(!plain.contains("\u{1B}"))
        #expect(plain.split(separator: "\n").allSatisfy { $0.count <= columns })
        #expect(plot.terminal(columns: columns, rows: rows) == plain)
        let ascii = plot.terminal(columns: columns, rows: rows, characters: .ascii)
        #expect(ascii.unicodeScalars.allSatisfy { $0 == "\n" || (32..<127).contains($0.value) })
      }
    }
  }

  /// Labels and titles that are wider than the plot go on in the next line.
  @Test func longLabelsAreWrapped() {
    let plot = Plot(
      title: "How far a gradient comes", xLabel: "steps back from the loss", yLabel: "norm of the gradient, of 1 at the loss"
    ) { Series("norm", [4, 2, 1, 0.5]) }
    let expected =
      """
        How far a gradient
              comes
      norm of the gradient,
      of 1 at the loss
      4┤⠢⣀
       │  ⠑⠤⡀
      2┤    ⠈⠒⢄⡀
       │       ⠈⠑⠒⠤⢄⡀
       │            ⠈⠉⠉⠒⠒⠒⠤⠤
       └┬────────────┬──────
        0            2
        steps back from the
                loss
      ─ norm

      """
    #expect(plot.terminal(columns: 22, rows: 13) == expected)
    // Without the room for more lines the last one says that something is missing.
    let small = plot.terminal(columns: 22, rows: 8, characters: .ascii)
    #expect(small.contains("norm of the gradien..."), "\(small)")
  }

  @Test func gridsStandSideBySide() {
    let lines = PlotPictures.grid.terminal(columns: 80, rows: 24, characters: .ascii).split(separator: "\n")
    #expect(lines.count == 24)
    #expect(lines[1].contains("= 0.5") && lines[1].contains("= 0.9"))
    #expect(lines.last == "* measured   + with zeros (12 <= 0)")
  }

  @Test func linesAreWrapped() {
    #expect("a bc def".wrapped(4) == ["a bc", "def"])
    #expect("abcdefgh i".wrapped(3) == ["abc", "def", "gh", "i"])
    #expect("".wrapped(3) == [""])
  }
}
