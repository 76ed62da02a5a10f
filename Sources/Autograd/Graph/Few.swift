/// A list that stores two elements inline: most operations have at most two inputs, and an array would be an allocation.
package struct Few<Element: Sendable>: Sendable {
  private var first: Element?
  private var second: Element?
  private var rest: [Element]

  package init() {
    first = nil
    second = nil
    rest = []
  }

  package init(_ first: Element) {
    self.init()
    self.first = first
  }

  package init(_ first: Element, _ second: Element) {
    self.init(first)
    self.second = second
  }

  package init(_ elements: [Element]) {
    self.init()
    for element in elements { append(element) }
  }

  package var count: Int { first == nil ? 0 : second == nil ? 1 : 2 + rest.count }

  package var isEmpty: Bool { first == nil }

  package subscript(i: Int) -> Element {
    if i == 0, let first { return first }
    if i == 1, let second { return second }
    return rest[i - 2]
  }

  package mutating func append(_ element: Element) {
    if first == nil {
      first = element
    } else if second == nil {
      second = element
    } else {
      rest.append(element)
    }
  }

  /// Takes an element out, leaving nil in its place.
  mutating func take<Wrapped>(_ i: Int) -> Element where Element == Wrapped? {
    if i == 0 { return exchange(&first) }
    if i == 1 { return exchange(&second) }
    return rest[i - 2]
  }

  private func exchange<Wrapped>(_ element: inout Element?) -> Element where Element == Wrapped? {
    let taken = element
    element = .some(nil)
    return taken ?? nil
  }

  mutating func removeLast() -> Element? {
    if let last = rest.popLast() { return last }
    defer { if second == nil { first = nil } else { second = nil } }
    return second ?? first
  }
}

extension Few: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension Few: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }
}
