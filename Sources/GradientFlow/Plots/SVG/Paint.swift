/// The paint of a shape. The light colour is an attribute of the shape, for programs without style sheets; a style sheet
/// replaces it with a variable that differs in dark mode.
enum Paint: Hashable {
  case ink, muted, grid, paper
  case series(Int)
  case fixed(String)

  private var name: String? {
    switch self {
    case .ink: "ink"
    case .muted: "muted"
    case .grid: "grid"
    case .paper: "paper"
    case .series(let index): "c\(index % Palette.light.count)"
    case .fixed: nil
    }
  }

  private var light: String {
    switch self {
    case .ink: "#1f2328"
    case .muted: "#59636e"
    case .grid: "#e1e4e8"
    case .paper: "#ffffff"
    case .series(let index): Palette.light[index % Palette.light.count]
    case .fixed(let color): color
    }
  }

  private var dark: String {
    switch self {
    case .ink: "#e6edf3"
    case .muted: "#9198a1"
    case .grid: "#30363d"
    case .paper: "#0d1117"
    case .series(let index): Palette.dark[index % Palette.dark.count]
    case .fixed(let color): color
    }
  }

  func attributes(_ property: String) -> String {
    " \(property)=\"\(light)\"" + (name.map { " class=\"\(property.prefix(1))-\($0)\"" } ?? "")
  }

  /// The style sheet, the same for every plot, so that several plots in one page do not conflict.
  static let styleSheet: String = {
    let all = [ink, muted, grid, paper] + Palette.light.indices.map { series($0) }
    func variables(_ color: (Paint) -> String) -> String {
      ".unroll-plot{" + all.map { "--unroll-\($0.name ?? ""):\(color($0))" }.joined(separator: ";") + "}"
    }
    let rules = all.map { paint in
      let name = paint.name ?? ""
      return ".unroll-plot .f-\(name){fill:var(--unroll-\(name))}.unroll-plot .s-\(name){stroke:var(--unroll-\(name))}"
    }
    return "<style>\n@supports (color:var(--unroll-ink)){\n" + variables(\.light) + "\n@media (prefers-color-scheme:dark){"
      + variables(\.dark) + "}\n" + rules.joined(separator: "\n") + "\n}\n</style>\n"
  }()
}
