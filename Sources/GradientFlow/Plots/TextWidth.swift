/// Estimated widths of text in a sans-serif font. The widths are those of the widest common font (DejaVu Sans), so that a label
/// never needs more room than estimated.
enum TextWidth {
  /// The widths from space to tilde, in thousandths of the font size.
  private static let widths: [Double] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636,
    636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603,
    787,
    695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278,
    579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
  ]

  static func of(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + width($1) } * size / 1000
  }

  /// The text, or as much of it as fits, followed by an ellipsis.
  static func fitted(_ text: String, size: Double, width limit: Double) -> String {
    // Room that was computed from this text's width, plus and minus a margin, may be slightly smaller because of rounding.
    let limit = limit + 0.01
    if of(text, size: size) <= limit { return text }
    var kept = Substring(text)
    while !kept.isEmpty && of(kept + "…", size: size) > limit { kept = kept.dropLast() }
    return kept + "…"
  }

  private static func width(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 32...126: return widths[Int(scalar.value) - 32]
    case 0..<32, 0x300..<0x370: return 0
    case 0x2070...0x208E, 0xB2, 0xB3, 0xB9: return 530
    case 0x1100...0x115F, 0x2E80...0xFFDC, 0x1F000...0x3FFFF: return 1050
    default: return 840
    }
  }
}
