internal import UnrollArrays
public import UnrollNetworks
public import UnrollTraining

extension TrainingHistory {
  /// The columns over the steps, or those that are named; one without a number is left out.
  ///
  ///     var history = TrainingHistory(columns: ["training", "validation"])
  ///     for step in 1...9 { history.append(step: step, ["training": 1 / Double(step), "validation": 1.5 / Double(step)]) }
  ///     print(history.plot(yScale: .logarithmic).terminal(rows: 12))
  ///     try history.plot(["validation"]).write(to: "validation.svg")
  public func plot(
    _ columns: [String]? = nil, title: String = "", yLabel: String = "", yScale: Plot.Scale = .linear
  ) -> Plot {
    Plot(title: title, xLabel: "step", yLabel: yLabel, yScale: yScale) {
      for column in columns ?? self.columns {
        let (steps, values) = (steps(column).map(Double.init), values(column))
        if !values.isEmpty { Series(column, x: steps, y: values) }
      }
    }
  }
}

extension LearningRateSweep {
  /// The losses and their smoothed curve over the learning rate, with the suggestion as a path of one point.
  ///
  ///     let sweep = LearningRateSweep(model, Adam(for: model), over: [x], steps: 20) { $0($1).square().mean() }
  ///     print(sweep.plot().terminal(rows: 12))
  public func plot(title: String = "") -> Plot {
    Plot(title: title, xLabel: "learning rate", yLabel: "loss", xScale: .logarithmic) {
      if !rates.isEmpty {
        Series("loss of a batch", x: rates, y: losses, style: .points)
        Series("smoothed", x: rates, y: smoothed)
      }
      if let suggestion, let place = rates.firstIndex(of: suggestion) {
        Series("suggestion \(numberText(suggestion, digits: 2))", x: [suggestion], y: [smoothed[place]], style: .path)
      }
    }
  }
}

extension ConfusionMatrix {
  /// The share of each class's labels that were predicted as each class, by colour: a row for each true class, the first at the
  /// bottom, and a column for each prediction. A class without labels is blank.
  ///
  ///     var matrix = ConfusionMatrix(classes: ["cat", "dog"])
  ///     matrix.add(predictions: [0, 1, 1], labels: [0, 0, 1])
  ///     try matrix.plot().write(to: "confusion.svg")
  public func plot(title: String = "") -> Plot {
    let shares = classes.indices.map { label in
      let all = counts[label].reduce(undecided[label], +)
      return counts[label].map { all == 0 ? .nan : Double($0) / Double(all) }
    }
    return Plot(title: title, xLabel: "predicted class", yLabel: "true class") { HeatMap(shares, label: "share") }
  }
}
