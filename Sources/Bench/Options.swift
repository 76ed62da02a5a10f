/// The parsed command line.
struct Options {
  var cases: [String] = []
  /// The numbers of threads: all of them for `scaling`, the first for other cases.
  var threads: [Int] = []
  var json: String?
  /// Whether to use shorter samples and smaller sizes, to check that everything runs.
  var quick = false
  var help = false
  /// The task of a child process.
  var child: String?

  struct Misuse: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: some Sequence<String>) throws(Misuse) {
    var rest = Array(arguments)[...]
    func value(_ flag: String) throws(Misuse) -> String {
      guard let value = rest.popFirst() else { throw Misuse(description: "\(flag) needs a value; see --help") }
      return value
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--case": cases += try value(argument).split(separator: ",").map(String.init)
      case "--threads":
        let text = try value(argument)
        let counts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard counts.allSatisfy((1...256).contains) else {
          throw Misuse(description: "--threads needs numbers from 1 to 256, not \(text)")
        }
        threads = counts
      case "--json": json = try value(argument)
      case "--child": child = try value(argument)
      case "--quick": quick = true
      case "--help", "-h": help = true
      default: throw Misuse(description: "\(argument) is not a flag of unroll-bench; see --help")
      }
    }
  }
}
