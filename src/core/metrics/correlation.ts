import { checkFinite, checkLengths } from './check-lengths.js'

/**
 * Kendall's tau-b of two lists of numbers: concordant less discordant pairs, over the geometric mean of the pairs that are no ties
 * in each (Kendall 1945). In n log n, by Knight 1966.
 *
 * @returns -1 … 1; `null` if one of the lists is constant.
 * @throws InvalidArgumentError if the lists are empty, differ in length or hold a number that is not finite.
 * @example
 * show(kendallTauB([1, 2, 3, 4], [1, 3, 2, 4])) // 0.6666…
 */
export function kendallTauB(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  checkLengths(first, second, 'second', 'first')
  checkFinite(first, 'first')
  checkFinite(second, 'second')
  const count = first.length
  const order = Uint32Array.from({ length: count }, (_, at) => at).sort(
    (i, j) => first[i]! - first[j]! || second[i]! - second[j]!,
  )
  const pairs = (size: number) => (size * (size - 1)) / 2
  let [tiesOfFirst, tiesOfBoth] = [0, 0]
  for (let at = 0, run = 0, both = 0; at < count; at++) {
    const [here, next] = [order[at]!, order[at + 1]]
    run++
    both++
    const isSame = next !== undefined && first[next] === first[here]
    if (!isSame || second[next] !== second[here]) {
      tiesOfBoth += pairs(both)
      both = 0
    }
    if (isSame) continue
    tiesOfFirst += pairs(run)
    run = 0
  }
  const values = Float64Array.from(order, (at) => second[at]!)
  const discordant = countInversions(values)
  let tiesOfSecond = 0
  for (let at = 0, run = 0; at < count; at++) {
    run++
    if (values[at + 1] === values[at]) continue
    tiesOfSecond += pairs(run)
    run = 0
  }
  const all = pairs(count)
  const scale = Math.sqrt((all - tiesOfFirst) * (all - tiesOfSecond))
  return scale === 0 ? null : (all - tiesOfFirst - tiesOfSecond + tiesOfBoth - 2 * discordant) / scale
}

/** Number of pairs in the wrong order; sorts the values, by merging. */
function countInversions(values: Float64Array<ArrayBuffer>): number {
  let from = values
  let to = new Float64Array(values.length)
  let inversions = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length)
      const end = Math.min(start + 2 * width, values.length)
      for (let left = start, right = middle, at = start; at < end; at++) {
        if (right >= end || (left < middle && from[left]! <= from[right]!)) to[at] = from[left++]!
        else {
          to[at] = from[right++]!
          inversions += middle - left
        }
      }
    }
    ;[from, to] = [to, from]
  }
  if (from !== values) values.set(from)
  return inversions
}

/**
 * Pearson's correlation of two lists of numbers.
 *
 * @returns -1 … 1; `null` if one of the lists is constant.
 * @throws InvalidArgumentError if the lists are empty, differ in length or hold a number that is not finite.
 * @example
 * show(pearson([1, 2, 3], [2, 4, 7])) // 0.9933…
 */
export function pearson(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  checkLengths(first, second, 'second', 'first')
  checkFinite(first, 'first')
  checkFinite(second, 'second')
  const isConstant = (values: ArrayLike<number>) => Array.prototype.every.call(values, (value) => value === values[0])
  if (isConstant(first) || isConstant(second)) return null
  const mean = (values: ArrayLike<number>) => {
    let sum = 0
    for (let at = 0; at < values.length; at++) sum += values[at]!
    return sum / values.length
  }
  const [meanA, meanB] = [mean(first), mean(second)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let at = 0; at < first.length; at++) {
    const a = first[at]! - meanA
    const b = second[at]! - meanB
    ab += a * b
    aa += a * a
    bb += b * b
  }
  return Math.max(-1, Math.min(1, ab / (Math.sqrt(aa) * Math.sqrt(bb))))
}
