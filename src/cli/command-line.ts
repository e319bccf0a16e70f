import { inspect } from 'node:util'
import { InvalidArgumentError, Specter2Error } from '../core/errors.js'
import { VERSION } from '../core/version.js'
import { assetsCommand, assetsUsage } from './assets.js'
import { convertCommand, convertUsage } from './convert/convert.js'
import { getCommand, getUsage } from './convert/get.js'
import { embedCommand, embedUsage } from './embed/embed.js'
import { evaluateCommand, evaluateUsage } from './evaluate/evaluate.js'
import type { Output } from './output.js'
import { dedupeCommand, dedupeUsage } from './papers/dedupe.js'
import { readCommand, readUsage } from './papers/read.js'
import { serveCommand, serveUsage } from './serve/serve.js'
import { verifyCommand, verifyUsage } from './verify/verify.js'

interface Command {
  /** What it does, in the list of all commands. */
  summary: string
  /** @returns The exit code if it is a number; anything else means 0. */
  run: (args: readonly string[], output: Output, signal: AbortSignal) => Promise<unknown>
  usage: string
}

const COMMANDS: Readonly<Record<string, Command>> = {
  assets: { summary: 'copies workers, runtime and default model into an app', run: assetsCommand, usage: assetsUsage },
  get: { summary: 'downloads and converts a published model, such as specter2', run: getCommand, usage: getUsage },
  convert: { summary: 'converts a checkpoint and its adapters', run: convertCommand, usage: convertUsage },
  embed: { summary: 'embeds papers into files, or as a filter', run: embedCommand, usage: embedUsage },
  serve: { summary: 'answers searches over a LanceDB table', run: serveCommand, usage: serveUsage },
  read: { summary: 'reads and converts bibliographies', run: readCommand, usage: readUsage },
  dedupe: { summary: 'finds duplicates in bibliographies', run: dedupeCommand, usage: dedupeUsage },
  verify: { summary: "compares a model's dtypes with fp32", run: verifyCommand, usage: verifyUsage },
  evaluate: { summary: 'measures search and duplicates on a data set', run: evaluateCommand, usage: evaluateUsage },
}

const USAGE = `specter2-web <command>

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

  specter2-web <command> --help   the arguments of a command
  specter2-web --version          ${VERSION}`

/**
 * Runs `specter2-web` with these arguments.
 *
 * @param signal Interrupts the command.
 * @returns The exit code: 0, 1 for a failure, 2 for wrong arguments, 130 if interrupted.
 */
export async function runCommandLine(
  [name = '--help', ...args]: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  if (name === '--version' || name === '-v') {
    output.print(VERSION)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const asksForHelp = (arg: string) => arg === '--help' || arg === '-h'
  if (!command && name !== 'help' && !asksForHelp(name)) {
    output.warn(`specter2-web: there is no command ${name}.\n\n${USAGE}`)
    return 2
  }
  if (!command || args.some(asksForHelp)) {
    output.print(command?.usage ?? USAGE)
    return 0
  }
  try {
    const code = await command.run(args, output, signal)
    return typeof code === 'number' ? code : 0
  } catch (error) {
    // Wrong arguments are answered with the usage, errors of the library in one line, and anything unforeseen with its stack.
    if (error instanceof InvalidArgumentError || isParseError(error)) {
      output.warn(`specter2-web ${name}: ${error.message}\n\n${command.usage}`)
      return 2
    }
    if (signal.aborted) {
      output.warn('Interrupted.')
      return 130
    }
    output.warn(error instanceof Specter2Error ? `specter2-web ${name}: ${error.message} [${error.code}]` : inspect(error))
    return 1
  }
}

/** Whether `parseArgs` refused the arguments. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
