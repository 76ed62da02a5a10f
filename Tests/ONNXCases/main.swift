import Unroll

// Exports models of every kind to a folder, each with inputs and outputs as npz: unroll-onnx-cases FOLDER

let folder = CommandLine.arguments.dropFirst().first ?? "onnx-cases"
var cases = CaseFolder(path: folder)
try FileSystem.system.ensureFolder(folder)
try cases.addLayers()
try cases.addOperators()
try cases.addLoops()
print("\(cases.count) models in \(folder)")
