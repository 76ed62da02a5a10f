do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  print(try await lab(arguments, terminal: .standard), terminator: "")
} catch let error as Interrupted {
  // What shells expect of a program that ends because of Ctrl-C.
  complain("\(error)", code: 130)
} catch {
  complain("\(error)")
}
