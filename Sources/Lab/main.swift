await runToTheEnd(Array(CommandLine.arguments.dropFirst()), terminal: .standard)
