internal import UnrollArrays
internal import UnrollFiles
internal import UnrollGradientFlow

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

/// The story of a demonstration; nil for other commands.
private func story(for options: Options) throws -> Story? {
  func number(_ flag: Flag) -> Int { options.number(flag) }
  let seed = number(.seed)
  switch options.command {
  case .flow:
    return FlowDemonstration(steps: number(.steps), hidden: number(.hidden), batch: number(.batch), seed: seed).story
  case .wall:
    return ErrorWall(
      steps: number(.steps), updates: number(.updates), rate: options.amount(.rate), bound: options.amount(.bound)
    ).story()
  case .truncate:
    return TruncationDemonstration(steps: number(.steps), hidden: number(.hidden), batch: number(.batch), seed: seed).story
  case .online:
    return OnlineDemonstration(steps: number(.steps), hidden: number(.hidden), draws: number(.draws), seed: seed).story
  case .clip:
    return ClippingDemonstration(
      steps: number(.steps), hidden: number(.hidden), batch: number(.batch), updates: number(.updates),
      rate: options.amount(.rate), bound: options.amount(.bound), seed: seed
    ).story
  case .cell:
    return ConveyorBelt(steps: number(.steps), hidden: number(.hidden), updates: number(.updates), seed: seed).story
  case .cure:
    return CureDemonstration(steps: number(.steps), hidden: number(.hidden), updates: number(.updates), seed: seed).story
  case .inspect: return try FileContents(path: options.file ?? "").story
  case .text, .reproduce: return nil
  }
}

/// Stops before a computation whose states alone would fill the memory of most machines.
private func requireRoom(_ options: Options) throws {
  let sizes = [Flag.steps, .hidden, .batch].map { (flag: $0, size: options.numbers[$0] ?? ($0 == .steps ? 100 : 1)) }
  let count = sizes.reduce(1) { $0 * $1.size }
  let largest = 20_000_000
  if count > largest {
    let product = sizes.filter { $0.size > 1 }.map { "--\($0.flag.rawValue) \($0.size)" }.joined(separator: " times ")
    throw Options.Misuse(
      description: "\(product) are \(count) states, more than the limit of \(largest); use smaller numbers")
  }
}

/// Creates the folder if necessary, and checks that files can be created in it.
private func requireWritable(_ folder: String) throws {
  try FileSystem.system.ensureFolder(folder)
  _ = try FileSystem.names(in: folder)
  try replaceFile("\(folder)/.unroll-lab", text: "")
  try FileSystem.system.removeFile("\(folder)/.unroll-lab")
}

/// Runs the program with its arguments, writes its files, and returns what to print.
func lab(_ arguments: [String], terminal: Terminal) async throws -> String {
  let options = try Options(arguments)
  if options.wantsHelp { return (options.isDefault ? Help.general : Help.of(options.command)) + "\n" }
  if let threads = options.numbers[.threads] { Machine.threadCount = threads }
  switch options.command {
  case .text:
    Interruption.listen()
    return try TextCommand(options: options).run(on: terminal)
  case .reproduce:
    Interruption.listen()
    return try await Reproduction(options: options).run()
  default: return try demonstrate(options, on: terminal)
  }
}

private func demonstrate(_ options: Options, on terminal: Terminal) throws -> String {
  let folder = options.command == .inspect || options.isJSON ? options.folder : options.folder ?? options.command.folder
  try requireRoom(options)
  // An unwritable folder is reported before the computation, not after.
  if let folder { try requireWritable(folder) }
  guard let story = try story(for: options) else { return "" }
  var paths: [String] = []
  if let folder {
    for picture in story.pictures {
      paths.append("\(folder)/\(picture.name).svg")
      try picture.grid.write(to: "\(folder)/\(picture.name).svg", width: 800, height: picture.height)
    }
  }
  if options.isJSON { return story.json(paths) }
  let more = wrapped("More: unroll-lab --help lists the other demonstrations.", terminal.columns).joined(separator: "\n")
  return story.text(paths, on: terminal) + (options.isDefault ? "\n\(more)\n" : "")
}

/// Runs the program from its arguments to its exit. The status is 0 if standard output accepted all output; otherwise standard
/// error tells what went wrong.
func runToTheEnd(_ arguments: [String], terminal: Terminal) async -> Never {
  do {
    try writeToStandardOutput(try await lab(arguments, terminal: terminal))
    exit(0)
  } catch let error as Interrupted {
    // The status that shells expect of a program that ends because of a signal.
    complain("\(error)", code: 128 + error.signal)
  } catch {
    complain("\(error)")
  }
}
