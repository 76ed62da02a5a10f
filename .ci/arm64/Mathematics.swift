// The system's functions. Embedded Swift has no module for them, and finds them where the program is linked.
@_extern(c, "exp") func exp(_ x: Double) -> Double
@_extern(c, "exp2") func exp2(_ x: Double) -> Double
@_extern(c, "expm1") func expm1(_ x: Double) -> Double
@_extern(c, "log") func log(_ x: Double) -> Double
@_extern(c, "log2") func log2(_ x: Double) -> Double
@_extern(c, "log1p") func log1p(_ x: Double) -> Double
@_extern(c, "sin") func sin(_ x: Double) -> Double
@_extern(c, "cos") func cos(_ x: Double) -> Double
@_extern(c, "tan") func tan(_ x: Double) -> Double
@_extern(c, "asin") func asin(_ x: Double) -> Double
@_extern(c, "acos") func acos(_ x: Double) -> Double
@_extern(c, "atan") func atan(_ x: Double) -> Double
@_extern(c, "sinh") func sinh(_ x: Double) -> Double
@_extern(c, "cosh") func cosh(_ x: Double) -> Double
@_extern(c, "tanh") func tanh(_ x: Double) -> Double
@_extern(c, "asinh") func asinh(_ x: Double) -> Double
@_extern(c, "acosh") func acosh(_ x: Double) -> Double
@_extern(c, "atanh") func atanh(_ x: Double) -> Double
@_extern(c, "erf") func erf(_ x: Double) -> Double
@_extern(c, "erfc") func erfc(_ x: Double) -> Double
@_extern(c, "pow") func pow(_ x: Double, _ y: Double) -> Double
@_extern(c, "fma") func fma(_ x: Double, _ y: Double, _ z: Double) -> Double
@_extern(c, "exit") func exit(_ code: Int32)
