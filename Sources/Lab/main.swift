do {
  print(try lab(Array(CommandLine.arguments.dropFirst()), terminal: .standard), terminator: "")
} catch {
  complain("\(error)")
}
