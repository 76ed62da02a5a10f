import UnrollArrays

let help = """
  unroll-bench measures Unroll on this machine.

    unroll-bench --case GROUP[,GROUP...] [--threads N[,N...]] [--json FILE] [--quick]
    unroll-bench --accuracy [FUNCTION,FUNCTION...] [--all] [--table NAME]

  --case      the groups to measure, or all:
  \(Case.all.map { "                \($0.name)\(String(repeating: " ", count: max(1, 16 - $0.name.count)))\($0.about)" }.joined(separator: "\n"))
  --threads   threads that one operation may use; for scaling, several numbers to compare
  --json      a file to write {GROUP: {SIZE: {"median_s": ..., ...}}} to
  --accuracy  the largest error of each function; with --all every float32 of exp, log, tanh and sigmoid
  --quick     one short sample of each: whether everything runs, not how fast
  """

func run() throws {
  if let first = CommandLine.arguments.firstIndex(of: "--accuracy") {
    try accuracyCommand(CommandLine.arguments.dropFirst(first + 1))
    return
  }
  let options = try Options(CommandLine.arguments.dropFirst())
  if let child = options.child {
    if let threads = options.threads.first { Machine.threadCount = threads }
    return ProcessCases.runChild(child)
  }
  if options.help || options.cases.isEmpty { return print(help) }
  if let threads = options.threads.first { Machine.threadCount = threads }
  var report = Report(quick: options.quick, threads: options.threads)
  print(Machine.report)
  for name in options.cases {
    let chosen = name == "all" ? Case.all : Case.all.filter { $0.name == name }
    if chosen.isEmpty { throw Options.Misuse(description: "there is no case \(name); there are \(Case.names) and all") }
    for one in chosen { try one.run(&report) }
  }
  if let path = options.json { try report.write(to: path) }
}

do {
  try run()
} catch {
  complain("unroll-bench: \(error)")
}
