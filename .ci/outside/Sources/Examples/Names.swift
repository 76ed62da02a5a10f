import Unroll

// What examples in documentation comments use without introducing it.
let x = NDArray.ones([64, 3])
let y = NDArray.ones([64, 5])
let weights = NDArray.ones([3, 5])
