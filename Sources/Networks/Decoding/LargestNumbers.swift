/// The positions of the largest numbers in descending order; equal numbers keep their order. −∞ is never included.
func positionsOfLargest(_ count: Int, of numbers: some RandomAccessCollection<Double>) -> [Int] {
  var best: [(position: Int, number: Double)] = []
  for (position, number) in numbers.enumerated() where number > -.infinity {
    if best.count == count {
      guard let last = best.last, number > last.number else { continue }
      best.removeLast()
    }
    var place = best.count
    while place > 0 && best[place - 1].number < number { place -= 1 }
    best.insert((position, number), at: place)
  }
  return best.map(\.position)
}
