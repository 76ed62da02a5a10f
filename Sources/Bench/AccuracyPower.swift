#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif
package import UnrollKernelTemplates

/// The largest error of xʸ over pairs of special values, and over samples whose results cover the whole range.
package func worstPower<T: SampledType>(_ type: T.Type, on table: KernelTable, samples: Int) -> WorstError {
  let kernel = T.kernels(of: table).elements.binary(.power)
  var worst = WorstError()
  var bits = SampleBits(state: 11)
  let special = specialValues(T.self)
  var x: [T] = []
  var y: [T] = []
  for a in special {
    for b in special {
      x.append(a)
      y.append(b)
    }
  }
  let limit = Double(T.greatestFiniteMagnitude.exponent)
  var remaining = samples
  while !x.isEmpty {
    var result = x
    let n = x.count
    x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        result.withUnsafeMutableBytes { result in
          kernel.run(
            x.baseAddress.unsafelyUnwrapped, 1, y.baseAddress.unsafelyUnwrapped, 1, result.baseAddress.unsafelyUnwrapped, n)
        }
      }
    }
    for i in x.indices { worst.note(ulps(result[i], pow(Exact(x[i]), Exact(y[i]))), at: Double(x[i])) }
    x = []
    y = []
    for index in 0..<min(remaining, 4096) {
      let base = index % 2 == 0 ? T(pattern: bits.next()).magnitude : T(bits.uniform(0...4))
      let logarithm = Double(log2(Exact(base)))
      x.append(index % 8 == 1 ? -base : base)
      y.append(index % 8 == 1 ? T(bits.uniform(-9...9)).rounded() : T(bits.uniform(-limit * 1.2...limit * 1.2) / logarithm))
    }
    remaining -= x.count
  }
  return worst
}
