/// Colours from dark to bright in which equal steps look equal, also in greyscale: viridis, in 64 steps.
enum ColorMap {
  static let steps = 64

  private static let anchors: [UInt32] = [
    0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26, 0xfde725,
  ]

  /// The step for a fraction of the range from the lowest to the highest value.
  static func step(_ fraction: Double) -> Int { min(max(Int(fraction * Double(steps)), 0), steps - 1) }

  /// The red, green and blue components of a step.
  static func color(_ step: Int) -> (red: Int, green: Int, blue: Int) {
    let place = Double(step) / Double(steps - 1) * Double(anchors.count - 1)
    let index = min(Int(place), anchors.count - 2)
    func mixed(_ shift: UInt32) -> Int {
      let (a, b) = (Double(anchors[index] >> shift & 255), Double(anchors[index + 1] >> shift & 255))
      return Int((a + (b - a) * (place - Double(index))).rounded())
    }
    return (mixed(16), mixed(8), mixed(0))
  }

  static func hexadecimal(_ step: Int) -> String {
    let (red, green, blue) = color(step)
    let digits = String(1 << 24 | red << 16 | green << 8 | blue, radix: 16)
    return "#" + digits.dropFirst()
  }
}

/// The colours of series, distinguishable with every kind of colour blindness (after Okabe and Ito), on white and on black.
/// When they repeat, lines are dashed.
enum Palette {
  static let light = ["#0072b2", "#d55e00", "#009e73", "#c65f9b", "#e69f00", "#56b4e9"]
  static let dark = ["#4da3e0", "#ff7f3f", "#2ecc9b", "#f0a0cc", "#f5c242", "#a8dcff"]
  static let dashes = ["", "7 3", "2 3", "8 3 2 3"]
  /// Terminal colours that are visible on black and on white.
  static let terminal = [33, 166, 36, 169, 178, 75]

  static func dash(_ index: Int) -> String { dashes[index / light.count % dashes.count] }
}
