extension SVGDocument {
  /// Draws names beside the ends of their lines where possible, moved apart so that they do not overlap.
  mutating func drawLegend(of figure: Figure, _ layout: FigureLayout) {
    let frame = layout.legend
    let heights = figure.entries.map { entryHeight($0) }
    let followsLines = figure.isSingle && figure.colors == nil
    let wishes = figure.entries.map { entry in
      frame.y + (followsLines ? 1 - (entry.end ?? 1) : 0) * frame.height - FigureLayout.lineHeight / 2
    }
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    let room = frame.height
    let shown = fitting(order, heights, room: room)
    let tops = spread(
      order.prefix(shown).map { (wishes[$0], heights[$0]) }, from: frame.y - 4,
      to: frame.y + room + (shown < order.count ? -FigureLayout.lineHeight : 4))
    for (index, top) in zip(order, tops) { draw(figure.entries[index], x: frame.x, top: top, width: frame.width) }
    if shown < order.count {
      let rest = order.count - shown
      text(
        "and \(rest) more", x: frame.x + 26, y: frame.y + room, paint: .muted, size: 11, room: frame.width - 26)
    }
  }

  private func entryHeight(_ entry: Figure.Entry) -> Double {
    entry.omissions == Omissions() || entry.name.isEmpty ? FigureLayout.lineHeight : 2 * FigureLayout.lineHeight - 2
  }

  /// The number of entries that fit, with one line reserved for the number of the others.
  private func fitting(_ order: [Int], _ heights: [Double], room: Double) -> Int {
    if order.reduce(0, { $0 + heights[$1] }) <= room + 8 { return order.count }
    var used = FigureLayout.lineHeight
    var count = 0
    for index in order where used + heights[index] <= room {
      used += heights[index]
      count += 1
    }
    return count
  }

  /// Moves boxes, sorted by their tops, as little as necessary so that they neither overlap nor leave the range.
  private func spread(_ boxes: [(top: Double, height: Double)], from first: Double, to last: Double) -> [Double] {
    var tops: [Double] = []
    var next = first
    for box in boxes {
      tops.append(max(box.top, next))
      next = (tops.last ?? next) + box.height
    }
    var limit = last
    for index in tops.indices.reversed() {
      tops[index] = min(tops[index], limit - boxes[index].height)
      limit = tops[index]
    }
    return tops
  }

  private mutating func draw(_ entry: Figure.Entry, x: Double, top: Double, width: Double) {
    let middle = top + FigureLayout.lineHeight / 2
    switch entry.layer {
    case .histogram: area("M\(pixels(x)) \(pixels(middle - 4))h18v8h-18z", fill: .series(entry.color), opacity: 0.6)
    case .series(let series) where series.style == .points:
      area(disc(.init(x: x + 9, y: middle), radius: 3), fill: .series(entry.color))
    case .series(let series) where series.style == .path:
      path("M\(pixels(x + 1)) \(pixels(middle))h16", stroke: .fixed("#000000"), width: 4.4, rounded: true)
      path("M\(pixels(x + 1)) \(pixels(middle))h16", stroke: .fixed("#ffffff"), width: 2, rounded: true)
    default:
      path("M\(pixels(x)) \(pixels(middle))h18", stroke: .series(entry.color), width: 2.4, dash: Palette.dash(entry.color))
    }
    let note = entry.omissions.text(.unicode)
    var base = middle + 4
    if !entry.name.isEmpty {
      text(entry.name, x: x + 26, y: base, room: width - 26)
      base += FigureLayout.lineHeight - 2
    }
    text(note, x: x + 26, y: base, paint: .muted, size: 11, room: width - 26)
  }
}
