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
