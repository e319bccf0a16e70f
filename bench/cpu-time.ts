import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of Linux in a second. */
const TICKS = 100

/** Seconds of CPU time that this process's descendants, such as a browser, have used so far; 0 where there is no `/proc`. */
export function cpuSeconds(): number {
  const processes = new Map<number, { parent: number; ticks: number }>()
  for (const id of list('/proc')) {
    const stat = /^\d+$/.test(id) ? read(`/proc/${id}/stat`) : ''
    // After the name, which may hold anything: state, parent, …, utime, stime, and both of children that have ended.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    if (stat !== '') processes.set(Number(id), { parent: Number(fields[1]), ticks })
  }
  const isDescendant = (id: number): boolean => {
    const parent = processes.get(id)?.parent ?? 0
    return parent === process.pid || (parent > 1 && isDescendant(parent))
  }
  let ticks = 0
  for (const [id, found] of processes) if (isDescendant(id)) ticks += found.ticks
  return ticks / TICKS
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @returns `''` if the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
