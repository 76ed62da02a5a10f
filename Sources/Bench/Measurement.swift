import UnrollArrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// The median of many timed samples of one piece of work, after a warm-up.
struct Measurement {
  var median: Double
  var minimum: Double
  var samples: Int
  /// Additional figures by name, such as `gflops`.
  var figures: [(name: String, value: Double)] = []

  static func once(_ work: () -> Void) -> Measurement {
    let start = now()
    work()
    let seconds = now() - start
    return Measurement(median: seconds, minimum: seconds, samples: 1)
  }

  /// Measures the work. A sample repeats it until 10 ms have passed; samples are taken for `budget` seconds, at least seven and
  /// at most 31.
  static func of(budget: Double = 1.5, _ work: () -> Void) -> Measurement {
    func time(_ repetitions: Int) -> Double {
      let start = now()
      for _ in 0..<repetitions { work() }
      return now() - start
    }
    var best = time(1)
    var spent = best
    var calls = 1
    while calls < 3 || (spent < 0.2 && calls < 2000) {
      let seconds = time(1)
      spent += seconds
      best = min(best, seconds)
      calls += 1
    }
    var repetitions = max(1, Int(0.01 / max(best, 1e-9)))
    if repetitions > 1 {
      repetitions = max(1, Int(Double(repetitions) * 0.01 / time(repetitions)))
    }
    var times: [Double] = []
    let start = now()
    while times.count < 7 || (times.count < 31 && now() - start < budget) {
      times.append(time(repetitions) / Double(repetitions))
    }
    times.sort()
    return Measurement(median: times[times.count / 2], minimum: times[0], samples: times.count)
  }
}

/// Seconds on a monotonic clock.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Pseudorandom numbers between -1 and 1 as input for measurements.
func noise(_ shape: Shape, _ type: ElementType, seed: UInt64) -> NDArray {
  var state = seed
  let numbers = (0..<shape.elementCount).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(bitPattern: state) >> 40) / 8_388_608
  }
  return NDArray(numbers, shape: shape).cast(to: type)
}
