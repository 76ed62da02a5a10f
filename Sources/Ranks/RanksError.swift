/// The error of a process that a launcher has started as one of several ranks, and that cannot join them.
///
///     do {
///       let ranks = try Ranks.joined()
///       print(ranks.count)
///     } catch {
///       print(error)  // a launcher has started 2 ranks, and there is no MPI library to join them: …
///     }
public struct RanksError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of failure, for programs; `description` is for people.
  public enum Kind: Equatable, Sendable {
    /// There is no MPI library, or it lacks a function.
    case missing
    /// The library belongs to another launcher, and sees another number of ranks.
    case foreign
    /// The library refuses to start.
    case refused
  }

  /// The kind of failure.
  public let kind: Kind
  /// The reason, as a sentence.
  public let description: String

  init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }
}
