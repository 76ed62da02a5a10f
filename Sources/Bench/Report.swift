#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// Measurements by group and size, printed as they arrive and written as JSON at the end.
struct Report {
  /// Whether a single short sample is enough.
  let quick: Bool
  /// The numbers of threads that `scaling` compares.
  let threads: [Int]
  private var groups: [(name: String, entries: [(size: String, measurement: Measurement)])] = []

  init(quick: Bool, threads: [Int] = []) { (self.quick, self.threads) = (quick, threads) }

  func measure(budget: Double, _ work: () -> Void) -> Measurement {
    quick ? Measurement.once(work) : Measurement.of(budget: budget, work)
  }

  mutating func add(_ group: String, _ size: String, _ measurement: Measurement) {
    if groups.last?.name != group { groups.append((group, [])) }
    groups[groups.count - 1].entries.append((size, measurement))
    let figures = measurement.figures.map { "  \($0.name) \(short($0.value))" }.joined()
    print("\(group) \(size)  \(short(measurement.median * 1e6)) us\(figures)")
  }

  var json: String {
    let body = groups.map { group in
      let entries = group.entries.map { entry in
        var fields = [
          "\"median_s\": \(entry.measurement.median)", "\"min_s\": \(entry.measurement.minimum)",
          "\"samples\": \(entry.measurement.samples)",
        ]
        fields += entry.measurement.figures.map { "\"\($0.name)\": \($0.value)" }
        return "    \"\(entry.size)\": {\(fields.joined(separator: ", "))}"
      }
      return "  \"\(group.name)\": {\n\(entries.joined(separator: ",\n"))\n  }"
    }
    return "{\n\(body.joined(separator: ",\n"))\n}\n"
  }
}

extension Report {
  /// Writes the file if there is anything to write: of several ranks, only one has measurements.
  func write(to path: String) throws {
    if groups.isEmpty { return }
    guard let file = fopen(path, "w") else { throw Options.Misuse(description: "\(path) cannot be written") }
    fputs(json, file)
    if fclose(file) != 0 { throw Options.Misuse(description: "\(path) could not be written completely") }
  }
}

/// Prints the reason for giving up, and ends the program.
func complain(_ sentence: String) -> Never {
  var line = sentence + "\n"
  line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  exit(2)
}

/// A number with about four significant digits.
func short(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  var scale = 1.0
  while abs(value) * scale < 1000 { scale *= 10 }
  let digits = (value * scale).rounded() / scale
  return digits == digits.rounded() && abs(digits) < 1e15 ? "\(Int(digits))" : "\(digits)"
}
