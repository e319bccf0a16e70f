import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { formatTable, type Row, writeRows } from '../../src/cli/report.js'

/** Prints a row per fault: its name, its outcome, its duration. Also writes the rows to the file FAULTS_JSON. */
export default class TableReporter implements Reporter {
  readonly #rows: Row[] = []

  onTestEnd(test: TestCase, { status, duration, annotations, error }: TestResult): void {
    const outcome = annotations.find(({ type }) => type === 'outcome')?.description ?? error?.message ?? status
    this.#rows.push({ case: test.title, outcome, seconds: duration / 1000, pass: status === 'passed' })
    console.log(`${status}: ${test.title}`)
  }

  async onEnd(): Promise<void> {
    console.log(formatTable(this.#rows))
    await writeRows(process.env.FAULTS_JSON, 'faults', this.#rows)
  }

  printsToStdio(): boolean {
    return true
  }
}
