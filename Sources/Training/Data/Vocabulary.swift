public import UnrollArrays
internal import UnrollFiles

/// A vocabulary of characters.
public typealias CharacterVocabulary = Vocabulary<Character>

/// A vocabulary of words, separated by white space.
public typealias WordVocabulary = Vocabulary<String>

/// Tokens and their ids `0..<count`; the same text always gives the same ids. Characters and words are compared by their bytes:
/// a composed é and a decomposed é are different tokens, so that decoding restores the text exactly.
///
///     let vocabulary = CharacterVocabulary("to be or not to be")
///     let ids = vocabulary.indices("not to be")
///     print(vocabulary.count, vocabulary.text(ids.values))  // 7, not to be
public struct Vocabulary<Token: Hashable & Sendable>: Sendable, Equatable {
  /// The tokens in the order of their ids.
  public let tokens: [Token]
  /// The id of tokens that are not in the vocabulary; nil if there is none.
  public let unknownID: Int?
  private let positions: [TokenKey<Token>: Int]

  /// A vocabulary of the given tokens, which must be distinct; `unknown`, if given, must be one of them.
  public init(tokens: [Token], unknown: Token? = nil) {
    require(!tokens.isEmpty, "Vocabulary: there are no tokens")
    var positions: [TokenKey<Token>: Int] = [:]
    for (id, token) in tokens.enumerated() {
      if let other = positions.updateValue(id, forKey: TokenKey(token)) {
        stop("Vocabulary: the token \(quoted("\(token)")) has the ids \(other) and \(id)")
      }
    }
    if let unknown {
      require(
        positions[TokenKey(unknown)] != nil, "Vocabulary: the unknown token \(quoted("\(unknown)")) is not among the tokens")
    }
    self.tokens = tokens
    self.positions = positions
    unknownID = unknown.flatMap { positions[TokenKey($0)] }
  }

  /// The number of tokens, which is the number of classes of a model.
  public var count: Int { tokens.count }

  /// The id of a token; for a token that is not in the vocabulary, `unknownID`, which may be nil.
  public func id(of token: Token) -> Int? { ownID(of: token) ?? unknownID }

  /// The token's own id; nil if it is not in the vocabulary.
  func ownID(of token: Token) -> Int? { positions[TokenKey(token)] }

  /// The token with the given id.
  public func token(_ id: Int) -> Token {
    require(id >= 0 && id < count, "Vocabulary: the id \(id) is not one of \(count)")
    return tokens[id]
  }

  /// The ids of tokens; stops at a token without an id.
  public func ids(_ tokens: some Sequence<Token>) -> [Int] {
    tokens.enumerated().map { position, token in
      guard let id = id(of: token) else {
        stop("Vocabulary: the token \(quoted("\(token)")) at position \(position) is not one of \(count), and unknown is nil")
      }
      return id
    }
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.unknownID == b.unknownID && a.tokens.elementsEqual(b.tokens) { TokenKey($0) == TokenKey($1) }
  }

  /// The most frequent tokens, with at least `minimumCount` occurrences and at most `maximumSize` of them; ties are sorted.
  fileprivate static func frequent(
    _ tokens: some Sequence<Token>, _ minimumCount: Int, _ maximumSize: Int, _ name: String
  ) -> [Token] where Token == String {
    require(minimumCount > 0, "\(name): a minimum count of \(minimumCount) is not at least 1")
    require(maximumSize > 0, "\(name): a maximum size of \(maximumSize) is not at least 1")
    var counts: [ByteKey: Int] = [:]
    for token in tokens { counts[ByteKey(token), default: 0] += 1 }
    require(!counts.isEmpty, "\(name): the text is empty")
    let often = counts.filter { $0.value >= minimumCount }
    let sorted = often.sorted { a, b in
      a.value != b.value ? a.value > b.value : a.key.text.precedesInBytes(b.key.text)
    }
    return sorted.prefix(maximumSize).map(\.key.text)
  }
}

extension Vocabulary where Token == Character {
  /// The characters of a text in order. With an `unknown` character, which gets id 0, other texts can be encoded too.
  public init(_ text: String, unknown: Character? = nil) {
    require(!text.isEmpty, "CharacterVocabulary: the text is empty")
    var characters = Set(text.map { ByteKey(String($0)) })
    if let unknown { characters.remove(ByteKey(String(unknown))) }
    let sorted = characters.sorted { $0.text.precedesInBytes($1.text) }.compactMap(\.text.first)
    self.init(tokens: (unknown.map { [$0] } ?? []) + sorted, unknown: unknown)
  }

