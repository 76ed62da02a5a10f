import Unroll

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Exports models of every kind to a folder, each with inputs and outputs as npz: unroll-onnx-cases FOLDER [PART OF A NAME]

let arguments = CommandLine.arguments.dropFirst()
let folder = arguments.first ?? "onnx-cases"
var cases = CaseFolder(path: folder, filter: arguments.dropFirst().first ?? "")
try FileSystem.system.ensureFolder(folder)
try cases.addLayers()
try cases.addOperators()
try cases.addLoops()
try cases.addFunctions()
try cases.addShapes()
try cases.addModels()
print("\(cases.count) models in \(folder)")
if cases.refused > 0 { exit(1) }
