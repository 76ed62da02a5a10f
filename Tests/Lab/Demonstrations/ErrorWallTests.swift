import Testing

@testable import unroll_lab

/// The wall throws one path off, and clipping holds the other.
@Suite struct ErrorWallTests {
  @Test func theClippedPathStaysAndTheOtherLeaves() throws {
    let wall = ErrorWall()
    let reach = wall.rate * wall.bound
    #expect(wall.clipped.longestStep <= reach * (1 + 1e-12))
    #expect(wall.thrown.longestStep > 10 * reach, "\(wall.thrown.longestStep)")
    #expect(wall.thrown.places.contains { $0.distance(to: wall.start) > 3 })
    #expect(wall.clipped.places.allSatisfy { $0.distance(to: wall.start) < 2 })
    let (thrown, kept) = (try #require(wall.thrown.errors.last), try #require(wall.clipped.errors.last))
    #expect(kept < thrown && kept < 0.02, "\(kept) and \(thrown)")
    #expect(wall.thrown.places.count == 201 && wall.thrown.errors.count == 201 && wall.thrown.gradientNorms.count == 200)
  }

  /// Both are the same until the first gradient that is too long.
  @Test func thePathsPartWhereClippingActs() throws {
    let wall = ErrorWall()
    let parting = try #require(wall.thrown.gradientNorms.firstIndex { $0 > wall.bound })
    #expect(Array(wall.thrown.places[...parting]) == Array(wall.clipped.places[...parting]))
    #expect(wall.thrown.places[parting + 1] != wall.clipped.places[parting + 1])
  }

  /// One step by hand: x₁ = w σ(½) + b, and the error (σ(x₁) − 0.7)²; at w = 2, b = 0 that is σ(2 σ(½)) = 0.77641901805201722.
  @Test func theSurfaceIsTheRecurrence() {
    let surface = ErrorWall(steps: 1, updates: 0).surface(w: 1...3, b: -1...1, columns: 1, rows: 1)
    let difference = 0.77641901805201722 - 0.7
    #expect(abs(surface[0][0] - difference * difference) < 1e-15)
  }

  /// The wall is where neighbours differ most; away from it the surface is flat.
  @Test func thereIsAWall() {
    let surface = ErrorWall(updates: 0).surface(w: 5...6, b: -4 ... -2, columns: 3, rows: 200)
    let column = surface.map { $0[1] }
    let jumps = zip(column, column.dropFirst()).map { abs($0 - $1) }.sorted()
    #expect(jumps[jumps.count - 1] > 100 * jumps[jumps.count / 2])
  }
}
