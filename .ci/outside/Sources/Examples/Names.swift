import Unroll

// What examples in documentation comments use without introducing it.
let x = NDArray.ones([64, 3])
let y = NDArray.ones([64, 3])
let weights = NDArray.ones([3, 5])
let (bias, gate, scale, shift) = (NDArray.ones([3]), NDArray.ones([3]), NDArray.ones([3]), NDArray.ones([3]))
let (target, limits, exponents) = (NDArray.ones([64, 3]), NDArray.ones([64, 3]), NDArray.ones([64, 3]))
nonisolated(unsafe) var generator = Generator(seed: 1)
nonisolated(unsafe) var model = Linear(3, 4, using: &generator)
