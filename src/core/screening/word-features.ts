/** Sparse rows: the numbers of row `r` are `values[starts[r] … starts[r + 1])`, in these columns. Each row has length 1, or none. */
export interface WordFeatures {
  /** [rows + 1] */
  starts: Uint32Array
  columns: Uint32Array
  values: Float32Array
  /** Number of columns. */
  dimension: number
}

const WORD = /[\p{L}\p{M}\p{N}]{2,}/gu

/** TF-IDF of the words of texts, with logarithmic counts; words of one text only say nothing about others and are left out. */
export function wordFeatures(texts: readonly string[]): WordFeatures {
  const columnOf = new Map<string, number>()
  const texters: number[] = []
  const counted = texts.map((text) => {
    const counts = new Map<number, number>()
    for (const [word] of text.toLowerCase().matchAll(WORD)) {
      let column = columnOf.get(word)
      if (column === undefined) {
        column = columnOf.size
        columnOf.set(word, column)
      }
      const count = counts.get(column) ?? 0
      if (count === 0) texters[column] = (texters[column] ?? 0) + 1
      counts.set(column, count + 1)
    }
    return counts
  })
  const starts = new Uint32Array(texts.length + 1)
  const columns: number[] = []
  const values: number[] = []
  for (const [row, counts] of counted.entries()) {
    const start = columns.length
    let squares = 0
    for (const [column, count] of counts) {
      if (texters[column]! < 2) continue
      const value = (1 + Math.log(count)) * (1 + Math.log((1 + texts.length) / (1 + texters[column]!)))
      columns.push(column)
      values.push(value)
      squares += value * value
    }
    for (let at = start; at < values.length; at++) values[at]! /= Math.sqrt(squares)
    starts[row + 1] = columns.length
  }
  return { starts, columns: Uint32Array.from(columns), values: Float32Array.from(values), dimension: columnOf.size }
}
