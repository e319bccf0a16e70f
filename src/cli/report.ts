import { stat, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname, resolve } from 'node:path'
import { InvalidArgumentError } from '../core/errors.js'

/** A flat row of figures by name. */
export type Row = Readonly<Record<string, string | number | boolean>>

/** The machine that figures are from. */
export function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`
}

/** Prints rows under the union of their names, in the order in which they first occur. */
export function printTable(rows: readonly Row[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = [names, ...rows.map((row) => names.map((name) => show(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  for (const line of cells)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
}

/** What `--json` writes. */
export async function writeRows(file: string, command: string, rows: readonly Row[]): Promise<void> {
  await writeFile(file, `${JSON.stringify({ command, machine: machine(), rows }, null, 2)}\n`)
}

/**
 * To be called before long work: its figures must have a place to go.
 *
 * @throws InvalidArgumentError where `--json` names a file in no folder.
 */
export async function checkReportFile(file: string | undefined): Promise<void> {
  if (file === undefined || (await stat(dirname(resolve(file))).catch(() => null))?.isDirectory()) return
  throw new InvalidArgumentError('--json', file, 'a file in a folder that exists')
}

/** Cosines and qualities, .1 to 1, differ in late digits; of anything else a few say enough. */
function show(value: Row[string] | undefined): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value ?? '')
  const size = Math.abs(value)
  if (size < 1e-3) return value.toExponential(1)
  if (size < 1) return size < 0.1 ? value.toPrecision(3) : value.toFixed(5)
  return size < 100 ? value.toPrecision(3) : value.toFixed(0)
}
