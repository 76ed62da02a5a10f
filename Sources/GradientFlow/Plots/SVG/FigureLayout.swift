/// The positions of the parts of a figure, computed from the widths of its texts.
struct FigureLayout {
  static let gap = 8.0
  static let tickLength = 4.0
  static let tickSize = 11.0
  static let lineHeight = 15.0

  private(set) var frames: [Frame] = []
  private(set) var xTicks: [[Tick]] = []
  private(set) var yTicks: [[Tick]] = []
  private(set) var colorTicks: [Tick] = []
  /// The colour bar; nil without heat maps.
  private(set) var bar: Frame?
  /// The area of the legend, to the right of everything else.
  private(set) var legend = Frame(x: 0, y: 0, width: 0, height: 0)
  /// The width of the vertical axes' labels, to the left of the frames.
  private(set) var leftRoom: [Double] = []

  init(_ figure: Figure, width: Double, height: Double) {
    let grid = figure.grid
    let top = FigureLayout.gap + (figure.title.isEmpty ? 4 : 22)
    let panelTop = figure.hasPanelTitles ? 18.0 : 0
    let (xOuter, yOuter) = (figure.sharedXLabel, figure.sharedYLabel)
    let bottom = height - FigureLayout.gap - (xOuter == nil ? 0 : 18)
    let tickRow = FigureLayout.tickLength + 15
    let ownX = tickRow + (xOuter == nil && figure.panels.contains { !$0.plot.xLabel.isEmpty } ? 18 : 0)
    let above = panelTop + (grid.sharesX ? FigureLayout.gap : ownX + 4)
    let rows = Double(grid.rows)
    let panelHeight = max(
      10, (bottom - top - panelTop - ownX - (rows - 1) * above) / rows)
    yTicks = figure.panels.map { $0.y.yTicks(length: panelHeight) }

    placeColors(figure, height: rows * panelHeight + (rows - 1) * above)
    let labels = yTicks.map { FigureLayout.widest($0) + FigureLayout.tickLength + 4 }
    let ownLabel = yOuter == nil && figure.panels.contains { !$0.plot.yLabel.isEmpty } ? 18.0 : 0
    let left = (labels.max() ?? 0) + ownLabel
    leftRoom = labels
    let legendWidth = min(figure.legendWidth, 0.4 * width)
    let barWidth =
      bar == nil
      ? 0
      : FigureLayout.widest(colorTicks) + 32
        + (figure.colorLabel.isEmpty ? 0 : 16) + (figure.blankNote.isEmpty ? 0 : 16)
    let margin = FigureLayout.gap + (yOuter == nil ? 0 : 18)
    let right = width - FigureLayout.gap - legendWidth - (legendWidth > 0 ? 10 : 4) - barWidth
    let between = grid.sharesY ? 28 : left + 10
    let columns = Double(grid.columns)
    let panelWidth = max(10, (right - margin - left - (columns - 1) * between) / columns)
    for index in figure.panels.indices {
      let (row, column) = index.quotientAndRemainder(dividingBy: grid.columns)
      frames.append(
        Frame(
          x: margin + left + Double(column) * (panelWidth + between),
          y: top + panelTop + Double(row) * (panelHeight + above), width: panelWidth, height: panelHeight))
    }
    xTicks = figure.panels.map { $0.x.xTicks(length: panelWidth) }
    let end = margin + left + columns * panelWidth + (columns - 1) * between
    if bar != nil { bar?.x = end + 14 }
    if bar != nil { bar?.y = top + panelTop }
    legend = Frame(
      x: end + barWidth + 10, y: top + panelTop, width: legendWidth, height: rows * panelHeight + (rows - 1) * above)
  }

  private mutating func placeColors(_ figure: Figure, height: Double) {
    guard let colors = figure.colors else { return }
    bar = Frame(x: 0, y: 0, width: 14, height: height)
    colorTicks = colors.yTicks(length: height)
  }

  private static func widest(_ ticks: [Tick]) -> Double {
    ticks.map { TextWidth.of($0.label, size: tickSize) }.max() ?? 0
  }
}

extension Axis {
  func xTicks(length: Double) -> [Tick] {
    ticks(.unicode, length: length, least: 45, gap: 10) { TextWidth.of($0, size: FigureLayout.tickSize) }
  }

  func yTicks(length: Double) -> [Tick] {
    ticks(.unicode, length: length, least: 28, gap: 4) { _ in FigureLayout.tickSize }
  }
}

extension Figure {
  var title: String { grid.title }

  var isSingle: Bool { panels.count == 1 }

  var hasPanelTitles: Bool { panels.contains { !$0.plot.title.isEmpty && $0.plot.title != title } }

  /// The single label below all plots, if all have the same.
  var sharedXLabel: String? { Figure.shared(panels.map(\.plot.xLabel)) }

  /// The single label beside all plots, if all have the same.
  var sharedYLabel: String? { Figure.shared(panels.map(\.plot.yLabel)) }

  private static func shared(_ labels: [String]) -> String? {
    Set(labels).count == 1 && !labels[0].isEmpty ? labels[0] : nil
  }

  /// The preferred width of the legend.
  var legendWidth: Double {
    var width = 0.0
    for entry in entries {
      width = max(width, 26 + TextWidth.of(entry.name, size: 12))
      width = max(width, 26 + TextWidth.of(entry.omissions.text(.unicode), size: 11))
    }
    return width
  }

  /// The note beside the colour bar about cells without a colour.
  var blankNote: String { blank == Omissions() ? "" : "blank: " + blank.text(.unicode) }
}
