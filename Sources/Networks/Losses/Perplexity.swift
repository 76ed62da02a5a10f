internal import UnrollArrays

/// Among how many equally likely classes a model hesitates, from its mean cross-entropy: e to the loss.
///
///     let choices = perplexity(0.6931471805599453)  // 2
public func perplexity(_ loss: Double) -> Double { NDArray(loss, .float64).exp().item }

/// How many bits a model needs for each character, from its mean cross-entropy: loss / ln 2.
///
///     let bits = bitsPerCharacter(1.3862943611198906)  // 2
public func bitsPerCharacter(_ loss: Double) -> Double { loss / 0.693_147_180_559_945_3 }
