internal import UnrollArrays

/// A grid of plots with everything that does not depend on the medium: axes, colours, the legend.
struct Figure {
  struct Panel {
    let plot: Plot
    let x: Axis
    let y: Axis
    /// The colour of each layer.
    let colors: [Int]
  }

  struct Entry {
    let name: String
    let color: Int
    /// The layer whose kind of mark is shown before the name.
    let layer: Plot.Layer
    var omissions: Omissions
    /// The end of the first line with that name, for legends beside the ends of lines.
    let end: Double?
  }

  let grid: PlotGrid
  private(set) var panels: [Panel] = []
  private(set) var entries: [Entry] = []
  /// The scale of the colours, if there is a heat map.
  let colors: Axis?
  let colorLabel: String
  /// The cells of heat maps that have no colour.
  private(set) var blank = Omissions()

  init(_ grid: PlotGrid) {
    self.grid = grid
    let maps = grid.plots.flatMap(\.heatMaps)
    colorLabel = maps.first { !$0.label.isEmpty }?.label ?? ""
    colors = maps.first.map { Axis(scale: $0.scale, extent: Figure.extent(of: maps)) }
    for map in maps {
      for value in map.values.joined() { blank.note(value, map.scale) }
    }
    makePanels()
    makeEntries()
  }

  private static func extent(of maps: [HeatMap]) -> Extent {
    var extent = Extent()
    for map in maps {
      for row in map.values { map.scale.include(row, in: &extent) }
    }
    return extent.widened(by: 0)
  }

  private mutating func makePanels() {
    var x = grid.plots.map(\.xExtent)
    var y = grid.plots.map(\.yExtent)
    if grid.sharesX { x = Figure.united(x, of: grid.plots) }
    if grid.sharesY { y = Figure.united(y, of: grid.plots) }
    var known: [String: Int] = [:]
    for (index, plot) in grid.plots.enumerated() {
      plot.requirePlaces()
      let colors = plot.layers.enumerated().map { number, layer in
        guard let name = layer.name else { return 0 }
        let key = name.isEmpty ? "\0\(index) \(number)" : name
        let color = known[key] ?? known.count
        known[key] = color
        return color
      }
      let (xAxis, yAxis) = (Axis(scale: plot.xScale, extent: x[index]), Axis(scale: plot.yScale, extent: y[index]))
      panels.append(Panel(plot: plot, x: xAxis, y: yAxis, colors: colors))
    }
  }

  /// The union of the extents for shared axes. Plots without layers are ignored, unless no plot has layers.
  private static func united(_ extents: [Extent], of plots: [Plot]) -> [Extent] {
    var all = Extent()
    for (extent, plot) in zip(extents, plots) where !plot.layers.isEmpty { all.include(extent) }
    return all.isEmpty ? extents : extents.map { _ in all }
  }

  private mutating func makeEntries() {
    for panel in panels {
      for (layer, color) in zip(panel.plot.layers, panel.colors) {
        var omissions = Omissions()
        var end: Double?
        switch layer {
        case .heatMap: continue
        case .histogram(let histogram): omissions.notFinite = histogram.excluded
        case .series(let series):
          let placed = PlacedSeries(series, x: panel.x, y: panel.y)
          omissions = placed.omissions
          if panels.count == 1 { end = placed.last?.y }
        }
        let name = layer.name ?? ""
        if let known = entries.firstIndex(where: { $0.name == name && $0.color == color }) {
          entries[known].omissions = entries[known].omissions + omissions
        } else if !name.isEmpty || omissions != Omissions() {
          entries.append(Entry(name: name, color: color, layer: layer, omissions: omissions, end: end))
        }
      }
    }
  }
}

extension Plot.Layer {
  /// The name in the legend; nil for heat maps.
  var name: String? {
    switch self {
    case .series(let series): series.name
    case .histogram(let histogram): histogram.name
    case .heatMap: nil
    }
  }
}

extension Plot {
  /// Stops if a heat map, which covers an area, starts at or below 0 on a logarithmic axis.
  fileprivate func requirePlaces() {
    for map in heatMaps {
      for (name, scale, lower) in [("x", xScale, map.x.lowerBound), ("y", yScale, map.y.lowerBound)] {
        require(
          scale == .linear || lower > 0,
          "Plot \"\(title)\": a heat map from \(lower) cannot be shown on a logarithmic \(name) axis")
      }
    }
  }
}

