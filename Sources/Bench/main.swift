import UnrollArrays

var report = Report()
let names = CommandLine.arguments.dropFirst()
for name in names {
  switch name {
  case "gemm_sq": ProductCases.square(.float32, name, into: &report)
  case "gemm_sq_f64": ProductCases.square(.float64, name, into: &report)
  case "gemm_lstm": ProductCases.steps(.float32, name, transposed: false, into: &report)
  case "gemm_lstm_nt": ProductCases.steps(.float32, name, transposed: true, into: &report)
  default: print("?")
  }
}
