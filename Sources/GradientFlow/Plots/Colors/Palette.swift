/// The colours of series, which people with each kind of colour blindness can tell apart (after Okabe and Ito), on white and on
/// black. Where they come round again, lines are dashed.
enum Palette {
  static let light = ["#0072b2", "#d55e00", "#009e73", "#c65f9b", "#e69f00", "#56b4e9"]
  static let dark = ["#4da3e0", "#ff7f3f", "#2ecc9b", "#f0a0cc", "#f5c242", "#a8dcff"]
  static let dashes = ["", "7 3", "2 3", "8 3 2 3"]
  /// Colours of terminals that stand out from black and from white.
  static let terminal = [33, 166, 36, 169, 178, 75]

  static func dash(_ index: Int) -> String { dashes[index / light.count % dashes.count] }
}