/// The points of a series as fractions of the lengths of the plot's axes.
struct PlacedSeries {
  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  /// The runs of points without gaps.
  private(set) var runs: [[Point]] = []
  /// The positions of points below the lower edge: at or below 0 on a logarithmic axis, or at -∞.
  private(set) var below: [Double] = []
  /// The positions of points above the upper edge, at +∞.
  private(set) var above: [Double] = []
  private(set) var omissions = Omissions()

  init(_ series: Series, x xAxis: Axis, y yAxis: Axis) {
    var run: [Point] = []
    for (x, y) in zip(series.x, series.y) {
      omissions.note(x, xAxis.scale, y, yAxis.scale)
      guard let horizontal = xAxis.fraction(x), let vertical = yAxis.fraction(y) else {
        if !run.isEmpty { runs.append(run) }
        run = []
        if let horizontal = xAxis.fraction(x) {
          if y > Extent.limit { above.append(horizontal) } else if !y.isNaN { below.append(horizontal) }
        }
        continue
      }
      run.append(Point(x: horizontal, y: vertical))
    }
    if !run.isEmpty { runs.append(run) }
  }

  var last: Point? { runs.last?.last }
}

/// The number of values that cannot be shown, by reason.
struct Omissions: Hashable {
  var notPositive = 0
  var notFinite = 0

  mutating func note(_ value: Double, _ scale: Plot.Scale) {
    if !(value.magnitude <= Extent.limit) {
      notFinite += 1
    } else if scale == .logarithmic && value <= 0 {
      notPositive += 1
    }
  }

  mutating func note(_ x: Double, _ xScale: Plot.Scale, _ y: Double, _ yScale: Plot.Scale) {
    var point = Omissions()
    point.note(x, xScale)
    point.note(y, yScale)
    if point.notFinite > 0 { notFinite += 1 } else if point.notPositive > 0 { notPositive += 1 }
  }

  static func + (a: Omissions, b: Omissions) -> Omissions {
    Omissions(notPositive: a.notPositive + b.notPositive, notFinite: a.notFinite + b.notFinite)
  }

  /// The counts as text; empty if there are none.
  func text(_ characters: PlotCharacters) -> String {
    var parts: [String] = []
    if notPositive > 0 { parts.append("\(notPositive) \(characters == .unicode ? "≤" : "<=") 0") }
    if notFinite > 0 { parts.append("\(notFinite) not finite") }
    return parts.joined(separator: ", ")
  }
}

extension Plot {
  var heatMaps: [HeatMap] {
    layers.compactMap { layer in
      if case .heatMap(let map) = layer { map } else { nil }
    }
  }

  /// The extent of the horizontal axis, in positions.
  var xExtent: Extent {
    var extent = Extent()
    for layer in layers {
      switch layer {
      case .series(let series): xScale.include(series.x, in: &extent)
      case .heatMap(let map): xScale.include([map.x.lowerBound, map.x.upperBound], in: &extent)
      case .histogram(let histogram): xScale.include(histogram.edges, in: &extent)
      }
    }
    return extent.widened(by: isInset ? 0.03 : 0)
  }

  /// The extent of the vertical axis, in positions, with a margin unless a heat map fills the area.
  var yExtent: Extent {
    var extent = Extent()
    var hasBars = false
    for layer in layers {
      switch layer {
      case .series(let series): yScale.include(series.y, in: &extent)
      case .heatMap(let map): yScale.include([map.y.lowerBound, map.y.upperBound], in: &extent)
      case .histogram(let histogram):
        hasBars = true
        yScale.include(histogram.counts.map(Double.init), in: &extent)
        yScale.include([yScale == .linear ? 0 : 0.5], in: &extent)
      }
    }
    if !heatMaps.isEmpty { return extent.widened(by: 0) }
    var wide = extent.widened(by: 0.05)
    if hasBars { wide.lower = extent.lower }
    return wide
  }

  /// Whether to add a margin so that the frame does not cut dots.
  private var isInset: Bool {
    heatMaps.isEmpty
      && layers.contains { layer in
        if case .series(let series) = layer { series.style != .line } else { false }
      }
  }
}

extension Plot.Scale {
  func include(_ values: [Double], in extent: inout Extent) {
    for value in values {
      if let position = position(value) { extent.include(position) }
    }
  }
}
