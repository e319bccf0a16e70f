/** The code of the documentation: blocks of the Markdown pages, and `@example`s of the docstrings. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The entries of the package by the file of `src` that each is built from. */
export const ENTRIES = {
  'src/index.ts': 'specter2-web',
  'src/core/papers/index.ts': 'specter2-web/papers',
  'src/core/duplicates/index.ts': 'specter2-web/duplicates',
  'src/core/search/neighbour-graph.ts': 'specter2-web/neighbours',
  'src/core/screening/index.ts': 'specter2-web/screening',
  'src/core/heads/index.ts': 'specter2-web/heads',
}

/**
 * A block of code. `flags` are the words after its language: `no-run` for code that needs the network or a user, `node` for code
 * that runs in Node.
 *
 * @typedef {{ file: string, line: number, language: string, flags: string[], code: string }} Snippet
 */

/** Pages for users. Those about the code itself quote it, and are no documentation of the API. */
export const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md') && path !== 'docs/architecture.md',
)

/** @returns {Snippet[]} */
export function pageSnippets() {
  return pages.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```/gms)].map(
      ({ 1: language = '', 2: flags = '', 3: code = '', index }) => ({
        file,
        line: text.slice(0, index).split('\n').length + 1,
        language,
        flags: flags.split(/\s+/).filter(Boolean),
        code,
      }),
    )
  })
}

/** @returns {Snippet[]} */
export function docstringExamples() {
  const files = /** @type {string[]} */ (readdirSync(join(root, 'src'), { recursive: true }))
  return files
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(/^ *\* @example ?([^\n]*)\n(.*?)(?=^ *\* @|^ *\*\/)/gms)].map(
        ({ 1: flags = '', 2: code = '', index }) => ({
          file,
          line: text.slice(0, index).split('\n').length + 1,
          language: 'ts',
          flags: /** @type {string[]} */ ([]).concat(flags.includes('no-run') ? 'no-run' : []),
          code: code.replace(/^ *\* ?/gm, '').replace(/^```.*\n/gm, ''),
        }),
      )
    })
}

const program = ts.createProgram(
  Object.keys(ENTRIES).map((path) => join(root, path)),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, noLib: true, types: [] },
)

/** What each entry exports, by name; the first entry that has it. @returns {Map<string, { entry: string, isType: boolean }>} */
function packageExports() {
  const checker = program.getTypeChecker()
  const found = new Map()
  for (const [path, entry] of Object.entries(ENTRIES)) {
    const file = program.getSourceFile(join(root, path))
    const module = file && checker.getSymbolAtLocation(file)
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      if (!found.has(symbol.name)) found.set(symbol.name, { entry, isType: !(target.flags & ts.SymbolFlags.Value) })
    }
  }
  return found
}

const exported = packageExports()

/**
 * The snippet as a module: what it uses of the package without importing it is imported, on its first line, so that line numbers
 * stay.
 *
 * @param {Snippet} snippet
 */
export function asModule({ code }) {
  const file = ts.createSourceFile('snippet.tsx', code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TSX)
  const used = new Set()
  const own = new Set()
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const isName = (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node
      const isDeclared =
        (ts.isVariableDeclaration(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isBindingElement(parent) ||
          ts.isParameter(parent)) &&
        parent.name === node
      if (isDeclared || ts.isImportSpecifier(parent)) own.add(node.text)
      else if (!isName) used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  const imports = [...used]
    .filter((name) => !own.has(name) && exported.has(name))
    .map((name) => {
      const { entry, isType } = /** @type {{ entry: string, isType: boolean }} */ (exported.get(name))
      return `import { ${isType ? 'type ' : ''}${name} } from '${entry}';`
    })
  return `${imports.join(' ')} export {}; ${code}`
}
