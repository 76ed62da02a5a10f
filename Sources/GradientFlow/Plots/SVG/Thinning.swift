/// A subset of points, in pixels, that gives the same picture. If x never decreases, each column of pixels keeps its first,
/// lowest, highest and last point, so that no peak is lost. Otherwise points closer than a third of a pixel to the last one
/// kept are dropped.
func thinned(_ points: [PlacedSeries.Point], width: Double) -> [PlacedSeries.Point] {
  if points.count <= 4 * Int(width) { return points }
  let isOrdered = zip(points, points.dropFirst()).allSatisfy { $0.x <= $1.x }
  return isOrdered ? thinnedByColumn(points) : thinnedByDistance(points)
}

private func thinnedByColumn(_ points: [PlacedSeries.Point]) -> [PlacedSeries.Point] {
  var kept: [PlacedSeries.Point] = []
  var start = 0
  while start < points.count {
    let column = points[start].x.rounded(.down)
    var end = start + 1
    while end < points.count && points[end].x.rounded(.down) == column { end += 1 }
    let low = (start..<end).min { points[$0].y < points[$1].y } ?? start
    let high = (start..<end).max { points[$0].y < points[$1].y } ?? start
    for index in Set([start, low, high, end - 1]).sorted() { kept.append(points[index]) }
    start = end
  }
  return kept
}

private func thinnedByDistance(_ points: [PlacedSeries.Point]) -> [PlacedSeries.Point] {
  var kept: [PlacedSeries.Point] = []
  for (index, point) in points.enumerated() {
    if let last = kept.last, index + 1 < points.count {
      let (x, y) = (point.x - last.x, point.y - last.y)
      if x * x + y * y < 1 / 9.0 { continue }
    }
    kept.append(point)
  }
  return kept
}
