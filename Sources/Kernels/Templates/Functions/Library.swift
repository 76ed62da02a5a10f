#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// Writes the library's value where |x| > 2²⁰, beyond the range of the vector functions.
public func mendLanes(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int, _ library: (Double) -> Double
) {
  for lane in 0..<count where !(x[lane].magnitude <= 0x1p20) { y[lane] = Float(library(Double(x[lane]))) }
}

/// Writes the library's value where |x| > 2²⁰, beyond the range of the vector functions.
public func mendLanes(
  _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int, _ library: (Double) -> Double
) {
  for lane in 0..<count where !(x[lane].magnitude <= 0x1p20) { y[lane] = library(x[lane]) }
}

/// The platform's sine, for arguments beyond the range of the vector functions.
public func librarySine(_ x: Double) -> Double { sin(x) }

/// The platform's cosine, for arguments beyond the range of the vector functions.
public func libraryCosine(_ x: Double) -> Double { cos(x) }

/// The platform's tangent, for arguments beyond the range of the vector functions.
public func libraryTangent(_ x: Double) -> Double { tan(x) }
