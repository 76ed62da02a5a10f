public import UnrollArrays

/// Several documents cut into windows: each row of a batch reads one document after another, and its carried state must be
/// reset where a new document begins.
///
/// Within a row, a window never contains two documents. If a row's document ends within a window, the rest is padding, where
/// the mask is false and ids are 0, and the next document starts in the next window. Each document goes to the first free row,
/// in order. A document of fewer than two ids has no target and is skipped.
///
///     let lstm = LSTM(4, 8, using: &generator), embedding = Embedding(10, 4, using: &generator)
///     var state: LSTM.State?
///     for window in DocumentWindows([[1, 2, 3, 4, 5], [6, 7, 8]], batch: 2, steps: 3) {
///       let begin = state?.resetting(window.begins, to: lstm.initialState(batch: 2))
///       let (outputs, next) = lstm(embedding(window.inputs), from: begin, mask: window.mask)
///       state = next
///       print(outputs.shape, window.targetCount)
///     }
public struct DocumentWindows: Sequence, Sendable {
  /// One window: consecutive steps of all rows.
  public struct Window: Sendable, Equatable {
    /// The ids, `[batch, steps]`; 0 where the mask is false.
    public let inputs: Indices
    /// The targets, which are the ids one position later, `[batch, steps]`; 0 where the mask is false.
    public let targets: Indices
    /// The steps that are not padding, `[batch, steps]`, for the layer and the loss.
    public let mask: Mask
    /// Whether each row starts a document here, so that its state must be reset.
    public let begins: [Bool]
    /// The number of targets, which is the weight of this window's mean loss.
    public let targetCount: Int
  }

  private let documents: [[Int]]
  private let batch, steps: Int

  /// Windows of documents, each of which is a list of ids.
  public init(_ documents: [[Int]], batch: Int, steps: Int) {
    require(batch > 0 && steps > 0, "DocumentWindows: \(batch) rows and windows of \(steps) steps must both be positive")
    self.documents = documents.filter { $0.count > 1 }
    require(
      !self.documents.isEmpty, "DocumentWindows: none of \(documents.count) documents has two ids, an input and its target")
    self.batch = batch
    self.steps = steps
  }

  /// An iterator over the windows, from the first.
  public func makeIterator() -> Iterator { Iterator(documents: documents, batch: batch, steps: steps) }

  /// The iteration state: the position of each row.
  public struct Iterator: IteratorProtocol, Sendable {
    let documents: [[Int]]
    let steps: Int
    private var rows: [(document: ArraySlice<Int>, isNew: Bool)]
    private var nextDocument = 0

    init(documents: [[Int]], batch: Int, steps: Int) {
      self.documents = documents
      self.steps = steps
      rows = Array(repeating: ([], false), count: batch)
    }

    /// The next window; nil after the last document.
    public mutating func next() -> Window? {
      for row in rows.indices where rows[row].document.count < 2 {
        rows[row] = ([], true)
        if nextDocument < documents.count {
          rows[row].document = documents[nextDocument][...]
          nextDocument += 1
        }
      }
      let width = Swift.min(steps, rows.reduce(0) { Swift.max($0, $1.document.count - 1) })
      if width <= 0 { return nil }
      var (inputs, targets, mask): ([Int], [Int], [Bool]) = ([], [], [])
      var begins: [Bool] = []
      for row in rows.indices {
        let document = rows[row].document
        let count = Swift.max(0, Swift.min(width, document.count - 1))
        let padding = Array(repeating: 0, count: width - count)
        inputs += document.prefix(count) + padding
        targets += document.dropFirst().prefix(count) + padding
        mask += (0..<width).map { $0 < count }
        begins.append(rows[row].isNew)
        rows[row] = (document.dropFirst(count), false)
      }
      let shape: Shape = [rows.count, width]
      return Window(
        inputs: Indices(inputs, shape: shape), targets: Indices(targets, shape: shape), mask: Mask(mask, shape: shape),
        begins: begins, targetCount: mask.count { $0 })
    }
  }
}