  /// The ids of a text, as a vector.
  public func indices(_ text: String) -> Indices { Indices(ids(text)) }

  /// The ids of a text; stops at a character without an id.
  ///
  /// Adjacent characters may combine into one, such as a carriage return and a line feed, or a letter and a mark. A combined
  /// character that is not a token is split into tokens, so that the text of any ids can be encoded again.
  public func ids(_ text: String) -> [Int] {
    let (ids, unknown) = encoding(text)
    guard let unknown else { return ids }
    stop("Vocabulary: the token \(quoted("\(unknown)")) at position \(ids.count) is not one of \(count), and unknown is nil")
  }

  /// The ids of a text up to the first character without an id, and that character.
  package func encoding(_ text: String) -> (ids: [Int], unknown: Character?) {
    var ids: [Int] = []
    ids.reserveCapacity(text.utf8.count)
    var byteCount = 0
    for character in text {
      guard let id = ownID(of: character) else { break }
      ids.append(id)
      byteCount += character.utf8.count
    }
    var rest = text[text.utf8.index(text.startIndex, offsetBy: byteCount)...]
    while let character = rest.first {
      let (id, length) = firstPart(of: character)
      if let id {
        ids.append(id)
        rest = rest[rest.unicodeScalars.index(rest.startIndex, offsetBy: length)...]
      } else if let unknownID {
        ids.append(unknownID)
        rest.removeFirst()
      } else {
        return (ids, character)
      }
    }
    return (ids, nil)
  }

  /// The longest token at the start of a character, and its number of Unicode scalars. If there is an unknown token, a
  /// character that does not split into tokens completely becomes the unknown token as a whole.
  private func firstPart(of character: Character) -> (id: Int?, length: Int) {
    if let id = ownID(of: character) { return (id, character.unicodeScalars.count) }
    let scalars = Array(character.unicodeScalars)
    // More scalars, which occur only if many marks are stacked on a letter, give too many combinations to try.
    if scalars.count == 1 || scalars.count > 64 { return (nil, 1) }
    var (first, place) = ((id: Int?.none, length: 1), 0)
    while place < scalars.count {
      let part = (place + 1...scalars.count).reversed().lazy.compactMap { end -> (id: Int, length: Int)? in
        let text = String(String.UnicodeScalarView(scalars[place..<end]))
        guard text.count == 1, let whole = text.first else { return nil }
        return self.ownID(of: whole).map { ($0, end - place) }
      }.first
      guard let part else { return unknownID == nil ? first : (nil, 1) }
      if place == 0 { first = part }
      if unknownID == nil { return first }
      place += part.length
    }
    return first
  }

  /// The text of the given ids.
  public func text(_ ids: some Sequence<Int>) -> String { String(ids.map(token)) }
}

extension Vocabulary where Token == String {
  /// The words of a text with at least `minimumCount` occurrences. There are at most `maximumSize` tokens: the unknown one has
  /// id 0, and the others follow by frequency, with ties sorted.
  ///
  ///     let vocabulary = WordVocabulary("the cat and the dog and the bird", minimumCount: 2)
  ///     print(vocabulary.tokens)  // <unk>, the, and
  public init(_ text: String, minimumCount: Int = 1, maximumSize: Int = .max, unknown: String = "<unk>") {
    let words = Self.words(text).filter { !$0.hasBytes(of: unknown) }
    require(!text.allSatisfy(\.isWhitespace), "WordVocabulary: the text is empty")
    require(maximumSize > 0, "WordVocabulary: a maximum size of \(maximumSize) is not at least 1")
    let room = maximumSize - 1
    let frequent = words.isEmpty || room == 0 ? [] : Self.frequent(words, minimumCount, room, "WordVocabulary")
    self.init(tokens: [unknown] + frequent, unknown: unknown)
  }

  /// The words of a text, separated by white space.
  public static func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

  /// The ids of a text's words, as a vector.
  public func indices(_ text: String) -> Indices { Indices(ids(Self.words(text))) }

  /// The words of the given ids, joined by spaces.
  public func text(_ ids: some Sequence<Int>) -> String { ids.map(token).joined(separator: " ") }
}

/// The key of a token in a vocabulary: characters and words are compared by their bytes, other tokens by `==`.
struct TokenKey<Token: Hashable & Sendable>: Hashable, Sendable {
  private let content: Content

  private enum Content: Hashable, Sendable {
    case text(ByteKey)
    case other(Token)
  }

  init(_ token: Token) {
    if let character = token as? Character {
      content = .text(ByteKey(String(character)))
    } else if let word = token as? String {
      content = .text(ByteKey(word))
    } else {
      content = .other(token)
    }
  }
}
