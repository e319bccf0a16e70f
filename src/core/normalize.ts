/** Scales `vector` to length 1 in place; leaves a zero vector unchanged. */
export function normalize(vector: Float32Array): void {
  let squares = 0
  for (const value of vector) squares += value * value
  const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0
  for (let index = 0; index < vector.length; index++) vector[index]! *= inverse
}
