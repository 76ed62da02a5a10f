/// A list that holds two elements in place: most operations have no more inputs, and every array is an allocation.
struct Few<Element: Sendable>: Sendable {
  private var first: Element?
  private var second: Element?
  private var rest: [Element]

  init() {
    first = nil
    second = nil
    rest = []
  }

  init(_ first: Element) {
    self.init()
    self.first = first
  }

  init(_ first: Element, _ second: Element) {
    self.init(first)
    self.second = second
  }

  init(_ elements: [Element]) {
    self.init()
    for element in elements { append(element) }
  }

  var count: Int { first == nil ? 0 : second == nil ? 1 : 2 + rest.count }

  var isEmpty: Bool { first == nil }

  subscript(i: Int) -> Element {
    if i == 0, let first { return first }
    if i == 1, let second { return second }
    return rest[i - 2]
  }

  mutating func append(_ element: Element) {
    if first == nil {
      first = element
    } else if second == nil {
      second = element
    } else {
      rest.append(element)
    }
  }

  mutating func removeLast() -> Element? {
    if let last = rest.popLast() { return last }
    defer { if second == nil { first = nil } else { second = nil } }
    return second ?? first
  }
}
