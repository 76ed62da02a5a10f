import Unroll

// What examples in documentation comments use without introducing it.
let x = Tensor.ones([64, 3])
let y = Tensor.ones([64, 3])
let weights = Tensor.ones([3, 5])
let (bias, gate, scale, shift) = (Tensor.ones([3]), Tensor.ones([3]), Tensor.ones([3]), Tensor.ones([3]))
let (target, limits, exponents) = (Tensor.ones([64, 3]), Tensor.ones([64, 3]), Tensor.ones([64, 3]))
nonisolated(unsafe) var generator = Generator(seed: 1)
nonisolated(unsafe) var model = Linear(3, 4, using: &generator)
