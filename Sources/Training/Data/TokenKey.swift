internal import UnrollArrays
internal import UnrollFiles

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
