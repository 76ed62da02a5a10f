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
