import Examples
import Training
import Unroll

let report = trainingReport()
print(report)
guard report.hasPrefix("a user's Arrays: [5.0, 11.0, 11.0, 25.0]") else { fatalError("the product is wrong") }
