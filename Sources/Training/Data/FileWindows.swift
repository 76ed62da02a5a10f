public import UnrollArrays
internal import UnrollFiles

/// Windows of a stream of ids in a file, read on demand, so that the file may be larger than memory.
///
/// The file contains only ids, as unsigned little-endian integers of one, two or four bytes. Any file can be read as ids of one
/// byte; a text is then the stream of its bytes. Rows and windows are laid out as in `Windows`, and reading a window reads only
/// its own batch · (steps + 1) ids.
///
///     let windows = try FileWindows("tokens.bin", .twoBytes, batch: 32, steps: 128)
///     for position in 0..<windows.count {
///       let window = try windows.window(position)
///       print(window.inputs.shape)  // [32, 128]
///     }
public struct FileWindows: Sendable {
  /// The number of bytes of an id.
  public enum IDFormat: Int, Sendable {
    /// Ids in 0...255.
    case oneByte = 1
    /// Ids in 0...65535.
    case twoBytes = 2
    /// Ids in 0...2³¹ − 1.
    case fourBytes = 4
  }

  /// The number of rows.
  public private(set) var batch: Int
  /// The number of steps of a window; the last one may be shorter.
  public let steps: Int
  /// The number of steps of a row.
  public let length: Int
  /// The number of windows.
  public let count: Int
  /// The row of the file with which the rows begin.
  private var firstRow = 0
  private let format: IDFormat
  private let bytes: FileBytes

  /// Windows of a file of ids.
  public init(_ path: String, _ format: IDFormat = .oneByte, batch: Int, steps: Int) throws(DataFileError) {
    require(batch > 0 && steps > 0, "FileWindows: \(batch) rows and windows of \(steps) steps must both be positive")
    do { bytes = try FileBytes(path) } catch { throw DataFileError(error) }
    let ids = bytes.count / format.rawValue
    if bytes.count % format.rawValue != 0 {
      throw DataFileError(
        .malformed, "\(bytes.count) bytes are not a whole number of ids of \(format.rawValue) bytes", file: path)
    }
    if ids <= batch {
      throw DataFileError(.empty, "\(ids) ids do not fill \(batch) rows and their targets", file: path)
    }
    self.batch = batch
    self.steps = steps
    self.format = format
    length = (ids - 1) / batch
    count = (length - 1) / steps + 1
  }

  /// Some of the rows of all windows.
  package func rows(_ rows: Range<Int>) -> FileWindows {
    var part = self
    (part.firstRow, part.batch) = (firstRow + rows.lowerBound, rows.count)
    return part
  }

  /// Reads a window.
  public func window(_ position: Int) throws(DataFileError) -> Windows.Window {
    require(position >= 0 && position < count, "FileWindows: there is no window \(position) of \(count)")
    let start = position * steps
    let width = min(steps, length - start)
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    inputs.reserveCapacity(batch * width)
    targets.reserveCapacity(batch * width)
    for row in firstRow..<firstRow + batch {
      let ids = try ids(at: row * length + start, count: width + 1)
      inputs += ids.dropLast()
      targets += ids.dropFirst()
    }
    let shape: Shape = [batch, width]
    return Windows.Window(inputs: Indices(inputs, shape: shape), targets: Indices(targets, shape: shape))
  }

  private func ids(at first: Int, count: Int) throws(DataFileError) -> [Int32] {
    let size = format.rawValue
    let piece: [UInt8]
    do { piece = try bytes.bytes("a window", at: first * size, count: count * size) } catch { throw DataFileError(error) }
    if size == 1 { return piece.map { Int32($0) } }
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    for i in 0..<count {
      let id = (0..<size).reduce(UInt32(0)) { $0 | UInt32(piece[i * size + $1]) << UInt32(8 * $1) }
      guard let small = Int32(exactly: id) else {
        throw DataFileError(.malformed, "the id \(id) is greater than 2³¹ − 1", offset: (first + i) * size, file: bytes.path)
      }
      ids.append(small)
    }
    return ids
  }
}

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
  /// The number of rows among which documents are divided.
  package let batch: Int
  private let steps: Int
  /// The rows that windows show.
  private var rows: Range<Int>

  /// Windows of documents, each of which is a list of ids.
  public init(_ documents: [[Int]], batch: Int, steps: Int) {
    require(batch > 0 && steps > 0, "DocumentWindows: \(batch) rows and windows of \(steps) steps must both be positive")
    require(batch <= 1 << 24, "DocumentWindows: \(batch) rows are more than the \(1 << 24) that a batch can have")
    self.documents = documents.filter { $0.count > 1 }
    require(
      !self.documents.isEmpty, "DocumentWindows: none of \(documents.count) documents has two ids, an input and its target")
    self.batch = batch
    self.steps = steps
    rows = 0..<batch
  }

  /// Some of the rows of all windows. Documents go to the rows as before, so that all parts have as many windows.
  package func rows(_ rows: Range<Int>) -> DocumentWindows {
    var part = self
    part.rows = rows
    return part
  }

  /// What must be equal where the rows are divided.
  package var layout: [Int] { [batch, steps] + documents.map(\.count) }

  /// An iterator over the windows, from the first.
  public func makeIterator() -> Iterator { Iterator(documents: documents, batch: batch, steps: steps, shown: rows) }

  /// The iteration state: the position of each row.
  public struct Iterator: IteratorProtocol, Sendable {
    let documents: [[Int]]
    let steps: Int
    /// The rows that the windows show.
    let shown: Range<Int>
    private var rows: [(document: ArraySlice<Int>, isNew: Bool)]
    private var nextDocument = 0

    init(documents: [[Int]], batch: Int, steps: Int, shown: Range<Int>) {
      self.documents = documents
      self.steps = steps
      self.shown = shown
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
        defer { rows[row] = (document.dropFirst(count), false) }
        if !shown.contains(row) { continue }
        let padding = Array(repeating: 0, count: width - count)
        inputs += document.prefix(count) + padding
        targets += document.dropFirst().prefix(count) + padding
        mask += (0..<width).map { $0 < count }
        begins.append(rows[row].isNew)
      }
      let shape: Shape = [shown.count, width]
      return Window(
        inputs: Indices(inputs, shape: shape), targets: Indices(targets, shape: shape), mask: Mask(mask, shape: shape),
        begins: begins, targetCount: mask.count { $0 })
    }
  }
}
