import UnrollFiles

/// Reads XML as far as plots use it: elements in order with their attributes, and what is not well-formed.
package struct XMLChecker {
  package struct Element {
    package let name: String
    package let attributes: [String: String]
    package var text = ""

    package func number(_ name: String) -> Double { attributes[name].flatMap { Double($0) } ?? .nan }
  }

  package private(set) var elements: [Element] = []
  package private(set) var faults: [String] = []

  package init(_ text: String) {
    var open: [Int] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      let content = String(rest[..<start])
      check(content)
      if let last = open.last { elements[last].text += content }
      guard let end = rest[start...].firstIndex(of: ">") else {
        faults.append("a tag does not end")
        return
      }
      var tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.first == "/" {
        guard let last = open.popLast(), elements[last].name == tag.dropFirst() else {
          faults.append("</\(tag.dropFirst())> closes nothing")
          continue
        }
        continue
      }
      let closes = tag.last == "/"
      if closes { tag = tag.dropLast() }
      elements.append(element(tag))
      if !closes { open.append(elements.count - 1) }
    }
    if !open.isEmpty { faults.append("\(open.count) elements are not closed") }
    if rest.contains(where: { !$0.isWhitespace }) { faults.append("text after the end") }
  }

  private mutating func element(_ tag: Substring) -> Element {
    let name = tag.prefix { $0 != " " }
    var attributes: [String: String] = [:]
    var rest = tag.dropFirst(name.count)
    while let equals = rest.firstIndex(of: "=") {
      let key = rest[..<equals].drop { $0 == " " }
      let quoted = rest[equals...].dropFirst(2)
      guard rest[equals...].dropFirst().first == "\"", let end = quoted.firstIndex(of: "\"") else {
        faults.append("\(name): \(key) is not quoted")
        break
      }
      if attributes.updateValue(String(quoted[..<end]), forKey: String(key)) != nil { faults.append("\(name): two of \(key)") }
      check(String(quoted[..<end]))
      rest = quoted[end...].dropFirst()
    }
    return Element(name: String(name), attributes: attributes)
  }

  private mutating func check(_ content: String) {
    for part in content.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      if !["amp;", "lt;", "gt;", "quot;", "#39;"].contains(where: { part.hasPrefix($0) }) { faults.append("a bare &") }
    }
    if content.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\n" }) { faults.append("a control character") }
  }
}
