import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

/** A flat row of figures by name. */
export type Row = Readonly<Record<string, string | number | boolean>>

/** The machine that figures come from. */
export function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`
}

/** Rows as a text table under the union of their names, in the order in which these first occur. */
export function formatTable(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [names, ...rows.map((row) => names.map((name) => formatCell(row[name])))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Writes the file of `--json`, if one is given. */
export async function writeRows(file: string | undefined, command: string, rows: readonly Row[]): Promise<void> {
  if (file) await writeFile(file, `${JSON.stringify({ command, machine: machine(), rows }, null, 2)}\n`)
}

/** Cosines and qualities, 0.1 to 1, differ in late digits; for anything else a few digits are enough. */
function formatCell(value: Row[string] | undefined): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value ?? '')
  const size = Math.abs(value)
  if (size < 1e-3) return value.toExponential(1)
  if (size < 1) return size < 0.1 ? value.toPrecision(3) : value.toFixed(5)
  return size < 100 ? value.toPrecision(3) : value.toFixed(0)
}
