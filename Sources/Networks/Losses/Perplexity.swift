internal import UnrollArrays

/// The perplexity for a mean cross-entropy, e to the loss: the number of equally likely classes with the same uncertainty.
///
///     let choices = perplexity(0.6931471805599453)  // 2
public func perplexity(_ loss: Double) -> Double { NDArray(loss, .float64).exp().item }

/// The bits per character for a mean cross-entropy: loss / ln 2.
///
///     let bits = bitsPerCharacter(1.3862943611198906)  // 2
public func bitsPerCharacter(_ loss: Double) -> Double { loss / 0.693_147_180_559_945_3 }
