#!/usr/bin/env node
import { InvalidArgumentError, Specter2Error } from '../errors.js'
import { assetsCommand, assetsUsage } from './assets.js'
import { convertCommand, convertUsage } from './convert.js'

interface Command {
  run: (args: readonly string[], signal: AbortSignal) => Promise<void>
  usage: string
}

const commands: Readonly<Record<string, Command>> = {
  convert: { run: convertCommand, usage: convertUsage },
  assets: { run: assetsCommand, usage: assetsUsage },
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
    await command.run(args, abort.signal)
    return 0
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
