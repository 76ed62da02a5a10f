import Testing

@testable import unroll_lab

/// What the main demonstration says is what theory says.
@Suite struct FlowDemonstrationTests {
  private func power(_ factor: Double, _ steps: Int) -> Double { (0..<steps).reduce(1) { product, _ in product * factor } }

  @Test(arguments: FlowDemonstration.gains) func aLinearNetworkScalesByItsGain(_ gain: Double) throws {
    let flow = FlowDemonstration(networks: [.linear(gain: gain)])
    let path = try #require(flow[.linear(gain: gain)])
    #expect(path.norms.count == 101)
    #expect(abs(path.ratio / power(gain, 100) - 1) < 1e-10)
    #expect(abs(path.factor / gain - 1) < 1e-12)
    for (t, share) in path.shares.enumerated() { #expect(abs(share / power(gain, 100 - t) - 1) < 1e-10) }
  }

  @Test func verdictsAreWhatNumbersSay() throws {
    let flow = FlowDemonstration()
    func verdict(_ network: FlowNetwork) throws -> FlowDemonstration.Verdict { try #require(flow[network]).verdict }
    #expect(try verdict(.linear(gain: 0.5)) == .vanishes)
    #expect(try verdict(.linear(gain: 0.9)) == .vanishes)
    #expect(try verdict(.linear(gain: 1)) == .arrives)
    #expect(try verdict(.linear(gain: 1.1)) == .explodes)
    #expect(try verdict(.linear(gain: 1.5)) == .explodes)
    #expect(try verdict(.tanh(gain: 0.5)) == .vanishes)
    #expect(try verdict(.tanh(gain: 0.9)) == .vanishes)
    #expect(try verdict(.lstm(forgetBias: 0)) == .vanishes)
    #expect(try verdict(.chronoLSTM) == .arrives)
    let ratios = try FlowDemonstration.forgetBiases.map { try #require(flow[.lstm(forgetBias: $0)]).ratio }
    #expect(ratios == ratios.sorted())
    // tanh never stretches: its gradient is at most that of the linear network.
    for gain in FlowDemonstration.gains {
      let (tanh, linear) = (try #require(flow[.tanh(gain: gain)]), try #require(flow[.linear(gain: gain)]))
      #expect(tanh.ratio <= linear.ratio * (1 + 1e-9))
    }
  }

  /// With weights of zero the forget gate is σ(b) at every step.
  @Test(arguments: [0.0, 1, 3]) func theBeltCarriesByItsForgetGate(_ bias: Double) throws {
    let flow = FlowDemonstration(networks: [.beltLSTM(forgetBias: bias)])
    let path = try #require(flow[.beltLSTM(forgetBias: bias)])
    // The last step's memory is seen through tanh, and so is the first's through all steps: the quotient is the gates' product.
    #expect(abs(path.ratio / power(flow.forgetGate(bias), 100) - 1) < 1e-10)
  }

  @Test func theSameSeedGivesTheSameNumbers() {
    let (a, b) = (FlowDemonstration(steps: 10, hidden: 4, seed: 7), FlowDemonstration(steps: 10, hidden: 4, seed: 7))
    #expect(a.paths.map(\.norms) == b.paths.map(\.norms))
    let other = FlowDemonstration(steps: 10, hidden: 4, seed: 8)
    #expect(a.paths.map(\.norms) != other.paths.map(\.norms))
  }

  @Test func theStoryNamesEveryNetworkOnce() {
    let story = FlowDemonstration(steps: 12, hidden: 4).story
    #expect(Set(story.findings.map(\.name)).count == story.findings.count)
    #expect(story.findings.contains { $0.name == "linear, gain 0.9" && $0.sentence.hasPrefix("arrives: 0.282 is left") })
    #expect(story.pictures.map(\.name) == ["flow-gains", "flow-gates", "flow-initialisation"])
  }
}
