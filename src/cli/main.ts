#!/usr/bin/env node
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { assetsCommand, assetsUsage } from './assets.js'
import { convertCommand, convertUsage } from './convert/convert.js'
import { getCommand, getUsage } from './convert/get.js'
import { embedCommand, embedUsage } from './embed.js'
import { evaluateCommand, evaluateUsage } from './evaluate/evaluate.js'
import { dedupeCommand, dedupeUsage } from './papers/dedupe.js'
import { readCommand, readUsage } from './papers/read.js'
import { verifyCommand, verifyUsage } from './verify/verify.js'

interface Command {
  /** What is no number ends with 0. */
  run: (args: readonly string[], signal: AbortSignal) => Promise<unknown>
  usage: string
}

const commands: Readonly<Record<string, Command>> = {
  get: { run: getCommand, usage: getUsage },
  convert: { run: convertCommand, usage: convertUsage },
  assets: { run: assetsCommand, usage: assetsUsage },
  embed: { run: embedCommand, usage: embedUsage },
  verify: { run: verifyCommand, usage: verifyUsage },
  dedupe: { run: dedupeCommand, usage: dedupeUsage },
  evaluate: { run: evaluateCommand, usage: evaluateUsage },
  read: { run: readCommand, usage: readUsage },
}

const usage = Object.values(commands)
  .map((command) => command.usage)
  .join('\n\n')

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const asksForHelp = (arg: string) => arg === '--help' || arg === '-h'
  if (!command || args.some(asksForHelp)) {
    const known = command !== undefined || name === 'help' || asksForHelp(name)
    if (!known) console.error(`specter2-web: there is no command ${name}.\n`)
    console[known ? 'log' : 'error'](command?.usage ?? usage)
    return known ? 0 : 2
  }
  const abort = new AbortController()
  for (const stop of ['SIGINT', 'SIGTERM'] as const) process.once(stop, () => abort.abort(new Error('Interrupted.')))
  try {
    const code = await command.run(args, abort.signal)
    return typeof code === 'number' ? code : 0
  } catch (error) {
    const code = (error as { code?: unknown }).code
    // Wrong arguments show how it is meant; anything unforeseen shows where it happened.
    if (error instanceof InvalidArgumentError || String(code).startsWith('ERR_PARSE_ARGS')) {
      console.error(`specter2-web ${name}: ${(error as Error).message}\n\n${command.usage}`)
      return 2
    }
    if (abort.signal.aborted) {
      console.error('Interrupted.')
      return 130
    }
    console.error(error instanceof Specter2Error ? `specter2-web ${name}: ${error.message} [${error.code}]` : error)
    return 1
  }
}

process.exit(await main(process.argv.slice(2)))
