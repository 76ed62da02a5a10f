internal import UnrollArrays
internal import UnrollKernelTemplates

// Functions without parameters that are kernels.

extension Exponential: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.exp, 0, 0) }
}

extension Exponential2: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.exp2, 0, 0) }
}

extension ExponentialMinusOne: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.expMinusOne, 0, 0) }
}

extension Logarithm: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.log, 0, 0) }
}

extension Logarithm2: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.log2, 0, 0) }
}

extension LogarithmOfOnePlus: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.logOnePlus, 0, 0) }
}

extension Square: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.square, 0, 0) }
}

extension SquareRoot: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.squareRoot, 0, 0) }
}

extension ReciprocalSquareRoot: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.reciprocalSquareRoot, 0, 0) }
}

extension Reciprocal: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.reciprocal, 0, 0) }
}

extension Sine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.sin, 0, 0) }
}

extension Cosine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.cos, 0, 0) }
}

extension Tangent: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.tan, 0, 0) }
}

extension InverseSine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.arcsin, 0, 0) }
}

extension InverseCosine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.arccos, 0, 0) }
}

extension InverseTangent: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.arctan, 0, 0) }
}

extension ErrorFunction: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.erf, 0, 0) }
}

extension ComplementaryErrorFunction: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.erfc, 0, 0) }
}

extension HyperbolicSine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.sinh, 0, 0) }
}

extension HyperbolicCosine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.cosh, 0, 0) }
}

extension InverseHyperbolicSine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.arsinh, 0, 0) }
}

extension InverseHyperbolicCosine: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.arcosh, 0, 0) }
}

extension InverseHyperbolicTangent: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.artanh, 0, 0) }
}

extension Floor: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.floor, 0, 0) }
}

extension Ceiling: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.ceiling, 0, 0) }
}

extension Rounding: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.rounding, 0, 0) }
}

extension Truncation: RowFunction {
  var rowFunction: (function: UnaryOperation, a: Double, b: Double) { (.truncation, 0, 0) }
}
