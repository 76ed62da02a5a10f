import Testing
import UnrollArrays
import UnrollAutograd

/// Derivatives of derivatives, in every combination of modes, against closed forms.
@Suite struct NestingTests {
  let x = Tensor([0.3, -0.7, 1.1] as [Double])
  let direction = Tensor([1, 2, -1] as [Double])

  @Test func reverse() {
    let g = gradient(at: x) { x in (x.sin() * x).sum() }
    expectClose(g, x.sin() + x * x.cos())
  }

  @Test func reverseOverReverse() {
    let g = gradient(at: x) { x in
      let inner = gradient(at: x) { x in x.sin().sum() }
      return (inner * inner).sum()
    }
    expectClose(g, x.cos() * x.sin() * -2)
  }

  @Test func forwardOverReverse() {
    let hv = hessianVectorProduct(at: x, along: direction) { x in x.sin().sum() }
    expectClose(hv, -x.sin() * direction)
  }

  @Test func reverseOverForward() {
    let g = gradient(at: x) { x in tangent(at: x, along: direction) { x in x.sin() }.tangent.sum() }
    expectClose(g, -x.sin() * direction)
  }

  @Test func forwardOverForward() {
    let (first, second) = tangent(at: x, along: direction) { x in tangent(at: x, along: direction) { x in x.sin() }.tangent }
    expectClose(first, x.cos() * direction)
    expectClose(second, -x.sin() * direction.square())
  }

  @Test func threeDeep() {
    let third = gradient(at: x) { x in
      gradient(at: x) { x in gradient(at: x) { x in x.pow(4).sum() }.sum() }.sum()
    }
    expectClose(third, x * 24)
    let mixed = tangent(at: x, along: direction) { x in
      gradient(at: x) { x in tangent(at: x, along: Tensor.ones([3], .float64)) { x in x.pow(4) }.tangent.sum() }
    }.tangent
    expectClose(mixed, x * 24 * direction)
  }

  /// An inner gradient by x whose function contains weights that an outer gradient is asked for.
  @Test func capturedOuterWeights() {
    let w = Tensor([2, 3, 4] as [Double])
    let g = gradient(at: w) { w in
      let inner = gradient(at: x) { x in (w * x.square()).sum() }  // 2 w x
      return (inner * inner).sum()  // 4 w² x²
    }
    expectClose(g, w * x.square() * 8)
  }

  @Test func throughAuxiliaryResults() {
    let w = Tensor([2, 3, 4] as [Double])
    let g = gradient(at: w) { w in
      let (value, squared, inner) = valueAndGradient(at: x) { x in ((w * x).sum(), w.square() * x) }
      return value + squared.sum() + inner.sum()
    }
    expectClose(g, x + w * x * 2 + 1)
  }

  /// One step of gradient descent inside, differentiated by the learning rate and by the start outside.
  @Test func throughAnInnerStep() {
    let rate = Tensor(0.1, .float64)
    let (byRate, byStart) = gradient(at: rate, x) { rate, start in
      let slope = gradient(at: start) { w in w.pow(3).sum() }
      return (start - rate * slope).square().sum()
    }
    let slope = x.square() * 3
    let next = x - slope * 0.1
    expectClose(byRate, (next * slope * -2).sum())
    expectClose(byStart, next * 2 * (1 - x * 0.6))
  }

  @Test func resultsLeaveUnrecorded() {
    let (value, y, slope) = valueAndGradient(at: x) { x in (x.sum(), x * 2) }
    #expect(!value.isRecorded && !y.isRecorded && !slope.isRecorded)
    let outer = gradient(at: x) { x in
      let (value, y, slope) = valueAndGradient(at: direction) { d in (d.sum(), d * 2) }
      #expect(!value.isRecorded && !y.isRecorded && !slope.isRecorded)
      let (captured, _) = valueAndGradient(at: direction) { d in (d * x).sum() }
      #expect(captured.isRecorded)
      return captured
    }
    #expect(!outer.isRecorded)
    expectClose(outer, direction)
  }

  @Test func whatTheResultDoesNotDependOnGivesZeros() {
    let (a, b) = gradient(at: x, direction) { x, _ in x.sum() }
    expectClose(a, Tensor.ones([3], .float64))
    expectClose(b, Tensor.zeros([3], .float64))
    expectClose(gradient(at: x, allowingNoPath: true) { _ in Tensor(1, .float64) }, x.zerosLike)
    let constant = valueAndGradient(at: x, allowingNoPath: true) { x in x.detached().sum() }
    expectClose(constant.gradient, x.zerosLike)
    // A path on which every derivative is 0 is a path.
    expectClose(gradient(at: x) { x in x.sign().sum() }, x.zerosLike)
    expectClose(gradient(at: [Tensor]()) { _ in Tensor(1) }.first ?? x, x)
  }

  /// Nothing in the gradient of a linear function depends on where it is taken.
  @Test func secondDerivativesOfLinearFunctions() {
    expectClose(hessian(at: x) { x in (x * 2).sum() }, Tensor.zeros([3, 3], .float64))
    expectClose(hessianVectorProduct(at: x, along: direction) { x in x.sum() }, x.zerosLike)
    expectClose(hessian(at: x, allowingNoPath: true) { _ in Tensor(1, .float64) }, Tensor.zeros([3, 3], .float64))
    #expect(checkGradients(at: x) { x in x * 2 }.passes)
    expectClose(jacobian(at: x) { _ in Tensor([1] as [Double]) }, Tensor.zeros([1, 3], .float64))
  }

  @Test func jacobians() {
    let j = jacobian(at: x) { x in x.square()[0..<2] }
    #expect(j.shape == [2, 3])
    expectClose(j, (x * 2).diagonalMatrix()[0..<2])
    let tall = jacobian(at: x) { x in Tensor.concatenate([x, x * 2], axis: 0) }
    #expect(tall.shape == [6, 3])
    expectClose(hessian(at: x) { x in x.pow(3).sum() }, (x * 6).diagonalMatrix())
  }
}

extension Tensor {
  var zerosLike: Tensor { Tensor.zeros(shape, type) }
}
