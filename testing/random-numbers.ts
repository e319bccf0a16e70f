import { randomNumbers } from '../src/core/random.js'

export { randomNumbers }

/** Normally distributed random numbers: Box and Muller 1958. */
export function normalNumbers(seed: number): (mean: number, deviation: number) => number {
  const random = randomNumbers(seed)
  return (mean, deviation) => mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
