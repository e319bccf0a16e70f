/** A flat row of figures by name. */
export type Row = Readonly<Record<string, string | number | boolean>>

/** Prints rows under the union of their names, in the order in which they first occur. */
export function printTable(rows: readonly Row[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = [names, ...rows.map((row) => names.map((name) => show(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  for (const line of cells) console.log(line.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function show(value: Row[string] | undefined): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value ?? '')
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
