import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { printTable, type Row, writeRows } from '../../src/cli/report.js'

/** Prints a row for each fault: what it was, what became of it, how long it took. Writes them where FAULTS_JSON says. */
export default class TableReporter implements Reporter {
  readonly #rows: Row[] = []

  onTestEnd(test: TestCase, { status, duration, annotations, error }: TestResult): void {
    const outcome = annotations.find(({ type }) => type === 'outcome')?.description ?? error?.message ?? status
    this.#rows.push({ case: test.title, outcome, seconds: duration / 1000, pass: status === 'passed' })
    console.log(`${status}: ${test.title}`)
  }

  async onEnd(): Promise<void> {
    printTable(this.#rows)
    const file = process.env.FAULTS_JSON
    if (file) await writeRows(file, 'faults', this.#rows)
  }

  printsToStdio(): boolean {
    return true
  }
}
