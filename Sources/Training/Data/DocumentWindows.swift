public import UnrollArrays

/// Several documents cut into windows: each row reads one document after another, and where it begins a new one the carried state is
/// to be reset.
///
/// A window never holds two documents in one row. Where a row's document ends within a window, the rest is padding: the mask is false
/// there, ids are 0, and the row goes on with the next document in the next window. Documents go to the row that is free first, in
/// order; one of less than two ids has no target and is left out.
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
  /// Some steps of all rows.
  public struct Window: Sendable, Equatable {
    /// The ids, `[batch, steps]`; 0 where the mask is false.
    public let inputs: Indices
    /// The ids that follow them, `[batch, steps]`; 0 where the mask is false.
    public let targets: Indices
    /// Which steps are there, `[batch, steps]`: what the layer and the loss need to know.
    public let mask: Mask
    /// Which rows begin a document here, so that their state is to be reset.
    public let begins: [Bool]
    /// How many targets there are: what a mean over them is to be weighted by.
    public let targetCount: Int
  }

  private let documents: [[Int]]
  private let batch, steps: Int

  /// Windows of documents, which are lists of ids.
  public init(_ documents: [[Int]], batch: Int, steps: Int) {
    require(batch > 0 && steps > 0, "DocumentWindows: \(batch) rows and windows of \(steps) steps cannot be had")
    self.documents = documents.filter { $0.count > 1 }
    require(
      !self.documents.isEmpty, "DocumentWindows: none of \(documents.count) documents has two ids, an input and its target")
    self.batch = batch
    self.steps = steps
  }

  /// The windows from the first on.
  public func makeIterator() -> Iterator { Iterator(documents: documents, batch: batch, steps: steps) }

  /// Where each row is.
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

    /// The next window; nil where all documents have been read.
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
