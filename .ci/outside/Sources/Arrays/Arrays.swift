/// A target of a user's own whose name is also that of a folder of ours.
public let nameOfArrays = "a user's Arrays"
