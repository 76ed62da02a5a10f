/// The text of --help: the list of commands, or one command with its flags and a hint what to look at.
enum Help {
  static let general = """
    unroll-lab shows how gradients travel through time in recurrent networks: how they vanish and explode, what helps
    against that, and what recurrent networks learn.

      unroll-lab                    the main demonstration (flow); under a minute
      unroll-lab COMMAND [flags]
      unroll-lab help COMMAND       explains a command and its flags

    Commands:
    \(Command.allCases.map { "  " + padded($0.rawValue, 10) + $0.about }.joined(separator: "\n"))

    Every command prints its findings, and writes its files to a folder (--out): the demonstrations draw plots in the terminal
    and write SVG pictures to the folder unroll-lab, text keeps its checkpoints in unroll-text, reproduce its tables in
    unroll-results. The terms: a gradient tells how a loss changes with a number. Through time it is a product of one factor per
    step: it vanishes if the factors are below one, and explodes if they are above. Start with flow, then wall, then cell.
    """

  static func of(_ command: Command) -> String {
    return """
      unroll-lab \(command.rawValue) \(command.operands)[flags]
        \(command.about)

      \(lesson(command))

      Flags, with their defaults in parentheses:
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
      The same loss at the end of the same sequence is propagated back through plain networks with recurrent weights of
      different sizes, LSTMs with different forget biases, and a GRU. Look at the slopes: on a logarithmic scale a constant
      factor is a straight line.
      """
    case .wall:
      """
      A recurrence of one unit has two parameters, so its error is a landscape that can be drawn. Where two attractors meet it
      has a wall, on which the gradient is enormous. Look at where the two paths end.
      """
    case .truncate:
      """
      Truncation propagates losses back through a limited number of steps. The remaining gradient is not only shorter than the
      full one, but also points elsewhere. Look at the depth at which the error becomes small, for networks that forget and one
      that does not.
      """
    case .online:
      """
      The gradient of a long sequence is estimated by windows of truncated backpropagation, by learners that carry influences
      forward (RTRL and its simplifications, UORO), and by windows that end at random, and compared with full backpropagation.
      Look at which lines are level: a bias stays however many gradients are averaged, a scatter does not.
      """
    case .clip:
      """
      A network that explodes is trained without clipping and with each kind: by the norm of the whole gradient, by the value of
      each element, and at every step of backpropagation through time. Look at where the first line ends.
      """
    case .cell:
      """
      A small LSTM learns to hold a value until it is told to take a new one. Then its gates are shown step by step. Look at the
      forget gate f: near 1 the memory c is kept unchanged, and where f falls to 0 the memory is replaced.
      """
    case .cure:
      """
      A number must be told after a delay. Networks whose gradient vanishes or explodes on the way back through it learn that
      without and with each cure: other weights at the start, gates, linear recurrences, normalisation, penalties, flossing and
      clipping. Look at which lines are level before training, and at which networks learn.
      """
    case .inspect:
      """
      Names, shapes, norms, the spectral radius of recurrent weights gate by gate, and the mean biases of gates. Files from
      PyTorch work too. For a folder, the newest checkpoint is shown.
      """
    case .text:
      """
      Stacked LSTM layers learn to predict the next character of any text in UTF-8; without a file, of this library's own
      sources. Every 500 updates the bits per character of a validation text are printed and a checkpoint is written; Ctrl-C
      (SIGINT), SIGTERM and SIGHUP write one, too. The same command resumes from there, and --fresh starts over. To train
      further, give a larger number of --updates.
      """
    case .reproduce:
      """
      Adding, copying, order in time, grammars, counting: the tasks that made LSTM famous, with networks that fail at them, over
      several seeds at once; state tracking, at which linear recurrences are to fail; and a character model of a text. --data FILE
      classifies the series of a file instead: the training file of an archive, NAME_TRAIN.ts, beside NAME_TEST.ts; any other .ts
      file; or an npz file with the arrays x, y, x_test and y_test, such as this one of MNIST-1D (pip install mnist1d):
        python3 -c "import numpy, mnist1d.data as m; d = m.make_dataset(); \\
          numpy.savez('mnist1d.npz', **{k: d[k] for k in ('x', 'y', 'x_test', 'y_test')})"
      Each finished training prints a line, and its result is kept: after Ctrl-C the same command resumes from there, and --fresh
      starts over. The table is printed and written as Markdown, all results as JSON. To select experiments, give any part of a
      name, as in unroll-lab reproduce adding; --updates N caps the updates. --threads sets the number of trainings that run at
      once, each on one thread. The names:
      \(wrapped(Selection.names.joined(separator: "; "), 124).joined(separator: "\n"))
      """
    }
  }
}

/// A text padded with spaces to a width.
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
