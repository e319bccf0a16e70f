import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { specter2Repos, startHub, type TestHub } from '../../testing/hub-server.js'
import { runCommandLine } from './command-line.js'
import { fixture, never, recordOutput, temporaryFolder } from './testing.js'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => rm(folder, { recursive: true }))

async function run(args: readonly string[], signal = never) {
  const { output, stdout, stderr } = recordOutput()
  const code = await runCommandLine(args, output, signal)
  return { code, stdout: stdout(), stderr: stderr() }
}

describe('help', () => {
  test.each([[], ['--help'], ['-h'], ['help']])('%j shows all commands and ends with 0', async (...args) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.split('\n')
    for (const name of ['assets', 'get', 'convert', 'embed', 'read', 'dedupe', 'verify', 'evaluate'])
      expect(lines.filter((line) => line.startsWith(`  ${name} `))).toHaveLength(1)
    expect(lines.length).toBeLessThan(24)
  })

  test('of a command shows its usage alone', async () => {
    const { code, stdout } = await run(['convert', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('--adapter NAME=FOLDER')
    expect(stdout).not.toContain('specter2-web assets')
  })
})

test.each(['--version', '-v'])('%s is that of package.json', async (flag) => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await run([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

describe('wrong arguments', () => {
  test.each(['explode', 'constructor', '-x'])('end with 2 for the unknown command %s and show all commands', async (name) => {
    const { code, stdout, stderr } = await run([name])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`specter2-web: there is no command ${name}.\n`)
    expect(stderr).toContain('  convert ')
  })

  test.each([
    ['an unknown dtype', ['--dtype', 'q3'], '--dtype must be one of fp32, fp16, q8, q4, q4f16, but is "q3".'],
    ['an unknown option', ['--quantize'], "Unknown option '--quantize'"],
    ['an option without its value', ['--pooling'], "Option '--pooling <value>' argument missing"],
    ['a wrong adapter', ['--adapter', 'proximity'], '--adapter must be NAME=FOLDER'],
  ])('end with 2 for %s and show the usage', async (_, args, message) => {
    const { code, stdout, stderr } = await run(['convert', fixture, '--out', join(folder, 'refused'), ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`specter2-web convert: ${message}`)
    expect(stderr).toContain('specter2-web convert <base> --out <folder> [options]')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('failures', () => {
  test('end with 1 and one line that has the code, without a stack', async () => {
    const { code, stdout, stderr } = await run(['convert', fixture, '--out', join(folder, 'refused')])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^specter2-web convert: specter2-tiny .* \[UNSUPPORTED\]\n$/)
    expect(await readdir(folder)).toEqual([])
  })

  test('that nobody foresaw end with 1 and show their stack', async () => {
    const { code, stderr } = await run(['evaluate', '--task', 'pairs', '--data', join(folder, 'none')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/ENOENT[\s\S]* at /)
  })
})

describe('get', () => {
  let hub: TestHub
  beforeEach(async () => {
    hub = await startHub(specter2Repos())
    vi.stubEnv('HF_ENDPOINT', hub.url)
    vi.stubEnv('HF_TOKEN', '')
    vi.stubEnv('SPECTER2_WEB_CACHE', join(folder, 'cache'))
  })
  afterEach(() => {
    hub.close()
    vi.unstubAllEnvs()
  })

  test('downloads and converts a model twice at once, into one cache', async () => {
    const folders = ['one', 'two'].map((name) => join(folder, name))
    const both = await Promise.all(folders.map((out) => run(['get', 'specter2', '--dtype', 'fp32', '--out', out])))
    const expected = (out: string) =>
      `${out}: allenai/specter2_base as fp32 with adapters base, proximity, adhoc_query, classification, regression
Use it: createEmbedder({ model: URL }), with the URL under which you serve ${out}
`
    expect(both).toEqual(folders.map((out) => ({ code: 0, stdout: expected(out), stderr: '' })))
    const [one, two] = await Promise.all(folders.map((out) => readFile(join(out, 'manifest.json'), 'utf8')))
    expect(one).toBe(two)
    const cached = await readdir(join(folder, 'cache'), { recursive: true })
    expect(cached.filter((path) => path.includes('incomplete'))).toEqual([])
  })

  test('ends with 2 for an unknown name', async () => {
    const { code, stderr } = await run(['get', 'bert'])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^specter2-web get: <name> must be one of specter2, .*, minilm, but is "bert"\.\n\nspecter2-web get <name>/,
    )
  })

  test('ends with 130 when it is interrupted, even if the hub does not answer', async () => {
    const abort = new AbortController()
    hub.answer = () => {
      abort.abort(new Error('Interrupted.'))
      return true
    }
    const ended = await run(['get', 'specter2', '--out', join(folder, 'out')], abort.signal)
    expect(ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' })
  })
})
