import Testing
import UnrollGradientFlow

@Suite struct PictureTests {
  @Test func writes() throws {
    for picture in PlotPictures.all { print(picture.name, picture.svg.utf8.count) }
    try PlotPictures.decades.write(to: "/tmp/plots-out/decades.svg")
    try PlotPictures.map.write(to: "/tmp/plots-out/map.svg", width: 640, height: 480)
    try PlotPictures.histogram.write(to: "/tmp/plots-out/histogram.svg")
    try PlotPictures.grid.write(to: "/tmp/plots-out/grid.svg")
    try PlotPictures.surface.write(to: "/tmp/plots-out/surface.svg", width: 640, height: 480)
    for ch in [PlotCharacters.unicode, .ascii] {
      print(PlotPictures.decades.terminal(characters: ch))
      print(PlotPictures.map.terminal(characters: ch))
      print(PlotPictures.histogram.terminal(characters: ch))
      print(PlotPictures.grid.terminal(characters: ch))
      print(PlotPictures.surface.terminal(characters: ch))
    }
  }
}
