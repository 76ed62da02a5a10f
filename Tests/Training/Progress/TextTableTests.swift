import Testing
import UnrollTestSupport
import UnrollTraining

/// Tables and numbers as people read them, and names as people mistype them.
@Suite struct TextTableTests {
  @Test func columnsAreAligned() {
    var table = TextTable("network", "error", "steps", "right", "note")
    table.add("LSTM", 0.0123456, 500, percentText(0.985), "a")
    table.add("tanh", 0.25 as Float, 12_000, "–", "long")
    #expect(
      table.description == """
        network    error  steps   right  note
        LSTM     0.01235    500  98.5 %  a
        tanh      0.2500  12000       –  long
        """)
    #expect(table.rows.count == 2 && table.columns.count == 5)
    #expect(TextTable("nothing", "yet").description == "nothing  yet")
  }

  @Test func percents() {
    #expect([0, 0.5, 0.98549, 1, -0.25].map(percentText) == ["0.0 %", "50.0 %", "98.5 %", "100.0 %", "-25.0 %"])
    #expect(percentText(.nan) == "nan")
  }

  @Test func wrongRows() async {
    let cells = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var table = TextTable("a", "b")
      table.add(1)
    }
    #expect(stopSentence(cells) == "TextTable: 1 cells do not fill 2 columns")
  }

  @Test func distances() {
    #expect(editDistance("flow", "flow") == 0)
    #expect(editDistance("flwo", "flow") == 1)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("cell", "wall") == 2)
  }

  @Test func nearestNames() {
    #expect(nearestName("flwo", among: ["cell", "flow"]) == "flow")
    #expect(nearestName("class", among: ["sharing", "classify"]) == "classify")
    #expect(nearestName("poetry", among: ["cell", "flow"]) == nil && nearestName("", among: ["flow"]) == nil)
  }
}
