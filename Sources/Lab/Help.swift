/// What --help says: the commands, or one command with its flags and what to look at.
enum Help {
  static let general = """
    unroll-lab shows how gradients travel through time in recurrent networks: how they vanish and explode, and what helps; and what
    recurrent networks learn.

      unroll-lab                    the main demonstration (flow); under a minute
      unroll-lab COMMAND [flags]
      unroll-lab help COMMAND       what a command shows, and its flags

    Commands:
    \(Command.allCases.map { "  " + padded($0.rawValue, 10) + $0.about }.joined(separator: "\n"))

    Every command says what it found in words, and writes its files to a folder (--out); the demonstrations draw it here and write
    SVG pictures to the folder unroll-lab, text keeps its checkpoints in unroll-text, reproduce its tables in unroll-results.
    The terms: a gradient says how a loss changes with a number. Through time it is a product of one factor per step: it vanishes
    where factors are below one and explodes where they are above. See flow first, then wall, then cell.
    """

  static func of(_ command: Command) -> String {
    return """
      unroll-lab \(command.rawValue) \(command.operands)[flags]
        \(command.about)

      \(lesson(command))

      Flags, and in brackets what holds without them:
      \((command.flags + Flag.common).map { "  " + line($0, of: command) }.joined(separator: "\n"))
      """
  }

  private static func line(_ flag: Flag, of command: Command) -> String {
    flag.about + (command.standard(flag).map { " (\($0))" } ?? "")
  }

  private static func lesson(_ command: Command) -> String {
    switch command {
    case .flow:
      """
      The same loss at the end of the same sequence is sent back through plain networks with recurrent weights of different sizes,
      LSTMs with different forget biases, and a GRU. Look at the slopes: on a logarithmic scale a constant factor is a straight line.
      """
    case .wall:
      """
      A recurrence of one unit has two parameters, so its error is a landscape that can be drawn. Where two attractors meet it has a
      wall; a gradient taken on the wall is enormous. Look at where the two paths end.
      """
    case .truncate:
      """
      Truncation sends losses back through at most so many steps. What lies further back is not only missing: the gradient that is left
      points elsewhere. Look at how deep it must go before the error is small, for a memory that forgets and one that does not.
      """
    case .clip:
      """
      A network that explodes is trained without clipping and with each kind: by the norm of the whole gradient, by the value of each
      number, and at every step on the way back through time. Look at where the first line ends.
      """
    case .cell:
      """
      A small LSTM learns to hold a value until it is told to take a new one. Then its gates are read out step by step. Look at the
      forget gate f: near 1 the memory c rides on unchanged, and where it falls to 0 the memory is replaced.
      """
    case .inspect:
      """
      Names, shapes, norms, the spectral radius of recurrent weights gate by gate, and the mean biases of gates. Files of PyTorch work.
      Of a folder the newest checkpoint is shown.
      """
    case .text:
      """
      Stacked LSTM layers learn to say the next character of any text in UTF-8; without a file, of this library's own sources. After
      every 500 updates the bits per character of a part kept aside are told and a checkpoint is written; Ctrl-C (SIGINT), SIGTERM and
      SIGHUP write one, too. The same command goes on from there, and --fresh begins anew. --updates N beyond those that are done goes
      on with the training.
      """
    case .reproduce:
      """
      Adding, copying, order in time, grammars, counting: what made LSTM famous, beside networks that cannot do it, over several
      seeds at once; and a character model of a text. A line tells of each training that ends, and its result is kept: after Ctrl-C
      the same command goes on from there, and --fresh begins anew. The table is printed and written as Markdown, all results as
      JSON. To run some, name them by any part of a name, as in unroll-lab reproduce adding; --updates N looks at fewer updates. As many
      trainings run at once as --threads says, each on one thread. The names:
      \(wrapped(Selection.names.joined(separator: "; "), 124).joined(separator: "\n"))
      """
    }
  }
}

/// A text with spaces behind it up to a width.
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
