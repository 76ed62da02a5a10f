import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// Measuring now and then, and showing it.
@Suite struct MonitorTests {
  private func monitor() -> FlowMonitor {
    var generator = Generator(seed: 1)
    let network = LSTM(2, 3, .float64, using: &generator)
    var monitor = FlowMonitor(every: 10)
    for _ in 0..<25 { monitor.update { GradientFlow(of: network, on: normal([2, 4, 2], 1)) { $0.square().mean() } } }
    return monitor
  }

  @Test func everyTenthUpdateIsMeasured() {
    let monitor = monitor()
    #expect(monitor.samples.map(\.update) == [0, 10, 20] && monitor.updateCount == 25)
    let lines = monitor.csv.split(separator: "\n")
    // Two traces of five states, three parameters of four gates each.
    #expect(lines.count == 1 + 3 * (2 * 5 + 3 * 5))
    #expect(lines[0] == "update,loss,quantity,step,mean,least,greatest")
    #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 7 })
    #expect(lines[1].contains("layer 0 hidden,0,") && lines[15].contains("forward.0.inputWeight o,,"))
  }

  @Test func theTableIsWritten() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-flow-\(UUID()).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let monitor = monitor()
    try monitor.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == monitor.csv)
  }

  @Test func everythingCanBeDrawn() throws {
    let monitor = monitor()
    let flow = monitor.samples[0].flow
    #expect(flow.plot().svg().contains("layer 0 cell"))
    #expect(flow.parameterPlot().svg().contains("gate f"))
    #expect(monitor.plot("cell").svg().contains("norm of dL/d cell"))
    #expect(monitor.parameterPlot().terminal().contains("forward.0.bias"))
    let cell = LeakyMemoryCell.random(2, 3, seed: 2)
    let divided = GradientFlow(of: cell, on: normal([2, 4, 2], 1), dividesParameters: true) { $0.sum() }
    #expect(divided.stepPlot().svg().contains("recurrentWeight"))
    let jacobians = StepJacobians(of: cell, on: normal([8, 2], 3))
    #expect(jacobians.plot(of: "hidden", by: "memory").svg().contains("norm of ds(u)/ds(t)"))
    #expect(jacobians.singularValuePlot(lag: 2).svg().contains("number 6"))
    #expect(LyapunovSpectrum(of: cell, on: normal([8, 2], 3)).plot().terminal().contains("step"))
  }
}
