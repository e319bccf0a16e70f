/**
 * Compiles the code of the documentation and the files of `examples/` against the built package, as an app that installs it would:
 * strict, with the package's declarations checked, under each way of module resolution. `TYPESCRIPT=path` takes another compiler.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { asModule, docstringExamples, pageSnippets, root } from './snippets.mjs'

const { TYPESCRIPT } = process.env
/** @type {typeof import('typescript')} */
const ts = (await import(TYPESCRIPT ? pathToFileURL(TYPESCRIPT).href : 'typescript')).default

if (!existsSync(join(root, 'dist/index.d.ts'))) throw new Error('dist is missing: run npm run build first')

const folder = join(root, 'snippets')
const snippets = [...pageSnippets(), ...docstringExamples()]
/** Snippets by the file that the compiler believes in. @type {Map<string, { file: string, line: number, text: string }>} */
const virtual = new Map()
for (const snippet of snippets) {
  const { file, line, language } = snippet
  if (!['ts', 'tsx', 'js'].includes(language)) continue
  const path = join(folder, `${file.replaceAll(/[^\w-]/g, '-')}-${line}.${language === 'tsx' ? 'tsx' : 'ts'}`)
  virtual.set(path, { file, line, text: asModule(snippet) })
}
const examples = readdirSync(join(root, 'examples'), { recursive: true })
  .map((path) => join(root, 'examples', String(path)))
  .filter((path) => /\.(tsx?|mjs)$/.test(path))
// Pages import it from where they say that it is copied to.
const hook = 'examples/02-react-hook.tsx'
virtual.set(join(folder, '02-react-hook.tsx'), { file: hook, line: 1, text: readFileSync(join(root, hook), 'utf8') })

/** Everything that an app may import, in an app that has no more than the language and the page, or than Node. */
const entries = (/** @type {readonly string[]} */ names) =>
  names.map((name, at) => `export * as entry${at} from 'specter2-web${name}'`).join('\n')
virtual.set(join(folder, 'page.ts'), {
  file: 'the declarations',
  line: 1,
  text: entries(['', '/papers', '/duplicates', '/neighbours', '/screening', '/heads']),
})
virtual.set(join(folder, 'node.ts'), {
  file: 'the declarations',
  line: 1,
  text: entries(['/papers', '/duplicates', '/neighbours', '/screening', '/heads']),
})
const bare = [join(folder, 'page.ts'), join(folder, 'node.ts')]
const blocks = [...virtual.keys()].filter((path) => !bare.includes(path))

const { ModuleKind, ModuleResolutionKind } = ts
const RESOLUTIONS = {
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
  node16: { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
  nodenext: { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext },
}

let failures = 0
/** @type {Map<string, import('typescript').SourceFile>} */
const parsed = new Map()
for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
  const types = ['node', 'react']
  compile(name, [...blocks, join(root, 'build/docs/globals.d.ts')], { ...resolution, types })
  compile(name, examples, { ...resolution, types })
  compile(`${name}, page alone`, bare.slice(0, 1), { ...resolution, types: [], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] })
  compile(`${name}, Node alone`, bare.slice(1), { ...resolution, types: ['node'], lib: ['lib.es2022.d.ts'] })
}
for (const { file, line, language, code } of snippets) if (language === 'sh') checkCommands(file, line, code)
/** An example is read in one sitting. */
const MAX_LINES = 40
for (const entry of readdirSync(join(root, 'examples'), { withFileTypes: true })) {
  const { name } = entry
  if (!entry.isFile()) continue
  const lines = readFileSync(join(root, 'examples', name), 'utf8')
    .trimEnd()
    .split('\n').length
  if (lines > MAX_LINES) fail(`examples/${name} has ${lines} lines; ${MAX_LINES} are allowed`)
}

if (failures > 0) process.exitCode = 1
else console.log(`${blocks.length} snippets and ${examples.length} examples compile with TypeScript ${ts.version}`)

/**
 * @param {string} name
 * @param {readonly string[]} files
 * @param {import('typescript').CompilerOptions} options
 */
function compile(name, files, options) {
  /** @type {import('typescript').CompilerOptions} */
  const all = {
    target: ts.ScriptTarget.ES2022,
    allowJs: true,
    checkJs: true,
    jsx: ts.JsxEmit.ReactJSX,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    // As Vite's templates have it.
    allowImportingTsExtensions: true,
    ...options,
  }
  const host = ts.createCompilerHost(all)
  const { fileExists, readFile, getSourceFile, directoryExists } = host
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  host.readFile = (path) => virtual.get(path)?.text ?? readFile(path)
  host.directoryExists = (path) => path === folder || (directoryExists?.(path) ?? true)
  host.getSourceFile = (path, version, ...rest) => {
    const text = virtual.get(path)?.text
    if (text !== undefined) return ts.createSourceFile(path, text, version)
    const key = `${path} ${typeof version === 'object' ? version.impliedNodeFormat : ''}`
    const file = parsed.get(key) ?? getSourceFile(path, version, ...rest)
    if (file) parsed.set(key, file)
    return file
  }
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(ts.createProgram(files, all, host))) {
    const at = file ? file.getLineAndCharacterOfPosition(start ?? 0).line : 0
    const snippet = file && virtual.get(file.fileName)
    const place = snippet ? `${snippet.file}:${snippet.line + at}` : file ? `${relative(root, file.fileName)}:${at + 1}` : ''
    fail(`${place} (${name}) ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  }
}

/**
 * Commands that a page names must exist.
 *
 * @param {string} file
 * @param {number} line
 * @param {string} code
 */
function checkCommands(file, line, code) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, script = ''] of code.matchAll(/npm run ([\w:-]+)/g))
    if (!Object.hasOwn(scripts, script) && !['dev', 'build'].includes(script))
      fail(`${file}:${line} There is no script ${script}`)
  const main = readFileSync(join(root, 'src/cli/command-line.ts'), 'utf8')
  for (const [, command = ''] of code.matchAll(/npx specter2-web ([a-z]+)/g))
    if (!new RegExp(`\\b${command}\\b`).test(main)) fail(`${file}:${line} There is no command ${command}`)
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  failures++
}
