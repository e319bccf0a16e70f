#!/usr/bin/env node
import { runCommandLine } from './command-line.js'
import { Output } from './output.js'

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort(new Error('Interrupted.')))
// Whoever reads the output may stop early, as `head` does.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exit(await runCommandLine(process.argv.slice(2), new Output(process.stdout, process.stderr), abort.signal))
