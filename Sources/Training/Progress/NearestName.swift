/// The name nearest to a mistyped one, by edit distance; nil if more than a third of its letters (at least two) would have to
/// change.
package func nearestName(_ text: String, among names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: $0.hasPrefix(text) && !text.isEmpty ? 0 : editDistance(text, $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, best.name.count / 3) ? best.name : nil
}

/// The number of insertions, deletions, substitutions and swaps of neighbouring letters that turn one text into the other.
package func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
  var before: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      row.append(cost)
    }
    (before, last) = (last, row)
  }
  return last[b.count]
}
