/// An SVG document under construction.
struct SVGDocument {
  enum Anchor: String { case start, middle, end }

  private var body = ""

  mutating func rectangle(_ frame: Frame, fill: Paint? = nil, stroke: Paint? = nil) {
    body +=
      "<rect x=\"\(pixels(frame.x))\" y=\"\(pixels(frame.y))\" width=\"\(pixels(frame.width))\" height=\"\(pixels(frame.height))\""
    body += (fill?.attributes("fill") ?? " fill=\"none\"") + (stroke?.attributes("stroke") ?? "") + "/>\n"
  }

  /// Adds a path with a stroke; nothing if there are no commands.
  mutating func path(_ commands: String, stroke: Paint, width: Double = 1, dash: String = "", rounded: Bool = false) {
    if commands.isEmpty { return }
    body += "<path d=\"\(commands)\" fill=\"none\"\(stroke.attributes("stroke"))"
    if width != 1 { body += " stroke-width=\"\(pixels(width))\"" }
    if !dash.isEmpty { body += " stroke-dasharray=\"\(dash)\"" }
    if rounded { body += " stroke-linejoin=\"round\" stroke-linecap=\"round\"" }
    body += "/>\n"
  }

  mutating func area(_ commands: String, fill: Paint, opacity: Double = 1) {
    if commands.isEmpty { return }
    body += "<path d=\"\(commands)\"\(fill.attributes("fill"))"
    if opacity != 1 { body += " fill-opacity=\"\(pixels(opacity))\"" }
    body += "/>\n"
  }

  /// Adds a text at its baseline, rotated to read upward beside a vertical axis. If it is wider than its room, it is shortened
  /// with an ellipsis and gets the full text as a tooltip.
  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, paint: Paint = .ink, size: Double = 12, isBold: Bool = false,
    isUpright: Bool = false, room: Double = .infinity
  ) {
    if text.isEmpty { return }
    let shown = TextWidth.fitted(text, size: isBold ? size * 1.1 : size, width: room)
    body += "<text x=\"\(pixels(x))\" y=\"\(pixels(y))\"\(paint.attributes("fill"))"
    if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
    if size != 12 { body += " font-size=\"\(pixels(size))\"" }
    if isBold { body += " font-weight=\"600\"" }
    if isUpright { body += " transform=\"rotate(-90 \(pixels(x)) \(pixels(y)))\"" }
    body += ">\(shown == text ? "" : "<title>\(escaped(text))</title>")\(escaped(shown))</text>\n"
  }

  /// Adds the elements that `draw` draws, in units scaled to the frame.
  mutating func scaled(_ frame: Frame, columns: Int, rows: Int, draw: (inout SVGDocument) -> Void) {
    let across = factor(frame.width / Double(columns))
    let down = factor(frame.height / Double(rows))
    body += "<g shape-rendering=\"crispEdges\" transform=\"translate(\(pixels(frame.x)) \(pixels(frame.y)))"
    body += " scale(\(across) \(down))\">\n"
    draw(&self)
    body += "</g>\n"
  }

  func finished(width: Double, height: Double, title: String) -> String {
    let (width, height) = (pixels(width), pixels(height))
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"unroll-plot\" width=\"\(width)\" height=\"\(height)\""
      + " viewBox=\"0 0 \(width) \(height)\" role=\"img\""
      + " font-family=\"system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif\" font-size=\"12\">\n"
      + (title.isEmpty ? "" : "<title>\(escaped(title))</title>\n") + Paint.styleSheet + body + "</svg>\n"
  }
}

/// A rectangle in pixels, from the upper left corner of the picture.
struct Frame: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// A length, rounded to tenths of a pixel.
func pixels(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let (whole, tenth) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
  return sign + String(whole) + (tenth == 0 ? "" : ".\(tenth)")
}

/// A factor, rounded to millionths.
func factor(_ value: Double) -> String {
  let (whole, fraction) = Int((value * 1e6).rounded()).quotientAndRemainder(dividingBy: 1_000_000)
  return "\(whole)." + String(1_000_000 + fraction).dropFirst()
}

/// A text escaped for XML: its five special characters escaped, and invalid characters replaced.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result += " "
    case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

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
