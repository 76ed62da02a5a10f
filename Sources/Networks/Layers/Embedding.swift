public import UnrollArrays
public import UnrollAutograd

/// A vector for each id of a vocabulary: y[s, :] = table[ids[s], :].
///
/// Ids of any shape `[S...]` give `[S..., features]`. The table has the shape `[vocabulary, features]`; its transpose can serve
/// as the weights of an output layer.
///
///     var generator = Generator(seed: 1)
///     let embedding = Embedding(100, 16, padding: 0, using: &generator)
///     let vectors = embedding([7, 3, 0])  // [3, 16]
public struct Embedding: Module {
  /// The vectors, `[vocabulary, features]`.
  public var table: Tensor
  /// The id of padding. Its row gets no derivative, so that a row of zeros stays zero.
  public let padding: Int?

  /// A layer with the given vectors, including the padding's.
  public init(table: Tensor, padding: Int? = nil) {
    Embedding.requireMatrix(table)
    if let padding {
      require(
        padding >= 0 && padding < table.shape[0],
        "Embedding: the padding \(padding) is not an id of a vocabulary of \(table.shape[0])")
    }
    self.table = table
    self.padding = padding
  }

  /// Vectors drawn by the initialiser; the padding's vector is zero.
  public init(
    _ vocabulary: Int, _ features: Int, padding: Int? = nil, initializer: Initializer = .normal(deviation: 1),
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    require(vocabulary > 0 && features > 0, "Embedding: \(vocabulary) ids of \(features) features do not make a table")
    self.init(table: initializer([vocabulary, features], type, using: &generator), padding: padding)
    if let padding {
      var numbers = table.array
      numbers.fill(0, at: padding)
      table = Tensor(numbers)
    }
  }

  public mutating func visit(_ visitor: Visitor) { visitor("table", &table) }

  /// The vectors of the ids.
  public func callAsFunction(_ ids: Indices) -> Tensor {
    Embedding.requireMatrix(table)
    let vectors = table.gathered(rows: ids)
    guard let padding, vectors.isRecorded else { return vectors }
    let isPadding = ids.values.map { $0 == padding }
    if !isPadding.contains(true) { return vectors }
    let mask = Mask(isPadding, shape: ids.shape.followed(by: [1]))
    return Tensor.select(mask, vectors.detached(), vectors)
  }

  /// The vectors of the ids in training, with whole words dropped: with probability `dropout` the vector of an id is 0 wherever the
  /// id stands, and divided by 1 − `dropout` otherwise.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let embedding = Embedding(100, 16, using: &generator)
  ///     let vectors = embedding([7, 3, 7], dropout: 0.1, using: &generator)  // the first is the last
  public func callAsFunction(_ ids: Indices, dropout rate: Double, using generator: inout Generator) -> Tensor {
    let (dropout, vectors) = (Dropout(rate), self(ids))
    if rate == 0 { return vectors }
    return vectors * dropout.mask([table.shape[0], 1], table.type, using: &generator).gathered(rows: ids)
  }

  private static func requireMatrix(_ table: Tensor) {
    require(table.rank == 2, "Embedding: a table of shape \(table.shape) is not a matrix [vocabulary, features]")
  }
}
