internal import UnrollArrays
internal import UnrollFiles

/// What a vocabulary knows a token by: characters and words by their bytes, others as they compare themselves.
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
